/* SPDX-License-Identifier: MIT */
/*
 * Processes that share a store and a catalog, stopped and killed at random. Each writes into
 * shared memory what it begins and what it was told; afterwards that history is held against
 * what is there.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/remove.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"
#include "engine/repo/rotate.h"
#include "engine/repo/verify.h"
#include "tests/tools/fault_inject.h"
#include "tests/tools/fault_site.h"

#define WORKERS_MAX 64
#define DATABASES   4U

enum event_type { EVENT_CREATED, EVENT_GOING, EVENT_GONE, EVENT_WRONG };

struct event {
	atomic_bool written; /* last: one that was killed on the way does not count */
	enum event_type type;
	char id[80], text[1200];
};

/* In shared memory. */
struct history {
	atomic_size_t next, done, busy, verified;
	atomic_size_t of_worker[WORKERS_MAX]; /* operations done */
	size_t capacity;
	struct event events[];
};

struct storm {
	const char *dir;
	size_t workers, operations;
	struct history *history;
	pid_t pids[WORKERS_MAX];
	size_t kills, stops, wrong;
	unsigned int seed;
};

struct worker {
	struct history *history;
	struct fault_site site;
	unsigned int seed;
};

static void tell(struct history *h, enum event_type type, const char *id, const char *text)
{
	size_t i = h->next++;
	struct event *e = &h->events[i];

	if (i >= h->capacity)
		abort(); /* more happened than there is room for */
	e->type = type;
	snprintf(e->id, sizeof(e->id), "%s", id);
	snprintf(e->text, sizeof(e->text), "%s", text);
	e->written = true;
}

static int do_create(struct worker *w, struct error *err)
{
	char database[16];
	DEFER(backup) *b = NULL;

	snprintf(database, sizeof(database), "db%u",
	         (unsigned int)rand_r(&w->seed) % DATABASES);
	if (fault_site_create(&b, w->site.repo, database, (unsigned int)rand_r(&w->seed), err) <
	    0)
		return -1;
	tell(w->history, EVENT_CREATED, b->id, b->schema_hash);
	return 0;
}

struct choice {
	unsigned int *seed;
	unsigned int seen;
	struct backup *chosen;
};

static int choose(void *arg, const struct backup *b, struct error *err)
{
	struct choice *c = arg;

	(void)err;
	if (*b->database == '\0')
		return error_set(err, ERR_CORRUPT, "%s is half listed: %s", b->id, b->error);
	if ((unsigned int)rand_r(c->seed) % ++c->seen == 0) {
		backup_free(c->chosen);
		c->chosen = backup_copy(b);
	}
	return 0;
}

/* Any of those that are listed, as a command finds it. 1, 0 there is none, -1. */
static int pick(struct backup **out, struct worker *w, struct error *err)
{
	const struct catalog_filter completed = { .statuses = 1U << BACKUP_COMPLETED };
	struct choice c = { .seed = &w->seed };

	if (repo_refresh(w->site.repo, REPO_REFRESH_STALE, err) < 0 ||
	    catalog_backup_each(repo_catalog(w->site.repo), &completed, choose, &c, err) < 0)
		return -1;
	*out = c.chosen;
	return c.chosen != NULL;
}

static int do_delete(struct worker *w, struct error *err)
{
	DEFER(backup) *b = NULL;
	int result = pick(&b, w, err);

	if (result <= 0)
		return result;
	tell(w->history, EVENT_GOING, b->id, "");
	result = repo_remove(w->site.repo, b, true, err);
	if (result > 0)
		tell(w->history, EVENT_GONE, b->id, "");
	return result;
}

static int do_verify(struct worker *w, struct error *err)
{
	DEFER(backup) *b = NULL;
	DEFER(verify_result) *v = NULL;
	int result = pick(&b, w, err);

	if (result <= 0)
		return result;
	if (repo_verify(&v, w->site.repo, b->id, VERIFY_DECODE, err) < 0)
		return -1;
	if (!v->valid)
		return error_set(err, ERR_CORRUPT, "%s: %s", b->id, v->errors[0]);
	w->history->verified++;
	return 0;
}

