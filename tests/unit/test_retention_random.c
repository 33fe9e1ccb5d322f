/* SPDX-License-Identifier: MIT */
/*
 * Random histories under random policies: retention decides as the plainest reading of its
 * rules does, said here once more and by other means: for each backup by itself, is there a
 * rule that keeps it? RETENTION_HISTORIES says how many (5,000 unless given), RETENTION_SEED
 * which.
 */
#include "engine/repo/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/backup.h"
#include "engine/base/mem.h"
#include "tests/unit/test.h"

#define MINUTE      INT64_C(60)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define NOW         (INT64_C(20780) * DAY + 11 * HOUR) /* in November 2026 */
#define BACKUPS_MAX ((size_t)24)
#define RULE_COUNT  ((size_t)5)
#define HISTORIES   5000L

/* xorshift64*: the same histories everywhere. */
static uint64_t state = 88172645463325252U;

static int64_t below(int64_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (int64_t)((state * UINT64_C(2685821657736338717)) >> 33) % limit;
}

struct history {
	struct backup *items[BACKUPS_MAX]; /* newest first */
	size_t count;
	/* Numbers of the periods that each lies in: hour, day, ISO week, month, year. */
	int64_t periods[BACKUPS_MAX][RULE_COUNT];
};

/* --- the calendar, from days since 1970 alone */

struct date {
	int64_t year, month;
};

/* By counting, year by year: slow, and nothing to be wrong about. */
static struct date date_of(int64_t day)
{
	static const int64_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct date d = { 1970, 0 };

	for (;; d.month = 0, d.year++) {
		bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;

		for (; d.month < 12; d.month++) {
			int64_t n = lengths[d.month] + (leap && d.month == 1);

			if (day < n)
				return d;
			day -= n;
		}
	}
}

static void note_periods(int64_t out[RULE_COUNT], int64_t t)
{
	time_t moment = (time_t)t;
	struct tm tm;
	int64_t local, day;
	struct date d;

	localtime_r(&moment, &tm); /* for the distance from UTC only */
	local = t + tm.tm_gmtoff;
	day = local / DAY;
	d = date_of(day);
	out[0] = local / HOUR;
	out[1] = day;
	out[2] = (day + 3) / 7; /* weeks from Monday to Sunday; 1970 began on a Thursday */
	out[3] = d.year * 12 + d.month;
	out[4] = d.year;
}

/* --- making */

/* Distances from the next newer backup: from none to years, often exactly on a border. */
static int64_t distance(void)
{
	static const int64_t units[] = { 1, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 200 * DAY };
	int64_t unit = units[below(7)];

	return below(4) == 0 ? 0 : below(3) * unit + below(2) * below(unit);
}

static enum backup_status status(void)
{
	static const enum backup_status others[] = { BACKUP_FAILED, BACKUP_CREATING,
		                                     BACKUP_CORRUPTED, BACKUP_VALIDATING };

	return below(6) ? BACKUP_COMPLETED : others[below(4)];
}

static void make_history(struct history *h)
{
	static const char *const databases[] = { "shop", "crm", "Shop", "" };
	static const char *const types[] = { "manual", "pre-migration", "pre-rollback" };
	int64_t t = NOW + (below(8) ? 0 : below(2 * DAY)); /* clocks of other hosts */
	int64_t kinds = 1 + below(4);

	h->count = 1 + (size_t)below((int64_t)BACKUPS_MAX);
	for (size_t i = 0; i < h->count; i++) {
		struct backup *b = backup_new();
		char id[32];

		t -= distance();
		if (below(5) == 0)
			t -= t % DAY;
		snprintf(id, sizeof(id), "b%zu", i);
		backup_set(&b->id, id);
		backup_set(&b->database, databases[below(kinds)]);
		b->created_at = t;
		b->status = status();
		if (below(4) == 0)
			backup_tag_set(b, "type", types[below(3)]);
		if (below(12) == 0)
			backup_tag_set(b, "protected", below(2) ? "true" : "false");
		h->items[i] = b;
		note_periods(h->periods[i], t);
	}
}

static int64_t sometimes(int64_t value)
{
	return below(2) ? value : 0;
}

static void make_policy(struct retention_policy *p, const char *zone)
{
	*p = (struct retention_policy){
		.max_backups = sometimes(1 + below(6)),
		.max_age = sometimes(1 + below(4) * DAY + below(40) * DAY),
		.keep_last = sometimes(below(4)),
		.keep_hourly = sometimes(below(5)),
		.keep_daily = sometimes(below(6)),
		.keep_weekly = sometimes(below(5)),
		.keep_monthly = sometimes(below(5)),
		.keep_yearly = sometimes(below(3)),
		.keep_within = sometimes(below(3) * DAY + below(DAY)),
		.zone = zone,
	};
}

