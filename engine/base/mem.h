/* SPDX-License-Identifier: MIT */
/*
 * mem: allocation that ends the process instead of returning NULL.
 *
 * Sizes that come from a file, the network or a server are checked by the
 * caller before they get here. Thread-safe.
 */
#ifndef ENGINE_BASE_MEM_H
#define ENGINE_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);               /* zeroed; caller frees */
void *mem_array(size_t count, size_t size); /* zeroed; caller frees; overflow aborts */
void *mem_resize(void *p, size_t count, size_t size); /* not zeroed beyond the old end */
char *mem_strdup(const char *s);                      /* NULL gives NULL; caller frees */
char *mem_strndup(const char *s, size_t len);         /* caller frees */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Makes room for one more element in a growing array:
 *	MEM_GROW(list->items, list->count, list->capacity);
 *	list->items[list->count++] = item;
 */
#define MEM_GROW(items, count, capacity)                                                       \
	do {                                                                                   \
		if ((count) == (capacity)) {                                                   \
			(capacity) = (capacity) ? (capacity)*2 : 8;                            \
			(items) = mem_resize((items), (capacity),                              \
			                     sizeof(*(items))); /* NOLINT: of pointers, too */ \
		}                                                                              \
	} while (0)

#endif
