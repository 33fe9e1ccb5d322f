/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/cleanup.h"
#include "engine/base/clock.h"

#define NOW INT64_C(1795251791) /* 2026-11-21T09:03:11Z, a Saturday */

static void now_is_now(void **state)
{
	int64_t ms = clock_now_ms();
	int64_t mono = clock_mono_ms();

	(void)state;
	assert_true(llabs(clock_now() - time(NULL)) <= 1);
	assert_true(llabs(clock_now() - ms / 1000) <= 1);
	assert_true(clock_mono_ms() >= mono);
}

static void points_in_time_are_formatted(void **state)
{
	char text[CLOCK_TEXT_MAX];

	(void)state;
	clock_format_utc(text, NOW);
	assert_string_equal(text, "2026-11-21T09:03:11Z");
	clock_format_utc(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	clock_format_utc(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
	clock_format_utc(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	clock_format_id(text, NOW);
	assert_string_equal(text, "20261121_090311");
	clock_format_local(text, NOW, "Europe/Berlin");
	assert_string_equal(text, "2026-11-21 10:03:11");
	clock_format_date(text, NOW, "Pacific/Auckland");
	assert_string_equal(text, "2026-11-21");
	clock_format_date(text, NOW + INT64_C(3) * 3600, "Pacific/Auckland");
	assert_string_equal(text, "2026-11-22");
}

static void no_zone_is_the_zone_of_the_process(void **state)
{
	char text[CLOCK_TEXT_MAX];

	(void)state;
	setenv("TZ", "America/New_York", 1);
	clock_format_local(text, NOW, NULL);
	assert_string_equal(text, "2026-11-21 04:03:11");
	clock_format_local(text, NOW, "");
	assert_string_equal(text, "2026-11-21 04:03:11");
	clock_format_local(text, NOW, "Asia/Tokyo");
	assert_string_equal(text, "2026-11-21 18:03:11");
	assert_string_equal(getenv("TZ"), "America/New_York");
	clock_format_local(text, NOW, "America/New_York");
	assert_string_equal(text, "2026-11-21 04:03:11");
	clock_format_local(text, NOW, "UTC");
	assert_string_equal(text, "2026-11-21 09:03:11");
	clock_format_local(text, NOW, NULL);
	assert_string_equal(text, "2026-11-21 04:03:11");
	unsetenv("TZ");
	clock_format_local(text, NOW, "Asia/Tokyo");
	assert_null(getenv("TZ"));
	setenv("TZ", "UTC", 1);
}

static void *format_many(void *arg)
{
	const char *const *zone_and_want = arg;
	char text[CLOCK_TEXT_MAX];

	for (int i = 0; i < 2000; i++) {
		clock_format_local(text, NOW, zone_and_want[0]);
		if (strcmp(text, zone_and_want[1]) != 0)
			return NULL;
	}
	return arg;
}

static void zones_do_not_mix_between_threads(void **state)
{
	static const char *want[][2] = {
		{ "Europe/Berlin", "2026-11-21 10:03:11" },
		{ "Asia/Tokyo", "2026-11-21 18:03:11" },
		{ NULL, "2026-11-21 09:03:11" },
	};
	pthread_t threads[ARRAY_SIZE(want)];
	void *result;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, format_many, want[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
}

static void durations_are_formatted(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0s" },        { 59, "59s" },       { 90, "1m30s" },  { 5400, "1h30m" },
		{ 3600, "1h" },     { 604800, "7d" },    { 86400, "1d" },  { 90000, "25h" },
		{ 3661, "1h1m1s" }, { -5400, "-1h30m" }, { 3601, "1h1s" }, { 31536000, "365d" },
	};
	char text[CLOCK_TEXT_MAX];
	struct error err = ERROR_INIT;
	int64_t back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		clock_format_duration(text, cases[i].seconds);
		assert_string_equal(text, cases[i].text);
		if (cases[i].seconds < 0)
			continue;
		assert_ok(clock_parse_duration(&back, text, &err));
		assert_int_equal(back, cases[i].seconds);
	}
	clock_format_duration(text, INT64_MIN);
	assert_true(strlen(text) < CLOCK_TEXT_MAX);
}

static void durations_are_parsed(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{ "168h", 604800 }, { "1h30m", 5400 },
		{ "90s", 90 },      { "1.5h", 5400 },
		{ "500ms", 1 },     { "0s", 0 },
		{ "0", 0 },         { "7d", 604800 },
		{ "2w", 1209600 },  { "300", 300 },
		{ "1500ms", 2 },    { "1s1ns", 2 },
		{ ".5m", 30 },      { "1.m", 60 },
		{ "1000us", 1 },    { "1d12h", 129600 },
		{ "0.1h", 360 },    { "1000\xc2\xb5s", 1 },
		{ "2000ms", 2 },    { "0.7s0.3s", 1 },
		{ "1h1h", 7200 },   { "31536000", 31536000 },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t seconds = -1;

		assert_ok(clock_parse_duration(&seconds, cases[i].text, &err));
		if (seconds != cases[i].seconds)
			fail_msg("%s: got %jd", cases[i].text, (intmax_t)seconds);
	}
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"-1h",
		"h",
		"1x",
		"1 h",
		"1h ",
		" 1h",
		"1.5",
		"one",
		"1H",
		"1h30",
		".",
		".h",
		"1..5h",
		"9999999999999999999h",
		"999999999999999999999",
		"1e3s",
		"+1h",
		"1000000000000000w",
	};
	struct error err = ERROR_INIT;
	int64_t seconds = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(clock_parse_duration(&seconds, cases[i], &err), ERR_INVALID,
		             cases[i]);
	assert_int_equal(seconds, -1);
}

