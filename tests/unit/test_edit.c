/* SPDX-License-Identifier: MIT */
#include "engine/repo/edit.h"

#include "catalog/catalog.h"
#include "engine/repo/lease.h"
#include "engine/repo/reader.h"
#include "engine/store/provider.h"
#include "engine/store/store.h"
#include "tests/unit/repo_test.h"

struct world {
	struct site site;
	struct backup *backup;
};

static int make(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	site_make(&w->site, "/tmp/test_edit");
	site_open(&w->site, SITE_SECRET_A, NULL);
	w->backup = site_create(&w->site, "shop", "name");
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;

	backup_free(w->backup);
	site_close(&w->site);
	site_remove(&w->site);
	free(w);
	return 0;
}

static struct backup *known(struct world *w)
{
	struct error err = ERROR_INIT;
	struct backup *b = NULL;

	assert_int_equal(
		catalog_backup_find(repo_catalog(w->site.repo), w->backup->id, &b, &err), 1);
	return b;
}

/* The content is as it was. */
static void assert_readable(struct world *w)
{
	struct error err = ERROR_INIT;
	DEFER(reader) *rd = NULL;
	DEFER(schema) *got = NULL;
	DEFER(schema) *want = site_schema("shop", "name");

	assert_ok(reader_open(&rd, w->site.repo, w->backup->id, &err));
	assert_ok(reader_schema(&got, rd, &err));
	assert_true(schema_equal(got, want));
}

static int set(struct world *w, const char *key, const char *value, struct error *err)
{
	char k[200], v[400];
	const struct backup_tag tag = { k, v };
	const struct edit_options o = { .tags = &tag, .tag_count = 1 };
	DEFER(backup) *now = NULL;

	snprintf(k, sizeof(k), "%s", key);
	snprintf(v, sizeof(v), "%s", value);
	return repo_edit(&now, w->site.repo, w->backup, &o, err);
}

static void words_change_and_nothing_else(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	const char *const removed[] = { "env", "never-there" };
	const struct edit_options o = { .description = "Ünïcode \"words\"",
		                        .removed = removed,
		                        .removed_count = 2 };
	DEFER(backup) *now = NULL;
	DEFER(backup) *row = NULL;

	assert_int_equal(set(w, "env", "production", &err), 1);
	assert_int_equal(set(w, "protected", "true", &err), 1);
	assert_int_equal(repo_edit(&now, w->site.repo, w->backup, &o, &err), 1);
	row = known(w);
	assert_string_equal(now->description, "Ünïcode \"words\"");
	assert_string_equal(row->description, "Ünïcode \"words\"");
	assert_null(backup_tag_get(row, "env"));
	assert_string_equal(backup_tag_get(row, "protected"), "true");
	assert_int_equal(row->generation, 4);
	assert_int_equal(row->created_at, w->backup->created_at);
	assert_int_equal(row->duration_ms, w->backup->duration_ms);
	assert_string_equal(row->checksum, w->backup->checksum);
	assert_string_equal(row->secret, w->backup->secret);
	assert_readable(w);
}

static void what_is_so_already_is_not_written(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *row = NULL;

	assert_int_equal(set(w, "env", "production", &err), 1);
	assert_int_equal(set(w, "env", "production", &err), 0);
	row = known(w);
	assert_int_equal(row->generation, 2);
}

static void the_store_alone_tells_the_same(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *row = NULL;

	assert_int_equal(set(w, "env", "production", &err), 1);
	w->site.name = "another";
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_ok(repo_refresh(w->site.repo, REPO_REFRESH_NOW, &err));
	row = known(w);
	assert_string_equal(backup_tag_get(row, "env"), "production");
}

static void limits_are_those_of_create(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	char key[16];
	char *words = mem_alloc(502);
	const struct edit_options o = { .description = words };
	DEFER(backup) *now = NULL;

	memset(words, 'x', 501);
	assert_fails(repo_edit(&now, w->site.repo, w->backup, &o, &err), ERR_USAGE, "limit");
	free(words);
	for (int i = 0; i < 50; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(set(w, key, "", &err), 1);
	}
	assert_fails(set(w, "one-more", "", &err), ERR_USAGE, "limit");
	assert_int_equal(set(w, "k7", "another", &err), 1);
}

/* A secret that is not the current one any more, and one that nobody configures. */
static void an_older_secret_stays_what_it_is(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *row = NULL;

	site_open(&w->site, SITE_SECRET_B, "\"key:" SITE_SECRET_A "\"");
	assert_int_equal(set(w, "env", "production", &err), 1);
	row = known(w);
	assert_string_equal(row->secret, w->backup->secret);
	assert_readable(w);
	site_open(&w->site, SITE_SECRET_B, NULL);
	assert_fails(set(w, "env", "test", &err), ERR_DENIED, "not configured");
}

static void what_is_gone_or_failed_cannot_be_edited(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	autofree char *path = mem_printf("%s/store/%s.meta", w->site.dir, w->backup->id);

	assert_int_equal(unlink(path), 0);
	assert_fails(set(w, "env", "test", &err), ERR_NOT_FOUND, "backup not found");
	w->backup->status = BACKUP_FAILED;
	assert_fails(set(w, "env", "test", &err), ERR_INVALID, "nothing to edit");
}

static int count(void *arg, const struct catalog_operation *o, struct error *err)
{
	(void)err;
	assert_string_equal(o->verb, "backup_edit");
	assert_string_equal(o->status, "completed");
	++*(int *)arg;
	return 0;
}

static void it_stands_in_the_history(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	int edits = 0;

	assert_int_equal(set(w, "env", "a", &err), 1);
	assert_int_equal(set(w, "env", "a", &err), 0);
	assert_int_equal(set(w, "env", "b", &err), 1);
	assert_ok(catalog_operation_each(repo_catalog(w->site.repo), "backup_edit", 0, count,
	                                 &edits, &err));
	assert_int_equal(edits, 2);
}

/* Who has the lease for longer than an edit waits keeps it. */
static void it_waits_for_its_turn_but_not_for_ever(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(store) *s = NULL;
	DEFER(lease) *other = NULL;

	assert_ok(store_open(&s, w->site.config, &err));
	assert_ok(lease_take(&other, s, "cleanup", &err));
	assert_fails(set(w, "env", "a", &err), ERR_BUSY, "cleanup");
	lease_release(take(other));
	assert_int_equal(set(w, "env", "a", &err), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(words_change_and_nothing_else, make, unmake),
		cmocka_unit_test_setup_teardown(what_is_so_already_is_not_written, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(the_store_alone_tells_the_same, make, unmake),
		cmocka_unit_test_setup_teardown(limits_are_those_of_create, make, unmake),
		cmocka_unit_test_setup_teardown(an_older_secret_stays_what_it_is, make, unmake),
		cmocka_unit_test_setup_teardown(what_is_gone_or_failed_cannot_be_edited, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(it_stands_in_the_history, make, unmake),
		cmocka_unit_test_setup_teardown(it_waits_for_its_turn_but_not_for_ever, make,
		                                unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
