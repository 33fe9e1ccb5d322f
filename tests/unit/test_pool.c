/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"
#include "engine/base/pool.h"

struct job {
	atomic_int done[1000];
	atomic_int calls;
	pthread_t caller;
	atomic_int elsewhere; /* calls on another thread than the caller's */
	pthread_barrier_t meeting;
};

static int count(void *arg, size_t i, struct error *err)
{
	struct job *job = arg;

	(void)err;
	job->done[i]++;
	job->calls++;
	if (!pthread_equal(pthread_self(), job->caller))
		job->elsewhere++;
	return 0;
}

static void each_item_is_done_once(void **state)
{
	static const size_t workers[] = { 0, 1, 2, 8, 5000 };
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t w = 0; w < ARRAY_SIZE(workers); w++) {
		struct job job = { .caller = pthread_self() };

		assert_ok(pool_run(workers[w], 1000, count, &job, &err));
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(job.done[i], 1);
		if (workers[w] <= 1)
			assert_int_equal(job.elsewhere, 0);
	}
}

static void no_items_are_no_work(void **state)
{
	struct job job = { .caller = pthread_self() };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(pool_run(4, 0, count, &job, &err));
	assert_int_equal(job.calls, 0);
}

/* Returns only when four threads are here at once. */
static int meet(void *arg, size_t i, struct error *err)
{
	struct job *job = arg;

	(void)i;
	(void)err;
	pthread_barrier_wait(&job->meeting);
	return 0;
}

static void workers_work_at_the_same_time(void **state)
{
	struct job job = { .caller = pthread_self() };
	struct error err = ERROR_INIT;

	(void)state;
	pthread_barrier_init(&job.meeting, NULL, 4);
	assert_ok(pool_run(4, 8, meet, &job, &err));
	pthread_barrier_destroy(&job.meeting);
}

static int fail_from_three(void *arg, size_t i, struct error *err)
{
	struct job *job = arg;

	job->calls++;
	if (i < 3)
		return 0;
	if (i == 3)
		usleep(20000); /* the later ones fail first */
	return error_set(err, ERR_STORE, "item %zu", i);
}

static void the_failure_of_the_lowest_item_counts(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t workers = 1; workers <= 8; workers++) {
		struct job job = { .caller = pthread_self() };

		assert_fails(pool_run(workers, 1000, fail_from_three, &job, &err), ERR_STORE,
		             "item 3");
		assert_true(job.calls <= 4 + (int)workers);
	}
}

static int cancel_at_five(void *arg, size_t i, struct error *err)
{
	struct job *job = arg;

	(void)err;
	job->calls++;
	if (i == 5)
		cancel_set();
	return 0;
}

static void a_cancelled_run_skips_the_rest(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t workers = 1; workers <= 4; workers++) {
		struct job job = { .caller = pthread_self() };

		cancel_reset();
		assert_fails(pool_run(workers, 1000, cancel_at_five, &job, &err), ERR_CANCELLED,
		             "interrupted");
		assert_true(job.calls < 1000);
	}
	cancel_reset();
}

static void a_cancel_after_the_last_item_is_no_failure(void **state)
{
	struct job job = { .caller = pthread_self() };
	struct error err = ERROR_INIT;

	(void)state;
	cancel_reset();
	assert_ok(pool_run(1, 6, cancel_at_five, &job, &err));
	assert_int_equal(job.calls, 6);
	cancel_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_is_done_once),
		cmocka_unit_test(no_items_are_no_work),
		cmocka_unit_test(workers_work_at_the_same_time),
		cmocka_unit_test(the_failure_of_the_lowest_item_counts),
		cmocka_unit_test(a_cancelled_run_skips_the_rest),
		cmocka_unit_test(a_cancel_after_the_last_item_is_no_failure),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
