/* SPDX-License-Identifier: MIT */
#include "fs/census.h"

#include "engine/base/buf.h"
#include "tests/unit/fs_test.h"

/* News as lines: "KIND a b day-or-row-free name". */
static void note(void *arg, const struct census_dir *dir, const char *name)
{
	struct buf *out = arg;

	buf_addf(out, "%s", node_info(dir->kind)->path);
	if (dir->a)
		buf_addf(out, " %s", dir->a);
	if (dir->b)
		buf_addf(out, " %s", dir->b);
	buf_addf(out, " : %s\n", name ? name : "*");
}

static void take_census(struct fs_world *w, struct buf *news)
{
	struct error err = ERROR_INIT;

	buf_truncate(news, 0);
	assert_ok(census_take(w->fs->census, w->worker->catalog, note, news, &err));
}

static bool has(const struct buf *news, const char *fmt, const char *value)
{
	autofree char *part = mem_printf("%s : %s\n", fmt, value);

	return strstr(news->data, part) != NULL;
}

static size_t children(struct fs_world *w, enum node_kind kind, const char *a, const char *b)
{
	const struct census_dir dir = { .kind = kind, .a = a, .b = b };

	return census_children(w->fs->census, &dir);
}

static const char *const prod[][2] = { { "env", "prod" } };

static void what_came_shows_in_all_its_directories(void **state)
{
	struct fs_world *w = *state;
	autobuf news = BUF_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 1);

	take_census(w, &news);
	assert_true(has(&news, "by-database", "shop"));
	assert_true(has(&news, "by-database", "*"));
	assert_true(has(&news, "by-database/DB shop", "latest"));
	assert_true(has(&news, "by-database/DB/DATE shop", b->id));
	assert_true(has(&news, "by-date/DATE", "shop"));
	assert_true(has(&news, "by-date/DATE/DB shop", b->id));
	assert_true(has(&news, "by-tag", "env"));
	assert_true(has(&news, "by-tag/KEY env", "prod"));
	assert_true(has(&news, "by-tag/KEY/VALUE env prod", b->id));
	assert_true(has(&news, "by-id", b->id));
	assert_int_equal(children(w, NODE_DATABASES, NULL, NULL), 1);
	assert_int_equal(children(w, NODE_DATABASE, "shop", NULL), 1);
	assert_int_equal(children(w, NODE_IDS, NULL, NULL), 1);
	assert_int_equal(children(w, NODE_TAG_VALUE, "env", "prod"), 1);
}

static void nothing_new_is_no_news(void **state)
{
	struct fs_world *w = *state;
	autobuf news = BUF_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 1);

	(void)b;
	take_census(w, &news);
	take_census(w, &news);
	assert_string_equal(news.data, "");
}

static void what_was_there_already_is_left_alone(void **state)
{
	struct fs_world *w = *state;
	autobuf news = BUF_INIT;
	DEFER(backup) *a = fs_backup(w, "shop", prod, 1);
	DEFER(backup) *b = NULL;

	take_census(w, &news);
	b = fs_backup(w, "shop", prod, 1);
	take_census(w, &news);
	assert_true(has(&news, "by-id", b->id));
	/* Directories that other backups are in: their names mean what they meant. */
	assert_false(has(&news, "by-database", "shop"));
	assert_false(has(&news, "by-tag/KEY env", "prod"));
	assert_false(has(&news, "by-id", a->id));
	assert_int_equal(children(w, NODE_IDS, NULL, NULL), 2);
	assert_int_equal(children(w, NODE_DATABASES, NULL, NULL), 1);
}

static void what_went_is_told_of_with_its_directories(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	autobuf news = BUF_INIT;
	DEFER(backup) *kept = fs_backup(w, "kept", NULL, 0);
	DEFER(backup) *b = fs_backup(w, "shop", prod, 1);

	take_census(w, &news);
	assert_ok(repo_remove(w->repo, b, true, &err));
	take_census(w, &news);
	assert_true(has(&news, "by-database", "shop"));
	assert_false(has(&news, "by-database", "kept"));
	assert_true(has(&news, "by-tag", "env"));
	assert_true(has(&news, "by-id", b->id));
	assert_int_equal(children(w, NODE_DATABASES, NULL, NULL), 1);
	assert_int_equal(children(w, NODE_TAGS, NULL, NULL), 0);
	assert_int_equal(children(w, NODE_TAG_KEY, "env", NULL), 0);
	(void)kept;
}

