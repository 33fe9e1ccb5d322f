/* SPDX-License-Identifier: MIT */
#include "engine/store/union.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/store/provider.h"

struct union_store {
	struct store base;
	struct store_ops ops; /* its own: the scheme is the first store's */
	store_shared_fn *shared;
	struct store *stores[1 + UNION_OTHERS_MAX]; /* never changed up to count */
	atomic_size_t count;
};

static struct union_store *union_store(struct store *s)
{
	return (struct union_store *)s; /* base is the first member */
}

/* How many of the stores may hold a key. */
static size_t holders(struct union_store *u, const char *key)
{
	return u->shared(key) ? atomic_load(&u->count) : 1;
}

static void union_close(struct store *s)
{
	struct union_store *u = union_store(s);

	for (size_t i = 0; i < atomic_load(&u->count); i++)
		store_close(u->stores[i]);
	free(u);
}

static int union_put(struct store *s, const char *key, const struct store_body *body,
                     struct error *err)
{
	struct union_store *u = union_store(s);
	struct store_stat stat;

	for (size_t i = 1; i < holders(u, key); i++) {
		int found = store_stat(u->stores[i], key, &stat, err);

		if (found < 0)
			return -1;
		if (found)
			return error_set(err, ERR_EXISTS, "%s exists already in %s", key,
			                 store_location(u->stores[i]));
	}
	return store_put_body(u->stores[0], key, body, err);
}

int store_union_find(struct store **out, struct store *s, const char *key, struct error *err)
{
	struct union_store *u = union_store(s);
	size_t n = holders(u, key);
	struct store_stat stat;

	for (size_t i = 0; i < n; i++) {
		int found = store_stat(u->stores[i], key, &stat, err);

		if (found < 0)
			return -1;
		if (found) {
			*out = u->stores[i];
			return 1;
		}
	}
	return 0;
}

static int union_replace(struct store *s, const char *key, const char *version,
                         const void *data, size_t len, struct error *err)
{
	struct union_store *u = union_store(s);
	struct store *holder = u->stores[0];

	if (holders(u, key) > 1 && store_union_find(&holder, s, key, err) < 0)
		return -1;
	return store_replace(holder, key, version, data, len, err);
}

static int union_get(struct store *s, const char *key, struct store_range range,
                     struct buf *out, struct store_stat *stat, struct error *err)
{
	struct union_store *u = union_store(s);
	size_t n = holders(u, key);
	int found = 0;

	for (size_t i = 0; i < n && found == 0; i++)
		found = store_get(u->stores[i], key, range, out, stat, err);
	return found;
}

static int union_stat(struct store *s, const char *key, struct store_stat *out,
                      struct error *err)
{
	struct union_store *u = union_store(s);
	size_t n = holders(u, key);
	int found = 0;

	for (size_t i = 0; i < n && found == 0; i++)
		found = store_stat(u->stores[i], key, out, err);
	return found;
}

struct entry {
	const char *key;
	struct store_stat stat;
};

/* What one of the other stores lists. */
struct listed {
	struct union_store *u;
	struct arena *keys;
	struct entry *items;
	size_t count, capacity, next;
};

static int collect(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct listed *l = arg;

	(void)err;
	if (!l->u->shared(key))
		return 0;
	MEM_GROW(l->items, l->count, l->capacity);
	l->items[l->count++] =
		(struct entry){ .key = arena_strdup(l->keys, key), .stat = *stat };
	return 0;
}

struct merge {
	struct listed *others;
	size_t count;
	store_list_fn *fn;
	void *arg;
};

/* The least key that the others have and that was not passed on; NULL: none. */
static const struct entry *least_of(const struct merge *m)
{
	const struct entry *least = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct listed *l = &m->others[i];

		if (l->next < l->count &&
		    (!least || strcmp(l->items[l->next].key, least->key) < 0))
			least = &l->items[l->next];
	}
	return least;
}

static void pass_over(struct merge *m, const char *key)
{
	for (size_t i = 0; i < m->count; i++) {
		struct listed *l = &m->others[i];

		if (l->next < l->count && strcmp(l->items[l->next].key, key) == 0)
			l->next++;
	}
}

