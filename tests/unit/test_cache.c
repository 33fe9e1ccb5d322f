/* SPDX-License-Identifier: MIT */
#include "fs/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "fs/content.h"
#include "tests/unit/test.h"

struct maker {
	const char *text;
	atomic_int made;
	bool fails;
	unsigned int delay_us;
};

static int make(void *arg, struct buf *out, struct error *err)
{
	struct maker *m = arg;

	atomic_fetch_add(&m->made, 1);
	if (m->delay_us)
		usleep(m->delay_us);
	if (m->fails)
		return error_set(err, ERR_CORRUPT, "broken");
	buf_adds(out, m->text);
	return 0;
}

static void get(struct cache *c, const char *key, struct maker *m)
{
	struct error err = ERROR_INIT;
	DEFER(content) *content = NULL;

	assert_ok(cache_get(&content, c, key, make, m, &err));
	assert_int_equal(content->len, strlen(m->text));
	assert_memory_equal(content->data, m->text, content->len);
}

static void what_was_made_is_kept(void **state)
{
	DEFER(cache) *c = cache_new(100, 10);
	struct maker m = { .text = "hello" };

	(void)state;
	get(c, "a", &m);
	get(c, "a", &m);
	assert_int_equal(m.made, 1);
	assert_int_equal(cache_bytes(c), 5);
}

static void what_was_not_used_for_longest_goes(void **state)
{
	DEFER(cache) *c = cache_new(10, 10);
	struct maker a = { .text = "aaaa" }, b = { .text = "bbbb" }, d = { .text = "dddd" };

	(void)state;
	get(c, "a", &a);
	get(c, "b", &b);
	get(c, "a", &a);
	get(c, "d", &d); /* b has to go */
	assert_int_equal(cache_bytes(c), 8);
	get(c, "a", &a);
	get(c, "b", &b);
	assert_int_equal(a.made, 1);
	assert_int_equal(b.made, 2);
}

static void lengths_outlive_contents(void **state)
{
	DEFER(cache) *c = cache_new(4, 1);
	struct maker a = { .text = "aaa" }, b = { .text = "bb" }, d = { .text = "dddd" };
	uint64_t length = 0;

	(void)state;
	get(c, "a", &a);
	get(c, "b", &b);
	assert_true(cache_length(c, "a", &length));
	assert_int_equal(length, 3);
	get(c, "d", &d); /* b's content goes, and with it the place of a's length */
	assert_false(cache_length(c, "a", &length));
	assert_true(cache_length(c, "b", &length));
	get(c, "b", &b);
	assert_int_equal(b.made, 2);
}

static void what_is_too_large_is_given_but_not_kept(void **state)
{
	DEFER(cache) *c = cache_new(3, 0);
	struct maker m = { .text = "too large" };

	(void)state;
	get(c, "a", &m);
	get(c, "a", &m);
	assert_int_equal(m.made, 2);
	assert_int_equal(cache_bytes(c), 0);
}

static void failures_are_told_and_not_kept(void **state)
{
	DEFER(cache) *c = cache_new(100, 10);
	struct maker m = { .text = "better", .fails = true };
	struct error err = ERROR_INIT;
	struct content *content = NULL;

	(void)state;
	assert_fails(cache_get(&content, c, "a", make, &m, &err), ERR_CORRUPT, "broken");
	assert_null(content);
	m.fails = false;
	get(c, "a", &m);
}

struct crowd {
	struct cache *cache;
	struct maker *maker;
	atomic_int failed;
};

static void *get_in_thread(void *arg)
{
	struct crowd *crowd = arg;
	struct error err = ERROR_INIT;
	DEFER(content) *content = NULL;

	if (cache_get(&content, crowd->cache, "a", make, crowd->maker, &err) < 0)
		atomic_fetch_add(&crowd->failed, err.code == ERR_CORRUPT);
	return NULL;
}

static void run_crowd(struct crowd *crowd)
{
	pthread_t threads[30];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, get_in_thread, crowd), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

static void many_at_once_make_it_once(void **state)
{
	DEFER(cache) *c = cache_new(100, 10);
	struct maker m = { .text = "x", .delay_us = 100000 };
	struct crowd crowd = { .cache = c, .maker = &m };

	(void)state;
	run_crowd(&crowd);
	assert_int_equal(m.made, 1);
	assert_int_equal(crowd.failed, 0);
}

static void all_who_wait_hear_of_the_failure(void **state)
{
	DEFER(cache) *c = cache_new(100, 10);
	struct maker m = { .text = "x", .delay_us = 100000, .fails = true };
	struct crowd crowd = { .cache = c, .maker = &m };

	(void)state;
	run_crowd(&crowd);
	assert_int_equal(crowd.failed, 30);
	assert_true(m.made < 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_kept),
		cmocka_unit_test(what_was_not_used_for_longest_goes),
		cmocka_unit_test(lengths_outlive_contents),
		cmocka_unit_test(what_is_too_large_is_given_but_not_kept),
		cmocka_unit_test(failures_are_told_and_not_kept),
		cmocka_unit_test(many_at_once_make_it_once),
		cmocka_unit_test(all_who_wait_hear_of_the_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
