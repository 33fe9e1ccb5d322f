/* SPDX-License-Identifier: MIT */
#include "engine/base/clock.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)

/* The years 0 to 9999: what four digits can say. */
#define TIME_MIN (-INT64_C(62167219200))
#define TIME_MAX INT64_C(253402300799)

/* About 30,000 years: far from any overflow when added to a point in time. */
#define DURATION_MAX INT64_C(1000000000000)

/*
 * C knows one zone per process, in TZ. This guards TZ while another zone stands
 * there for the length of a conversion: the state is the process's, not ours.
 */
static pthread_mutex_t zone_lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t read_clock_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t clock_now_ms(void)
{
	return read_clock_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock_ms(CLOCK_MONOTONIC);
}

int64_t clock_mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t clamp(int64_t t)
{
	if (t < TIME_MIN)
		return TIME_MIN;
	return t > TIME_MAX ? TIME_MAX : t;
}

static struct tm utc(int64_t t)
{
	time_t seconds = clamp(t);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	return tm;
}

/* The process's time zone while another one stands in TZ. */
struct zone_swap {
	bool swapped;
	char *before; /* TZ, or NULL when it was not set */
};

/*
 * Makes a zone (NULL or "": the process's own) the one of localtime_r() and
 * mktime() until leave_zone(). TZ changes only for a zone that differs.
 */
static struct zone_swap enter_zone(const char *zone)
{
	struct zone_swap swap = { 0 };
	const char *now;

	pthread_mutex_lock(&zone_lock);
	now = getenv("TZ");
	if (zone && zone[0] != '\0' && (!now || strcmp(now, zone) != 0)) {
		swap.swapped = true;
		swap.before = mem_strdup(now);
		setenv("TZ", zone, 1);
	}
	tzset();
	return swap;
}

static void leave_zone(struct zone_swap *swap)
{
	if (swap->swapped) {
		if (swap->before)
			setenv("TZ", swap->before, 1);
		else
			unsetenv("TZ");
		tzset();
		free(swap->before);
	}
	pthread_mutex_unlock(&zone_lock);
}

static struct tm local(int64_t t, const char *zone)
{
	time_t seconds = clamp(t);
	struct tm tm = { 0 };
	struct zone_swap swap;

	if (zone && strcmp(zone, "UTC") == 0)
		return utc(t);
	swap = enter_zone(zone);
	localtime_r(&seconds, &tm);
	leave_zone(&swap);
	return tm;
}

/* The moment at which the clocks of a zone show this; tm may be out of its ranges. */
static int64_t moment(struct tm tm, const char *zone)
{
	struct zone_swap swap;
	time_t t;

	if (zone && strcmp(zone, "UTC") == 0)
		return timegm(&tm);
	tm.tm_isdst = -1;
	swap = enter_zone(zone);
	t = mktime(&tm);
	leave_zone(&swap);
	return t;
}

void clock_format_utc(char out[CLOCK_TEXT_MAX], int64_t t)
{
	struct tm tm = utc(t);

	strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void clock_format_local(char out[CLOCK_TEXT_MAX], int64_t t, const char *zone)
{
	struct tm tm = local(t, zone);

	strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm);
}

void clock_format_date(char out[CLOCK_TEXT_MAX], int64_t t, const char *zone)
{
	struct tm tm = local(t, zone);

	strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%d", &tm);
}

void clock_format_id(char out[CLOCK_TEXT_MAX], int64_t t)
{
	struct tm tm = utc(t);

	strftime(out, CLOCK_TEXT_MAX, "%Y%m%d_%H%M%S", &tm);
}

void clock_format_duration(char out[CLOCK_TEXT_MAX], int64_t seconds)
{
	const char *sign = seconds < 0 ? "-" : "";
	uint64_t rest = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
	uint64_t h = rest / HOUR;
	uint64_t m = rest % HOUR / MINUTE;
	uint64_t s = rest % MINUTE;
	size_t n;

	if (rest > 0 && rest % DAY == 0) {
		snprintf(out, CLOCK_TEXT_MAX, "%s%" PRIu64 "d", sign, rest / DAY);
		return;
	}
	n = (size_t)snprintf(out, CLOCK_TEXT_MAX, "%s", sign);
	if (h > 0)
		n += (size_t)snprintf(out + n, CLOCK_TEXT_MAX - n, "%" PRIu64 "h", h);
	if (m > 0)
		n += (size_t)snprintf(out + n, CLOCK_TEXT_MAX - n, "%" PRIu64 "m", m);
	if (s > 0 || rest == 0)
		snprintf(out + n, CLOCK_TEXT_MAX - n, "%" PRIu64 "s", s);
}

