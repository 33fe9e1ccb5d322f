/* SPDX-License-Identifier: MIT */
#include "fs/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"

#define LOG_MODULE "fs/live"

#define SHORTEST_MS   50
#define TIMES_LOOK    10
#define FAILURE_MS    1000 /* before the server is tried again */
#define TOPICS_MAX    256
#define SNAPSHOTS_MAX (32U << 20) /* bytes, of those kept for when the server is away */
#define NAMES_TOPIC   ""          /* the list of databases: no database is called so */

struct counted {
	struct snapshot snapshot; /* first: the two are cast */
	atomic_size_t references;
	size_t bytes;
};

/* What is asked for: one database's schema, or the list of databases. */
struct topic {
	TAILQ_ENTRY(topic) order;
	size_t waiting;
	bool wanted;          /* by somebody, from the thread */
	uint64_t answers;     /* so far */
	int found;            /* the last answer: 1, 0, -1 */
	struct error err;     /* for -1 */
	int64_t at_ms;        /* of the last answer; monotonic */
	int64_t good_ms;      /* for how long it is good */
	bool away;            /* no schema to be had, as far as the log was told */
	struct counted *last; /* NULL: none was seen, or it was too much to keep */
	char database[];
};
TAILQ_HEAD(topics, topic);

struct live {
	pthread_mutex_t lock;
	pthread_cond_t asked, answered;
	struct repo *origin; /* guarded by lock, like all below; held by who clones it */
	_Atomic int64_t interval_ms; /* read also without the lock */
	int64_t deadline_ms;
	struct map *by_name;
	struct topics topics; /* the last is the next to go */
	size_t count, bytes;
	bool started, stopping, ended;
	int64_t busy_since; /* 0: the thread is idle */
	bool stuck;         /* somebody waited in vain for what it is busy with */
	pthread_t thread;
};

/* Under the lock. */
static void go_by(struct live *l, struct repo *r)
{
	l->origin = repo_hold(r);
	l->interval_ms = config_int(repo_config(r), "mount.live_interval") * 1000;
	l->deadline_ms = config_int(repo_config(r), "mount.live_timeout") * 1000;
}

struct live *live_new(struct repo *r)
{
	struct live *l = mem_alloc(sizeof(*l));
	pthread_condattr_t attr;

	go_by(l, r);
	l->by_name = map_new();
	TAILQ_INIT(&l->topics);
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->asked, &attr);
	pthread_cond_init(&l->answered, &attr);
	pthread_condattr_destroy(&attr);
	return l;
}

int64_t live_turn(const struct live *l)
{
	int64_t interval_ms = atomic_load(&l->interval_ms);

	return clock_mono_ms() / (interval_ms > 0 ? interval_ms : 1);
}

void live_renew(struct live *l, struct repo *r)
{
	struct repo *before;
	struct topic *t;

	pthread_mutex_lock(&l->lock);
	before = l->origin;
	go_by(l, r);
	l->stuck = false;
	TAILQ_FOREACH(t, &l->topics, order)
	t->good_ms = 0;
	pthread_mutex_unlock(&l->lock);
	repo_close(before);
}

void snapshot_drop(struct snapshot *s)
{
	struct counted *c = (struct counted *)s;

	if (!c || atomic_fetch_sub(&c->references, 1) > 1)
		return;
	schema_free(s->schema);
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s->names);
	free(c);
}

static struct snapshot *hold(struct counted *c)
{
	atomic_fetch_add(&c->references, 1);
	return &c->snapshot;
}

/* Under the lock. */
static void drop_last(struct live *l, struct topic *t)
{
	if (!t->last)
		return;
	l->bytes -= t->last->bytes;
	snapshot_drop(&take(t->last)->snapshot);
}

/* Under the lock. */
static void topic_free(struct live *l, struct topic *t)
{
	TAILQ_REMOVE(&l->topics, t, order);
	map_remove(l->by_name, t->database);
	drop_last(l, t);
	l->count--;
	free(t);
}

static struct timespec after_ms(int64_t now, int64_t ms)
{
	return (struct timespec){ .tv_sec = (now + ms) / 1000,
		                  .tv_nsec = (now + ms) % 1000 * 1000000 };
}

