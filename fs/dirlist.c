/* SPDX-License-Identifier: MIT */
#include "fs/dirlist.h"

#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/mem.h"
#include "fs/hash.h"

struct slot {
	struct node node;
	struct node_attr attr;
	uint64_t cookie;
	size_t name; /* offset in names */
	bool complete;
};

struct dirlist {
	struct fsys *fs;
	bool changes;
	struct buf names; /* one behind the other, each with its NUL */
	struct slot *slots;
	size_t count;
	size_t capacity;
};

struct dirlist *dirlist_new(struct fsys *fs, bool changes)
{
	struct dirlist *d = mem_alloc(sizeof(*d));

	d->fs = fs;
	d->changes = changes;
	d->names = BUF_INIT;
	return d;
}

void dirlist_free(struct dirlist *d)
{
	if (!d)
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

static struct slot *add(struct dirlist *d, const char *name, struct node n)
{
	struct slot *s;

	MEM_GROW(d->slots, d->count, d->capacity);
	s = &d->slots[d->count];
	s->node = n;
	s->name = d->names.len;
	s->cookie = d->changes ? cookie_of(name) : DIRLIST_FIRST + d->count;
	d->count++;
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
	if (d->changes && d->count > 1)
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

struct dirlist_entry dirlist_at(const struct dirlist *d, size_t i)
{
	const struct slot *s = &d->slots[i];

	return (struct dirlist_entry){
		.name = d->names.data + s->name,
		.node = s->node,
		.attr = s->attr,
		.complete = s->complete,
		.cookie = s->cookie,
	};
}
