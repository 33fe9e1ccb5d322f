/* SPDX-License-Identifier: MIT */
/* view: how backups, plans and differences are shown, by every command that shows one. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/out.h"

struct backup;
struct diff;
struct json;
struct plan;
struct rollback;

extern const struct out_column view_backup_columns[]; /* of a list */
extern const struct out_column view_backup_fields[];  /* of one */

/* Everything that is known of a backup, as `backup list --format json` shows it. */
struct json *view_backup(const struct backup *b);

/* {"backup_id", "database", "equal", "differences", ...} of a live schema and a backup. */
struct json *view_comparison(const struct rollback *rb, const struct diff *d);
/* The same for people. */
void view_differences(struct out *o, const struct diff *d);
size_t view_difference_count(const struct diff *d);

/* {"backup_id", "database", "statements", "warnings", "differences", ...} */
struct json *view_plan(const struct rollback *rb);
/* Summary, warnings and steps for people. */
void view_plan_text(struct out *o, const struct rollback *rb, bool differences);

#endif
