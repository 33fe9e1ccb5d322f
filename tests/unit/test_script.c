/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/schema/script.h"

static void comments_stay_comments(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	script_comment(&out, "a\r\nDROP TABLE x\n");
	assert_string_equal(out.data, "-- a\n-- DROP TABLE x\n-- \n");
}

static void statements_end_with_a_semicolon(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	buf_adds(&out, "x");
	assert_int_equal(script_statement(&out, str_of("SELECT 1"), false), 1);
	assert_string_equal(out.data, "xSELECT 1;\n");
}

static const struct {
	const char *sql;
	const char *delimiter;
} cases[] = {
	{ "BEGIN SELECT 1; END", ";;" },
	{ "SELECT ';;'", ";;;" },
	{ "SELECT ';;;;'", ";;;;;" },
	{ "SELECT 1;", ";;" },
};

static void delimiters_do_not_occur_in_the_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf out = BUF_INIT;
		autobuf want = BUF_INIT;
		size_t begin = script_statement(&out, str_of(cases[i].sql), true);

		buf_addf(&want, "DELIMITER %s\n%s\n%s\nDELIMITER ;\n", cases[i].delimiter,
		         cases[i].sql, cases[i].delimiter);
		assert_string_equal(out.data, want.data);
		assert_memory_equal(out.data + begin, cases[i].sql, strlen(cases[i].sql));
	}
}

static void only_stored_code_is_code(void **state)
{
	(void)state;
	assert_true(script_is_code(OBJECT_TRIGGER));
	assert_true(script_is_code(OBJECT_PACKAGE_BODY));
	assert_false(script_is_code(OBJECT_VIEW));
	assert_false(script_is_code(OBJECT_TABLE));
	assert_false(script_is_code(OBJECT_SEQUENCE));
}

static void clients_are_told_what_the_script_needs(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	script_client_settings(&out, str_of("SELECT 'x'"));
	assert_string_equal(out.data, "DELIMITER ;\n");
	buf_truncate(&out, 0);
	script_client_settings(&out, str_of("SELECT 'ä'"));
	assert_string_equal(out.data, "\\C utf8mb4\nDELIMITER ;\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_stay_comments),
		cmocka_unit_test(statements_end_with_a_semicolon),
		cmocka_unit_test(delimiters_do_not_occur_in_the_code),
		cmocka_unit_test(only_stored_code_is_code),
		cmocka_unit_test(clients_are_told_what_the_script_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
