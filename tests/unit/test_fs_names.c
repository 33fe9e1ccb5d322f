/* SPDX-License-Identifier: MIT */
/* fs/names.c */
#include "fs/names.h"

#include <stdio.h>

#include "tests/unit/test.h"

static void a_name_keeps_its_number_while_it_is_held(void **state)
{
	DEFER(names) *n = names_new();
	int64_t id = names_take(n, "shop", NULL);

	(void)state;
	assert_true(id > 0 && id < INT64_C(1) << NAMES_ID_BITS);
	assert_int_equal(names_take(n, "shop", NULL), id);
	assert_int_equal(names_find(n, "shop", NULL), id);
	assert_string_equal(names_first(n, id), "shop");
	assert_string_equal(names_second(n, id), "");
	names_drop(n, id, 1);
	assert_int_equal(names_find(n, "shop", NULL), id);
	names_drop(n, id, 1);
	assert_int_equal(names_find(n, "shop", NULL), 0);
	assert_int_equal(names_count(n), 0);
}

static void parts_stay_apart(void **state)
{
	DEFER(names) *n = names_new();
	int64_t a = names_take(n, "a/b", "c");
	int64_t b = names_take(n, "a", "b/c");
	int64_t c = names_take(n, "a", "");
	int64_t d = names_take(n, "a", NULL);

	(void)state;
	assert_int_not_equal(a, b);
	assert_int_not_equal(c, d);
	assert_string_equal(names_first(n, a), "a/b");
	assert_string_equal(names_second(n, b), "b/c");
	assert_int_equal(names_count(n), 4);
}

static void a_number_from_before_means_nothing(void **state)
{
	DEFER(names) *n = names_new();
	int64_t old = names_take(n, "old", NULL);
	int64_t now;

	(void)state;
	names_drop(n, old, 1);
	now = names_take(n, "new", NULL); /* the same slot */
	assert_int_not_equal(now, old);
	assert_null(names_first(n, old));
	names_drop(n, old, 1); /* nothing happens to the new one */
	assert_string_equal(names_first(n, now), "new");
	assert_null(names_first(n, 0));
	assert_null(names_first(n, INT64_MAX));
}

static void thousands_come_and_go(void **state)
{
	DEFER(names) *n = names_new();
	int64_t ids[1000];
	char text[32];

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "t%d", i);
			ids[i] = names_take(n, text, NULL);
		}
		for (int i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "t%d", i);
			assert_string_equal(names_first(n, ids[i]), text);
		}
		assert_int_equal(names_count(n), 1000);
		for (int i = 0; i < 1000; i++)
			names_drop(n, ids[i], 1);
		assert_int_equal(names_count(n), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_keeps_its_number_while_it_is_held),
		cmocka_unit_test(parts_stay_apart),
		cmocka_unit_test(a_number_from_before_means_nothing),
		cmocka_unit_test(thousands_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
