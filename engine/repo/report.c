/* SPDX-License-Identifier: MIT */
#include "engine/repo/report.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/metadata.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"
#include "engine/repo/usage.h"

#define SECONDS_PER_DAY ((int64_t)86400)
#define HOURS_TO_NOON   ((int64_t)12 * 3600)
#define FAILURES_MAX    100

/* What happened on one day of the calendar, and what retention thinks of it. */
struct day {
	char date[CLOCK_TEXT_MAX];
	uint64_t backups, failed, kept, expired;
	uint64_t size, stored;
	int64_t duration_ms; /* of all backups that say */
	uint64_t timed;
};

struct collecting {
	struct repo *r;
	struct day *days; /* oldest first */
	size_t day_count;
	struct map *by_date; /* date to struct day */
	struct json *backups, *failures;
	uint64_t kept, expired, expired_stored; /* of all days */
};

static struct day *day_of(const struct collecting *c, int64_t t)
{
	char date[CLOCK_TEXT_MAX];

	clock_format_date(date, t, repo_zone(c->r));
	return map_get(c->by_date, date);
}

/* Every day of the period, by its noon: days of 23 and 25 hours are days too. */
static void make_days(struct collecting *c, size_t count, int64_t now)
{
	struct clock_fields today;
	int64_t noon;

	clock_fields(&today, now, repo_zone(c->r));
	noon = now - today.hour * (int64_t)3600 - today.minute * (int64_t)60 - today.second +
	       HOURS_TO_NOON;
	c->days = mem_alloc(count * sizeof(*c->days));
	for (size_t i = 0; i < count; i++) {
		struct day *d = &c->days[c->day_count];
		int64_t back = (int64_t)(count - 1 - i) * SECONDS_PER_DAY;

		clock_format_date(d->date, noon - back, repo_zone(c->r));
		if (!map_has(c->by_date, d->date)) {
			map_set(c->by_date, d->date, d);
			c->day_count++;
		}
	}
}

static struct json *failure_json(const struct backup *b)
{
	struct json *v = json_object();
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, b->created_at);
	json_set_str(v, "database_name", b->database);
	json_set_str(v, "created_at", at);
	json_set_str(v, "error", b->error);
	return v;
}

static int add_backup(void *arg, const struct backup *b, struct error *err)
{
	struct collecting *c = arg;
	struct day *d = day_of(c, b->created_at);
	struct json *listed;

	(void)err;
	if (!d)
		return 0;
	if (b->status == BACKUP_FAILED) {
		d->failed++;
		if (json_count(c->failures) < FAILURES_MAX)
			json_append(c->failures, failure_json(b));
		return 0;
	}
	d->backups++;
	d->size += b->size;
	d->stored += b->stored_size;
	if (b->duration_ms > 0) {
		d->timed++;
		d->duration_ms += b->duration_ms;
	}
	listed = metadata_public(b);
	json_set_int(listed, "duration_ms", b->duration_ms);
	json_append(c->backups, listed);
	return 0;
}

static int add_decision(void *arg, const struct retention_decision *decision, struct error *err)
{
	const struct backup *b = decision->backup;
	struct collecting *c = arg;
	struct day *d = day_of(c, b->created_at);

	(void)err;
	if (b->status != BACKUP_COMPLETED)
		return 0;
	if (decision->keep) {
		c->kept++;
	} else {
		c->expired++;
		c->expired_stored += b->stored_size;
	}
	if (d)
		*(decision->keep ? &d->kept : &d->expired) += 1;
	return 0;
}

static struct json *days_json(const struct collecting *c, uint64_t stored_at_end)
{
	struct json *all = json_array();
	uint64_t stored = stored_at_end;

	for (size_t i = 0; i < c->day_count; i++)
		stored -= c->days[i].stored;

	for (size_t i = 0; i < c->day_count; i++) {
		const struct day *d = &c->days[i];
		struct json *v = json_object();

		stored += d->stored;
		json_set_str(v, "date", d->date);
		json_set_int(v, "backup_count", (int64_t)d->backups);
		json_set_int(v, "failed_count", (int64_t)d->failed);
		json_set_int(v, "total_size", (int64_t)d->size);
		json_set_int(v, "compressed_size", (int64_t)d->stored);
		json_set_int(v, "stored_until_then", (int64_t)stored);
		json_set_int(v, "average_duration_ms",
		             d->timed ? d->duration_ms / (int64_t)d->timed : 0);
		json_set_int(v, "kept", (int64_t)d->kept);
		json_set_int(v, "expired", (int64_t)d->expired);
		json_append(all, v);
	}
	return all;
}

/* One verb of this host's history. */
struct verb {
	char *name;
	int64_t *durations;
	size_t count, capacity, failed;
};

struct verbs {
	const char *database; /* NULL: all */
	struct verb items[16];
	size_t count;
};

static struct verb *verb_of(struct verbs *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->items[i].name, name) == 0)
			return &all->items[i];
	}
	if (all->count == ARRAY_SIZE(all->items))
		return NULL;
	all->items[all->count].name = mem_strdup(name);
	return &all->items[all->count++];
}

