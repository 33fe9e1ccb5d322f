/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdalign.h>

#include "engine/base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	DEFER(arena) *a = arena_new();

	(void)state;
	for (size_t size = 0; size < 3000; size += 7) {
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void pieces_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 1, 16, 100, 3000, 5000, 40, 300000, 8 };
	DEFER(arena) *a = arena_new();
	unsigned char *pieces[800];

	(void)state;
	for (size_t i = 0; i < 800; i++) {
		pieces[i] = arena_alloc(a, sizes[i % 8]);
		memset(pieces[i], (int)(i % 251), sizes[i % 8]);
	}
	for (size_t i = 0; i < 800; i++) {
		for (size_t j = 0; j < sizes[i % 8]; j++)
			assert_int_equal(pieces[i][j], i % 251);
	}
}

static void text_is_copied(void **state)
{
	DEFER(arena) *a = arena_new();
	struct str s = arena_str(a, (struct str){ "orders!", 6 });

	(void)state;
	assert_string_equal(arena_strdup(a, "shop"), "shop");
	assert_string_equal(arena_strndup(a, "shop", 2), "sh");
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%s.%d", "t", 3), "t.3");
	assert_null(arena_strdup(a, NULL));
	assert_string_equal(s.p, "orders");
	assert_int_equal(s.n, 6);
}

static void arrays_are_whole(void **state)
{
	DEFER(arena) *a = arena_new();
	uint64_t *numbers = arena_array(a, 1000, sizeof(*numbers));

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(numbers[i], 0);
		numbers[i] = i;
	}
	assert_non_null(arena_array(a, 0, 8));
	assert_non_null(arena_array(a, 8, 0));
}

static void used_counts_what_the_system_gave(void **state)
{
	DEFER(arena) *a = arena_new();
	size_t before;

	(void)state;
	assert_int_equal(arena_used(a), 0);
	arena_alloc(a, 10);
	before = arena_used(a);
	assert_true(before >= 10);
	arena_alloc(a, 10);
	assert_int_equal(arena_used(a), before);
	arena_alloc(a, 1000000);
	assert_true(arena_used(a) >= before + 1000000);
}

static void a_large_piece_wastes_no_room(void **state)
{
	DEFER(arena) *a = arena_new();
	size_t before;

	(void)state;
	arena_alloc(a, 10);
	arena_alloc(a, 1000000);
	before = arena_used(a);
	arena_alloc(a, 10);
	assert_int_equal(arena_used(a), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(text_is_copied),
		cmocka_unit_test(arrays_are_whole),
		cmocka_unit_test(used_counts_what_the_system_gave),
		cmocka_unit_test(a_large_piece_wastes_no_room),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
