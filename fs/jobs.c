/* SPDX-License-Identifier: MIT */
#include "fs/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"

struct job {
	STAILQ_ENTRY(job) order;
	jobs_fn *fn;
	void *arg;
};

struct jobs {
	size_t threads_max;
	pthread_mutex_t lock;
	pthread_cond_t added, ended;
	STAILQ_HEAD(, job) queue; /* guarded by lock, like all below */
	pthread_t *threads;
	size_t started, idle, running;
	bool ending;
};

struct jobs *jobs_new(size_t threads)
{
	struct jobs *j = mem_alloc(sizeof(*j));
	pthread_condattr_t attr;

	j->threads_max = threads;
	j->threads = mem_array(threads, sizeof(*j->threads));
	STAILQ_INIT(&j->queue);
	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->added, &attr);
	pthread_cond_init(&j->ended, &attr);
	pthread_condattr_destroy(&attr);
	return j;
}

static void *work(void *arg)
{
	struct jobs *j = arg;
	struct job *job;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		while (STAILQ_EMPTY(&j->queue) && !j->ending) {
			j->idle++;
			pthread_cond_wait(&j->added, &j->lock);
			j->idle--;
		}
		job = STAILQ_FIRST(&j->queue);
		if (!job)
			break;
		STAILQ_REMOVE_HEAD(&j->queue, order);
		pthread_mutex_unlock(&j->lock);
		job->fn(job->arg);
		free(job);
		pthread_mutex_lock(&j->lock);
	}
	j->running--;
	pthread_cond_broadcast(&j->ended);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* Under the lock. */
static void start_thread(struct jobs *j)
{
	if (j->started == j->threads_max ||
	    pthread_create(&j->threads[j->started], NULL, work, j) != 0)
		return;
	j->started++;
	j->running++;
}

void jobs_add(struct jobs *j, jobs_fn *fn, void *arg)
{
	struct job *job = mem_alloc(sizeof(*job));
	bool alone;

	job->fn = fn;
	job->arg = arg;
	pthread_mutex_lock(&j->lock);
	if (j->idle == 0)
		start_thread(j);
	alone = j->started == 0;
	if (!alone)
		STAILQ_INSERT_TAIL(&j->queue, job, order);
	pthread_cond_signal(&j->added);
	pthread_mutex_unlock(&j->lock);
	if (alone) {
		fn(arg);
		free(job);
	}
}

bool jobs_end(struct jobs *j, int64_t patience_ms)
{
	int64_t at = clock_mono_ms() + patience_ms;
	struct timespec until = { .tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000 };
	int result = 0;
	bool done;

	pthread_mutex_lock(&j->lock);
	j->ending = true;
	pthread_cond_broadcast(&j->added);
	while (j->running > 0 && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&j->ended, &j->lock, &until);
	done = j->running == 0;
	pthread_mutex_unlock(&j->lock);
	return done;
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->started; i++)
		pthread_join(j->threads[i], NULL);
	pthread_cond_destroy(&j->added);
	pthread_cond_destroy(&j->ended);
	pthread_mutex_destroy(&j->lock);
	free(j->threads);
	free(j);
}
