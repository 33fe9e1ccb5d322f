/* SPDX-License-Identifier: MIT */
/*
 * Years of hourly backups in minutes: the clock is turned on by an hour before each. Every day
 * a cleanup, every 30 days a rotation to the other of two secrets and a look at everything that
 * is there. In one of a hundred operations a call to the system fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/repo/retention.h"
#include "engine/repo/rotate.h"
#include "tests/tools/fault_inject.h"
#include "tests/tools/fault_site.h"
#include "tests/tools/faults.h"

#define BEGIN         ((int64_t)1704067200) /* 2024-01-01 */
#define HOUR          ((int64_t)3600)
#define DAY_HOURS     ((size_t)24)
#define CHECK_DAYS    30
#define YEAR_HOURS    8766 /* with its quarter of a day */
#define FAULT_PERCENT 1
#define TRIES         5 /* of an operation, as cron tries again */
#define RETENTION \
	"{max_age: 48h, keep_daily: 30, keep_weekly: 26, keep_monthly: 24, keep_yearly: 100}"
/* What these leave at most, the hour that is not cleaned up yet included. */
#define LISTED_MAX (48 + DAY_HOURS + 30 + 26 + 24 + 100)

/* How far the clock of this program, and of what it is linked with, is off. */
static int64_t turned_on;

int clock_gettime(clockid_t id, struct timespec *tp)
{
	int result = (int)syscall(SYS_clock_gettime, id, tp);

	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		tp->tv_sec += turned_on;
	return result;
}

struct soak {
	const char *dir;
	struct fault_site site;
	enum fault_secret secret;
	struct fault_book book; /* of what is there; what is gone until the next check */
	unsigned int seed;
	size_t calls; /* of the last operation, unless one of them failed */
	size_t made, deleted, rotated, faults, failed, checks, most;
};

/* A call of the last operation that went well, and a way in which it can fail. */
static void plan_failure(struct fault_plan *plan, struct soak *s)
{
	static const enum fault_how hows[] = { FAULT_EIO,    FAULT_ENOSPC, FAULT_EINTR,
		                               FAULT_EMFILE, FAULT_ENOMEM, FAULT_SHORT };

	do {
		plan->at[0] = 1 + (size_t)rand_r(&s->seed) % s->calls;
		plan->how[0] =
			hows[(size_t)rand_r(&s->seed) % (sizeof(hows) / sizeof(hows[0]))];
	} while (!fault_fits(faults_kind(plan->at[0]), plan->how[0]));
}

static void begin_operation(struct soak *s)
{
	struct fault_plan plan = { 0 };

	if (s->calls > 0 && rand_r(&s->seed) % 100 < FAULT_PERCENT)
		plan_failure(&plan, s);
	faults_begin(&plan);
}

static void end_operation(struct soak *s)
{
	faults_end();
	if (faults_met())
		s->faults++;
	else
		s->calls = faults_count();
}

typedef int operation_fn(struct soak *s, struct error *err);

static int create(struct soak *s, struct error *err)
{
	DEFER(backup) *b = NULL;

	if (fault_site_create(&b, s->site.repo, "shop", (unsigned int)rand_r(&s->seed), err) <
	    0)
		return -1;
	fault_book_add(&s->book, b->id, b->schema_hash);
	s->made++;
	return 0;
}

static int will_go(void *arg, const struct retention_decision *d, struct error *err)
{
	struct soak *s = arg;
	struct fault_known *k = fault_book_find(&s->book, d->backup->id);

	(void)err;
	if (d->backup->status != BACKUP_COMPLETED)
		return 0; /* an attempt */
	/* One whose maker was told that it failed, and that is there all the same. */
	if (!k)
		k = fault_book_add(&s->book, d->backup->id, d->backup->schema_hash);
	if (!d->keep)
		k->may_go = true;
	return 0;
}

static int clean_up(struct soak *s, struct error *err)
{
	const struct cleanup_options o = { 0 };
	struct cleanup_result result;

	if (repo_cleanup(&result, s->site.repo, &o, will_go, s, err) < 0)
		return -1;
	for (size_t i = 0; i < s->book.count; i++)
		s->book.items[i].gone = s->book.items[i].gone || s->book.items[i].may_go;
	s->deleted += result.deleted;
	return 0;
}