static void points_in_time_are_parsed(void **state)
{
	static const struct {
		const char *text;
		const char *zone;
		const char *utc;
	} cases[] = {
		{ "2026-11-21T09:03:11Z", NULL, "2026-11-21T09:03:11Z" },
		{ "2026-11-21t09:03:11z", NULL, "2026-11-21T09:03:11Z" },
		{ "2026-11-21T09:03:11.987Z", NULL, "2026-11-21T09:03:11Z" },
		{ "2026-11-21T09:03:11+02:00", NULL, "2026-11-21T07:03:11Z" },
		{ "2026-11-21T09:03:11-05:30", "Asia/Tokyo", "2026-11-21T14:33:11Z" },
		{ "2026-11-21 09:03:11", NULL, "2026-11-21T09:03:11Z" },
		{ "2026-11-21 09:03", "Europe/Berlin", "2026-11-21T08:03:00Z" },
		{ "2026-07-21 09:03", "Europe/Berlin", "2026-07-21T07:03:00Z" },
		{ "2026-11-21T09:03", "Asia/Tokyo", "2026-11-21T00:03:00Z" },
		{ "2026-11-21", NULL, "2026-11-21T00:00:00Z" },
		{ "2026-11-21", "Europe/Berlin", "2026-11-20T23:00:00Z" },
		{ "2024-02-29", NULL, "2024-02-29T00:00:00Z" },
		{ "2016-12-31T23:59:60Z", NULL, "2017-01-01T00:00:00Z" },
		{ "24h", NULL, "2026-11-20T09:03:11Z" },
		{ "7d", NULL, "2026-11-14T09:03:11Z" },
		{ "2w", NULL, "2026-11-07T09:03:11Z" },
		{ "1m", NULL, "2026-10-21T09:03:11Z" },
		{ "12m", NULL, "2025-11-21T09:03:11Z" },
		{ "1y", NULL, "2025-11-21T09:03:11Z" },
		{ "1m", "Europe/Berlin", "2026-10-21T08:03:11Z" }, /* 10:03 there, both times */
		{ "30min", NULL, "2026-11-21T08:33:11Z" },
		{ "90s", NULL, "2026-11-21T09:01:41Z" },
		{ "0d", NULL, "2026-11-21T09:03:11Z" },
	};
	struct error err = ERROR_INIT;
	char text[CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t t;

		assert_ok(clock_parse(&t, cases[i].text, NOW, cases[i].zone, &err));
		clock_format_utc(text, t);
		if (strcmp(text, cases[i].utc) != 0)
			fail_msg("%s in %s: got %s", cases[i].text, cases[i].zone, text);
	}
}

static void a_month_ends_where_the_calendar_says(void **state)
{
	struct error err = ERROR_INIT;
	char text[CLOCK_TEXT_MAX];
	int64_t march;
	int64_t t;

	(void)state;
	assert_ok(clock_parse(&march, "2024-03-31T12:00:00Z", NOW, NULL, &err));
	assert_ok(clock_parse(&t, "1m", march, NULL, &err));
	clock_format_utc(text, t);
	assert_string_equal(text, "2024-02-29T12:00:00Z");
	assert_ok(clock_parse(&t, "13m", march, NULL, &err));
	clock_format_utc(text, t);
	assert_string_equal(text, "2023-02-28T12:00:00Z");
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"yesterday",
		"2026-13-01",
		"2026-02-30",
		"2026-00-10",
		"2026-11-21T",
		"2026-11-21T25:00:00Z",
		"2026-11-21 09",
		"2026-1-1",
		"2026-11-21 09:60",
		"2026-11-21T09:03:11.Z",
		"20261121",
		"7",
		"d",
		"-7d",
		"7d ",
		"7x",
		"2026-11-21T09:03:11+2",
		"2026-11-21T09:03:11Zx",
		"2023-02-29",
		"1h30m",
		"99999999999999999d",
		"2026-11-21T09:03:61Z",
	};
	struct error err = ERROR_INIT;
	int64_t t = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(clock_parse(&t, cases[i], NOW, NULL, &err), ERR_INVALID, cases[i]);
	assert_int_equal(t, -1);
}

static void fields_are_those_of_the_zone(void **state)
{
	struct clock_fields f;

	(void)state;
	clock_fields(&f, NOW, "Asia/Tokyo");
	assert_int_equal(f.year, 2026);
	assert_int_equal(f.month, 11);
	assert_int_equal(f.day, 21);
	assert_int_equal(f.hour, 18);
	assert_int_equal(f.minute, 3);
	assert_int_equal(f.second, 11);
}

/* strftime(3) knows ISO weeks as well: eighty years of days agree. */
static void iso_weeks_are_right(void **state)
{
	(void)state;
	for (int64_t t = 0; t < INT64_C(80) * 366 * 86400; t += 86400) {
		struct clock_fields f;
		time_t seconds = t;
		struct tm tm;
		char want[16];
		char got[32];

		clock_fields(&f, t, NULL);
		gmtime_r(&seconds, &tm);
		strftime(want, sizeof(want), "%G-%V", &tm);
		snprintf(got, sizeof(got), "%d-%02d", f.iso_year, f.iso_week);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_is_now),
		cmocka_unit_test(points_in_time_are_formatted),
		cmocka_unit_test(no_zone_is_the_zone_of_the_process),
		cmocka_unit_test(zones_do_not_mix_between_threads),
		cmocka_unit_test(durations_are_formatted),
		cmocka_unit_test(durations_are_parsed),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(points_in_time_are_parsed),
		cmocka_unit_test(a_month_ends_where_the_calendar_says),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(fields_are_those_of_the_zone),
		cmocka_unit_test(iso_weeks_are_right),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
