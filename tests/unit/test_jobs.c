/* SPDX-License-Identifier: MIT */
#include "fs/jobs.h"

#include <stdatomic.h>
#include <unistd.h>

#include "tests/unit/test.h"

struct count {
	atomic_int done, at_once, most;
	unsigned int delay_us;
};

static void work(void *arg)
{
	struct count *c = arg;
	int now = atomic_fetch_add(&c->at_once, 1) + 1;
	int most = atomic_load(&c->most);

	while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now))
		continue;
	usleep(c->delay_us);
	atomic_fetch_sub(&c->at_once, 1);
	atomic_fetch_add(&c->done, 1);
}

static void all_are_done_by_the_end(void **state)
{
	struct jobs *j = jobs_new(4);
	struct count c = { .delay_us = 100 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		jobs_add(j, work, &c);
	assert_true(jobs_end(j, 10000));
	assert_int_equal(c.done, 1000);
	jobs_free(j);
}

static void no_more_run_at_once_than_allowed(void **state)
{
	struct jobs *j = jobs_new(3);
	struct count c = { .delay_us = 20000 };

	(void)state;
	for (int i = 0; i < 12; i++)
		jobs_add(j, work, &c);
	assert_true(jobs_end(j, 10000));
	assert_int_equal(c.most, 3);
	jobs_free(j);
}

static void one_that_takes_long_holds_up_no_other(void **state)
{
	struct jobs *j = jobs_new(2);
	struct count slow = { .delay_us = 500000 }, quick = { .delay_us = 0 };

	(void)state;
	jobs_add(j, work, &slow);
	jobs_add(j, work, &quick);
	for (int i = 0; i < 200 && quick.done == 0; i++)
		usleep(1000);
	assert_int_equal(quick.done, 1);
	assert_int_equal(slow.done, 0);
	assert_false(jobs_end(j, 1)); /* who is impatient is told so */
	assert_true(jobs_end(j, 10000));
	jobs_free(j);
}

static void nothing_to_do_ends_at_once(void **state)
{
	struct jobs *j = jobs_new(4);

	(void)state;
	assert_true(jobs_end(j, 0));
	jobs_free(j);
	jobs_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_done_by_the_end),
		cmocka_unit_test(no_more_run_at_once_than_allowed),
		cmocka_unit_test(one_that_takes_long_holds_up_no_other),
		cmocka_unit_test(nothing_to_do_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