static int rotate(struct soak *s, struct error *err)
{
	struct rotate_result result;

	if (repo_rotate(&result, s->site.repo, false, NULL, NULL, err) < 0)
		return -1;
	if (result.counts[ROTATE_FAILED] > 0)
		return error_set(err, ERR_SYSTEM, "%zu of %zu were not rotated",
		                 result.counts[ROTATE_FAILED], result.total);
	s->rotated += result.counts[ROTATE_DONE];
	return 0;
}

/* Again until it goes well; with no fault that is at once. */
static int insist(struct soak *s, operation_fn *fn, struct error *err)
{
	for (int i = 0; i < TRIES; i++) {
		int result;

		error_clear(err);
		begin_operation(s);
		result = fn(s, err);
		end_operation(s);
		if (result == 0)
			return 0;
		s->failed++;
		if (!faults_met() && err->code == ERR_CORRUPT)
			return -1;
		turned_on++; /* the next second */
	}
	return -1;
}

static void forget_the_gone(struct fault_book *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (!b->items[i].gone)
			b->items[kept++] = b->items[i];
	}
	b->count = kept;
}

static int change_secret(struct soak *s, struct error *err)
{
	fault_site_close(&s->site);
	s->secret = s->secret == FAULT_SECRET_A ? FAULT_SECRET_B : FAULT_SECRET_A;
	return fault_site_open(&s->site, s->dir, s->secret, err);
}

/* 0, 1 something is wrong, -1. */
static int check(struct soak *s, struct error *err)
{
	size_t listed = 0;

	if (fault_site_check(&s->site, &s->book, false, &listed, err) < 0) {
		fprintf(stderr, "WRONG: %s\n", err->text);
		return 1;
	}
	if (listed > LISTED_MAX) {
		fprintf(stderr, "WRONG: %zu backups are left, limit %zu\n", listed, LISTED_MAX);
		return 1;
	}
	s->most = listed > s->most ? listed : s->most;
	s->checks++;
	forget_the_gone(&s->book);
	return 0;
}

static int pass_an_hour(struct soak *s, size_t hour, struct error *err)
{
	turned_on = BEGIN + (int64_t)hour * HOUR - (clock_now() - turned_on);
	if (insist(s, create, err) < 0)
		return -1;
	if (hour % DAY_HOURS == DAY_HOURS - 1 && insist(s, clean_up, err) < 0)
		return -1;
	if (hour % (DAY_HOURS * CHECK_DAYS) != DAY_HOURS * CHECK_DAYS - 1)
		return 0;
	if (change_secret(s, err) < 0 || insist(s, rotate, err) < 0)
		return -1;
	return check(s, err);
}

int fault_soak(const char *dir, double years, struct error *err)
{
	struct soak s = { .dir = dir, .seed = 1, .site.retention = RETENTION };
	size_t hours = (size_t)(years * YEAR_HOURS);
	int64_t began = clock_mono_ms();
	int result;

	if (hours < DAY_HOURS * CHECK_DAYS)
		return error_set(err, ERR_USAGE, "%zu hours, at least %zu", hours,
		                 DAY_HOURS * CHECK_DAYS);
	result = fault_site_open(&s.site, dir, s.secret, err);
	for (size_t hour = 0; result == 0 && hour < hours; hour++)
		result = pass_an_hour(&s, hour, err);
	if (result == 0)
		result = check(&s, err);
	fault_site_close(&s.site);
	printf("{\"hours\": %zu, \"made\": %zu, \"deleted\": %zu, \"rotated\": %zu, \"faults\": "
	       "%zu, \"failed\": %zu, \"checks\": %zu, \"most_listed\": %zu, \"seconds\": "
	       "%.1f}\n",
	       hours, s.made, s.deleted, s.rotated, s.faults, s.failed, s.checks, s.most,
	       (double)(clock_mono_ms() - began) / 1000);
	fault_book_finish(&s.book);
	return result;
}
