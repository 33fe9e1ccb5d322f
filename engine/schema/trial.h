/* SPDX-License-Identifier: MIT */
/*
 * trial: a schema as it is tried out in a database of another name. Pure.
 *
 * Events are disabled there: on a copy nothing may fire. What names its own database in a
 * text that the server keeps as it is (stored code) still names the first one.
 */
#ifndef ENGINE_SCHEMA_TRIAL_H
#define ENGINE_SCHEMA_TRIAL_H

#include "engine/schema/model.h"

struct diff;
struct map;

/*
 * The objects that a plan for this diff may touch, what they need, and what needs
 * them: their names (values are not NULL). Caller frees.
 */
struct map *trial_needed(const struct diff *d, const struct schema *from,
                         const struct schema *to);

/* A copy for a database of that name; needed NULL: of all objects. Caller frees. */
struct schema *trial_schema(const struct schema *s, const char *name, const struct map *needed);

/*
 * Makes `account` the definer of what is in live, and of what is the same in wanted:
 * for an account that may not make objects of others. How many were changed.
 */
size_t trial_take_definers(struct schema *live, struct schema *wanted, const char *account);

/* Does the text of this stored code name its own database? */
bool trial_is_bound(const struct object *o, const char *database);

#endif
