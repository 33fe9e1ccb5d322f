/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/store/http_retry.h"

static void momentary_answers_are_worth_another_try(void **state)
{
	static const int again[] = { 408, 429, 500, 502, 503, 504 };
	static const int never[] = { 200, 206, 301, 400, 403, 404, 409, 412, 501, 505 };

	(void)state;
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
		assert_true(http_retry_is_worthwhile(again[i]));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_false(http_retry_is_worthwhile(never[i]));
		assert_false(http_retry_is_doubtful(never[i]));
	}
	assert_false(http_retry_is_doubtful(429));
	assert_true(http_retry_is_doubtful(500));
}

static void pauses_double_up_to_a_cap(void **state)
{
	(void)state;
	assert_int_equal(http_retry_cap_ms(0), 200);
	assert_int_equal(http_retry_cap_ms(3), 1600);
	assert_int_equal(http_retry_cap_ms(7), 20000);
	assert_int_equal(http_retry_cap_ms(1000), 20000);
	for (int attempt = 0; attempt < 200; attempt++)
		assert_in_range(http_retry_pause_ms(attempt % 5), 0,
		                http_retry_cap_ms(attempt % 5));
}

static void the_jitter_is_full(void **state)
{
	int low = 0, high = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		int64_t pause = http_retry_pause_ms(4);

		low += pause < 800;
		high += pause > 2400;
	}
	assert_in_range(low, 50, 150);
	assert_in_range(high, 50, 150);
}

static void retry_after_is_seconds_or_a_date(void **state)
{
	static const struct {
		const char *value;
		int64_t want;
	} cases[] = {
		{ NULL, -1 },
		{ "0", 0 },
		{ "7", 7000 },
		{ "86400", 86400000 },
		{ "86401", -1 },
		{ "-1", -1 },
		{ "soon", -1 },
		{ "", -1 },
		{ "Wed, 21 Oct 2015 07:28:30 GMT", 30000 },
		{ "Wed, 21 Oct 2015 07:27:00 GMT", 0 },
		{ "Wed, 21 Oct 2017 07:28:00 GMT", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(http_retry_after_ms(cases[i].value, 1445412480),
		                 cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(momentary_answers_are_worth_another_try),
		cmocka_unit_test(pauses_double_up_to_a_cap),
		cmocka_unit_test(the_jitter_is_full),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
