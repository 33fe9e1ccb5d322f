/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/base/number.h"

static void unsigned_numbers_are_parsed(void **state)
{
	struct error err = ERROR_INIT;
	uint64_t v = 7;

	(void)state;
	assert_ok(number_parse_u64(&v, "0", 10, &err));
	assert_int_equal(v, 0);
	assert_ok(number_parse_u64(&v, "0010", 10, &err));
	assert_int_equal(v, 10);
	assert_ok(number_parse_u64(&v, "18446744073709551615", UINT64_MAX, &err));
	assert_true(v == UINT64_MAX);
	assert_ok(number_parse_u64(&v, "0", 0, &err));
	assert_int_equal(v, 0);
}

static void what_is_no_unsigned_number_is_refused(void **state)
{
	static const char *const cases[] = { "",
		                             "-1",
		                             "+1",
		                             " 1",
		                             "1 ",
		                             "1x",
		                             "0x1",
		                             "11",
		                             "1.",
		                             "18446744073709551616",
		                             "99999999999999999999999" };
	struct error err = ERROR_INIT;
	uint64_t v = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(number_parse_u64(&v, cases[i], 10, &err), ERR_INVALID, cases[i]);
	assert_fails(number_parse_u64(&v, "5", 3, &err), ERR_INVALID, "0 to 3");
	assert_fails(number_parse_u64(&v, "18446744073709551616", UINT64_MAX, &err),
	             ERR_INVALID, "18446744073709551615");
	assert_int_equal(v, 7);
}

static void signed_numbers_keep_their_range(void **state)
{
	struct error err = ERROR_INIT;
	int64_t v = 7;

	(void)state;
	assert_ok(number_parse_i64(&v, "-5", -10, 10, &err));
	assert_int_equal(v, -5);
	assert_ok(number_parse_i64(&v, "-9223372036854775808", INT64_MIN, INT64_MAX, &err));
	assert_true(v == INT64_MIN);
	assert_ok(number_parse_i64(&v, "9223372036854775807", INT64_MIN, INT64_MAX, &err));
	assert_true(v == INT64_MAX);
	v = 7;
	assert_fails(number_parse_i64(&v, "9223372036854775808", INT64_MIN, INT64_MAX, &err),
	             ERR_INVALID, "9223372036854775807");
	assert_fails(number_parse_i64(&v, "-9223372036854775809", INT64_MIN, INT64_MAX, &err),
	             ERR_INVALID, "-9223372036854775808");
	assert_fails(number_parse_i64(&v, "11", -10, 10, &err), ERR_INVALID, "-10 to 10");
	assert_fails(number_parse_i64(&v, "-11", -10, 10, &err), ERR_INVALID, "-10 to 10");
	assert_fails(number_parse_i64(&v, "-", -10, 10, &err), ERR_INVALID, "\"-\"");
	assert_fails(number_parse_i64(&v, "--1", -10, 10, &err), ERR_INVALID, "\"--1\"");
	assert_int_equal(v, 7);
}

static void sizes_are_powers_of_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "4096", 4096 },
		{ "0", 0 },
		{ "10B", 10 },
		{ "64KB", 65536 },
		{ "64K", 65536 },
		{ "64KiB", 65536 },
		{ "64kb", 65536 },
		{ "64MB", UINT64_C(64) << 20 },
		{ "64 MB", UINT64_C(64) << 20 },
		{ "1GiB", UINT64_C(1) << 30 },
		{ "2t", UINT64_C(2) << 40 },
		{ "3PB", UINT64_C(3) << 50 },
		{ "15EiB", UINT64_C(15) << 60 },
		{ "18446744073709551615", UINT64_MAX },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 7;

		assert_ok(number_parse_size(&v, cases[i].text, &err));
		assert_true(v == cases[i].bytes);
	}
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const cases[] = { "",
		                             "MB",
		                             "-1",
		                             "1.5MB",
		                             "1XB",
		                             "1MBB",
		                             "16EB",
		                             "1KiBx",
		                             "1iB",
		                             "1 ",
		                             "1  K",
		                             "1Kib ",
		                             "17592186044416M",
		                             "1@",
		                             "18446744073709551616" };
	struct error err = ERROR_INIT;
	uint64_t v = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(number_parse_size(&v, cases[i], &err), ERR_INVALID, cases[i]);
	assert_int_equal(v, 7);
}

