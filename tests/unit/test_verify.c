/* SPDX-License-Identifier: MIT */
#include "engine/repo/verify.h"

#include "tests/unit/test.h"

static void samples_are_shares_or_numbers(void **state)
{
	static const struct {
		const char *sample;
		size_t count, want;
	} cases[] = {
		{ "10%", 100, 10 }, { "10%", 101, 11 }, { "1%", 3, 1 },  { "100%", 7, 7 },
		{ "25", 100, 25 },  { "25", 10, 10 },   { "10%", 0, 0 }, { "1", 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		size_t got = 99;

		assert_ok(verify_sample_size(&got, cases[i].sample, cases[i].count, &err));
		assert_int_equal(got, cases[i].want);
	}
}

static void other_texts_are_no_samples(void **state)
{
	static const char *const bad[] = { "", "%", "0", "0%", "101%", "-1", "ten", "5 %" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = ERROR_INIT;
		size_t got;

		assert_fails(verify_sample_size(&got, bad[i], 10, &err), ERR_USAGE,
		             "not a sample");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_shares_or_numbers),
		cmocka_unit_test(other_texts_are_no_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
