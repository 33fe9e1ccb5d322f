/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <errno.h>

#include "engine/base/error.h"

static void set_fills_code_and_text(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, ERR_CORRUPT, "want %d, got %d", 812, 40), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_string_equal(err.text, "want 812, got 40");
	assert_string_equal(err.hint, "");
}

static void sys_adds_the_reason_in_lower_case(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_sys(&err, EACCES, "open %s", "/x"), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(err.sys_errno, EACCES);
	assert_string_equal(err.text, "open /x: permission denied");
}

static void wrap_puts_the_outer_text_first(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_STORE, "no answer");
	assert_int_equal(error_wrap(&err, "object %s", "ab12"), -1);
	assert_int_equal(error_wrap(&err, "restore"), -1);
	assert_string_equal(err.text, "restore: object ab12: no answer");
	assert_int_equal(err.code, ERR_STORE);
}

static void the_inner_hint_stays(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_DENIED, "no");
	assert_int_equal(error_hint(&err, "Check %s.", "the secret"), -1);
	assert_int_equal(error_hint(&err, "Ask somebody."), -1);
	assert_string_equal(err.hint, "Check the secret.");
}

static void long_texts_are_cut_between_characters(void **state)
{
	struct error err = ERROR_INIT;
	char text[2001];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 2 * i, "\xc3\xa4", 2); /* a umlaut */
	text[2000] = '\0';
	error_set(&err, ERR_INVALID, "%s", text);
	assert_int_equal(strlen(err.text), 1022);
	error_wrap(&err, "%s", text);
	assert_true(strlen(err.text) < sizeof(err.text));
	assert_int_equal((unsigned char)err.text[1021], 0xa4);
}

static void clear_makes_room_for_the_next(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_sys(&err, EIO, "a");
	error_hint(&err, "b");
	error_clear(&err);
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(err.sys_errno, 0);
	assert_string_equal(err.text, "");
	assert_string_equal(err.hint, "");
	error_set(&err, ERR_BUG, "c");
	assert_string_equal(err.text, "c");
}

static void every_code_has_a_name_an_errno_and_an_exit_status(void **state)
{
	(void)state;
	for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
		struct error err = { .code = (enum error_code)code };

		assert_true(strlen(error_name(err.code)) > 0);
		assert_true(error_errno(&err) > 0);
		assert_true(error_exit_status(err.code) > 0);
		for (int other = ERR_NONE; other < code; other++)
			assert_string_not_equal(error_name(err.code),
			                        error_name((enum error_code)other));
	}
}

static void exit_statuses_are_what_scripts_rely_on(void **state)
{
	(void)state;
	assert_int_equal(error_exit_status(ERR_NONE), 0);
	assert_int_equal(error_exit_status(ERR_SYSTEM), 1);
	assert_int_equal(error_exit_status(ERR_CONFIG), 1);
	assert_int_equal(error_exit_status(ERR_USAGE), 2);
	assert_int_equal(error_exit_status(ERR_REFUSED), 3);
	assert_int_equal(error_exit_status(ERR_DIFFERS), 4);
	assert_int_equal(error_exit_status(ERR_CANCELLED), 130);
}

static void the_kernel_gets_the_errno_that_failed(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_CORRUPT, "bad");
	assert_int_equal(error_errno(&err), EIO);
	error_clear(&err);
	error_sys(&err, ENOSPC, "write");
	assert_int_equal(error_errno(&err), ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_code_and_text),
		cmocka_unit_test(sys_adds_the_reason_in_lower_case),
		cmocka_unit_test(wrap_puts_the_outer_text_first),
		cmocka_unit_test(the_inner_hint_stays),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(clear_makes_room_for_the_next),
		cmocka_unit_test(every_code_has_a_name_an_errno_and_an_exit_status),
		cmocka_unit_test(exit_statuses_are_what_scripts_rely_on),
		cmocka_unit_test(the_kernel_gets_the_errno_that_failed),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
