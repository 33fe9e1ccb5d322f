/* SPDX-License-Identifier: MIT */
#include "fs/cache.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <sys/queue.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "fs/content.h"

struct item {
	TAILQ_ENTRY(item) order;
	struct content *content; /* NULL: only the length is left */
	uint64_t length;
	char key[];
};
TAILQ_HEAD(items, item);

/* A content that is being made. Ends with the last of those who wait. */
struct job {
	bool done;
	size_t waiting;
	struct content *content;
	struct error err;
};

struct cache {
	size_t bytes_max, lengths_max;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct map *items; /* guarded by lock, like all below */
	struct map *jobs;
	struct items full;   /* with content; the last is the next to go */
	struct items ghosts; /* with a length only */
	size_t bytes, lengths;
};

struct cache *cache_new(size_t bytes, size_t lengths)
{
	struct cache *c = mem_alloc(sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	c->items = map_new();
	c->jobs = map_new();
	c->bytes_max = bytes;
	c->lengths_max = lengths;
	TAILQ_INIT(&c->full);
	TAILQ_INIT(&c->ghosts);
	return c;
}

static void forget(struct cache *c, struct items *list, struct item *it)
{
	TAILQ_REMOVE(list, it, order);
	map_remove(c->items, it->key);
	content_drop(it->content);
	free(it);
}

void cache_free(struct cache *c)
{
	struct item *it;

	if (!c)
		return;
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): it does not follow sys/queue.h */
	while ((it = TAILQ_FIRST(&c->full)) != NULL)
		forget(c, &c->full, it);
	while ((it = TAILQ_FIRST(&c->ghosts)) != NULL)
		forget(c, &c->ghosts, it);
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	map_free(c->items);
	map_free(c->jobs);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Under the lock: from contents to lengths, from lengths to nothing. */
static void make_room(struct cache *c)
{
	struct item *it;

	while (c->bytes > c->bytes_max) {
		it = TAILQ_LAST(&c->full, items);
		assert(it && it->content);
		TAILQ_REMOVE(&c->full, it, order);
		c->bytes -= it->content->len;
		content_drop(take(it->content));
		TAILQ_INSERT_HEAD(&c->ghosts, it, order);
		c->lengths++;
	}
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): it does not follow sys/queue.h */
	while (c->lengths > c->lengths_max) {
		forget(c, &c->ghosts, TAILQ_LAST(&c->ghosts, items));
		c->lengths--;
	}
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
}

/* Under the lock. */
static void keep(struct cache *c, const char *key, struct content *content)
{
	struct item *it = map_get(c->items, key);

	if (!it) {
		it = mem_alloc(sizeof(*it) + strlen(key) + 1);
		memcpy(it->key, key, strlen(key) + 1);
		map_set(c->items, key, it);
	} else {
		/* Nobody makes what is there: this was a length. */
		TAILQ_REMOVE(&c->ghosts, it, order);
		c->lengths--;
	}
	it->content = content_hold(content);
	it->length = content->len;
	c->bytes += content->len;
	TAILQ_INSERT_HEAD(&c->full, it, order);
	make_room(c);
}

/* Under the lock: the content, most recently used from now on; NULL: not there. */
static struct content *find(struct cache *c, const char *key)
{
	struct item *it = map_get(c->items, key);

	if (!it || !it->content)
		return NULL;
	TAILQ_REMOVE(&c->full, it, order);
	TAILQ_INSERT_HEAD(&c->full, it, order);
	return content_hold(it->content);
}

/* Under the lock, which is given up while waiting. */
static int wait_for(struct content **out, struct cache *c, struct job *job, struct error *err)
{
	int result = 0;

	job->waiting++;
	while (!job->done)
		pthread_cond_wait(&c->changed, &c->lock);
	if (job->content) {
		*out = content_hold(job->content);
	} else {
		*err = job->err;
		result = -1;
	}
	if (--job->waiting == 0) {
		content_drop(job->content);
		free(job);
	}
	return result;
}

int cache_get(struct content **out, struct cache *c, const char *key, cache_make_fn *make,
              void *arg, struct error *err)
{
	autobuf made = BUF_INIT;
	struct content *content;
	struct job *job;
	int result;

	pthread_mutex_lock(&c->lock);
	content = find(c, key);
	job = content ? NULL : map_get(c->jobs, key);
	if (content || job) {
		result = content ? 0 : wait_for(&content, c, job, err);
		pthread_mutex_unlock(&c->lock);
		if (result == 0)
			*out = content;
		return result;
	}
	job = mem_alloc(sizeof(*job));
	job->waiting = 1; /* ourselves */
	map_set(c->jobs, key, job);
	pthread_mutex_unlock(&c->lock);

	result = make(arg, &made, err);

	pthread_mutex_lock(&c->lock);
	if (result >= 0) {
		job->content = content_new(&made);
		keep(c, key, job->content);
	} else {
		job->err = *err;
		*err = ERROR_INIT; /* comes back as it does to the others */
	}
	job->done = true;
	map_remove(c->jobs, key);
	pthread_cond_broadcast(&c->changed);
	job->waiting--;
	result = wait_for(out, c, job, err);
	pthread_mutex_unlock(&c->lock);
	return result;
}

struct content *cache_peek(struct cache *c, const char *key)
{
	struct content *content;

	pthread_mutex_lock(&c->lock);
	content = find(c, key);
	pthread_mutex_unlock(&c->lock);
	return content;
}

bool cache_length(struct cache *c, const char *key, uint64_t *length)
{
	const struct item *it;

	pthread_mutex_lock(&c->lock);
	it = map_get(c->items, key);
	if (it)
		*length = it->length;
	pthread_mutex_unlock(&c->lock);
	return it != NULL;
}

size_t cache_bytes(struct cache *c)
{
	size_t bytes;

	pthread_mutex_lock(&c->lock);
	bytes = c->bytes;
	pthread_mutex_unlock(&c->lock);
	return bytes;
}
