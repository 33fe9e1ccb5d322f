/* SPDX-License-Identifier: MIT */
/* azure_page: a page of a listing (List Blobs), from its XML. Pure, not thread-safe. */
#ifndef ENGINE_STORE_AZURE_PAGE_H
#define ENGINE_STORE_AZURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/store/store.h"

struct azure_entry {
	char *name;     /* of a blob, or what the names of several begin with */
	bool is_prefix; /* the latter: stat is of no use */
	struct store_stat stat;
};

struct azure_page {
	struct azure_entry *items; /* in bytewise order */
	size_t count, capacity;
	char *marker; /* of the next page; NULL: this was the last */
};

void azure_page_finish(struct azure_page *p);
#define autopage __attribute__((cleanup(azure_page_finish))) struct azure_page

/* Adds a page's entries to those that p has. ERR_STORE. */
int azure_page_parse(struct azure_page *p, const char *xml, size_t len, struct error *err);

#endif
