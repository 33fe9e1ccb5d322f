/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/config/nearest.h"

static void the_nearest_word_is_taken(void **state)
{
	static const char *const words[] = { "gzip", "lz4",         "zstd",
		                             "none", "compression", "encryption" };
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{ "gzip", "gzip" },
		{ "gizp", "gzip" },
		{ "gzp", "gzip" },
		{ "zst", "zstd" },
		{ "lzz4", "lz4" },
		{ "xyz", NULL },
		{ "non", "none" },
		{ "comp", "compression" },
		{ "encrypt", "encryption" },
		{ "brotli", NULL },
		{ "", NULL },
		{ "enc", NULL },
		{ "ecnryption", "encryption" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nearest n = NEAREST_INIT(str_of(cases[i].typed));

		for (size_t j = 0; j < ARRAY_SIZE(words); j++)
			nearest_offer(&n, str_of(words[j]));
		if (cases[i].want ? !str_is(n.word, cases[i].want) : n.word.p != NULL)
			fail_msg("%s: want %s, got %.*s", cases[i].typed,
			         cases[i].want ? cases[i].want : "nothing", STR_ARG(n.word));
	}
}

static void long_words_are_not_compared(void **state)
{
	static const char longest[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaa";
	static const char too_long[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaa";
	struct nearest n = NEAREST_INIT(str_of(too_long));
	struct nearest m = NEAREST_INIT(str_of(longest));

	(void)state;
	assert_int_equal(strlen(longest), 64);
	assert_int_equal(strlen(too_long), 65);
	nearest_offer(&n, str_of(longest));
	assert_null(n.word.p);
	nearest_offer(&m, str_of(too_long));
	assert_null(m.word.p);
	nearest_offer(&m, str_of(longest));
	assert_ptr_equal(m.word.p, longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_word_is_taken),
		cmocka_unit_test(long_words_are_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