static void another_tag_touches_nothing_but_tags_and_metadata(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	autobuf news = BUF_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 1);

	take_census(w, &news);
	backup_tag_set(b, "env", "test");
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	take_census(w, &news);
	assert_true(has(&news, "by-tag/KEY env", "prod"));
	assert_true(has(&news, "by-tag/KEY env", "test"));
	assert_true(has(&news, "by-database/DB/DATE/ID", "metadata.json"));
	assert_false(has(&news, "by-tag", "env"));
	assert_false(has(&news, "by-id", b->id));
	assert_false(has(&news, "by-database/DB/DATE shop", b->id));
	assert_int_equal(children(w, NODE_TAG_KEY, "env", NULL), 1);
	assert_int_equal(children(w, NODE_IDS, NULL, NULL), 1);
}

static void another_row_means_another_node_everywhere(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	autobuf news = BUF_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 1);

	take_census(w, &news);
	assert_int_equal(catalog_backup_remove(w->worker->catalog, b->id, &err), 1);
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	take_census(w, &news);
	assert_true(has(&news, "by-id", b->id));
	assert_true(has(&news, "by-database/DB/DATE shop", b->id));
	assert_true(has(&news, "by-tag/KEY/VALUE env prod", b->id));
	assert_false(has(&news, "by-database", "shop"));
	assert_int_equal(children(w, NODE_IDS, NULL, NULL), 1);
}

static void a_pass_over_what_changed_equals_one_over_everything(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	autobuf news = BUF_INIT;
	autobuf again = BUF_INIT;
	DEFER(backup) *a = fs_backup(w, "shop", prod, 1);
	DEFER(backup) *b = fs_backup(w, "crm", prod, 1);
	DEFER(backup) *c = NULL;

	take_census(w, &news);
	c = fs_backup(w, "late", NULL, 0);
	assert_int_equal(catalog_backup_remove(w->worker->catalog, a->id, &err), 1);
	assert_int_equal(
		catalog_backup_mark(w->worker->catalog, b->id, BACKUP_FAILED, "x", "v", &err),
		1);
	take_census(w, &news);
	assert_true(has(&news, "by-database", "shop"));
	assert_true(has(&news, "by-database", "crm"));
	assert_true(has(&news, "by-database", "late"));
	assert_int_equal(children(w, NODE_IDS, NULL, NULL), 1);
	assert_int_equal(children(w, NODE_TAGS, NULL, NULL), 0);
	take_census(w, &news);
	assert_int_equal(news.len, 0);
	census_restart(w->fs->census);
	take_census(w, &again);
	assert_int_equal(again.len, 0);
}

static void failed_attempts_are_not_counted(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	autobuf news = BUF_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);

	b->status = BACKUP_FAILED;
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	take_census(w, &news);
	assert_string_equal(news.data, "");
	b->status = BACKUP_CORRUPTED;
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	take_census(w, &news);
	assert_true(has(&news, "by-id", b->id));
}

#define ON_A_TREE(check) cmocka_unit_test_setup_teardown(check, fs_world_make, fs_world_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_TREE(what_came_shows_in_all_its_directories),
		ON_A_TREE(nothing_new_is_no_news),
		ON_A_TREE(what_was_there_already_is_left_alone),
		ON_A_TREE(what_went_is_told_of_with_its_directories),
		ON_A_TREE(another_tag_touches_nothing_but_tags_and_metadata),
		ON_A_TREE(another_row_means_another_node_everywhere),
		ON_A_TREE(a_pass_over_what_changed_equals_one_over_everything),
		ON_A_TREE(failed_attempts_are_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
