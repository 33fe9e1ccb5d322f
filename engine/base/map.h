/* SPDX-License-Identifier: MIT */
/*
 * map: from text to a pointer. The keys are copied; the values stay yours.
 *
 *	DEFER(map) *seen = map_new();
 *
 *	map_set(seen, name, table);
 *	table = map_get(seen, name);
 *
 * Iteration is in the order of insertion. Not thread-safe.
 */
#ifndef ENGINE_BASE_MAP_H
#define ENGINE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"

struct map;

struct map *map_new(void);
void map_free(struct map *m); /* NULL is fine; values are not touched */
DEFINE_DEFER(map, map_free)

void map_set(struct map *m, const char *key, void *value); /* replaces */
void *map_get(const struct map *m, const char *key);       /* NULL when there is none */
bool map_has(const struct map *m, const char *key);
bool map_remove(struct map *m, const char *key); /* was it there? */
size_t map_count(const struct map *m);

typedef void map_fn(void *arg, const char *key, void *value);
void map_each(const struct map *m, map_fn *fn, void *arg);

#endif
