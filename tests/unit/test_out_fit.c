/* SPDX-License-Identifier: MIT */
#include "cli/out_fit.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "tests/unit/test.h"

static void wide_columns_share_what_narrow_ones_leave(void **state)
{
	static const bool flexible[] = { false, true, true, true };
	static const struct {
		size_t widths[4], room, want[4];
	} cases[] = {
		{ { 30, 5, 40, 60 }, 200, { 30, 5, 40, 60 } },
		{ { 30, 5, 40, 60 }, 100, { 30, 5, 32, 32 } },
		{ { 30, 5, 20, 60 }, 100, { 30, 5, 20, 45 } },
		{ { 30, 50, 50, 50 }, 90, { 30, 20, 20, 20 } },
		{ { 30, 50, 50, 50 }, 10, { 30, 12, 12, 12 } }, /* never less than 12 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t widths[4];

		memcpy(widths, cases[i].widths, sizeof(widths));
		fit_share(widths, flexible, 4, cases[i].room, 12);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(widths[k], cases[i].want[k]);
	}
}

static void texts_are_wrapped_at_words(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "ten or less", "ten or\nless" },
		{ "exactly 10", "exactly 10" },
		{ "exactly 10 and more", "exactly 10\nand more" },
		{ "unbreakable", "unbreakabl\ne" },
		{ "\u00fc\u00fc\u00fc\u00fc \u00fc\u00fc\u00fc\u00fc \u00fc\u00fc",
		  "\u00fc\u00fc\u00fc\u00fc \u00fc\u00fc\u00fc\u00fc\n\u00fc\u00fc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf text = BUF_INIT;

		fit_wrap(&text, cases[i].text, 10);
		assert_string_equal(text.data, cases[i].want);
	}
}

static void what_is_cut_shows_it(void **state)
{
	autobuf whole = BUF_INIT;
	autobuf cut = BUF_INIT;
	autobuf plain = BUF_INIT;

	(void)state;
	fit_cut(&whole, "exactly 10", 10, "\u2026");
	fit_cut(&cut, "gr\u00fc\u00dfe aus der Ferne", 8, "\u2026");
	fit_cut(&plain, "a description", 8, "...");
	assert_string_equal(whole.data, "exactly 10");
	assert_string_equal(cut.data, "gr\u00fc\u00dfe a\u2026");
	assert_string_equal(plain.data, "a des...");
	assert_int_equal(fit_width(cut.data), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_columns_share_what_narrow_ones_leave),
		cmocka_unit_test(texts_are_wrapped_at_words),
		cmocka_unit_test(what_is_cut_shows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
