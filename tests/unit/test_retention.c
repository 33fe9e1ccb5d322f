/* SPDX-License-Identifier: MIT */
#include "engine/repo/retention.h"

#include <stdio.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "tests/unit/test.h"

#define DAY  ((int64_t)86400)
#define HOUR ((int64_t)3600)
#define NOW  ((int64_t)1795392000) /* 2026-11-23T00:00:00Z */

struct history {
	struct backup *items[64];
	size_t count;
};

static struct backup *add(struct history *h, const char *database, int64_t age)
{
	struct backup *b = backup_new();
	char id[32];

	snprintf(id, sizeof(id), "b%zu", h->count);
	backup_set(&b->id, id);
	backup_set(&b->database, database);
	b->created_at = NOW - age;
	b->status = BACKUP_COMPLETED;
	h->items[h->count++] = b;
	return b;
}

static void finish(struct history *h)
{
	for (size_t i = 0; i < h->count; i++)
		backup_free(h->items[i]);
	h->count = 0;
}

/* The kept ones as text: "1101". */
static void decide(char *kept, const struct history *h, const struct retention_policy *p)
{
	struct retention_decision d[64];

	retention_decide(d, (const struct backup *const *)h->items, h->count, p, NOW);
	for (size_t i = 0; i < h->count; i++) {
		assert_true(d[i].reasons.len > 0);
		kept[i] = d[i].keep ? '1' : '0';
	}
	kept[h->count] = '\0';
	retention_finish(d, h->count);
}

static void without_limits_everything_stays(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .keep_daily = 2 };
	char kept[65];

	(void)state;
	for (int i = 0; i < 5; i++)
		add(&h, "shop", i * 400 * DAY);
	decide(kept, &h, &p);
	assert_string_equal(kept, "11111");
	finish(&h);
}

static void max_backups_is_a_ceiling_per_database(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_backups = 2 };
	char kept[65];

	(void)state;
	add(&h, "shop", 1 * HOUR);
	add(&h, "crm", 2 * HOUR);
	add(&h, "shop", 3 * HOUR);
	add(&h, "shop", 4 * HOUR);
	add(&h, "crm", 5 * HOUR);
	add(&h, "crm", 6 * HOUR);
	decide(kept, &h, &p);
	assert_string_equal(kept, "111010");
	finish(&h);
}

static void max_age_is_a_ceiling_but_the_newest_stays(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_age = 7 * DAY };
	char kept[65];

	(void)state;
	add(&h, "shop", 30 * DAY);
	add(&h, "shop", 31 * DAY);
	decide(kept, &h, &p);
	assert_string_equal(kept, "10");
	finish(&h);
}

static void daily_saves_the_newest_of_each_day(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_backups = 1, .keep_daily = 3, .zone = "UTC" };
	char kept[65];

	(void)state;
	add(&h, "shop", 1 * HOUR);           /* the 22nd, 23:00 */
	add(&h, "shop", 2 * HOUR);           /* the 22nd */
	add(&h, "shop", DAY + 1 * HOUR);     /* the 21st */
	add(&h, "shop", DAY + 20 * HOUR);    /* the 21st */
	add(&h, "shop", 2 * DAY + 1 * HOUR); /* the 20th */
	add(&h, "shop", 3 * DAY + 1 * HOUR); /* the 19th */
	decide(kept, &h, &p);
	assert_string_equal(kept, "101010");
	finish(&h);
}

static void the_oldest_stands_in_for_a_period_that_has_not_ended(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_backups = 1,
		                            .keep_monthly = 12,
		                            .zone = "UTC" };
	char kept[65];

	(void)state;
	add(&h, "shop", 1 * DAY);
	add(&h, "shop", 2 * DAY);
	add(&h, "shop", 3 * DAY);
	decide(kept, &h, &p);
	assert_string_equal(kept, "101");
	finish(&h);
}

static void protected_and_recent_pre_migration_backups_stay(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_backups = 1 };
	char kept[65];

	(void)state;
	add(&h, "shop", 1 * DAY);
	backup_tag_set(add(&h, "shop", 2 * DAY), "type", "pre-migration");
	backup_tag_set(add(&h, "shop", 3 * DAY), "type", "pre-rollback");
	backup_tag_set(add(&h, "shop", 8 * DAY), "type", "pre-migration");
	backup_tag_set(add(&h, "shop", 900 * DAY), "protected", "true");
	backup_tag_set(add(&h, "shop", 901 * DAY), "protected", "false");
	decide(kept, &h, &p);
	assert_string_equal(kept, "111010");
	finish(&h);
}

static void failed_attempts_count_for_nothing_and_go_after_a_day(void **state)
{
	struct history h = { 0 };
	const struct retention_policy p = { .max_backups = 1 };
	char kept[65];

	(void)state;
	add(&h, "shop", 1 * HOUR)->status = BACKUP_FAILED;
	add(&h, "shop", 2 * HOUR);
	add(&h, "shop", 25 * HOUR)->status = BACKUP_FAILED;
	add(&h, "shop", 26 * HOUR);
	add(&h, "shop", 27 * HOUR)->status = BACKUP_CORRUPTED;
	decide(kept, &h, &p);
	assert_string_equal(kept, "11001");
	finish(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_everything_stays),
		cmocka_unit_test(max_backups_is_a_ceiling_per_database),
		cmocka_unit_test(max_age_is_a_ceiling_but_the_newest_stays),
		cmocka_unit_test(daily_saves_the_newest_of_each_day),
		cmocka_unit_test(the_oldest_stands_in_for_a_period_that_has_not_ended),
		cmocka_unit_test(protected_and_recent_pre_migration_backups_stay),
		cmocka_unit_test(failed_attempts_count_for_nothing_and_go_after_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
