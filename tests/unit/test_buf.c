/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

static void an_empty_buffer_is_an_empty_string(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.data, "");
	buf_add(&b, "", 0);
	buf_truncate(&b, 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.cap, 0);
	assert_string_equal(b.data, "");
}

static void text_is_appended(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "show");
	buf_addc(&b, ' ');
	buf_addf(&b, "%s %d", "table", 42);
	buf_add(&b, "!?", 1);
	assert_string_equal(b.data, "show table 42!");
	assert_int_equal(b.len, 14);
}

static void bytes_of_every_value_are_kept(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)i);
	assert_int_equal(b.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal((unsigned char)b.data[i], i & 255);
	assert_int_equal(b.data[b.len], 0);
}

static void reserve_makes_room_and_changes_nothing(void **state)
{
	autobuf b = BUF_INIT;
	const char *before;

	(void)state;
	buf_adds(&b, "abc");
	buf_reserve(&b, 1000);
	before = b.data;
	for (int i = 0; i < 1000; i++)
		buf_addc(&b, 'x');
	assert_ptr_equal(b.data, before);
	assert_memory_equal(b.data, "abcxxx", 6);
}

static void truncate_keeps_the_beginning(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "schema.sql");
	buf_truncate(&b, 6);
	assert_string_equal(b.data, "schema");
	assert_int_equal(b.len, 6);
}

static void take_hands_the_text_over(void **state)
{
	autobuf b = BUF_INIT;
	autofree char *text = NULL;
	autofree char *nothing = NULL;

	(void)state;
	buf_adds(&b, "mine");
	text = buf_take(&b);
	nothing = buf_take(&b);
	assert_string_equal(text, "mine");
	assert_string_equal(nothing, "");
	assert_int_equal(b.len, 0);
	buf_adds(&b, "next");
	assert_string_equal(b.data, "next");
}

static void move_replaces_the_target(void **state)
{
	autobuf from = BUF_INIT;
	autobuf to = BUF_INIT;

	(void)state;
	buf_adds(&from, "new");
	buf_adds(&to, "old");
	buf_move(&to, &from);
	assert_string_equal(to.data, "new");
	assert_string_equal(from.data, "");
	buf_move(&to, &to);
	assert_string_equal(to.data, "new");
}

static void finish_leaves_a_usable_buffer(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "a");
	buf_finish(&b);
	assert_string_equal(b.data, "");
	buf_adds(&b, "b");
	assert_string_equal(b.data, "b");
}

static void numbers_are_little_endian(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	buf_add_u16(&b, 0x0102);
	buf_add_u32(&b, 0x03040506);
	buf_add_u64(&b, 0x0708090a0b0c0d0e);
	assert_int_equal(b.len, 14);
	assert_memory_equal(b.data, "\x02\x01\x06\x05\x04\x03\x0e\x0d\x0c\x0b\x0a\x09\x08\x07",
	                    14);
}

static void hex_is_lower_case(void **state)
{
	autobuf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "0x");
	buf_add_hex(&b, "\x00\xab\xff", 3);
	assert_string_equal(b.data, "0x00abff");
	assert_int_equal(b.len, 8);
}

static void str_compares_bytes(void **state)
{
	(void)state;
	assert_true(str_equal(str_of("ab"), str_of("ab")));
	assert_false(str_equal(str_of("ab"), str_of("abc")));
	assert_true(str_equal(str_of(NULL), str_of("")));
	assert_true(str_equal((struct str){ NULL, 0 }, str_of("")));
	assert_true(str_is(str_of("ab"), "ab"));
	assert_false(str_is((struct str){ "a\0b", 3 }, "a"));
	assert_true(str_compare(str_of("a"), str_of("b")) < 0);
	assert_true(str_compare(str_of("ab"), str_of("a")) > 0);
	assert_true(str_compare(str_of("\xc3\xa4"), str_of("z")) > 0);
	assert_int_equal(str_compare(str_of("a"), str_of("a")), 0);
	assert_int_equal(str_compare((struct str){ NULL, 0 }, str_of("")), 0);
}

static void nocase_folds_ascii_only(void **state)
{
	(void)state;
	assert_true(str_is_nocase(str_of("CREATE"), "create"));
	assert_true(str_is_nocase(str_of("_a1"), "_A1"));
	assert_false(str_is_nocase(str_of("create"), "creat"));
	assert_false(str_is_nocase(str_of("creat"), "create"));
	assert_false(str_is_nocase(str_of("@"), "`"));
	assert_false(str_is_nocase(str_of("\xc3\xa4"), "\xc3\x84"));
}

static void prefixes_and_suffixes_are_found(void **state)
{
	(void)state;
	assert_true(str_has_prefix(str_of("schema.sql"), "schema"));
	assert_true(str_has_prefix(str_of("schema.sql"), ""));
	assert_false(str_has_prefix(str_of("sch"), "schema"));
	assert_true(str_has_suffix(str_of("schema.sql"), ".sql"));
	assert_false(str_has_suffix(str_of("sql"), ".sql"));
	assert_true(str_has_suffix(str_of(NULL), ""));
}

static void slices_stay_inside(void **state)
{
	struct str s = str_of("abcdef");

	(void)state;
	assert_true(str_is(str_slice(s, 1, 3), "bc"));
	assert_true(str_is(str_slice(s, 4, SIZE_MAX), "ef"));
	assert_true(str_is(str_slice(s, 9, 12), ""));
	assert_true(str_is(str_slice(s, 3, 2), ""));
}

static void trim_removes_blanks_at_both_ends(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(str_of(" \t\r\n a b \v\f ")), "a b"));
	assert_true(str_is(str_trim(str_of("   ")), ""));
	assert_true(str_is(str_trim(str_of(NULL)), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(text_is_appended),
		cmocka_unit_test(bytes_of_every_value_are_kept),
		cmocka_unit_test(reserve_makes_room_and_changes_nothing),
		cmocka_unit_test(truncate_keeps_the_beginning),
		cmocka_unit_test(take_hands_the_text_over),
		cmocka_unit_test(move_replaces_the_target),
		cmocka_unit_test(finish_leaves_a_usable_buffer),
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(hex_is_lower_case),
		cmocka_unit_test(str_compares_bytes),
		cmocka_unit_test(nocase_folds_ascii_only),
		cmocka_unit_test(prefixes_and_suffixes_are_found),
		cmocka_unit_test(slices_stay_inside),
		cmocka_unit_test(trim_removes_blanks_at_both_ends),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
