/* SPDX-License-Identifier: MIT */
#include "fs/dirlist.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"

struct slot {
	struct node node;
	struct node_attr attr;
	uint64_t cookie;
	size_t name; /* offset in names */
	bool complete;
};

#define ROW_BITS 2 /* below the row in the cookie of a page's entry: which of the row's */

struct dirlist {
	struct fsys *fs;
	atomic_size_t references;
	bool changes;
	bool paged;
	uint64_t after;        /* of a page */
	size_t rows_max, rows; /* of a page */
	struct buf names;      /* one behind the other, each with its NUL */
	struct slot *slots;
	size_t count;
	size_t capacity;
};

struct dirlist *dirlist_new(struct fsys *fs, bool changes)
{
	struct dirlist *d = mem_alloc(sizeof(*d));

	d->fs = fs;
	d->references = 1;
	d->changes = changes;
	d->names = BUF_INIT;
	return d;
}

void dirlist_set_page(struct dirlist *d, uint64_t after, size_t rows)
{
	d->paged = true;
	d->after = after;
	d->rows_max = rows;
}

/* The row that the cookie is of is read again: it may have more entries. */
int64_t dirlist_rows_after(const struct dirlist *d)
{
	int64_t row = (int64_t)(d->after >> ROW_BITS);

	return row > 0 ? row - 1 : 0;
}

size_t dirlist_rows_max(const struct dirlist *d)
{
	return d->rows_max;
}

struct dirlist *dirlist_hold(struct dirlist *d)
{
	atomic_fetch_add(&d->references, 1);
	return d;
}

void dirlist_free(struct dirlist *d)
{
	if (!d || atomic_fetch_sub(&d->references, 1) > 1)
		return;
	for (size_t i = 0; i < d->count; i++)
		node_release(d->fs, d->slots[i].node, 1);
	free(d->slots);
	buf_finish(&d->names);
	free(d);
}

/* Positive as an off_t, and none of the first few. */
static uint64_t cookie_of(const char *name)
{
	return (hash_text(HASH_START, name) >> 1) | DIRLIST_FIRST << 1;
}

/* Entries of one row follow each other. */
static uint64_t next_in_page(struct dirlist *d, int64_t row)
{
	uint64_t first = (uint64_t)row << ROW_BITS;
	uint64_t last = d->count > 0 ? d->slots[d->count - 1].cookie : 0;

	if (last >= first)
		return last + 1;
	d->rows++;
	return first;
}

static uint64_t next_cookie(struct dirlist *d, const char *name, struct node n)
{
	if (d->paged)
		return next_in_page(d, n.row);
	return d->changes ? cookie_of(name) : DIRLIST_FIRST + d->count;
}

static struct slot *add(struct dirlist *d, const char *name, struct node n)
{
	uint64_t cookie = next_cookie(d, name, n);
	struct slot *s;

	MEM_GROW(d->slots, d->count, d->capacity);
	s = &d->slots[d->count++];
	s->node = n;
	s->name = d->names.len;
	s->cookie = cookie;
	buf_adds(&d->names, name);
	buf_addc(&d->names, '\0');
	return s;
}

void dirlist_add(struct dirlist *d, const char *name, struct node n,
                 const struct node_attr *attr)
{
	struct slot *s = add(d, name, n);

	s->attr = *attr;
	s->complete = true;
}

void dirlist_add_plain(struct dirlist *d, const char *name, struct node n, uint64_t ino)
{
	struct slot *s = add(d, name, n);

	s->attr = (struct node_attr){ .ino = ino };
	s->complete = false;
}

static int compare_cookies(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

void dirlist_finish(struct dirlist *d)
{
	if (d->changes && !d->paged && d->count > 1)
		qsort(d->slots, d->count, sizeof(d->slots[0]), compare_cookies);
}

size_t dirlist_count(const struct dirlist *d)
{
	return d->count;
}

size_t dirlist_after(const struct dirlist *d, uint64_t cookie)
{
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->slots[middle].cookie <= cookie)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is something behind the last entry? */
static bool has_more(const struct dirlist *d)
{
	return d->paged && d->rows == d->rows_max;
}

bool dirlist_covers(const struct dirlist *d, uint64_t cookie)
{
	if (!d->paged)
		return true;
	return cookie >= d->after && (dirlist_after(d, cookie) < d->count || !has_more(d));
}

struct dirlist_entry dirlist_at(const struct dirlist *d, size_t i)
{
	const struct slot *s = &d->slots[i];
	bool last = i == d->count - 1 && !has_more(d);

	return (struct dirlist_entry){
		.name = d->names.data + s->name,
		.node = s->node,
		.attr = s->attr,
		.complete = s->complete,
		.cookie = last ? DIRLIST_END : s->cookie,
	};
}