bool live_end(struct live *l, int64_t patience_ms)
{
	int64_t now = clock_mono_ms();
	struct timespec until = after_ms(now, patience_ms);
	int result = 0;
	bool ended;

	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->asked);
	while (l->started && !l->ended && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&l->answered, &l->lock, &until);
	ended = !l->started || l->ended;
	pthread_mutex_unlock(&l->lock);
	return ended;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->asked);
	pthread_mutex_unlock(&l->lock);
	if (l->started)
		pthread_join(l->thread, NULL);
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): it does not follow sys/queue.h */
	while (!TAILQ_EMPTY(&l->topics))
		topic_free(l, TAILQ_FIRST(&l->topics));
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	map_free(l->by_name);
	repo_close(l->origin);
	pthread_cond_destroy(&l->asked);
	pthread_cond_destroy(&l->answered);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* Under the lock. What nobody waits for and was not asked for longest goes. */
static void make_room(struct live *l)
{
	struct topic *t, *before;

	for (t = TAILQ_LAST(&l->topics, topics); t; t = before) {
		before = TAILQ_PREV(t, topics, order);
		if (l->count > TOPICS_MAX && t->waiting == 0 && !t->wanted)
			topic_free(l, t);
		else if (l->bytes > SNAPSHOTS_MAX && before)
			drop_last(l, t);
	}
}

/* Under the lock: makes it when it is not there. */
static struct topic *topic_of(struct live *l, const char *database)
{
	struct topic *t = map_get(l->by_name, database);

	if (!t) {
		t = mem_alloc(sizeof(*t) + strlen(database) + 1);
		memcpy(t->database, database, strlen(database) + 1);
		map_set(l->by_name, database, t);
		l->count++;
	} else {
		TAILQ_REMOVE(&l->topics, t, order);
	}
	TAILQ_INSERT_HEAD(&l->topics, t, order);
	return t;
}

static int add_name(void *arg, const char *name, struct error *err)
{
	struct snapshot *s = arg;
	size_t n = s->count;

	(void)err;
	if ((n & (n - 1)) == 0) /* full at every power of two */
		s->names = mem_resize(s->names, n ? 2 * n : 1, sizeof(*s->names));
	s->names[s->count++] = mem_strdup(name);
	return 0;
}

static int look(struct counted **out, struct repo *r, const char *database, struct error *err)
{
	struct counted *c = mem_alloc(sizeof(*c));
	struct snapshot *s = &c->snapshot;
	int found = 1;

	c->references = 1;
	if (strcmp(database, NAMES_TOPIC) == 0) {
		if (repo_live_databases(r, add_name, s, err) < 0)
			found = -1;
	} else {
		found = repo_live(&s->schema, r, database, err);
	}
	if (found <= 0) {
		snapshot_drop(s);
		return found;
	}
	if (s->schema) {
		repo_schema_hash(s->hash, s->schema);
		c->bytes = arena_used(s->schema->arena);
	}
	s->since = s->taken_at = clock_now();
	*out = c;
	return 1;
}

/* Under the lock. One line when a schema cannot be had, one when it can be again. */
static void log_state(struct topic *t)
{
	bool away = t->found < 0;
	const char *what = *t->database ? t->database : "the list of databases";

	if (away && !t->away)
		log_warn("live: %s: %s", what, t->err.text);
	else if (!away && t->away)
		log_info("live: %s: there again", what);
	t->away = away;
}

/* Under the lock. */
static void answer(struct live *l, struct topic *t, int found, struct counted *c,
                   int64_t duration)
{
	int64_t good = duration * TIMES_LOOK;

	if (good < SHORTEST_MS)
		good = SHORTEST_MS;
	if (good > l->interval_ms)
		good = l->interval_ms;
	if (found < 0)
		good = FAILURE_MS;
	if (c && t->last && strcmp(c->snapshot.hash, t->last->snapshot.hash) == 0)
		c->snapshot.since = t->last->snapshot.since;
	if (found >= 0)
		drop_last(l, t);
	if (c) {
		t->last = c;
		l->bytes += c->bytes;
	}
	t->found = found;
	t->answers++;
	t->at_ms = clock_mono_ms();
	t->good_ms = good;
	log_state(t);
	make_room(l);
	pthread_cond_broadcast(&l->answered);
}

/* Under the lock. */
static struct topic *next_wanted(struct live *l)
{
	struct topic *t = TAILQ_LAST(&l->topics, topics);

	while (t && !t->wanted)
		t = TAILQ_PREV(t, topics, order);
	return t;
}

/* The thread's own repo, and of which it is a clone: the server's session is its. */
struct looker {
	struct repo *repo, *origin;
};

static void looker_finish(struct looker *k)
{
	repo_close(take(k->repo));
	repo_close(take(k->origin));
}

