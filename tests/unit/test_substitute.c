/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/cleanup.h"
#include "engine/config/substitute.h"

static int set_up(void **state)
{
	(void)state;
	setenv("T_WORD", "abcdefgh", 1);
	setenv("T_EMPTY", "", 1);
	setenv("T_UTF8", "äöü-x", 1);
	setenv("T_TRICK", "${T_WORD}$${", 1);
	unsetenv("T_NONE");
	unsetenv("T_OTHER");
	return 0;
}

static void forms_are_replaced(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "${T_WORD}", "abcdefgh" },
		{ "<${T_WORD}|${T_WORD}>", "<abcdefgh|abcdefgh>" },
		{ "${T_EMPTY}", "" },
		{ "${T_NONE}", "" },
		{ "${T_NONE:-x}", "x" },
		{ "${T_EMPTY:-x}", "x" },
		{ "${T_WORD:-x}", "abcdefgh" },
		{ "${T_NONE:-}", "" },
		{ "${T_NONE:-a b:c-d/e{}", "a b:c-d/e{" },
		{ "${T_NONE:-${T_WORD}}!", "abcdefgh!" },
		{ "${T_NONE:-${T_OTHER:-${T_WORD:0:2}}}!", "ab!" },
		{ "${T_WORD:-${T_NONE:-x}}!", "abcdefgh!" },
		{ "${T_WORD:0:3}", "abc" },
		{ "${T_WORD:2:3}", "cde" },
		{ "${T_WORD:6:9}", "gh" },
		{ "${T_WORD:9:1}", "" },
		{ "${T_WORD:0:0}", "" },
		{ "${T_WORD:5}", "fgh" },
		{ "${T_WORD:99999999999999999999:1}", "" },
		{ "${T_NONE:0:8}", "" },
		{ "${T_UTF8:1:3}", "öü-" },
		/* What a variable holds is not looked at again. */
		{ "${T_TRICK}", "${T_WORD}$${" },
		/* Any other $ is just that. */
		{ "pa$$word", "pa$$word" },
		{ "$T_WORD", "$T_WORD" },
		{ "a$", "a$" },
		{ "$", "$" },
		{ "100$ {x}", "100$ {x}" },
		{ "$${T_WORD}", "${T_WORD}" },
		{ "$$${T_WORD}", "$${T_WORD}" },
		{ "${T_NONE:-$${}}", "${}" },
		{ "}{", "}{" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autosubstitution s = SUBSTITUTION_INIT;

		assert_ok(substitute(&s, cases[i].text, &err));
		if (strcmp(s.text.data, cases[i].want) != 0)
			fail_msg("%s: want \"%s\", got \"%s\"", cases[i].text, cases[i].want,
			         s.text.data);
	}
}

static void other_forms_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "ab${", "at byte 3 of the value" },
		{ "${}", "at byte 1" },
		{ "${T_WORD", "at byte 1" },
		{ "${T WORD}", "at byte 1" },
		{ "${1X}", "at byte 1" },
		{ "${T_WORD-x}", "at byte 1" },
		{ "${T_WORD:=x}", "at byte 10" },
		{ "${T_WORD:?x}", "at byte 10" },
		{ "${T_WORD:-x", "at byte 11" },
		{ "${T_WORD:1:}", "at byte 10" },
		{ "${T_WORD:1:-1}", "at byte 10" },
		{ "${T_WORD:1:1", "at byte 10" },
		{ "${T_NONE:-${}}", "at byte 11" },
		{ "${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-x}}}}}}}}}",
		  "more than 8 deep" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autosubstitution s = SUBSTITUTION_INIT;

		assert_fails(substitute(&s, cases[i].text, &err), ERR_INVALID, cases[i].part);
	}
}

static void missing_variables_are_named(void **state)
{
	struct error err = ERROR_INIT;
	autosubstitution s = SUBSTITUTION_INIT;

	(void)state;
	assert_ok(substitute(&s, "${T_NONE} ${T_WORD:-${T_MORE}} ${T_OTHER:1} ${T_NONE:-x}",
	                     &err));
	assert_string_equal(s.missing.data, "T_NONE, T_OTHER");
	assert_true(s.any);
}

static void variables_that_sound_secret_are_noticed(void **state)
{
	static const struct {
		const char *text;
		bool any, hidden;
	} cases[] = {
		{ "x", false, false },
		{ "$${X_PASSWORD}", false, false },
		{ "${DB_HOST}", true, false },
		{ "${DB_PASSWORD}", true, true },
		{ "${API_token:-x}", true, true },
		{ "${DB_HOST:-${MY_SECRET:0:3}}", true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autosubstitution s = SUBSTITUTION_INIT;

		assert_ok(substitute(&s, cases[i].text, &err));
		assert_int_equal(s.any, cases[i].any);
		assert_int_equal(s.hidden, cases[i].hidden);
	}
}

static void the_result_is_limited(void **state)
{
	struct error err = ERROR_INIT;
	autosubstitution s = SUBSTITUTION_INIT;
	autobuf text = BUF_INIT;
	autobuf value = BUF_INIT;

	(void)state;
	while (value.len < 60000)
		buf_adds(&value, "0123456789");
	setenv("T_LONG", value.data, 1);
	buf_adds(&text, "${T_LONG}${T_LONG}");
	assert_fails(substitute(&s, text.data, &err), ERR_INVALID,
	             "more than 65536 bytes after substitution");
	unsetenv("T_LONG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_replaced),
		cmocka_unit_test(other_forms_are_refused_with_their_place),
		cmocka_unit_test(missing_variables_are_named),
		cmocka_unit_test(variables_that_sound_secret_are_noticed),
		cmocka_unit_test(the_result_is_limited),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
