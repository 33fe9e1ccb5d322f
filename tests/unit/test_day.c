/* SPDX-License-Identifier: MIT */
#include "fs/day.h"

#include "engine/base/cleanup.h"
#include "tests/unit/test.h"

static void every_day_comes_back_from_its_name(void **state)
{
	(void)state;
	for (int32_t day = 0; day <= 200000; day++) {
		char text[DAY_TEXT_MAX];
		int32_t back = -1;

		day_format(text, day);
		assert_true(day_parse(&back, text));
		assert_int_equal(back, day);
	}
}

static void names_are_dates(void **state)
{
	static const struct {
		int32_t day;
		const char *name;
	} cases[] = {
		{ 0, "1970-01-01" },     { 789, "1972-02-29" },     { 11016, "2000-02-29" },
		{ 20778, "2026-11-21" }, { DAY_MAX, "9999-12-31" },
	};
	char text[DAY_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		day_format(text, cases[i].day);
		assert_string_equal(text, cases[i].name);
	}
}

static void only_names_of_days_are_read(void **state)
{
	static const char *const wrong[] = {
		"",           "2026-11-2",  "2026-11-211", "2026-02-30",   "2026-13-01",
		"2026-00-10", "2026-01-00", "2026/01/01",  "20x6-01-01",   "latest",
		"1969-12-31", "-026-01-01", " 026-01-01",  "2026-1-1    ",
	};
	int32_t day;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(day_parse(&day, wrong[i]));
}

static void a_moment_is_in_the_range_of_its_day(void **state)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "America/New_York",
		                             "America/Havana", "Pacific/Kiritimati" };
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
		/* A year in steps that meet every hour, summer time's two days included. */
		for (int64_t t = 1767225600; t < 1767225600 + 366 * 86400; t += 1799) {
			int64_t from, before;

			assert_ok(
				day_range(&from, &before, day_of(t, zones[z]), zones[z], &err));
			assert_true(from <= t && t < before);
			assert_true(before - from >= 22 * 3600 && before - from <= 26 * 3600);
		}
	}
}

static void the_last_days_hold_what_is_beyond_them(void **state)
{
	struct error err = ERROR_INIT;
	int64_t from, before;

	(void)state;
	assert_int_equal(day_of(-5000, "UTC"), 0);
	assert_int_equal(day_of(0, "America/New_York"), 0);
	assert_ok(day_range(&from, &before, 0, "America/New_York", &err));
	assert_true(from < -5000 && before > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_comes_back_from_its_name),
		cmocka_unit_test(names_are_dates),
		cmocka_unit_test(only_names_of_days_are_read),
		cmocka_unit_test(a_moment_is_in_the_range_of_its_day),
		cmocka_unit_test(the_last_days_hold_what_is_beyond_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