/* --- the rules, one backup at a time */

static bool has_tag(const struct backup *b, const char *key, const char *value)
{
	const char *found = backup_tag_get(b, key);

	return found && strcmp(found, value) == 0;
}

/* The completed backups of the same database. */
static bool is_kin(const struct backup *a, const struct backup *b)
{
	return b->status == BACKUP_COMPLETED && strcmp(a->database, b->database) == 0;
}

/* How many different periods do the completed backups of a database from the newest to `last`
 * lie in? */
static int64_t periods_until(const struct history *h, size_t i, size_t last, size_t rule)
{
	int64_t count = 0;

	for (size_t j = 0; j <= last; j++) {
		bool is_new = is_kin(h->items[i], h->items[j]);

		for (size_t k = 0; k < j && is_new; k++)
			is_new = !is_kin(h->items[i], h->items[k]) ||
			         h->periods[k][rule] != h->periods[j][rule];
		count += is_new;
	}
	return count;
}

static bool rule_keeps(const struct history *h, size_t i, size_t rule, int64_t count)
{
	bool first = true, oldest = true;

	if (count == 0)
		return false;
	for (size_t j = 0; j < h->count; j++) {
		if (j == i || !is_kin(h->items[i], h->items[j]))
			continue;
		first = first && !(j < i && h->periods[j][rule] == h->periods[i][rule]);
		oldest = oldest && j < i;
	}
	return (first && periods_until(h, i, i, rule) <= count) ||
	       (oldest && periods_until(h, i, h->count - 1, rule) < count);
}

static bool stays(const struct history *h, size_t i, const struct retention_policy *p)
{
	const struct backup *b = h->items[i];
	const int64_t counts[RULE_COUNT] = { p->keep_hourly, p->keep_daily, p->keep_weekly,
		                             p->keep_monthly, p->keep_yearly };
	int64_t age = NOW - b->created_at, rank = 0;

	if (b->status == BACKUP_FAILED || b->status == BACKUP_CREATING)
		return age <= DAY;
	if (b->status != BACKUP_COMPLETED || !*b->database)
		return true;
	for (size_t j = 0; j < i; j++)
		rank += is_kin(b, h->items[j]);
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		if (rule_keeps(h, i, rule, counts[rule]))
			return true;
	}
	return rank == 0 || rank < p->keep_last || has_tag(b, "protected", "true") ||
	       (p->keep_within > 0 && age <= p->keep_within) ||
	       (age < 7 * DAY &&
	        (has_tag(b, "type", "pre-migration") || has_tag(b, "type", "pre-rollback"))) ||
	       ((p->max_backups == 0 || rank < p->max_backups) &&
	        (p->max_age == 0 || age <= p->max_age));
}

static void check(const struct history *h, const struct retention_policy *p, long number)
{
	struct retention_decision d[BACKUPS_MAX];

	retention_decide(d, (const struct backup *const *)h->items, h->count, p, NOW);
	for (size_t i = 0; i < h->count; i++) {
		if (d[i].keep != stays(h, i, p) || d[i].reasons.len == 0)
			fail_msg("history %ld, backup %zu of %zu: %s because of \"%s\"", number,
			         i, h->count, d[i].keep ? "kept" : "deleted",
			         d[i].reasons.data);
	}
	retention_finish(d, h->count);
}

static long wanted(const char *variable, long otherwise)
{
	const char *text = getenv(variable);

	return text ? strtol(text, NULL, 10) : otherwise;
}

static void random_histories_are_decided_as_the_rules_say(void **test_state)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "America/St_Johns",
		                             "Pacific/Kiritimati" };
	long count = wanted("RETENTION_HISTORIES", HISTORIES);

	(void)test_state;
	state += (uint64_t)wanted("RETENTION_SEED", 0);
	for (long i = 0; i < count; i++) {
		const char *zone = zones[i * 4 / count];
		struct retention_policy p;
		struct history h;

		if (i == 0 || zone != zones[(i - 1) * 4 / count]) {
			setenv("TZ", zone, 1);
			tzset();
		}
		make_history(&h);
		make_policy(&p, zone);
		check(&h, &p, i);
		for (size_t k = 0; k < h.count; k++)
			backup_free(h.items[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_are_decided_as_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