static int will_go(void *arg, const struct retention_decision *d, struct error *err)
{
	const struct worker *w = arg;

	(void)err;
	if (!d->keep)
		tell(w->history, EVENT_GOING, d->backup->id, "");
	return 0;
}

static int do_cleanup(struct worker *w, struct error *err)
{
	const struct cleanup_options o = { 0 };
	struct cleanup_result result;

	return repo_cleanup(&result, w->site.repo, &o, will_go, w, err);
}

static int do_rotate(struct worker *w, struct error *err)
{
	struct rotate_result result;
	int done = repo_rotate(&result, w->site.repo, false, NULL, NULL, err);

	if (done == 0 && result.counts[ROTATE_FAILED] > 0)
		return error_set(err, ERR_CORRUPT, "%zu of %zu were not rotated",
		                 result.counts[ROTATE_FAILED], result.total);
	return done;
}

static const struct {
	const char *name;
	int (*run)(struct worker *w, struct error *err);
	unsigned int weight; /* of 100 */
} operations[] = {
	{ "create", do_create, 40 }, { "validate", do_verify, 34 },
	{ "delete", do_delete, 12 }, { "cleanup", do_cleanup, 9 },
	{ "rotate", do_rotate, 5 },
};

static void work_once(struct worker *w)
{
	unsigned int dice = (unsigned int)rand_r(&w->seed) % 100;
	struct error err = ERROR_INIT;
	char text[1200];
	size_t i = 0;

	while (dice >= operations[i].weight)
		dice -= operations[i++].weight;
	if (operations[i].run(w, &err) >= 0)
		return;
	/* What several at once may be told; anything else is a lie or a loss. */
	if (err.code == ERR_BUSY || err.code == ERR_NOT_FOUND) {
		w->history->busy++;
		return;
	}
	snprintf(text, sizeof(text), "%s: %s", operations[i].name, err.text);
	tell(w->history, EVENT_WRONG, "", text);
}

static void run_worker(const struct storm *s, size_t number, unsigned int seed)
{
	struct history *h = s->history;
	struct worker w = { .history = h, .seed = seed };
	struct error err = ERROR_INIT;

	if (fault_site_open(&w.site, s->dir, number % 2 ? FAULT_SECRET_B : FAULT_SECRET_A,
	                    &err) < 0) {
		tell(h, EVENT_WRONG, "", err.text);
		_exit(1);
	}
	while (h->of_worker[number] < s->operations) {
		work_once(&w);
		h->of_worker[number]++;
		h->done++;
	}
	fault_site_close(&w.site);
	_exit(0);
}

static int start(struct storm *s, size_t number, struct error *err)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return error_sys(err, errno, "fork");
	if (pid == 0)
		run_worker(s, number, (unsigned int)rand_r(&s->seed) + (unsigned int)number);
	s->pids[number] = pid;
	return 0;
}

static void rest(long milliseconds)
{
	const struct timespec t = { .tv_nsec = milliseconds * 1000000 };

	nanosleep(&t, NULL);
}

/* Stops one, or kills it and starts it again. */
static int disturb(struct storm *s, struct error *err)
{
	size_t number = (size_t)rand_r(&s->seed) % s->workers;
	pid_t pid = s->pids[number];
	int status;

	if (pid == 0)
		return 0;
	if (rand_r(&s->seed) % 3 == 0) {
		kill(pid, SIGSTOP);
		rest(1 + rand_r(&s->seed) % 40);
		kill(pid, SIGCONT);
		s->stops++;
		return 0;
	}
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		s->kills++;
	}
	s->pids[number] = 0;
	return s->history->of_worker[number] < s->operations ? start(s, number, err) : 0;
}

