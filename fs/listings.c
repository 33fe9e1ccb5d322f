/* SPDX-License-Identifier: MIT */
#include "fs/listings.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/base/mem.h"
#include "fs/dirlist.h"

#define KEPT 8

struct slot {
	uint64_t id;
	unsigned int changes;
	uint64_t used; /* when, by the clock */
	struct dirlist *list;
};

struct listings {
	pthread_mutex_t lock;
	struct slot slots[KEPT]; /* guarded by lock, like all below */
	uint64_t clock;          /* rises with each use */
};

struct listings *listings_new(void)
{
	struct listings *ls = mem_alloc(sizeof(*ls));

	pthread_mutex_init(&ls->lock, NULL);
	return ls;
}

static void empty(struct slot *s)
{
	dirlist_free(s->list);
	*s = (struct slot){ .list = NULL };
}

void listings_free(struct listings *ls)
{
	if (!ls)
		return;
	for (size_t i = 0; i < KEPT; i++)
		empty(&ls->slots[i]);
	pthread_mutex_destroy(&ls->lock);
	free(ls);
}

struct dirlist *listings_find(struct listings *ls, uint64_t id, unsigned int changes,
                              uint64_t cookie)
{
	struct dirlist *found = NULL;

	pthread_mutex_lock(&ls->lock);
	for (size_t i = 0; i < KEPT && !found; i++) {
		struct slot *s = &ls->slots[i];

		if (!s->list || s->id != id || s->changes != changes ||
		    !dirlist_covers(s->list, cookie))
			continue;
		s->used = ++ls->clock;
		found = dirlist_hold(s->list);
	}
	pthread_mutex_unlock(&ls->lock);
	return found;
}

void listings_put(struct listings *ls, uint64_t id, unsigned int changes, struct dirlist *list)
{
	struct slot *oldest = &ls->slots[0];

	pthread_mutex_lock(&ls->lock);
	for (size_t i = 0; i < KEPT; i++) {
		struct slot *s = &ls->slots[i];

		if (s->list && s->changes != changes)
			empty(s);
		if (s->used < oldest->used)
			oldest = s;
	}
	empty(oldest);
	*oldest = (struct slot){
		.id = id, .changes = changes, .used = ++ls->clock, .list = dirlist_hold(list)
	};
	pthread_mutex_unlock(&ls->lock);
}

void listings_remove(struct listings *ls, const struct dirlist *list)
{
	pthread_mutex_lock(&ls->lock);
	for (size_t i = 0; i < KEPT; i++)
		if (ls->slots[i].list == list)
			empty(&ls->slots[i]);
	pthread_mutex_unlock(&ls->lock);
}
