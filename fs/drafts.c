/* SPDX-License-Identifier: MIT */
#include "fs/drafts.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

#define DRAFTS_MAX 10000

struct draft {
	char *key, *value; /* value NULL: of the key */
	int64_t made_at;
};

struct drafts {
	pthread_mutex_t lock;
	struct draft *items; /* guarded by lock, as all below */
	size_t count, capacity;
};

struct drafts *drafts_new(void)
{
	struct drafts *d = mem_alloc(sizeof(*d));

	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void drafts_free(struct drafts *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->count; i++) {
		free(d->items[i].key);
		free(d->items[i].value);
	}
	free(d->items);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* Under the lock. */
static struct draft *find(struct drafts *d, const char *key, const char *value)
{
	for (size_t i = 0; i < d->count; i++) {
		struct draft *at = &d->items[i];

		if (strcmp(at->key, key) == 0 && !at->value == !value &&
		    (!value || strcmp(at->value, value) == 0))
			return at;
	}
	return NULL;
}

int drafts_add(struct drafts *d, const char *key, const char *value, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&d->lock);
	if (!find(d, key, value) && d->count == DRAFTS_MAX) {
		result = error_sys(err, ENOSPC, "by-tag/%s: %d empty directories", key,
		                   DRAFTS_MAX);
	} else if (!find(d, key, value)) {
		MEM_GROW(d->items, d->count, d->capacity);
		d->items[d->count++] = (struct draft){
			.key = mem_strdup(key),
			.value = value ? mem_strdup(value) : NULL,
			.made_at = clock_now(),
		};
	}
	pthread_mutex_unlock(&d->lock);
	return result;
}

bool drafts_drop(struct drafts *d, const char *key, const char *value)
{
	struct draft *at;

	pthread_mutex_lock(&d->lock);
	at = find(d, key, value);
	if (at) {
		free(at->key);
		free(at->value);
		*at = d->items[--d->count];
	}
	pthread_mutex_unlock(&d->lock);
	return at != NULL;
}

bool drafts_has(struct drafts *d, const char *key, const char *value, int64_t *made_at)
{
	bool found = false;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->count && !found; i++) {
		const struct draft *at = &d->items[i];

		found = strcmp(at->key, key) == 0 &&
		        (!value || (at->value && strcmp(at->value, value) == 0));
		if (found)
			*made_at = at->made_at;
	}
	pthread_mutex_unlock(&d->lock);
	return found;
}

void drafts_each(struct drafts *d, const char *key, drafts_fn *fn, void *arg)
{
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->count; i++) {
		const struct draft *at = &d->items[i];

		if (!key)
			fn(arg, at->key);
		else if (strcmp(at->key, key) == 0 && at->value)
			fn(arg, at->value);
	}
	pthread_mutex_unlock(&d->lock);
}
