/* SPDX-License-Identifier: MIT */
#include "engine/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"

#define uthash_malloc(size) mem_alloc(size)
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	void *value;
	char key[];
};

struct map {
	struct entry *entries;
};

struct map *map_new(void)
{
	return mem_alloc(sizeof(struct map));
}

void map_free(struct map *m)
{
	struct entry *next;
	struct entry *e;

	if (!m)
		return;
	e = m->entries;
	HASH_CLEAR(hh, m->entries);
	for (; e; e = next) {
		next = e->hh.next;
		free(e);
	}
	free(m);
}

/* NOLINTBEGIN(readability-function-size): uthash nests deeply, we do not. */
static struct entry *find(const struct map *m, const char *key)
{
	struct entry *e;

	HASH_FIND_STR(m->entries, key, e);
	return e;
}

void map_set(struct map *m, const char *key, void *value)
{
	size_t len = strlen(key);
	struct entry *e = find(m, key);

	if (e) {
		e->value = value;
		return;
	}
	e = mem_alloc(sizeof(*e) + len + 1);
	memcpy(e->key, key, len);
	e->value = value;
	HASH_ADD_KEYPTR(hh, m->entries, e->key, len, e);
}

void *map_get(const struct map *m, const char *key)
{
	const struct entry *e = find(m, key);

	return e ? e->value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
	return find(m, key) != NULL;
}

bool map_remove(struct map *m, const char *key)
{
	struct entry *e = find(m, key);

	if (!e)
		return false;
	HASH_DEL(m->entries, e);
	free(e);
	return true;
}
/* NOLINTEND(readability-function-size) */

size_t map_count(const struct map *m)
{
	return HASH_COUNT(m->entries);
}

void map_each(const struct map *m, map_fn *fn, void *arg)
{
	const struct entry *next;

	for (const struct entry *e = m->entries; e; e = next) {
		next = e->hh.next;
		fn(arg, e->key, e->value);
	}
}
