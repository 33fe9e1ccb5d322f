/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdio.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"

static void a_value_is_found_by_its_key(void **state)
{
	DEFER(map) *m = map_new();
	int one = 1;
	int two = 2;

	(void)state;
	map_set(m, "orders", &one);
	map_set(m, "Orders", &two);
	map_set(m, "", &two);
	assert_ptr_equal(map_get(m, "orders"), &one);
	assert_ptr_equal(map_get(m, "Orders"), &two);
	assert_ptr_equal(map_get(m, ""), &two);
	assert_null(map_get(m, "order"));
	assert_int_equal(map_count(m), 3);
}

static void set_replaces(void **state)
{
	DEFER(map) *m = map_new();
	int one = 1;
	int two = 2;

	(void)state;
	map_set(m, "a", &one);
	map_set(m, "a", &two);
	assert_ptr_equal(map_get(m, "a"), &two);
	assert_int_equal(map_count(m), 1);
}

static void keys_are_copied(void **state)
{
	DEFER(map) *m = map_new();
	char key[] = "abc";
	int one = 1;

	(void)state;
	map_set(m, key, &one);
	key[0] = 'x';
	assert_true(map_has(m, "abc"));
	assert_false(map_has(m, "xbc"));
}

static void a_null_value_is_there(void **state)
{
	DEFER(map) *m = map_new();

	(void)state;
	map_set(m, "a", NULL);
	assert_true(map_has(m, "a"));
	assert_null(map_get(m, "a"));
}

static void remove_says_whether_it_was_there(void **state)
{
	DEFER(map) *m = map_new();

	(void)state;
	map_set(m, "a", NULL);
	assert_true(map_remove(m, "a"));
	assert_false(map_remove(m, "a"));
	assert_int_equal(map_count(m), 0);
	map_set(m, "a", NULL);
	assert_int_equal(map_count(m), 1);
}

static void add_key(void *arg, const char *key, void *value)
{
	assert_non_null(value);
	buf_adds(arg, key);
}

static void iteration_is_in_the_order_of_insertion(void **state)
{
	DEFER(map) *m = map_new();
	autobuf keys = BUF_INIT;
	int one = 1;

	(void)state;
	map_each(m, add_key, &keys);
	map_set(m, "z", &one);
	map_set(m, "a", &one);
	map_set(m, "m", &one);
	map_set(m, "z", &one);
	map_set(m, "b", &one);
	map_remove(m, "a");
	map_each(m, add_key, &keys);
	assert_string_equal(keys.data, "zmb");
}

static void many_keys_fit(void **state)
{
	DEFER(map) *m = map_new();
	static int values[20000];
	char key[32];

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "key%zu", i);
		map_set(m, key, &values[i]);
	}
	assert_int_equal(map_count(m), 20000);
	for (size_t i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "key%zu", i);
		assert_ptr_equal(map_get(m, key), &values[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_found_by_its_key),
		cmocka_unit_test(set_replaces),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(a_null_value_is_there),
		cmocka_unit_test(remove_says_whether_it_was_there),
		cmocka_unit_test(iteration_is_in_the_order_of_insertion),
		cmocka_unit_test(many_keys_fit),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
