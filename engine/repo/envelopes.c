/* SPDX-License-Identifier: MIT */
#include "engine/repo/envelopes.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/mem.h"
#include "engine/base/pool.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

#define BATCH 32

struct ids {
	struct arena *texts;
	char **items;
	size_t count, capacity;
};

static void ids_finish(struct ids *ids)
{
	arena_free(ids->texts);
	free(ids->items);
}

static int collect(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct ids *ids = arg;
	struct str name = str_of(key);
	char *id;

	(void)stat;
	(void)err;
	if (!str_has_suffix(name, REPO_ENVELOPE_SUFFIX))
		return 0;
	id = arena_strndup(ids->texts, key, name.n - strlen(REPO_ENVELOPE_SUFFIX));
	if (!name_is_backup_id(id))
		return 0;
	MEM_GROW(ids->items, ids->count, ids->capacity);
	ids->items[ids->count++] = id;
	return 0;
}

struct batch {
	const struct envelope_visitor *v;
	struct envelope_item items[BATCH];
};

static int work_on(void *arg, size_t i, struct error *err)
{
	struct batch *b = arg;

	(void)err;
	b->v->work(b->v->arg, &b->items[i]);
	return 0;
}

static int visit_batch(struct batch *b, char *const *ids, size_t count, struct error *err)
{
	struct error late = ERROR_INIT;
	int result;

	memset(b->items, 0, sizeof(b->items));
	for (size_t i = 0; i < count; i++)
		memcpy(b->items[i].id, ids[i], strlen(ids[i]) + 1);
	result = pool_run(b->v->workers, count, work_on, b, err);
	/* Also what was done before an interruption is told: the catalog is to know of it. */
	if (b->v->done(b->v->arg, b->items, count, result < 0 ? &late : err) < 0)
		result = -1;
	for (size_t i = 0; i < count; i++)
		backup_free(b->items[i].backup);
	return result;
}

int envelopes_visit(size_t *total, struct repo *r, const struct envelope_visitor *v,
                    struct error *err)
{
	__attribute__((cleanup(ids_finish))) struct ids ids = { .texts = arena_new() };
	autofree struct batch *b = mem_alloc(sizeof(*b));

	b->v = v;
	if (store_list(r->store, NULL, collect, &ids, err) < 0)
		return -1;
	*total = ids.count;
	for (size_t i = 0; i < ids.count; i += BATCH) {
		size_t count = ids.count - i < BATCH ? ids.count - i : BATCH;

		if (cancel_check(err) < 0 || visit_batch(b, &ids.items[i], count, err) < 0)
			return -1;
	}
	return 0;
}