/* Takes the origin over. */
static int look_with(struct counted **out, struct looker *k, struct repo *origin,
                     const char *database, struct error *err)
{
	if (k->origin != origin) {
		looker_finish(k);
		k->origin = repo_hold(origin);
	}
	repo_close(origin);
	if (!k->repo && repo_clone(&k->repo, k->origin, err) < 0)
		return -1;
	return look(out, k->repo, database, err);
}

static void *answer_questions(void *arg)
{
	struct live *l = arg;
	struct looker k = { .repo = NULL };

	pthread_mutex_lock(&l->lock);
	while (!l->stopping) {
		struct topic *t = next_wanted(l);
		struct repo *origin;
		struct error err = ERROR_INIT;
		struct counted *c = NULL;
		int64_t begin = clock_mono_ms();
		int found;

		if (!t) {
			pthread_cond_wait(&l->asked, &l->lock);
			continue;
		}
		l->busy_since = begin;
		origin = repo_hold(l->origin);
		pthread_mutex_unlock(&l->lock);
		found = look_with(&c, &k, origin, t->database, &err); /* wanted: t stays */
		pthread_mutex_lock(&l->lock);
		l->busy_since = 0;
		l->stuck = false;
		t->wanted = false;
		t->err = err;
		answer(l, t, found, c, clock_mono_ms() - begin);
	}
	pthread_mutex_unlock(&l->lock);
	looker_finish(&k);
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	pthread_cond_broadcast(&l->answered);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* Under the lock. */
static int start(struct live *l, struct error *err)
{
	int failure;

	if (l->started)
		return 0;
	failure = pthread_create(&l->thread, NULL, answer_questions, l);
	if (failure != 0)
		return error_sys(err, failure, "start a thread");
	l->started = true;
	return 0;
}

/* Under the lock, which is given up while waiting. False: no answer until the deadline. */
static bool wait_for_answer(struct live *l, struct topic *t)
{
	int64_t now = clock_mono_ms();
	struct timespec until = after_ms(now, l->deadline_ms);
	uint64_t answers = t->answers;
	int result = 0;

	if (l->stuck)
		return false;
	t->waiting++;
	t->wanted = true;
	pthread_cond_signal(&l->asked);
	while (t->answers == answers && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&l->answered, &l->lock, &until);
	t->waiting--;
	if (t->answers != answers)
		return true;
	/* Not so if the thread had other databases to look at for most of the time. */
	l->stuck = l->busy_since != 0 && clock_mono_ms() - l->busy_since >= l->deadline_ms / 2;
	return false;
}

/* Under the lock. */
static int ask(struct snapshot **out, struct live *l, const char *database, struct error *err)
{
	struct topic *t = topic_of(l, database);

	if (start(l, err) < 0)
		return -1;
	if (t->answers == 0 || (t->found > 0 && !t->last) ||
	    clock_mono_ms() - t->at_ms >= t->good_ms) {
		if (!wait_for_answer(l, t))
			return error_set(err, ERR_CONNECT,
			                 "no answer from the database server within %lld s",
			                 (long long)l->deadline_ms / 1000);
	}
	if (t->found > 0 && !t->last) /* thousands of others came between */
		return error_set(err, ERR_BUSY, "too many live schemas are looked at");
	if (t->found < 0)
		*err = t->err;
	else if (t->found > 0)
		*out = hold(t->last);
	return t->found;
}

static int ask_locked(struct snapshot **out, struct live *l, const char *database,
                      struct error *err)
{
	int found;

	pthread_mutex_lock(&l->lock);
	found = ask(out, l, database, err);
	pthread_mutex_unlock(&l->lock);
	return found;
}

int live_schema(struct snapshot **out, struct live *l, const char *database, struct error *err)
{
	if (!*database)
		return 0;
	return ask_locked(out, l, database, err);
}

int live_databases(struct snapshot **out, struct live *l, struct error *err)
{
	return ask_locked(out, l, NAMES_TOPIC, err);
}

struct snapshot *live_last(struct live *l, const char *database)
{
	struct snapshot *s = NULL;
	struct topic *t;

	pthread_mutex_lock(&l->lock);
	t = map_get(l->by_name, database);
	if (t && t->last)
		s = hold(t->last);
	pthread_mutex_unlock(&l->lock);
	return s;
}

struct snapshot *live_last_databases(struct live *l)
{
	return live_last(l, NAMES_TOPIC);
}
