/* SPDX-License-Identifier: MIT */
#include "fs/ahead.h"

#include <stdlib.h>

#include "tests/unit/test.h"

static size_t take_all(struct ahead *a)
{
	size_t count;
	struct ahead_item *items = ahead_take(&count, a);

	for (size_t i = 0; i < count; i++)
		free(items[i].name);
	free(items);
	return count;
}

static void each_thing_is_taken_once(void **state)
{
	DEFER(ahead) *a = ahead_new();
	struct ahead_item *items;
	size_t count;

	(void)state;
	assert_false(ahead_any(a));
	ahead_note(a, 7, NULL);
	ahead_note(a, UINT64_MAX, "shop");
	ahead_note(a, 7, NULL);
	ahead_note(a, UINT64_MAX, "shop");
	assert_true(ahead_any(a));
	items = ahead_take(&count, a);
	assert_int_equal(count, 2);
	assert_true(items[0].id == 7 && !items[0].name);
	assert_true(items[1].id == UINT64_MAX);
	assert_string_equal(items[1].name, "shop");
	free(items[1].name);
	free(items);
}

static void what_was_taken_can_come_again(void **state)
{
	DEFER(ahead) *a = ahead_new();

	(void)state;
	ahead_note(a, 7, "a");
	ahead_note(a, 7, "b");
	ahead_note(a, 7, NULL);
	assert_int_equal(take_all(a), 3);
	assert_false(ahead_any(a));
	assert_int_equal(take_all(a), 0);
	ahead_note(a, 7, "a");
	assert_int_equal(take_all(a), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thing_is_taken_once),
		cmocka_unit_test(what_was_taken_can_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
