/* SPDX-License-Identifier: MIT */
#include "engine/repo/retention.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

#define DAY             ((int64_t)86400)
#define MIGRATION_GRACE (7 * DAY) /* backups made before a change */
#define FAILED_GRACE    DAY       /* failed attempts */

void retention_policy_from_config(struct retention_policy *out, const struct config *c)
{
	*out = (struct retention_policy){
		.max_backups = config_int(c, "backup.retention.max_backups"),
		.max_age = config_int(c, "backup.retention.max_age"),
		.keep_last = config_int(c, "backup.retention.keep_last"),
		.keep_hourly = config_int(c, "backup.retention.keep_hourly"),
		.keep_daily = config_int(c, "backup.retention.keep_daily"),
		.keep_weekly = config_int(c, "backup.retention.keep_weekly"),
		.keep_monthly = config_int(c, "backup.retention.keep_monthly"),
		.keep_yearly = config_int(c, "backup.retention.keep_yearly"),
		.keep_within = config_int(c, "backup.retention.keep_within"),
		.zone = config_text(c, "timezone"),
	};
}

static void add_reason(struct retention_decision *d, const char *reason)
{
	if (d->reasons.len > 0)
		buf_adds(&d->reasons, ", ");
	buf_adds(&d->reasons, reason);
}

static void keep(struct retention_decision *d, const char *reason)
{
	if (!d->keep)
		buf_truncate(&d->reasons, 0); /* why it would have gone matters no more */
	d->keep = true;
	add_reason(d, reason);
}

/* One calendar rule: its name, how many periods, and what names the period of a moment. */
struct rule {
	const char *name;
	int64_t count;
	void (*period)(char out[CLOCK_TEXT_MAX], const struct clock_fields *f);
};

static void period_hour(char out[CLOCK_TEXT_MAX], const struct clock_fields *f)
{
	snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02d %02dh", f->year, f->month, f->day,
	         f->hour);
}

static void period_day(char out[CLOCK_TEXT_MAX], const struct clock_fields *f)
{
	snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02d", f->year, f->month, f->day);
}

static void period_week(char out[CLOCK_TEXT_MAX], const struct clock_fields *f)
{
	snprintf(out, CLOCK_TEXT_MAX, "%04d-W%02d", f->iso_year, f->iso_week);
}

static void period_month(char out[CLOCK_TEXT_MAX], const struct clock_fields *f)
{
	snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d", f->year, f->month);
}

static void period_year(char out[CLOCK_TEXT_MAX], const struct clock_fields *f)
{
	snprintf(out, CLOCK_TEXT_MAX, "%04d", f->year);
}

/* The backups of one database that rules are about, newest first. */
struct group {
	struct retention_decision **items;
	size_t count;
};

