/* SPDX-License-Identifier: MIT */
#include "fs/content.h"

#include <stdatomic.h>

#include "engine/base/buf.h"
#include "engine/base/mem.h"

struct counted {
	struct content content; /* first: the two are cast */
	atomic_size_t references;
};

struct content *content_new(struct buf *from)
{
	struct counted *c = mem_alloc(sizeof(*c));

	c->content.len = from->len;
	c->content.data = buf_take(from);
	c->references = 1;
	return &c->content;
}

struct content *content_hold(struct content *c)
{
	atomic_fetch_add(&((struct counted *)c)->references, 1);
	return c;
}

void content_drop(struct content *c)
{
	if (!c || atomic_fetch_sub(&((struct counted *)c)->references, 1) > 1)
		return;
	free(c->data);
	free(c);
}