/* Takes exactly count digits and the character behind them ('\0': none) from *text. */
static bool take_field(int *out, const char **text, int count, char then)
{
	const char *p = *text;
	int v = 0;

	for (int i = 0; i < count; i++, p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (*p - '0');
	}
	if (then != '\0' && *p++ != then)
		return false;
	*out = v;
	*text = p;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_date(struct tm *tm, const char **text)
{
	int year;
	int month;
	int day;

	if (!take_field(&year, text, 4, '-') || !take_field(&month, text, 2, '-') ||
	    !take_field(&day, text, 2, '\0'))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	return true;
}

/* HH:MM[:SS[.fraction]] */
static bool take_time(struct tm *tm, const char **text)
{
	if (!take_field(&tm->tm_hour, text, 2, ':') || !take_field(&tm->tm_min, text, 2, '\0'))
		return false;
	if (**text == ':') {
		++*text;
		if (!take_field(&tm->tm_sec, text, 2, '\0'))
			return false;
		if (**text == '.') {
			size_t digits = strspn(*text + 1, "0123456789");

			if (digits == 0)
				return false;
			*text += 1 + digits;
		}
	}
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60; /* 60: a leap second */
}

/* "Z" or "+02:00": seconds east of UTC. */
static bool take_offset(int64_t *out, const char **text)
{
	int sign = **text == '-' ? -1 : 1;
	int hours;
	int minutes;

	if (**text == 'Z' || **text == 'z') {
		++*text;
		*out = 0;
		return true;
	}
	if (**text != '+' && **text != '-')
		return false;
	++*text;
	if (!take_field(&hours, text, 2, ':') || !take_field(&minutes, text, 2, '\0') ||
	    hours > 23 || minutes > 59)
		return false;
	*out = sign * (hours * HOUR + minutes * MINUTE);
	return true;
}

static bool parse_moment(int64_t *out, const char *text, const char *zone)
{
	int64_t offset;
	struct tm tm;

	if (!take_date(&tm, &text))
		return false;
	if (*text != '\0') {
		if (*text != 'T' && *text != 't' && *text != ' ')
			return false;
		text++;
		if (!take_time(&tm, &text))
			return false;
		if (take_offset(&offset, &text)) {
			*out = timegm(&tm) - offset;
			return *text == '\0';
		}
	}
	if (*text != '\0')
		return false;
	*out = moment(tm, zone);
	return true;
}

static int64_t months_before(int64_t now, int64_t months, const char *zone)
{
	struct tm tm = local(now, zone);
	int64_t month = (tm.tm_year + INT64_C(1900)) * 12 + tm.tm_mon - months;
	int last;

	if (month < 0)
		return TIME_MIN;
	tm.tm_year = (int)(month / 12) - 1900;
	tm.tm_mon = (int)(month % 12);
	/* A month before the 31st of March is the last day of February. */
	last = days_in_month(tm.tm_year + 1900, tm.tm_mon + 1);
	if (tm.tm_mday > last)
		tm.tm_mday = last;
	return moment(tm, zone);
}

/* "7d": one number and one unit. */
static bool parse_age(int64_t *out, const char *text, int64_t now, const char *zone)
{
	static const struct {
		const char *unit;
		int64_t seconds;
		int64_t months; /* of the calendar */
	} units[] = {
		{ "s", 1, 0 },    { "min", MINUTE, 0 }, { "h", HOUR, 0 }, { "d", DAY, 0 },
		{ "w", WEEK, 0 }, { "m", 0, 1 },        { "y", 0, 12 },
	};
	size_t digits = strspn(text, "0123456789");
	int64_t n = 0;

	if (digits == 0 || digits > 9)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		*out = units[i].months > 0 ? months_before(now, n * units[i].months, zone)
		                           : now - n * units[i].seconds;
		return true;
	}
	return false;
}

int clock_parse(int64_t *out, const char *text, int64_t now, const char *zone,
                struct error *err)
{
	int64_t t;

