/* SPDX-License-Identifier: MIT */
/* apply_crew: steps about tables that are not kin, at the same time over several sessions. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/server/apply_run.h"
#include "engine/server/server.h"

#define LOG_MODULE "server/apply"

/* How far ahead of the first step that waits others are looked for. */
#define LOOK_AHEAD 256

enum job { JOB_NONE, JOB_GIVEN, JOB_ENDED, JOB_LEAVE };

struct worker {
	struct apply_crew *crew;
	struct apply_run *run; /* the caller's, or mine */
	struct apply_run mine;
	struct server *own; /* of mine; closed at the end */
	bool busy;          /* known to the caller's thread only */
	pthread_t thread;
	bool started;
	enum job job;     /* guarded by the crew's lock */
	size_t step;      /* written while there is no job */
	int result;       /* of the job that ended */
	struct error err; /* of the job that ended */
};

struct apply_crew {
	const struct plan *p;
	const struct apply_progress *progress;
	struct worker *workers;
	size_t count;
	/* What is used by steps under way, and of a look for the next one by those that wait.
	 */
	bool *used;
	uint32_t *waiting; /* the number of the look that saw it */
	uint32_t look;
	bool *begun; /* by step */
	pthread_mutex_t lock;
	pthread_cond_t given, ended;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct apply_crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	while (w->job != JOB_LEAVE) {
		if (w->job != JOB_GIVEN) {
			pthread_cond_wait(&c->given, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		w->err = ERROR_INIT;
		w->result = apply_step(w->run, w->step, &w->err);
		pthread_mutex_lock(&c->lock);
		w->job = JOB_ENDED;
		pthread_cond_signal(&c->ended);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

size_t apply_stretch(const struct plan *p, size_t first)
{
	size_t end = first + 1;

	while (p->steps[first].phase > 0 && end < p->count &&
	       p->steps[end].phase == p->steps[first].phase)
		end++;
	return end;
}

/* More steps than these never run at the same time. */
static size_t longest_stretch(const struct plan *p)
{
	size_t longest = 0;

	for (size_t i = 0; i < p->count;) {
		size_t end = apply_stretch(p, i);

		if (end - i > longest)
			longest = end - i;
		i = end;
	}
	return longest;
}

/* A session of its own, that says by a lock that it works on the database. */
static int open_session(struct worker *w, const struct apply_run *r, const struct connection *c,
                        size_t number, struct error *err)
{
	if (server_open(&w->own, c, err) < 0)
		return -1;
	w->mine = *r;
	w->mine.s = w->own;
	w->mine.previous = NULL;
	w->run = &w->mine;
	if (server_lock_worker(w->own, r->database, number, err) < 0)
		return -1;
	return apply_session_begin(&w->mine, err);
}

/* Threads take no signals: those belong to the main thread. */
static int start(struct worker *w, struct error *err)
{
	sigset_t all;
	sigset_t before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return error_sys(err, failed, "start a thread");
	w->started = true;
	return 0;
}

/* Fewer sessions than wished for do as well. */
static void hire(struct apply_crew *c, struct apply_run *r, size_t wanted)
{
	for (; c->count < wanted; c->count++) {
		struct worker *w = &c->workers[c->count];
		struct error err = ERROR_INIT;

		w->crew = c;
		w->run = r;
		if ((c->count > 0 &&
		     open_session(w, r, c->progress->connection, c->count, &err) < 0) ||
		    start(w, &err) < 0) {
			server_close(w->own);
			log_warn("steps run over %zu connections, not %zu: %s", c->count,
			         wanted, err.text);
			return;
		}
	}
}

struct apply_crew *apply_crew_open(struct apply_run *r, const struct apply_progress *progress)
{
	size_t wanted = longest_stretch(r->p);
	struct apply_crew *c;

	if (!progress || !progress->connection)
		return NULL;
	if (wanted > progress->workers)
		wanted = progress->workers;
	if (wanted > SERVER_WORKERS_MAX)
		wanted = SERVER_WORKERS_MAX;
	if (wanted < 2)
		return NULL;
	c = mem_alloc(sizeof(*c));
	c->p = r->p;
	c->progress = progress;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->given, NULL);
	pthread_cond_init(&c->ended, NULL);
	c->workers = mem_array(wanted, sizeof(*c->workers));
	c->used = mem_array(r->p->kin_limit + 1, sizeof(*c->used));
	c->waiting = mem_array(r->p->kin_limit + 1, sizeof(*c->waiting));
	c->begun = mem_array(r->p->count, sizeof(*c->begun));
	hire(c, r, wanted);
	if (c->count > 1)
		return c;
	apply_crew_close(c);
	return NULL;
}

void apply_crew_close(struct apply_crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->count; i++)
		c->workers[i].job = JOB_LEAVE;
	pthread_cond_broadcast(&c->given);
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->count; i++) {
		if (c->workers[i].started)
			pthread_join(c->workers[i].thread, NULL);
		server_close(c->workers[i].own);
	}
	pthread_cond_destroy(&c->given);
	pthread_cond_destroy(&c->ended);
	pthread_mutex_destroy(&c->lock);
	free(c->workers);
	free(c->used);
	free(c->waiting);
	free(c->begun);
	free(c);
}

/*
 * The first step that has not begun, and of whose kin none is under way, nor waits before it:
 * their order stays. end: there is none now.
 */
static size_t next_step(struct apply_crew *c, size_t *first, size_t end)
{
	size_t looked = 0;

	while (*first < end && c->begun[*first])
		(*first)++;
	c->look++;
	for (size_t i = *first; i < end && looked < LOOK_AHEAD; i++) {
		size_t kin = c->p->steps[i].kin;

		if (c->begun[i])
			continue;
		if (!c->used[kin] && c->waiting[kin] != c->look)
			return i;
		c->waiting[kin] = c->look;
		looked++;
	}
	return end;
}

static int tell(const struct apply_crew *c, size_t i, bool done, struct error *err)
{
	const struct apply_progress *p = c->progress;

	return p->step ? p->step(p->arg, i, &c->p->steps[i], done, err) : 0;
}

static void tell_failed(const struct apply_crew *c, size_t i, const struct error *why)
{
	if (c->progress->failed)
		c->progress->failed(c->progress->arg, i, why);
}

static void give(struct apply_crew *c, struct worker *w, size_t i)
{
	c->used[c->p->steps[i].kin] = true;
	c->begun[i] = true;
	w->busy = true;
	pthread_mutex_lock(&c->lock);
	w->step = i;
	w->job = JOB_GIVEN;
	pthread_cond_broadcast(&c->given);
	pthread_mutex_unlock(&c->lock);
}

/* Gives each idle worker a step; how many are at work then, or -1 (some may be all the same).
 */
static int give_all(struct apply_crew *c, size_t *first, size_t end, struct error *err)
{
	int busy = 0;

	for (size_t k = 0; k < c->count; k++) {
		struct worker *w = &c->workers[k];
		size_t i = end;

		if (!w->busy)
			i = next_step(c, first, end);
		if (i < end) {
			if (cancel_check(err) < 0 || tell(c, i, false, err) < 0) {
				tell_failed(c, i, err);
				return -1;
			}
			give(c, w, i);
		}
		busy += w->busy;
	}
	return busy;
}

/* Waits until a worker is done with its step. */
static struct worker *wait_for_one(struct apply_crew *c)
{
	struct worker *found = NULL;

