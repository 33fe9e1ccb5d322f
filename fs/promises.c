/* SPDX-License-Identifier: MIT */
#include "fs/promises.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"

#define DATABASES_MAX 200
#define ROWS_MAX      100000 /* of all databases */
#define TURN_MS       ((int64_t)PROMISES_SECONDS * 1000)

struct rows {
	int64_t *rows;
	size_t count, capacity;
};

/* The promises about the backups of one database. */
struct topic {
	char *state;
	int64_t turned_at;
	/* Of this turn and of the one before it: together they hold all that have not ended. */
	struct rows now, before;
};

struct promises {
	pthread_mutex_t lock;
	bool any;           /* guarded by lock, like all below */
	struct map *topics; /* by database */
	size_t databases, rows;
};

struct promises *promises_new(bool any)
{
	struct promises *p = mem_alloc(sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->topics = map_new();
	p->any = any;
	return p;
}

void promises_allow(struct promises *p, bool any)
{
	pthread_mutex_lock(&p->lock);
	p->any = any;
	pthread_mutex_unlock(&p->lock);
}

static void topic_free(struct topic *t)
{
	free(t->state);
	free(t->now.rows);
	free(t->before.rows);
	free(t);
}

static void free_topic(void *arg, const char *database, void *value)
{
	(void)arg;
	(void)database;
	topic_free(value);
}

void promises_free(struct promises *p)
{
	if (!p)
		return;
	map_each(p->topics, free_topic, NULL);
	map_free(p->topics);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Under the lock. */
static void turn(struct promises *p, struct topic *t)
{
	int64_t now = clock_mono_ms();

	if (now - t->turned_at < TURN_MS)
		return;
	p->rows -= t->before.count;
	free(t->before.rows);
	t->before = t->now;
	t->now = (struct rows){ .rows = NULL };
	t->turned_at = now;
}

/* Under the lock. */
static struct topic *topic_of(struct promises *p, const char *database, const char *state)
{
	struct topic *t = map_get(p->topics, database);

	if (t || p->databases == DATABASES_MAX)
		return t;
	t = mem_alloc(sizeof(*t));
	t->state = mem_strdup(state);
	t->turned_at = clock_mono_ms();
	map_set(p->topics, database, t);
	p->databases++;
	return t;
}

static int compare_rows(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Under the lock. The kernel asks often about the same backup: one promise of each is enough.
 */
static void keep_one_each(struct promises *p, struct rows *r)
{
	size_t kept = 0;

	if (r->count > 1)
		qsort(r->rows, r->count, sizeof(r->rows[0]), compare_rows);
	for (size_t i = 0; i < r->count; i++) {
		if (i == 0 || r->rows[i] != r->rows[kept - 1])
			r->rows[kept++] = r->rows[i];
	}
	p->rows -= r->count - kept;
	r->count = kept;
}

/* Under the lock. Room for one more; it is doubled when it is half full of different rows. */
static void make_room(struct promises *p, struct rows *r)
{
	if (r->count < r->capacity)
		return;
	keep_one_each(p, r);
	if (r->count < r->capacity / 2)
		return;
	r->capacity = r->capacity > 0 ? 2 * r->capacity : 64;
	r->rows = mem_resize(r->rows, r->capacity, sizeof(r->rows[0]));
}

bool promises_give(struct promises *p, const char *database, const char *state, int64_t row)
{
	struct topic *t;
	bool given = false;

	pthread_mutex_lock(&p->lock);
	t = p->any ? topic_of(p, database, state) : NULL;
	if (t && strcmp(t->state, state) == 0) {
		turn(p, t);
		make_room(p, &t->now);
		given = p->rows < ROWS_MAX;
	}
	if (given) {
		t->now.rows[t->now.count++] = row;
		p->rows++;
	}
	pthread_mutex_unlock(&p->lock);
	return given;
}

struct listing {
	struct promises *p;
	char **names;
	size_t count, capacity;
};

static void list_topic(void *arg, const char *database, void *value)
{
	struct listing *l = arg;

	(void)value;
	MEM_GROW(l->names, l->count, l->capacity);
	l->names[l->count++] = mem_strdup(database);
}

/* Under the lock. False: it is forgotten now, for all its promises have ended. */
static bool is_needed(struct promises *p, const char *database)
{
	struct topic *t = map_get(p->topics, database);

	turn(p, t);
	if (t->now.count + t->before.count > 0)
		return true;
	map_remove(p->topics, database);
	topic_free(t);
	p->databases--;
	return false;
}

char **promises_databases(size_t *count, struct promises *p)
{
	struct listing l = { .p = p };
	size_t kept = 0;

	pthread_mutex_lock(&p->lock);
	map_each(p->topics, list_topic, &l);
	for (size_t i = 0; i < l.count; i++) {
		if (is_needed(p, l.names[i]))
			l.names[kept++] = l.names[i];
		else
			free(l.names[i]);
	}
	pthread_mutex_unlock(&p->lock);
	*count = kept;
	return l.names;
}

/* Under the lock. All rows that a topic has, taken out of it. */
static struct rows take_rows(struct promises *p, struct topic *t)
{
	struct rows all = t->now;

	for (size_t i = 0; i < t->before.count; i++) {
		MEM_GROW(all.rows, all.count, all.capacity);
		all.rows[all.count++] = t->before.rows[i];
	}
	free(t->before.rows);
	t->now = t->before = (struct rows){ .rows = NULL };
	p->rows -= all.count;
	return all;
}

int64_t *promises_break(size_t *count, struct promises *p, const char *database,
                        const char *state)
{
	struct rows broken = { .rows = NULL };
	struct topic *t;

	pthread_mutex_lock(&p->lock);
	t = map_get(p->topics, database);
	if (t && strcmp(t->state, state) != 0) {
		free(t->state);
		t->state = mem_strdup(state);
		broken = take_rows(p, t);
	}
	pthread_mutex_unlock(&p->lock);
	*count = broken.count;
	return broken.rows;
}
