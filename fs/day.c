/* SPDX-License-Identifier: MIT */
#include "fs/day.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"

#define CHANGE_MAX 10800 /* seconds by which clocks are changed at most */

/*
 * Both directions count in years that begin in March, so that the leap day is a
 * year's last; 400 of them are 146,097 days.
 */
static int32_t days_from_date(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int *year, int *month, int *day, int32_t days)
{
	int z = days + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int day_of_era = z - era * 146097;
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
		365;
	int day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month_from_march = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	*month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

int32_t day_of(int64_t t, const char *zone)
{
	struct clock_fields f;
	int32_t day;

	clock_fields(&f, t, zone);
	day = days_from_date(f.year, f.month, f.day);
	if (day < 0)
		return 0;
	return day < DAY_MAX ? day : DAY_MAX;
}

void day_format(char out[DAY_TEXT_MAX], int32_t day)
{
	int y, m, d;

	date_from_days(&y, &m, &d, day);
	snprintf(out, DAY_TEXT_MAX, "%04d-%02d-%02d", y, m, d);
}

static bool parse_number(int *out, const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	*out = n;
	return true;
}

bool day_parse(int32_t *out, const char *text)
{
	char again[DAY_TEXT_MAX];
	int y, m, d;
	int32_t day;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    !parse_number(&y, text, 4) || !parse_number(&m, text + 5, 2) ||
	    !parse_number(&d, text + 8, 2) || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	day = days_from_date(y, m, d);
	if (day < 0)
		return false;
	day_format(again, day);
	if (strcmp(again, text) != 0) /* the 31st of a month that has 30 days */
		return false;
	*out = day;
	return true;
}

/*
 * The first moment of a day. Where clocks are changed at midnight, 00:00 may be
 * there twice or not at all: then the moment is looked for around it.
 */
static int first_second(int64_t *out, int32_t day, const char *zone, struct error *err)
{
	char text[DAY_TEXT_MAX];
	int64_t low, high;

	day_format(text, day);
	if (clock_parse(out, text, 0, zone, err) < 0)
		return -1;
	if (day_of(*out, zone) == day && day_of(*out - 1, zone) < day)
		return 0;
	low = *out - CHANGE_MAX;
	high = *out + CHANGE_MAX;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (day_of(middle, zone) < day)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return 0;
}

int day_range(int64_t *from, int64_t *before, int32_t day, const char *zone, struct error *err)
{
	*from = INT64_MIN;
	*before = INT64_MAX;
	/* day_of() counts what is beyond either end of the calendar into its last day. */
	if (day > 0 && first_second(from, day, zone, err) < 0)
		return -1;
	return day < DAY_MAX ? first_second(before, day + 1, zone, err) : 0;
}
