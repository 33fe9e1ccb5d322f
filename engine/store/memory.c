/* SPDX-License-Identifier: MIT */
/*
 * memory: a store in this process's memory. The double for tests, and the worked
 * example of a provider. A version is the number of the write that made it.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/store/provider.h"

#define OBJECT_MAX ((size_t)1 << 30)

struct object {
	char *key;
	struct buf data;
	struct store_stat stat;
};

struct memory_store {
	struct store base;
	pthread_mutex_t lock;
	struct object *objects; /* guarded by lock; in key order */
	size_t count, capacity; /* guarded by lock */
	uint64_t writes;        /* guarded by lock; the last version given */
};

static struct memory_store *memory_store(struct store *s)
{
	return (struct memory_store *)s; /* base is the first member */
}

static void unlock(pthread_mutex_t **lock)
{
	pthread_mutex_unlock(*lock);
}

/* Holds a store until the end of the scope. */
#define LOCKED(m)                                                                      \
	__attribute__((cleanup(unlock), unused)) pthread_mutex_t *locked = &(m)->lock; \
	pthread_mutex_lock(locked)

struct store *store_open_memory(void)
{
	struct memory_store *m = mem_alloc(sizeof(*m));

	m->base.ops = &store_memory_ops;
	m->base.location = mem_strdup("memory:");
	pthread_mutex_init(&m->lock, NULL);
	return &m->base;
}

static int memory_open(struct store **out, const struct config *c, struct error *err)
{
	(void)c;
	(void)err;
	*out = store_open_memory();
	return 0;
}

static void object_finish(struct object *o)
{
	free(o->key);
	buf_finish(&o->data);
}

static void memory_close(struct store *s)
{
	struct memory_store *m = memory_store(s);

	for (size_t i = 0; i < m->count; i++)
		object_finish(&m->objects[i]);
	free(m->objects);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* The first object that is not before key. */
static size_t position(const struct memory_store *m, const char *key)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(m->objects[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct object *find(const struct memory_store *m, const char *key)
{
	size_t i = position(m, key);

	return i < m->count && strcmp(m->objects[i].key, key) == 0 ? &m->objects[i] : NULL;
}

static void fill(struct memory_store *m, struct object *o, const void *data, size_t len)
{
	buf_truncate(&o->data, 0);
	buf_add(&o->data, data, len);
	o->stat.size = len;
	o->stat.modified = clock_now();
	snprintf(o->stat.version, sizeof(o->stat.version), "%" PRIu64, ++m->writes);
}

static int insert(struct memory_store *m, const char *key, const struct buf *data,
                  struct error *err)
{
	LOCKED(m);
	size_t i = position(m, key);

	if (find(m, key))
		return error_set(err, ERR_EXISTS, "%s exists already", key);
	MEM_GROW(m->objects, m->count, m->capacity);
	memmove(&m->objects[i + 1], &m->objects[i], (m->count - i) * sizeof(m->objects[0]));
	m->objects[i] = (struct object){ .key = mem_strdup(key), .data = BUF_INIT };
	m->count++;
	fill(m, &m->objects[i], data->data, data->len);
	return 0;
}

static int memory_put(struct store *s, const char *key, const struct store_body *body,
                      struct error *err)
{
	autobuf data = BUF_INIT;

	if (body->size > OBJECT_MAX)
		return error_set(err, ERR_STORE, "%s: %" PRIu64 " bytes, limit %zu", key,
		                 body->size, OBJECT_MAX);
	buf_reserve(&data, (size_t)body->size);
	if (body->read_at(body->arg, 0, data.data, (size_t)body->size, err) < 0)
		return -1;
	data.len = (size_t)body->size;
	data.data[data.len] = '\0';
	return insert(memory_store(s), key, &data, err);
}

static int memory_replace(struct store *s, const char *key, const char *version,
                          const void *data, size_t len, struct error *err)
{
	struct memory_store *m = memory_store(s);
	LOCKED(m);
	struct object *o = find(m, key);

	if (!o)
		return error_set(err, ERR_NOT_FOUND, "%s does not exist", key);
	if (strcmp(o->stat.version, version) != 0)
		return error_set(err, ERR_BUSY,
		                 "%s was replaced meanwhile: want version %s, got %s", key,
		                 version, o->stat.version);
	fill(m, o, data, len);
	return 0;
}

static int memory_get(struct store *s, const char *key, struct store_range range,
                      struct buf *out, struct store_stat *stat, struct error *err)
{
	struct memory_store *m = memory_store(s);
	LOCKED(m);
	const struct object *o = find(m, key);
	size_t len;

	if (!o)
		return 0;
	if (store_range_len(&len, &range, key, o->stat.size, err) < 0)
		return -1;
	if (len > 0)
		buf_add(out, o->data.data + range.offset, len);
	*stat = o->stat;
	return 1;
}

static int memory_stat(struct store *s, const char *key, struct store_stat *out,
                       struct error *err)
{
	struct memory_store *m = memory_store(s);
	LOCKED(m);
	const struct object *o = find(m, key);

	(void)err;
	if (!o)
		return 0;
	*out = o->stat;
	return 1;
}

/* The next object's key and state, so that fn is called without the lock. */
static bool next_after(struct memory_store *m, const char *after, struct buf *key,
                       struct store_stat *stat)
{
	LOCKED(m);
	size_t i = position(m, after);

	if (i < m->count && strcmp(m->objects[i].key, after) == 0)
		i++;
	if (i == m->count)
		return false;
	buf_truncate(key, 0);
	buf_adds(key, m->objects[i].key);
	*stat = m->objects[i].stat;
	return true;
}

static int memory_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
                       struct error *err)
{
	struct memory_store *m = memory_store(s);
	struct store_stat stat;
	autobuf next = BUF_INIT;
	autobuf last = BUF_INIT;

	buf_adds(&last, after);
	while (next_after(m, last.data, &next, &stat)) {
		if (fn(arg, next.data, &stat, err) < 0)
			return -1;
		buf_truncate(&last, 0);
		buf_adds(&last, next.data);
	}
	return 0;
}

static int memory_remove(struct store *s, const char *key, struct error *err)
{
	struct memory_store *m = memory_store(s);
	LOCKED(m);
	struct object *o = find(m, key);
	size_t i = position(m, key);

	(void)err;
	if (!o)
		return 0;
	object_finish(o);
	m->count--;
	memmove(&m->objects[i], &m->objects[i + 1], (m->count - i) * sizeof(m->objects[0]));
	return 1;
}

const struct store_ops store_memory_ops = {
	.scheme = "memory",
	.summary = "keeps backups in this process; for tests",
	.open = memory_open,
	.close = memory_close,
	.put = memory_put,
	.replace = memory_replace,
	.get = memory_get,
	.stat = memory_stat,
	.list = memory_list,
	.remove = memory_remove,
};
