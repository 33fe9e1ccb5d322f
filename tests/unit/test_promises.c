/* SPDX-License-Identifier: MIT */
#include "fs/promises.h"

#include <stdlib.h>

#include "tests/unit/test.h"

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void a_change_breaks_the_promises_of_its_database(void **state)
{
	DEFER(promises) *p = promises_new(true);
	size_t count = 7;
	int64_t *rows;

	(void)state;
	assert_true(promises_give(p, "shop", "one", 11));
	assert_true(promises_give(p, "shop", "one", 12));
	assert_true(promises_give(p, "crm", "x", 13));
	assert_null(promises_break(&count, p, "shop", "one"));
	assert_int_equal(count, 0);
	rows = promises_break(&count, p, "shop", "two");
	assert_int_equal(count, 2);
	assert_int_equal(rows[0], 11);
	assert_int_equal(rows[1], 12);
	free(rows);
	assert_null(promises_break(&count, p, "shop", "one"));
	assert_null(promises_break(&count, p, "nobody", "one"));
}

/* Who saw an older state than the others, or a newer one, must ask again. */
static void nothing_is_promised_about_another_state(void **state)
{
	DEFER(promises) *p = promises_new(true);
	size_t count;

	(void)state;
	assert_true(promises_give(p, "shop", "one", 11));
	assert_false(promises_give(p, "shop", "two", 12));
	free(promises_break(&count, p, "shop", "two"));
	assert_true(promises_give(p, "shop", "two", 12));
}

static void only_databases_with_promises_are_looked_at(void **state)
{
	DEFER(promises) *p = promises_new(true);
	DEFER(promises) *none = promises_new(false);
	size_t count;
	char **names = promises_databases(&count, p);

	(void)state;
	assert_int_equal(count, 0);
	free_names(names, count);
	assert_false(promises_give(none, "shop", "one", 1));
	assert_true(promises_give(p, "shop", "one", 1));
	names = promises_databases(&count, p);
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "shop");
	free_names(names, count);
	free(promises_break(&count, p, "shop", "two"));
	names = promises_databases(&count, p); /* nobody was promised anything since */
	assert_int_equal(count, 0);
	free_names(names, count);
}

static void there_are_limits(void **state)
{
	DEFER(promises) *p = promises_new(true);
	char name[16];
	int given = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "db%d", i);
		given += promises_give(p, name, "one", i);
	}
	assert_int_equal(given, 200);
	for (int i = 1; i < 200000; i++)
		given += promises_give(p, "db0", "one", i);
	assert_int_equal(given, 100000);
}

/* The kernel asks about the same ones again and again. */
static void one_promise_of_each_backup_is_enough(void **state)
{
	DEFER(promises) *p = promises_new(true);
	size_t count;
	int64_t *rows;

	(void)state;
	for (int i = 0; i < 500000; i++)
		assert_true(promises_give(p, "shop", "one", i % 1000));
	rows = promises_break(&count, p, "shop", "two");
	assert_in_range(count, 1000, 3000);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_breaks_the_promises_of_its_database),
		cmocka_unit_test(nothing_is_promised_about_another_state),
		cmocka_unit_test(only_databases_with_promises_are_looked_at),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(one_promise_of_each_backup_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
