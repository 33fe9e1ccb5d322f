/* SPDX-License-Identifier: MIT */
/* view: how backups, plans and differences are shown, by every command that shows one. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/out.h"

struct backup;
struct change;
struct comparison;
struct create_preview;
struct diff;
struct json;
struct migration;
struct plan;
struct rollback;
struct rollback_result;

extern const struct out_column view_backup_columns[]; /* of a list */
extern const struct out_column view_backup_fields[];  /* of one */

/* Everything that is known of a backup, as `backup list --format json` shows it. */
struct json *view_backup(const struct backup *b);

/* What a backup would hold that was not taken. */
extern const struct out_column view_preview_fields[];
struct json *view_preview(const struct create_preview *p);

/* {"backup_id", "database", "equal", "differences", ...} of a live schema and a backup. */
struct json *view_comparison(const struct rollback *rb, const struct diff *d);
/* The same for people. */
void view_differences(struct out *o, const struct diff *d);
size_t view_difference_count(const struct diff *d);
struct json *view_difference(const struct change *c);
struct json *view_database_difference(void); /* its defaults */
struct json *view_kinds(unsigned int bits);  /* words for OBJECT_KIND_BITs */
/* ["table orders"]: what is on both sides and could be read on neither. */
struct json *view_unread(const struct diff *d);
/* Warns of both, kinds and objects, where a result must not be read as more than it says. */
void view_not_compared(struct out *o, const struct diff *d);

/* What differs between two schemas (repo/compare.h), as data; with the objects' texts as diffs.
 */
struct json *view_compared(const struct comparison *c);
/* The same for people. brief: without the texts. */
void view_compared_text(struct out *o, const struct comparison *c, bool brief);

/* {"backup_id", "database", "statements", "warnings", "differences", ...} */
struct json *view_plan(const struct rollback *rb);
/* What a plan keeps in a quarantine database: [{"what", "place", "restore_sql"}]. */
struct json *view_preserved(const struct plan *p);
/* Summary, warnings and steps for people. */
void view_plan_text(struct out *o, const struct rollback *rb, bool differences);

/* A migration's plan, and how it went; r NULL: it did not run. */
struct json *view_migration(const struct migration *m, const struct rollback_result *r);

#endif