/* Those that came to their end; how many are at work. */
static size_t reap(struct storm *s)
{
	size_t running = 0;

	for (size_t i = 0; i < s->workers; i++) {
		int status;

		if (s->pids[i] == 0)
			continue;
		if (waitpid(s->pids[i], &status, WNOHANG) == 0) {
			running++;
			continue;
		}
		s->pids[i] = 0;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			tell(s->history, EVENT_WRONG, "", "a worker crashed");
	}
	return running;
}

static void say_wrong(struct storm *s, const char *id, const char *text)
{
	s->wrong++;
	fprintf(stderr, "WRONG: %s %s\n", id, text);
}

static void read_history(struct storm *s, struct fault_book *b)
{
	const struct history *h = s->history;

	/* Creations first: one is told of after others may have begun to delete it. */
	for (size_t i = 0; i < h->next; i++) {
		if (h->events[i].written && h->events[i].type == EVENT_CREATED)
			fault_book_add(b, h->events[i].id, h->events[i].text);
	}
	for (size_t i = 0; i < h->next; i++) {
		const struct event *e = &h->events[i];
		struct fault_known *k = fault_book_find(b, e->id);

		if (!e->written || e->type == EVENT_CREATED)
			continue;
		if (e->type == EVENT_WRONG) {
			say_wrong(s, e->id, e->text);
			continue;
		}
		if (!k) /* its maker was killed before it could tell */
			k = fault_book_add(b, e->id, "");
		if (e->type == EVENT_GONE && k->gone)
			say_wrong(s, e->id, "was deleted twice");
		k->may_go = true;
		k->gone = k->gone || e->type == EVENT_GONE;
	}
}

static int judge(struct storm *s)
{
	struct fault_book book = { 0 };
	struct fault_site site = { 0 };
	struct error why = ERROR_INIT;
	size_t listed = 0;

	read_history(s, &book);
	if (fault_site_open(&site, s->dir, FAULT_SECRET_A, &why) < 0 ||
	    repo_refresh(site.repo, REPO_REFRESH_NOW, &why) < 0 ||
	    fault_site_check(&site, &book, false, &listed, &why) < 0)
		say_wrong(s, "", why.text);
	fault_site_close(&site);
	printf("{\"workers\": %zu, \"operations\": %zu, \"made\": %zu, \"left\": %zu, "
	       "\"verified\": %zu, \"told_busy\": %zu, \"kills\": %zu, \"stops\": %zu, "
	       "\"wrong\": %zu",
	       s->workers, s->history->done, book.count, listed, s->history->verified,
	       s->history->busy, s->kills, s->stops, s->wrong);
	fault_book_finish(&book);
	return s->wrong > 0;
}

static int rage(struct storm *s, struct error *err)
{
	for (size_t i = 0; i < s->workers; i++) {
		if (start(s, i, err) < 0)
			return -1;
	}
	while (reap(s) > 0) {
		rest(10 + rand_r(&s->seed) % 40);
		if (disturb(s, err) < 0)
			return -1;
	}
	return 0;
}

int fault_storm(const char *dir, size_t workers, size_t count, struct error *err)
{
	struct storm s = { .dir = dir, .workers = workers, .operations = count, .seed = 1 };
	size_t capacity = 1000 + workers * count * 8;
	size_t size = sizeof(struct history) + capacity * sizeof(struct event);
	int64_t began = clock_mono_ms();
	int result;

	if (workers < 1 || workers > WORKERS_MAX)
		return error_set(err, ERR_USAGE, "%zu workers, limit %d", workers, WORKERS_MAX);
	s.history = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.history == MAP_FAILED)
		return error_sys(err, errno, "share memory");
	s.history->capacity = capacity;
	result = rage(&s, err) < 0 ? -1 : judge(&s);
	if (result >= 0)
		printf(", \"seconds\": %.1f}\n", (double)(clock_mono_ms() - began) / 1000);
	munmap(s.history, size);
	return result;
}