/* Passes on what the others have before `key` (NULL: all of it), each key once. */
static int pass_before(struct merge *m, const char *key, struct error *err)
{
	const struct entry *least;

	while ((least = least_of(m)) != NULL) {
		int order = key ? strcmp(least->key, key) : -1;

		if (order > 0)
			return 0;
		/* The first store's own comes right behind, and is the one. */
		if (order < 0 && m->fn(m->arg, least->key, &least->stat, err) < 0)
			return -1;
		pass_over(m, least->key);
	}
	return 0;
}

static int pass_first(void *arg, const char *key, const struct store_stat *stat,
                      struct error *err)
{
	struct merge *m = arg;

	if (pass_before(m, key, err) < 0)
		return -1;
	return m->fn(m->arg, key, stat, err);
}

static int list_merged(struct union_store *u, struct merge *m, const char *after,
                       struct error *err)
{
	for (size_t i = 0; i < m->count; i++) {
		m->others[i].u = u;
		m->others[i].keys = arena_new();
		if (store_list(u->stores[1 + i], after, collect, &m->others[i], err) < 0)
			return -1;
	}
	if (store_list(u->stores[0], after, pass_first, m, err) < 0)
		return -1;
	return pass_before(m, NULL, err);
}

static int union_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
                      struct error *err)
{
	struct union_store *u = union_store(s);
	struct merge m = { .count = atomic_load(&u->count) - 1, .fn = fn, .arg = arg };
	int result;

	if (m.count == 0)
		return store_list(u->stores[0], after, fn, arg, err);
	m.others = mem_array(m.count, sizeof(*m.others));
	result = list_merged(u, &m, after, err);
	for (size_t i = 0; i < m.count; i++) {
		arena_free(m.others[i].keys);
		free(m.others[i].items);
	}
	free(m.others);
	return result;
}

static int union_remove(struct store *s, const char *key, struct error *err)
{
	struct union_store *u = union_store(s);
	size_t n = holders(u, key);
	int removed = 0;

	/* From all: else one that was copied would come back. */
	for (size_t i = 0; i < n; i++) {
		int one = store_remove(u->stores[i], key, err);

		if (one < 0)
			return -1;
		removed |= one;
	}
	return removed;
}

static int union_leftovers(struct store *s, store_list_fn *fn, void *arg, struct error *err)
{
	struct union_store *u = union_store(s);

	for (size_t i = 0; i < atomic_load(&u->count); i++) {
		if (store_each_leftover(u->stores[i], fn, arg, err) < 0)
			return -1;
	}
	return 0;
}

static int union_identity(struct store *s, char out[STORE_IDENTITY_MAX], struct error *err)
{
	return store_identity(union_store(s)->stores[0], out, err);
}

struct store *store_open_union(struct store *first, store_shared_fn *shared)
{
	struct union_store *u = mem_alloc(sizeof(*u));

	u->ops = (struct store_ops){
		.scheme = store_provider(first),
		.summary = "several stores as one",
		.close = union_close,
		.put = union_put,
		.replace = union_replace,
		.get = union_get,
		.stat = union_stat,
		.list = union_list,
		.remove = union_remove,
		.leftovers = union_leftovers,
		.identity = union_identity,
	};
	u->base.ops = &u->ops;
	u->base.location = mem_strdup(store_location(first));
	u->shared = shared;
	u->stores[0] = first;
	atomic_init(&u->count, 1);
	return &u->base;
}

int store_union_add(struct store *s, struct store *other, struct error *err)
{
	struct union_store *u = union_store(s);
	size_t n = atomic_load(&u->count);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(store_location(u->stores[i]), store_location(other)) != 0)
			continue;
		store_close(other);
		return 0;
	}
	if (n == ARRAY_SIZE(u->stores)) {
		store_close(other);
		return error_set(err, ERR_INVALID, "more than %d other stores",
		                 UNION_OTHERS_MAX);
	}
	u->stores[n] = other;
	atomic_store(&u->count, n + 1);
	return 0;
}

struct store *store_union_first(struct store *s)
{
	return union_store(s)->stores[0];
}

struct store *store_union_other(struct store *s, size_t i)
{
	struct union_store *u = union_store(s);

	return i + 1 < atomic_load(&u->count) ? u->stores[i + 1] : NULL;
}
