/* SPDX-License-Identifier: MIT */
/*
 * promises: of which backups' plan.sql the kernel was told that it may keep size and number
 * for a while, since a change of the live schema will be told to it.
 *
 *	promises_give(p, database, state, row);         // who answers the kernel
 *	names = promises_databases(&count, p);          // who keeps them, again and again
 *	rows = promises_break(&count, p, database, state_now);
 *
 * A state is a text that changes with the live schema. A promise ends after PROMISES_SECONDS;
 * then the kernel asks again, and nobody looks at the server for it any more. Thread-safe.
 */
#ifndef FS_PROMISES_H
#define FS_PROMISES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct promises;

#define PROMISES_SECONDS 30

struct promises *promises_new(bool any); /* any false: none is ever given */
void promises_free(struct promises *p);  /* NULL is fine */
DEFINE_DEFER(promises, promises_free)
void promises_allow(struct promises *p, bool any); /* from now on */

/* False: not now; there are too many, or the state is not the one of earlier promises. */
bool promises_give(struct promises *p, const char *database, const char *state, int64_t row);

/* The databases that must be looked at, each to be freed like the array; forgets what ended. */
char **promises_databases(size_t *count, struct promises *p);

/*
 * The rows of those backups whose promises a new state breaks; caller frees. NULL and 0 when
 * the state is the same.
 */
int64_t *promises_break(size_t *count, struct promises *p, const char *database,
                        const char *state);

#endif
