/* SPDX-License-Identifier: MIT */
#include "fs/shelf.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/metadata.h"
#include "fs/content.h"

/* On the shelf, held by somebody, or both. */
struct entry {
	struct card card; /* first: the two are cast */
	TAILQ_ENTRY(entry) order;
	struct shelf *shelf;
	struct backup *backup;
	struct content *metadata;
	unsigned int epoch;
	uint64_t generation;
	size_t references; /* guarded by the shelf's lock */
};
TAILQ_HEAD(entries, entry);

struct shelf {
	size_t files_max;
	pthread_mutex_t lock;
	struct map *by_row;   /* guarded by lock, like all below */
	struct entries order; /* the last is the next to go */
	size_t files;
	uint64_t generation;
};

#define KEY_MAX 40

static void row_key(char out[KEY_MAX], unsigned int epoch, int64_t row)
{
	snprintf(out, KEY_MAX, "%u/%lld", epoch, (long long)row);
}

struct shelf *shelf_new(size_t files)
{
	struct shelf *s = mem_alloc(sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	s->by_row = map_new();
	s->files_max = files;
	TAILQ_INIT(&s->order);
	return s;
}

/* Under the lock. */
static void drop(struct entry *e)
{
	if (--e->references > 0)
		return;
	backup_free(e->backup);
	content_drop(e->metadata);
	free(e);
}

/* Under the lock. */
static void take_down(struct shelf *s, struct entry *e)
{
	char key[KEY_MAX];

	row_key(key, e->epoch, e->backup->row);
	map_remove(s->by_row, key);
	TAILQ_REMOVE(&s->order, e, order);
	s->files -= e->backup->file_count + 1;
	drop(e);
}

void shelf_free(struct shelf *s)
{
	if (!s)
		return;
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): it does not follow sys/queue.h */
	while (!TAILQ_EMPTY(&s->order))
		take_down(s, TAILQ_FIRST(&s->order));
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	map_free(s->by_row);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void shelf_advance(struct shelf *s)
{
	pthread_mutex_lock(&s->lock);
	s->generation++;
	pthread_mutex_unlock(&s->lock);
}

void card_drop(struct card *card)
{
	struct entry *e = (struct entry *)card;
	struct shelf *s;

	if (!e)
		return;
	s = e->shelf;
	pthread_mutex_lock(&s->lock);
	drop(e);
	pthread_mutex_unlock(&s->lock);
}

/* A card that is not out of date, held; else NULL. */
static struct entry *find(struct shelf *s, unsigned int epoch, int64_t row)
{
	char key[KEY_MAX];
	struct entry *e;

	row_key(key, epoch, row);
	pthread_mutex_lock(&s->lock);
	e = map_get(s->by_row, key);
	if (e && e->generation != s->generation)
		e = NULL;
	if (e) {
		TAILQ_REMOVE(&s->order, e, order);
		TAILQ_INSERT_HEAD(&s->order, e, order);
		e->references++;
	}
	pthread_mutex_unlock(&s->lock);
	return e;
}

static int add_file(void *arg, const char *name, uint64_t size, struct error *err)
{
	(void)err;
	backup_file_add(arg, name, size, "");
	return 0;
}

/* In place of an older card of the same row. */
static void put(struct shelf *s, struct entry *e)
{
	char key[KEY_MAX];
	struct entry *old;

	row_key(key, e->epoch, e->backup->row);
	pthread_mutex_lock(&s->lock);
	old = map_get(s->by_row, key);
	if (old)
		take_down(s, old);
	map_set(s->by_row, key, e);
	TAILQ_INSERT_HEAD(&s->order, e, order);
	e->references++;
	s->files += e->backup->file_count + 1;
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): it does not follow sys/queue.h */
	while (s->files > s->files_max && TAILQ_LAST(&s->order, entries) != e)
		take_down(s, TAILQ_LAST(&s->order, entries));
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	pthread_mutex_unlock(&s->lock);
}

static uint64_t generation_now(struct shelf *s)
{
	uint64_t generation;

	pthread_mutex_lock(&s->lock);
	generation = s->generation;
	pthread_mutex_unlock(&s->lock);
	return generation;
}

/* A card, held, for a backup that was found; its files are added. */
static int make(struct card **out, struct shelf *s, struct shelf_source from,
                struct backup **found, uint64_t generation, struct error *err)
{
	struct backup *b = *found;
	autobuf metadata = BUF_INIT;
	struct entry *e;

	if (catalog_file_each(from.catalog, b->row, "", add_file, b, err) < 0)
		return -1;
	e = mem_alloc(sizeof(*e));
	e->shelf = s;
	e->card.backup = e->backup = take(*found);
	metadata_file(&metadata, b);
	e->card.metadata = e->metadata = content_new(&metadata);
	e->epoch = from.epoch;
	e->generation = generation;
	e->references = 1; /* the caller's */
	put(s, e);
	*out = &e->card;
	return 1;
}

int shelf_at(struct card **out, struct shelf *s, struct shelf_source from, int64_t row,
             struct error *err)
{
	struct entry *e = find(s, from.epoch, row);
	uint64_t generation = generation_now(s); /* before the catalog is read */
	DEFER(backup) *b = NULL;
	int found;

	if (e) {
		*out = &e->card;
		return 1;
	}
	found = catalog_backup_at(from.catalog, row, &b, err);
	if (found <= 0)
		return found;
	return make(out, s, from, &b, generation, err);
}

int shelf_find(struct card **out, struct shelf *s, struct shelf_source from, const char *id,
               struct error *err)
{
	uint64_t generation = generation_now(s);
	DEFER(backup) *b = NULL;
	struct entry *e;
	int found = catalog_backup_find(from.catalog, id, &b, err);

	if (found <= 0)
		return found;
	e = find(s, from.epoch, b->row);
	if (e) {
		*out = &e->card;
		return 1;
	}
	return make(out, s, from, &b, generation, err);
}

size_t card_seek(const struct card *card, const char *name)
{
	const struct backup *b = card->backup;
	size_t low = 0, high = b->file_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(b->files[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct backup_file *card_file(const struct card *card, const char *name)
{
	const struct backup *b = card->backup;
	size_t i = card_seek(card, name);

	return i < b->file_count && strcmp(b->files[i].name, name) == 0 ? &b->files[i] : NULL;
}
