/* SPDX-License-Identifier: MIT */
/*
 * list: elements of one size that grow on the heap until an arena gets them.
 *
 *	struct list columns = { .size = sizeof(struct column) };
 *
 *	*(struct column *)list_add(&columns) = c;
 *	t->columns = list_keep(&columns, arena, &t->column_count);
 *	list_finish(&columns);
 *
 * Not thread-safe (one per thread).
 */
#ifndef ENGINE_SCHEMA_LIST_H
#define ENGINE_SCHEMA_LIST_H

#include <stddef.h>

struct arena;

struct list {
	void *items;
	size_t size; /* of one */
	size_t count;
	size_t capacity;
};

void *list_add(struct list *l); /* a zeroed element, valid until the next one */
/* Copies the elements into the arena; the list is empty afterwards. NULL when there are none.
 */
void *list_keep(struct list *l, struct arena *a, size_t *count);
void list_finish(struct list *l);

#endif
