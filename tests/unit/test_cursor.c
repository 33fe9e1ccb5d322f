/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/codec/cursor.h"

static const unsigned char bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void numbers_are_little_endian(void **state)
{
	struct cursor c = { bytes, sizeof(bytes) };

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0302);
	assert_int_equal(cursor_u32(&c), 0x07060504);
	assert_int_equal(cursor_u64(&c), 0x0f0e0d0c0b0a0908);
	assert_int_equal(c.left, 1);
	assert_false(c.failed);
}

static void the_end_fails_once_and_for_all(void **state)
{
	struct cursor c = { bytes, 3 };

	(void)state;
	assert_int_equal(cursor_u32(&c), 0);
	assert_true(c.failed);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_bytes(&c, 1).n, 0);
}

static void a_piece_is_a_view(void **state)
{
	struct cursor c = { bytes, 4 };
	struct str s = cursor_bytes(&c, 3);
	unsigned char copy[2] = { 99, 99 };

	(void)state;
	assert_ptr_equal(s.p, bytes);
	assert_int_equal(s.n, 3);
	assert_int_equal(cursor_bytes(&c, 0).n, 0);
	assert_false(c.failed);
	cursor_copy(&c, copy, 2);
	assert_true(c.failed);
	assert_int_equal(copy[0] + copy[1], 0);
	assert_int_equal(cursor_bytes(&(struct cursor){ bytes, 4 }, SIZE_MAX).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(the_end_fails_once_and_for_all),
		cmocka_unit_test(a_piece_is_a_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
