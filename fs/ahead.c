/* SPDX-License-Identifier: MIT */
#include "fs/ahead.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"

struct ahead {
	pthread_mutex_t lock;
	struct map *known; /* guarded by lock, like all below; "ID" or "ID/NAME" */
	struct ahead_item *items;
	size_t count, capacity;
};

struct ahead *ahead_new(void)
{
	struct ahead *a = mem_alloc(sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	a->known = map_new();
	return a;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	map_free(a->known);
	for (size_t i = 0; i < a->count; i++)
		free(a->items[i].name);
	free(a->items);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void ahead_note(struct ahead *a, uint64_t id, const char *name)
{
	autobuf key = BUF_INIT;

	buf_addf(&key, "%" PRIx64, id);
	if (name)
		buf_addf(&key, "/%s", name);
	pthread_mutex_lock(&a->lock);
	if (!map_has(a->known, key.data)) {
		map_set(a->known, key.data, a);
		MEM_GROW(a->items, a->count, a->capacity);
		a->items[a->count++] =
			(struct ahead_item){ id, name ? mem_strdup(name) : NULL };
	}
	pthread_mutex_unlock(&a->lock);
}

bool ahead_any(struct ahead *a)
{
	bool any;

	pthread_mutex_lock(&a->lock);
	any = a->count > 0;
	pthread_mutex_unlock(&a->lock);
	return any;
}

struct ahead_item *ahead_take(size_t *count, struct ahead *a)
{
	struct ahead_item *items;

	pthread_mutex_lock(&a->lock);
	items = a->items;
	*count = a->count;
	map_free(a->known);
	a->known = map_new();
	a->items = NULL;
	a->count = a->capacity = 0;
	pthread_mutex_unlock(&a->lock);
	return items;
}