static void modes_are_octal(void **state)
{
	static const char *const refused[] = { "",      "8",  "0o",   "10000",
		                               "0x1ff", "-1", "755 ", "rw" };
	struct error err = ERROR_INIT;
	unsigned int mode = 0;

	(void)state;
	assert_ok(number_parse_mode(&mode, "0755", &err));
	assert_int_equal(mode, 0755);
	assert_ok(number_parse_mode(&mode, "640", &err));
	assert_int_equal(mode, 0640);
	assert_ok(number_parse_mode(&mode, "0o600", &err));
	assert_int_equal(mode, 0600);
	assert_ok(number_parse_mode(&mode, "7777", &err));
	assert_int_equal(mode, 07777);
	assert_ok(number_parse_mode(&mode, "0", &err));
	assert_int_equal(mode, 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_fails(number_parse_mode(&mode, refused[i], &err), ERR_INVALID,
		             refused[i]);
	assert_int_equal(mode, 0);
}

static void booleans_have_four_spellings(void **state)
{
	static const char *const yes[] = { "true", "YES", "On", "1" };
	static const char *const no[] = { "false", "No", "OFF", "0" };
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		bool v = false;

		assert_ok(number_parse_bool(&v, yes[i], &err));
		assert_true(v);
		assert_ok(number_parse_bool(&v, no[i], &err));
		assert_false(v);
		assert_fails(number_parse_bool(&v, "", &err), ERR_INVALID, "\"\"");
		assert_fails(number_parse_bool(&v, "yess", &err), ERR_INVALID, "\"yess\"");
	}
}

static void sizes_are_formatted_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KB" },
		{ 1229, "1.2 KB" },
		{ 1048575, "1.0 MB" },
		{ UINT64_C(64) << 20, "64.0 MB" },
		{ UINT64_MAX, "16.0 EB" },
	};
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		number_format_size(text, cases[i].bytes);
		assert_string_equal(text, cases[i].text);
	}
}

static void hex_goes_there_and_back(void **state)
{
	unsigned char all[256];
	unsigned char back[256];
	char text[513];

	(void)state;
	for (size_t i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	number_format_hex(text, all, 256);
	assert_memory_equal(text, "000102", 6);
	assert_memory_equal(text + 506, "fdfeff", 7);
	assert_true(number_parse_hex(back, 256, text, 512));
	assert_memory_equal(all, back, 256);
	assert_true(number_parse_hex(back, 2, "aBCd", 4));
	assert_memory_equal(back, "\xab\xcd", 2);
	assert_true(number_parse_hex(back, 0, "", 0));
}

static void what_is_no_hex_is_refused(void **state)
{
	unsigned char out[2];

	(void)state;
	assert_false(number_parse_hex(out, 2, "abc", 3));
	assert_false(number_parse_hex(out, 2, "abcde", 5));
	assert_false(number_parse_hex(out, 2, "abcdef", 6));
	assert_false(number_parse_hex(out, 2, "ab g", 4));
	assert_false(number_parse_hex(out, 2, "0xab", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers_are_parsed),
		cmocka_unit_test(what_is_no_unsigned_number_is_refused),
		cmocka_unit_test(signed_numbers_keep_their_range),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(modes_are_octal),
		cmocka_unit_test(booleans_have_four_spellings),
		cmocka_unit_test(sizes_are_formatted_for_people),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(what_is_no_hex_is_refused),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