static int add_operation(void *arg, const struct catalog_operation *o, struct error *err)
{
	struct verbs *all = arg;
	struct verb *v;

	(void)err;
	if (all->database && strcmp(all->database, o->database) != 0)
		return 0;
	v = verb_of(all, o->verb);
	if (!v)
		return 0;
	MEM_GROW(v->durations, v->count, v->capacity);
	v->durations[v->count++] = o->duration_ms;
	v->failed += strcmp(o->status, "failed") == 0;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The value that so many percent do not exceed; sorted values. */
static int64_t percentile(const struct verb *v, size_t percent)
{
	size_t rank = (v->count * percent + 99) / 100;

	return v->durations[rank > 0 ? rank - 1 : 0];
}

static struct json *verb_json(const struct verb *v)
{
	struct json *one = json_object();

	qsort(v->durations, v->count, sizeof(*v->durations), by_value);
	json_set_str(one, "operation", v->name);
	json_set_int(one, "count", (int64_t)v->count);
	json_set_int(one, "failed_count", (int64_t)v->failed);
	json_set_int(one, "median_duration_ms", percentile(v, 50));
	json_set_int(one, "p95_duration_ms", percentile(v, 95));
	json_set_int(one, "max_duration_ms", v->durations[v->count - 1]);
	return one;
}

static int add_operations(struct json *v, struct repo *r, const struct report_options *o,
                          int64_t since, struct error *err)
{
	struct json *all = json_array();
	struct verbs verbs = { .database = o->database };
	int result = catalog_operation_each(repo_catalog(r), NULL, since, add_operation, &verbs,
	                                    err);

	for (size_t i = 0; i < verbs.count; i++) {
		json_append(all, verb_json(&verbs.items[i]));
		free(verbs.items[i].name);
		free(verbs.items[i].durations);
	}
	json_set(v, "operations", all);
	return result;
}

static struct json *policy_json(const struct repo *r)
{
	struct json *v = json_object();
	struct retention_policy p;

	retention_policy_from_config(&p, repo_config(r));
	json_set_int(v, "max_backups", p.max_backups);
	json_set_int(v, "max_age_seconds", p.max_age);
	json_set_int(v, "keep_last", p.keep_last);
	json_set_int(v, "keep_hourly", p.keep_hourly);
	json_set_int(v, "keep_daily", p.keep_daily);
	json_set_int(v, "keep_weekly", p.keep_weekly);
	json_set_int(v, "keep_monthly", p.keep_monthly);
	json_set_int(v, "keep_yearly", p.keep_yearly);
	json_set_int(v, "keep_within_seconds", p.keep_within);
	return v;
}

static int add_retention(struct json *v, struct collecting *c, const char *database,
                         struct error *err)
{
	struct json *one = json_object();

	json_set(one, "policy", policy_json(c->r));
	json_set(v, "retention", one);
	if (repo_retention_preview(c->r, database, add_decision, c, err) < 0)
		return -1;
	json_set_int(one, "kept", (int64_t)c->kept);
	json_set_int(one, "expired", (int64_t)c->expired);
	json_set_int(one, "expired_size", (int64_t)c->expired_stored);
	return 0;
}

static int fill(struct json *v, struct collecting *c, const struct report_options *o,
                int64_t now, struct error *err)
{
	int64_t since = now - (int64_t)(o->days + 1) * SECONDS_PER_DAY;
	const struct catalog_filter f = { .database = o->database, .created_from = since };

	DEFER(usage) *u = NULL;

	make_days(c, o->days, now);
	json_set_str(v, "from", c->days[0].date);
	json_set_str(v, "to", c->days[c->day_count - 1].date);
	if (repo_usage(&u, c->r, o->database, err) < 0 ||
	    catalog_backup_each(repo_catalog(c->r), &f, add_backup, c, err) < 0 ||
	    add_retention(v, c, o->database, err) < 0)
		return -1;
	json_set(v, "usage", usage_json(u, true));
	json_set(v, "days", days_json(c, u->sum.all.stored));
	return add_operations(v, c->r, o, since, err);
}

int repo_report(struct json **out, struct repo *r, const struct report_options *o,
                struct error *err)
{
	DEFER(json) *v = json_object();
	DEFER(map) *by_date = map_new();
	struct collecting c = {
		.r = r, .by_date = by_date, .backups = json_array(), .failures = json_array()
	};
	int64_t now = clock_now();
	char at[CLOCK_TEXT_MAX];
	int result;

	clock_format_utc(at, now);
	json_set_str(v, "generated_at", at);
	json_set_str(v, "tool_version", REPO_TOOL_VERSION);
	json_set_str(v, "storage", repo_location(r));
	json_set_str(v, "database_name", o->database);
	result = fill(v, &c, o, now, err);
	free(c.days);
	json_set(v, "failures", c.failures);
	json_set(v, "backups", c.backups);
	if (result < 0)
		return -1;
	*out = take(v);
	return 0;
}
