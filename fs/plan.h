/* SPDX-License-Identifier: MIT */
/*
 * plan: the text of plan.sql: what would bring the live schema to a backup.
 *
 * Made when asked for and kept by (schema, live schema): backups of the same schema share
 * all but the first line, and one of the live schema is not read for it. When the server is
 * away it is made against the schema that was seen last, and says so; when none
 * was seen it is a comment that says why there is no plan. Waits for the server
 * no longer than live.h does. Thread-safe, with a worker each.
 */
#ifndef FS_PLAN_H
#define FS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup;
struct content;
struct error;
struct fsys;
struct worker;

int plan_text(struct content **out, struct worker *w, const struct backup *b,
              struct error *err);
/* A hash of what the text depends on. */
uint64_t plan_version(struct worker *w, const struct backup *b);
int plan_length(uint64_t *out, struct worker *w, const struct backup *b, struct error *err);
/*
 * Promises that what the text depends on is looked at from now on, and its change told (to
 * promises.h). False: not so, the server is away.
 */
bool plan_promise(struct worker *w, const struct backup *b);
/*
 * Looks at a database and says which backups are another plan's now: their rows, caller frees.
 * Waits for the server as live.h does.
 */
int64_t *plan_news(size_t *count, struct fsys *fs, const char *database);

#endif
