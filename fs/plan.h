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

#include <stdint.h>

struct backup;
struct content;
struct error;
struct worker;

int plan_text(struct content **out, struct worker *w, const struct backup *b,
              struct error *err);
/* A hash of what the text depends on. */
uint64_t plan_version(struct worker *w, const struct backup *b);
int plan_length(uint64_t *out, struct worker *w, const struct backup *b, struct error *err);

#endif
