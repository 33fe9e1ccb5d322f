/* SPDX-License-Identifier: MIT */
#include "engine/schema/list.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/mem.h"

void *list_add(struct list *l)
{
	char *item;

	if (l->count == l->capacity) {
		l->capacity = l->capacity ? 2 * l->capacity : 8;
		l->items = mem_resize(l->items, l->capacity, l->size);
	}
	item = (char *)l->items + l->count++ * l->size;
	memset(item, 0, l->size);
	return item;
}

void *list_keep(struct list *l, struct arena *a, size_t *count)
{
	void *kept = NULL;

	if (l->count > 0) {
		kept = arena_array(a, l->count, l->size);
		memcpy(kept, l->items, l->count * l->size);
	}
	*count = l->count;
	l->count = 0;
	return kept;
}

void list_finish(struct list *l)
{
	free(l->items);
	*l = (struct list){ .size = l->size };
}
