/* SPDX-License-Identifier: MIT */
/* What the store holds in figures, from backups put into a catalog by hand. */
#include "engine/repo/usage.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"
#include "tests/unit/test.h"

#define HOUR ((int64_t)3600)
#define DAY  (24 * HOUR)

struct world {
	char dir[64];
	struct config *config;
	struct repo *repo;
	int count;
};

static int make(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct error err = ERROR_INIT;
	autofree char *yaml = NULL;

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_usage.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	yaml = mem_printf("backup: {storage: {local: {base_path: \"%s/store\"}}}\n"
	                  "catalog: {path: \"%s/catalog.db\"}\n",
	                  w->dir, w->dir);
	assert_ok(config_parse(&w->config, yaml, strlen(yaml), "test.yaml", &err));
	assert_ok(repo_open(&w->repo, w->config, &err));
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;

	repo_close(w->repo);
	config_free(w->config);
	assert_ok(dir_remove_tree(w->dir, &err));
	free(w);
	return 0;
}

static void put(struct world *w, const char *database, int64_t age, enum backup_status status,
                uint64_t stored)
{
	struct error err = ERROR_INIT;
	DEFER(backup) *b = backup_new();
	autofree char *id = mem_printf("backup_20261101_000000_%08x", ++w->count);

	backup_set(&b->id, id);
	backup_set(&b->database, database);
	b->created_at = clock_now() - age;
	b->status = status;
	b->size = 4 * stored;
	b->stored_size = stored;
	assert_ok(catalog_backup_put(repo_catalog(w->repo), b, &err));
}

static void a_store_without_backups_holds_nothing(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(usage) *u = NULL;
	DEFER(json) *v = NULL;

	assert_ok(repo_usage(&u, w->repo, NULL, &err));
	assert_int_equal(u->sum.all.count, 0);
	assert_int_equal(u->database_count, 0);
	v = usage_json(u, true);
	assert_int_equal(json_get_int(v, "backup_count", -1), 0);
	assert_true(json_is_null(json_get(v, "largest_backup")));
	assert_true(json_is_null(json_get(v, "oldest_backup")));
}

static void figures_are_of_what_lies_in_the_store(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(usage) *u = NULL;

	put(w, "shop", HOUR, BACKUP_COMPLETED, 100);
	put(w, "shop", 3 * DAY, BACKUP_CORRUPTED, 300);
	put(w, "blog", 20 * DAY, BACKUP_COMPLETED, 50);
	put(w, "blog", 90 * DAY, BACKUP_COMPLETED, 70);
	put(w, "blog", HOUR, BACKUP_FAILED, 0);
	assert_ok(repo_usage(&u, w->repo, NULL, &err));

	assert_int_equal(u->sum.all.count, 4);
	assert_int_equal(u->sum.all.stored, 520);
	assert_int_equal(u->sum.all.size, 2080);
	assert_int_equal(u->sum.statuses[BACKUP_FAILED], 1);
	assert_int_equal(u->sum.ages[USAGE_DAILY].stored, 100);
	assert_int_equal(u->sum.ages[USAGE_WEEKLY].stored, 300);
	assert_int_equal(u->sum.ages[USAGE_MONTHLY].stored, 50);
	assert_int_equal(u->sum.ages[USAGE_OLDER].stored, 70);
	assert_int_equal(u->sum.largest.stored, 300);
	assert_int_equal(u->sum.smallest.stored, 50);
	assert_int_equal(u->database_count, 2);
	assert_string_equal(u->databases[0].name, "blog");
	assert_int_equal(u->databases[0].sum.all.count, 2);
	assert_int_equal(u->databases[1].sum.all.stored, 400);
}

static void one_database_can_be_asked_for(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(usage) *u = NULL;

	put(w, "shop", HOUR, BACKUP_COMPLETED, 100);
	put(w, "blog", HOUR, BACKUP_COMPLETED, 10);
	assert_ok(repo_usage(&u, w->repo, "blog", &err));
	assert_int_equal(u->sum.all.stored, 10);
	assert_int_equal(u->database_count, 1);
}

static double gigabytes(struct world *w)
{
	struct error err = ERROR_INIT;
	DEFER(usage) *u = NULL;
	DEFER(json) *v = NULL;

	assert_ok(repo_usage(&u, w->repo, NULL, &err));
	v = usage_json(u, false);
	return json_real_value(json_get(v, "total_size_gb"), -1);
}

/* bc does not read 1e-05, and that is how jq prints it. */
static void gigabytes_are_nothing_or_large_enough_for_scripts(void **state)
{
	struct world *w = *state;
	const uint64_t mb = 1024 * 1024;

	put(w, "shop", HOUR, BACKUP_COMPLETED, 1000);
	assert_float_equal(gigabytes(w), 0, 0);
	put(w, "shop", HOUR, BACKUP_COMPLETED, mb);
	assert_float_equal(gigabytes(w), 0.001, 1e-9);
	put(w, "shop", HOUR, BACKUP_COMPLETED, 1535 * mb);
	assert_float_equal(gigabytes(w), 1.5, 1e-9);
}

static void growth_adds_up_from_day_to_month(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(usage) *u = NULL;
	DEFER(json) *v = NULL;
	const struct json *growth;

	put(w, "shop", HOUR, BACKUP_COMPLETED, 1);
	put(w, "shop", 3 * DAY, BACKUP_COMPLETED, 10);
	put(w, "shop", 20 * DAY, BACKUP_COMPLETED, 100);
	put(w, "shop", 40 * DAY, BACKUP_COMPLETED, 1000);
	assert_ok(repo_usage(&u, w->repo, NULL, &err));
	v = usage_json(u, true);
	growth = json_get(v, "storage_growth");
	assert_int_equal(json_get_int(growth, "daily_growth", -1), 1);
	assert_int_equal(json_get_int(growth, "weekly_growth", -1), 11);
	assert_int_equal(json_get_int(growth, "monthly_growth", -1), 111);
	assert_non_null(json_get(json_get(json_get(v, "storage_by_database"), "shop"),
	                         "storage_growth"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_store_without_backups_holds_nothing, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(figures_are_of_what_lies_in_the_store, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(one_database_can_be_asked_for, make, unmake),
		cmocka_unit_test_setup_teardown(
			gigabytes_are_nothing_or_large_enough_for_scripts, make, unmake),
		cmocka_unit_test_setup_teardown(growth_adds_up_from_day_to_month, make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