	if (!parse_moment(&t, text, zone) && !parse_age(&t, text, now, zone))
		return error_set(err, ERR_INVALID,
		                 "\"%s\" is not a time such as 2026-11-21T09:03:11Z, "
		                 "\"2026-11-21 09:03\", 2026-11-21, 24h, 7d, 2w, 1m or 1y",
		                 text);
	*out = t;
	return 0;
}

struct duration {
	int64_t seconds;
	double nanoseconds; /* of the parts below a second */
};

/* One "1.5h" of a duration; false when it is not one. */
static bool take_part(struct duration *sum, const char **text)
{
	/* The longer unit of two with a common beginning comes first. */
	static const struct {
		const char *unit;
		int64_t seconds;
		double nanoseconds;
	} units[] = {
		{ "ms", 0, 1e6 },        { "ns", 0, 1 },          { "us", 0, 1e3 },
		{ "\xc2\xb5s", 0, 1e3 }, { "\xce\xbcs", 0, 1e3 }, { "s", 1, 0 },
		{ "m", MINUTE, 0 },      { "h", HOUR, 0 },        { "d", DAY, 0 },
		{ "w", WEEK, 0 },
	};
	const char *p = *text;
	double fraction = 0;
	double weight = 0.1;
	int64_t n = 0;
	bool any = false;

	for (; *p >= '0' && *p <= '9'; p++, any = true) {
		n = n * 10 + (*p - '0');
		if (n > DURATION_MAX)
			return false;
	}
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++, any = true, weight /= 10)
			fraction += weight * (*p - '0');
	}
	for (size_t i = 0; any && i < ARRAY_SIZE(units); i++) {
		if (strncmp(p, units[i].unit, strlen(units[i].unit)) != 0)
			continue;
		if (units[i].seconds > 0 && n > DURATION_MAX / units[i].seconds)
			return false;
		sum->seconds += n * units[i].seconds;
		sum->nanoseconds += (double)n * units[i].nanoseconds +
		                    round(fraction * ((double)units[i].seconds * 1e9 +
		                                      units[i].nanoseconds));
		*text = p + strlen(units[i].unit);
		return sum->seconds <= DURATION_MAX && sum->nanoseconds <= 1e18;
	}
	return false;
}

static bool parse_duration(int64_t *out, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	struct duration sum = { 0 };

	if (digits > 0 && digits <= 12 && text[digits] == '\0') {
		for (*out = 0; *text; text++)
			*out = *out * 10 + (*text - '0');
		return true;
	}
	if (*text == '\0')
		return false;
	while (*text) {
		if (!take_part(&sum, &text))
			return false;
	}
	*out = sum.seconds + (int64_t)ceil(sum.nanoseconds / 1e9);
	return true;
}

int clock_parse_duration(int64_t *out, const char *text, struct error *err)
{
	int64_t seconds;

	if (!parse_duration(&seconds, text))
		return error_set(err, ERR_INVALID,
		                 "\"%s\" is not a duration such as 90s, 1h30m, 168h, 7d or 2w",
		                 text);
	*out = seconds;
	return 0;
}

/* ISO 8601: a week belongs to the year that has its Thursday. */
static void iso_week(struct clock_fields *out, const struct tm *tm)
{
	int weekday = (tm->tm_wday + 6) % 7; /* Monday is 0 */
	int week = (tm->tm_yday - weekday + 10) / 7;

	out->iso_year = out->year;
	out->iso_week = week;
	if (week < 1) {
		struct tm last = { .tm_year = tm->tm_year - 1, .tm_mon = 11, .tm_mday = 31 };

		timegm(&last); /* sets tm_wday and tm_yday */
		weekday = (last.tm_wday + 6) % 7;
		out->iso_year--;
		out->iso_week = (last.tm_yday - weekday + 10) / 7;
	} else if (week == 53 && tm->tm_mday - weekday >= 29) {
		out->iso_year++; /* Monday is the 29th or later: Thursday is in January */
		out->iso_week = 1;
	}
}

void clock_fields(struct clock_fields *out, int64_t t, const char *zone)
{
	struct tm tm = local(t, zone);

	*out = (struct clock_fields){
		.year = tm.tm_year + 1900,
		.month = tm.tm_mon + 1,
		.day = tm.tm_mday,
		.hour = tm.tm_hour,
		.minute = tm.tm_min,
		.second = tm.tm_sec,
	};
	iso_week(out, &tm);
}