static void apply_rule(const struct group *g, const struct rule *rule, const char *zone)
{
	char last[CLOCK_TEXT_MAX] = "";
	char reason[CLOCK_TEXT_MAX + 32];
	int64_t kept = 0;
	bool oldest_kept = false;

	for (size_t i = 0; i < g->count && kept < rule->count; i++) {
		char period[CLOCK_TEXT_MAX];
		struct clock_fields f;

		clock_fields(&f, g->items[i]->backup->created_at, zone);
		rule->period(period, &f);
		if (strcmp(period, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", period);
		snprintf(reason, sizeof(reason), "%s %s", rule->name, period);
		keep(g->items[i], reason);
		kept++;
		oldest_kept = i == g->count - 1;
	}
	/* Periods are left over: the oldest stands in for the one that has not ended. */
	if (kept < rule->count && g->count > 0 && !oldest_kept) {
		snprintf(reason, sizeof(reason), "%s (oldest)", rule->name);
		keep(g->items[g->count - 1], reason);
	}
}

static void apply_ceilings(const struct group *g, const struct retention_policy *p, int64_t now)
{
	for (size_t i = 0; i < g->count; i++) {
		struct retention_decision *d = g->items[i];
		char reason[CLOCK_TEXT_MAX + 32], age[CLOCK_TEXT_MAX];

		d->keep = true;
		if (p->max_backups > 0 && i >= (size_t)p->max_backups) {
			d->keep = false;
			snprintf(reason, sizeof(reason), "beyond max_backups %lld",
			         (long long)p->max_backups);
			add_reason(d, reason);
		}
		if (p->max_age > 0 && now - d->backup->created_at > p->max_age) {
			d->keep = false;
			clock_format_duration(age, p->max_age);
			snprintf(reason, sizeof(reason), "older than max_age %s", age);
			add_reason(d, reason);
		}
		if (d->keep)
			add_reason(d, "within the limits");
	}
}

static bool is_before_change(const struct backup *b)
{
	const char *type = backup_tag_get(b, "type");

	return type &&
	       (strcmp(type, "pre-migration") == 0 || strcmp(type, "pre-rollback") == 0);
}

static void apply_protection(const struct group *g, const struct retention_policy *p,
                             int64_t now)
{
	for (size_t i = 0; i < g->count; i++) {
		struct retention_decision *d = g->items[i];
		int64_t age = now - d->backup->created_at;
		const char *protected_tag = backup_tag_get(d->backup, "protected");

		if (i == 0)
			keep(d, "newest");
		if (p->keep_last > 0 && i < (size_t)p->keep_last)
			keep(d, "last");
		if (p->keep_within > 0 && age <= p->keep_within)
			keep(d, "within keep_within");
		if (protected_tag && strcmp(protected_tag, "true") == 0)
			keep(d, "protected");
		if (age < MIGRATION_GRACE && is_before_change(d->backup))
			keep(d, "made before a change, younger than 7 days");
	}
}

static void decide_group(const struct group *g, const struct retention_policy *p, int64_t now)
{
	const struct rule rules[] = {
		{ "hourly", p->keep_hourly, period_hour },
		{ "daily", p->keep_daily, period_day },
		{ "weekly", p->keep_weekly, period_week },
		{ "monthly", p->keep_monthly, period_month },
		{ "yearly", p->keep_yearly, period_year },
	};

	apply_ceilings(g, p, now);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		apply_rule(g, &rules[i], p->zone);
	apply_protection(g, p, now);
}

/* What no rule is about: attempts that failed, and what is damaged or cannot be read. */
static void decide_other(struct retention_decision *d, int64_t now)
{
	bool attempt =
		d->backup->status == BACKUP_FAILED || d->backup->status == BACKUP_CREATING;

	if (!attempt) {
		keep(d, "not completed: look at it yourself");
		return;
	}
	d->keep = now - d->backup->created_at <= FAILED_GRACE;
	add_reason(d, d->keep ? "attempt that failed, younger than a day"
	                      : "attempt that failed, older than a day");
}

static bool is_governed(const struct backup *b)
{
	return b->status == BACKUP_COMPLETED && *b->database;
}

#define NO_MORE SIZE_MAX

/* The backups of each database as a chain through the list, so that each is looked at once. */
struct chains {
	struct map *tails; /* from a database to the place of its chain's end in `ends` */
	size_t *ends, *heads;
	size_t count; /* chains */
	size_t *next; /* per backup */
};

static void chain(struct chains *c, const struct backup *const *backups, size_t i)
{
	size_t *end = map_get(c->tails, backups[i]->database);

	c->next[i] = NO_MORE;
	if (end) {
		c->next[*end] = i;
		*end = i;
		return;
	}
	c->heads[c->count] = c->ends[c->count] = i;
	map_set(c->tails, backups[i]->database, &c->ends[c->count]);
	c->count++;
}

void retention_decide(struct retention_decision *out, const struct backup *const *backups,
                      size_t count, const struct retention_policy *p, int64_t now)
{
	autofree struct retention_decision **items = mem_array(count, sizeof(*items));
	autofree size_t *ends = mem_array(count, sizeof(*ends));
	autofree size_t *heads = mem_array(count, sizeof(*heads));
	autofree size_t *next = mem_array(count, sizeof(*next));
	DEFER(map) *tails = map_new();
	struct chains c = { tails, ends, heads, 0, next };

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct retention_decision){ .backup = backups[i],
			                              .reasons = BUF_INIT };
		if (is_governed(backups[i]))
			chain(&c, backups, i);
		else
			decide_other(&out[i], now);
	}
	for (size_t k = 0; k < c.count; k++) {
		struct group g = { .items = items };

		for (size_t i = heads[k]; i != NO_MORE; i = next[i])
			g.items[g.count++] = &out[i];
		decide_group(&g, p, now);
	}
}

void retention_finish(struct retention_decision *d, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_finish(&d[i].reasons);
}
