/* SPDX-License-Identifier: MIT */
/*
 * arena: many small allocations that end together.
 *
 * For values with thousands of nodes (a schema model, a parsed index): no
 * node is freed alone, one arena_free() ends them all. Not thread-safe.
 */
#ifndef ENGINE_BASE_ARENA_H
#define ENGINE_BASE_ARENA_H

#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
DEFINE_DEFER(arena, arena_free)

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);              /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t len); /* NUL-terminated copy */
struct str arena_str(struct arena *a, struct str s);             /* copy; p is NUL-terminated */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *a); /* bytes taken from the system */

#endif
