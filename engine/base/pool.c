/* SPDX-License-Identifier: MIT */
#include "engine/base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

struct pool {
	pool_fn *fn;
	void *arg;
	size_t items;

	pthread_mutex_t lock;
	size_t next;          /* guarded by lock */
	size_t failed;        /* guarded by lock; the lowest item that failed, or items */
	struct error failure; /* guarded by lock; of that item */
};

static bool next_item(struct pool *p, size_t *item)
{
	bool more;

	pthread_mutex_lock(&p->lock);
	more = p->next < p->items && p->failed == p->items && !cancel_requested();
	if (more)
		*item = p->next++;
	pthread_mutex_unlock(&p->lock);
	return more;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	size_t item = 0;

	while (next_item(p, &item)) {
		struct error err = ERROR_INIT;

		if (p->fn(p->arg, item, &err) >= 0)
			continue;
		assert(err.code != ERR_NONE);
		pthread_mutex_lock(&p->lock);
		if (item < p->failed) {
			p->failed = item;
			p->failure = err;
		}
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

/* Starts up to count threads that take no signals: those belong to the main thread. */
static size_t start(struct pool *p, pthread_t *threads, size_t count)
{
	size_t started = 0;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < count && pthread_create(&threads[started], NULL, work, p) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

int pool_run(size_t workers, size_t items, pool_fn *fn, void *arg, struct error *err)
{
	struct pool p = {
		.fn = fn,
		.arg = arg,
		.items = items,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.failed = items,
	};
	size_t others = (workers < items ? workers : items);
	autofree pthread_t *threads = NULL;
	size_t started = 0;

	others = others > 0 ? others - 1 : 0; /* the caller's thread is the first worker */
	if (others > 0) {
		threads = mem_array(others, sizeof(*threads));
		started = start(&p, threads, others);
	}
	work(&p);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&p.lock);
	if (p.failed < items) {
		*err = p.failure;
		return -1;
	}
	return p.next < items ? cancel_check(err) : 0;
}
