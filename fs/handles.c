/* SPDX-License-Identifier: MIT */
#include "fs/handles.h"

#include <pthread.h>

#include "engine/base/mem.h"
#include "fs/content.h"

struct handles {
	pthread_mutex_t lock;
	LIST_HEAD(, handle) open; /* guarded by lock */
};

struct handles *handles_new(void)
{
	struct handles *hs = mem_alloc(sizeof(*hs));

	pthread_mutex_init(&hs->lock, NULL);
	LIST_INIT(&hs->open);
	return hs;
}

static void handle_free(struct handle *h)
{
	content_drop(h->content);
	free(h);
}

void handles_free(struct handles *hs)
{
	struct handle *h;

	if (!hs)
		return;
	while ((h = LIST_FIRST(&hs->open)) != NULL) {
		LIST_REMOVE(h, order);
		handle_free(h);
	}
	pthread_mutex_destroy(&hs->lock);
	free(hs);
}

static void add(struct handles *hs, struct handle *h, struct node n)
{
	h->owner = hs;
	h->id = node_id(n);
	pthread_mutex_lock(&hs->lock);
	LIST_INSERT_HEAD(&hs->open, h, order);
	pthread_mutex_unlock(&hs->lock);
}

struct handle *handle_file(struct handles *hs, struct node n, const struct node_attr *attr,
                           struct content *content)
{
	struct handle *h = mem_alloc(sizeof(*h));

	h->attr = *attr;
	h->content = content;
	add(hs, h, n);
	return h;
}

struct handle *handle_drop(struct handles *hs, struct node n)
{
	struct handle *h = mem_alloc(sizeof(*h));

	h->drop = n.row;
	add(hs, h, n);
	return h;
}

void handle_close(struct handle *h)
{
	pthread_mutex_lock(&h->owner->lock);
	LIST_REMOVE(h, order);
	pthread_mutex_unlock(&h->owner->lock);
	handle_free(h);
}

bool handles_attr(struct handles *hs, struct node n, struct node_attr *out)
{
	uint64_t id = node_id(n);
	const struct handle *h;

	pthread_mutex_lock(&hs->lock);
	h = LIST_FIRST(&hs->open);
	while (h && (h->id != id || !h->content))
		h = LIST_NEXT(h, order);
	if (h)
		*out = h->attr;
	pthread_mutex_unlock(&hs->lock);
	return h != NULL;
}