	pthread_mutex_lock(&c->lock);
	while (!found) {
		for (size_t k = 0; k < c->count && !found; k++)
			if (c->workers[k].job == JOB_ENDED)
				found = &c->workers[k];
		if (!found)
			pthread_cond_wait(&c->ended, &c->lock);
	}
	found->job = JOB_NONE;
	found->busy = false;
	pthread_mutex_unlock(&c->lock);
	return found;
}

static int collect(struct apply_crew *c, size_t *done, struct error *err)
{
	struct worker *w = wait_for_one(c);

	c->used[c->p->steps[w->step].kin] = false;
	if (w->result < 0) {
		tell_failed(c, w->step, &w->err);
		*err = w->err;
		return -1;
	}
	(*done)++;
	return tell(c, w->step, true, err);
}

static bool is_at_work(const struct apply_crew *c)
{
	for (size_t k = 0; k < c->count; k++)
		if (c->workers[k].busy)
			return true;
	return false;
}

/* What is under way ends, and is told of; the first failure is the one to report. */
static void let_end(struct apply_crew *c, size_t *done)
{
	while (is_at_work(c)) {
		struct error second = ERROR_INIT;

		if (collect(c, done, &second) < 0)
			log_failure(LOG_MODULE, "at the same time", &second);
	}
}

int apply_crew_run(struct apply_crew *c, size_t first, size_t end, size_t *done,
                   struct error *err)
{
	for (;;) {
		int busy = give_all(c, &first, end, err);

		if (busy == 0)
			return 0;
		if (busy < 0 || collect(c, done, err) < 0) {
			let_end(c, done);
			return -1;
		}
	}
}
