/* SPDX-License-Identifier: MIT */
#include "catalog/catalog.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/internal.h"
#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "tests/unit/test.h"

struct place {
	char dir[64];
	char path[96];
	struct catalog *c;
};

static int make(void **state)
{
	struct place *p = mem_alloc(sizeof(*p));
	struct error err = ERROR_INIT;
	bool fresh;

	snprintf(p->dir, sizeof(p->dir), "/tmp/test_catalog.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/deep/catalog.db", p->dir);
	assert_ok(catalog_open(&p->c, p->path, "local:/x", &fresh, &err));
	assert_true(fresh);
	*state = p;
	return 0;
}

static int unmake(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;

	catalog_close(p->c);
	assert_ok(dir_remove_tree(p->dir, &err));
	free(p);
	return 0;
}

static struct backup *sample(const char *id, const char *database, int64_t at)
{
	struct backup *b = backup_new();

	backup_set(&b->id, id);
	backup_set(&b->database, database);
	backup_set(&b->description, "it's \"one\"");
	backup_set(&b->version, "v1");
	backup_tag_set(b, "z", "1");
	backup_tag_set(b, "environment", database);
	backup_file_add(b, "schema.sql", 10, "");
	backup_file_add(b, "objects/tables/b.sql", 2, "");
	backup_file_add(b, "objects/tables/a.sql", 1, "");
	b->created_at = at;
	b->status = BACKUP_COMPLETED;
	b->stored_size = 7;
	return b;
}

static void put(struct place *p, const char *id, const char *database, int64_t at)
{
	struct error err = ERROR_INIT;
	DEFER(backup) *b = sample(id, database, at);

	assert_ok(catalog_backup_put(p->c, b, &err));
	assert_true(b->row > 0);
}

static int add_id(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s ", b->id);
	return 0;
}

static int add_text(void *arg, const char *text, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s ", text);
	return 0;
}

static int add_file(void *arg, const char *name, uint64_t size, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s:%d ", name, (int)size);
	return 0;
}

static void every_statement_can_be_prepared(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < STATEMENT_COUNT; i++) {
		struct error err = ERROR_INIT;
		autostmt *st = NULL;

		assert_ok(statement_get(p->c, (enum statement)i, &st, &err));
		assert_non_null(st);
	}
}

static void the_file_is_closed_to_others(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_backup_comes_back_whole(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;
	DEFER(backup) *same = NULL;
	autobuf files = BUF_INIT;
	autobuf tables = BUF_INIT;
	uint64_t size = 0;

	put(p, "b1", "shop", 100);
	assert_int_equal(catalog_backup_find(p->c, "b1", &b, &err), 1);
	assert_string_equal(b->database, "shop");
	assert_string_equal(b->description, "it's \"one\"");
	assert_string_equal(b->version, "v1");
	assert_int_equal(b->created_at, 100);
	assert_int_equal(b->tag_count, 2);
	assert_string_equal(b->tags[0].key, "environment");
	assert_int_equal(catalog_backup_at(p->c, b->row, &same, &err), 1);
	assert_string_equal(same->id, "b1");
	assert_ok(catalog_file_each(p->c, b->row, "", add_file, &files, &err));
	assert_string_equal(files.data,
	                    "objects/tables/a.sql:1 objects/tables/b.sql:2 schema.sql:10 ");
	assert_ok(catalog_file_each(p->c, b->row, "objects/", add_file, &tables, &err));
	assert_string_equal(tables.data, "objects/tables/a.sql:1 objects/tables/b.sql:2 ");
	assert_int_equal(catalog_file_size(p->c, b->row, "schema.sql", &size, &err), 1);
	assert_int_equal(size, 10);
	assert_int_equal(catalog_file_size(p->c, b->row, "nothing", &size, &err), 0);
}

static void putting_again_keeps_the_row(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *first = NULL;
	DEFER(backup) *again = sample("b1", "shop", 100);
	const struct catalog_filter all = { 0 };

	put(p, "b1", "shop", 100);
	assert_int_equal(catalog_backup_find(p->c, "b1", &first, &err), 1);
	backup_set(&again->description, "other");
	assert_ok(catalog_backup_put(p->c, again, &err));
	assert_int_equal(again->row, first->row);
	assert_int_equal(catalog_backup_count(p->c, &all, &err), 1);
}

static void a_row_is_never_used_again(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *first = sample("b1", "shop", 100);
	DEFER(backup) *second = sample("b2", "shop", 101);

	assert_ok(catalog_backup_put(p->c, first, &err));
	assert_int_equal(catalog_backup_remove(p->c, "b1", &err), 1);
	assert_int_equal(catalog_backup_remove(p->c, "b1", &err), 0);
	assert_ok(catalog_backup_put(p->c, second, &err));
	assert_true(second->row > first->row);
}

static void ids_are_found_by_prefix(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;

	put(p, "backup_1_aa", "shop", 1);
	put(p, "backup_1_ab", "shop", 2);
	put(p, "backup_2_aa", "shop", 3);
	assert_int_equal(catalog_backup_match(p->c, "backup_1", &b, &err), 2);
	assert_int_equal(catalog_backup_match(p->c, "backup_3", &b, &err), 0);
	assert_int_equal(catalog_backup_match(p->c, "backup_2", &b, &err), 1);
	assert_string_equal(b->id, "backup_2_aa");
}

static void listings_follow_the_filter(void **state)
{
	static const struct {
		struct catalog_filter filter;
		const char *want;
	} cases[] = {
		{ { 0 }, "c3 c2 b1 a1 " },
		{ { .oldest_first = true }, "a1 b1 c2 c3 " },
		{ { .limit = 2 }, "c3 c2 " },
		{ { .database = "shop" }, "c3 a1 " },
		{ { .created_from = 10, .created_before = 20 }, "b1 a1 " },
		{ { .tag_keys = { "environment" }, .tag_values = { "crm" }, .tag_count = 1 },
		  "c2 b1 " },
		{ { .tag_keys = { "z", "environment" },
		    .tag_values = { "1", NULL },
		    .tag_count = 2 },
		  "c3 c2 b1 a1 " },
		{ { .statuses = 1U << BACKUP_FAILED }, "" },
		{ { .statuses = 1U << BACKUP_COMPLETED, .database = "crm", .limit = 1 },
		  "c2 " },
		{ { .by_row = true, .after_row = 1, .limit = 2 }, "b1 c2 " },
		{ { .by_row = true, .after_row = 4 }, "" },
		{ { .by_row = true,
		    .tag_keys = { "environment" },
		    .tag_values = { "crm" },
		    .tag_count = 1 },
		  "b1 c2 " },
		{ { .by_row = true, .after_row = 1, .database = "shop" }, "c3 " },
	};
	struct place *p = *state;

	put(p, "a1", "shop", 10);
	put(p, "b1", "crm", 10);
	put(p, "c2", "crm", 20);
	put(p, "c3", "shop", 30);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autobuf got = BUF_INIT;

		assert_ok(catalog_backup_each(p->c, &cases[i].filter, add_id, &got, &err));
		assert_string_equal(got.data, cases[i].want);
	}
}

/* Numbers that look random and are the same in every run. */
static uint32_t next_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

#define MANY 1300 /* so that one tag is common and the others are rare */

static struct backup **put_many(struct place *p, uint32_t *seed)
{
	static const char *const databases[] = { "shop", "crm", "wiki" };
	struct backup **all = mem_array(MANY, sizeof(struct backup *));
	struct error err = ERROR_INIT;

	assert_ok(catalog_begin(p->c, &err));
	for (size_t i = 0; i < MANY; i++) {
		autofree char *id = mem_printf("b%05zu", i);
		autofree char *release = mem_printf("%u", next_random(seed, 40));

		all[i] = sample(id, databases[next_random(seed, 3)], next_random(seed, 500));
		all[i]->status = (enum backup_status)next_random(seed, BACKUP_STATUS_COUNT);
		backup_tag_set(all[i], "release", release);
		assert_ok(catalog_backup_put(p->c, all[i], &err));
	}
	assert_ok(catalog_commit(p->c, &err));
	return all;
}

static bool matches(const struct backup *b, const struct catalog_filter *f)
{
	for (size_t i = 0; i < f->tag_count; i++) {
		const char *value = backup_tag_get(b, f->tag_keys[i]);

		if (!value || (f->tag_values[i] && strcmp(value, f->tag_values[i]) != 0))
			return false;
	}
	return (!f->database || strcmp(b->database, f->database) == 0) &&
	       (!f->created_from || b->created_at >= f->created_from) &&
	       (!f->created_before || b->created_at < f->created_before) &&
	       (!f->statuses || (f->statuses & 1U << b->status));
}

static int newest_first(const void *a, const void *b)
{
	const struct backup *x = *(struct backup *const *)a;
	const struct backup *y = *(struct backup *const *)b;

	if (x->created_at != y->created_at)
		return x->created_at > y->created_at ? -1 : 1;
	return strcmp(y->id, x->id);
}

static void random_filter(struct catalog_filter *f, uint32_t *seed)
{
	static const char *const releases[] = { "3", "7", "99" };

	*f = (struct catalog_filter){ .limit = next_random(seed, 2) * 5 };
	if (next_random(seed, 2))
		f->database = next_random(seed, 2) ? "shop" : "nowhere";
	if (next_random(seed, 2))
		f->created_from = 1 + next_random(seed, 500);
	if (next_random(seed, 2))
		f->created_before = 1 + next_random(seed, 500);
	if (next_random(seed, 2))
		f->statuses = 1 + next_random(seed, 31);
	if (next_random(seed, 2)) {
		f->tag_keys[f->tag_count] = "release";
		f->tag_values[f->tag_count++] = releases[next_random(seed, 3)];
	}
	if (next_random(seed, 2)) {
		f->tag_keys[f->tag_count] = "z";
		f->tag_values[f->tag_count++] = next_random(seed, 2) ? "1" : NULL;
	}
}

/* However a listing is found, it must be the one that looking at every backup gives. */
static void listings_equal_an_exhaustive_search(void **state)
{
	struct place *p = *state;
	uint32_t seed = 7;
	struct backup **all = put_many(p, &seed);

	qsort(all, MANY, sizeof(struct backup *), newest_first);
	for (int round = 0; round < 400; round++) {
		struct error err = ERROR_INIT;
		struct catalog_filter f;
		autobuf want = BUF_INIT;
		autobuf got = BUF_INIT;
		size_t found = 0;

		random_filter(&f, &seed);
		for (size_t i = 0; i < MANY; i++) {
			if (!matches(all[i], &f))
				continue;
			if (!f.limit || found < f.limit)
				buf_addf(&want, "%s ", all[i]->id);
			found++;
		}
		assert_ok(catalog_backup_each(p->c, &f, add_id, &got, &err));
		assert_string_equal(got.data, want.data);
		if (f.limit && found > f.limit)
			found = f.limit;
		assert_int_equal(catalog_backup_count(p->c, &f, &err), found);
	}
	for (size_t i = 0; i < MANY; i++)
		backup_free(all[i]);
	free(all);
}

static void names_are_distinct_and_sorted(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	autobuf databases = BUF_INIT;
	autobuf keys = BUF_INIT;
	autobuf values = BUF_INIT;

	put(p, "a", "shop", 1);
	put(p, "b", "crm", 2);
	put(p, "c", "shop", 3);
	put(p, "d", "wiki", 4);
	assert_int_equal(catalog_backup_mark(p->c, "d", BACKUP_FAILED, "x", "v", &err), 1);
	assert_ok(catalog_databases(p->c, add_text, &databases, &err));
	assert_string_equal(databases.data, "crm shop ");
	assert_ok(catalog_tag_keys(p->c, add_text, &keys, &err));
	assert_string_equal(keys.data, "environment z ");
	assert_ok(catalog_tag_values(p->c, "environment", add_text, &values, &err));
	assert_string_equal(values.data, "crm shop ");
}

static void every_change_raises_the_generation(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	int64_t before = catalog_generation(p->c, &err);

	put(p, "a", "shop", 1);
	assert_true(catalog_generation(p->c, &err) > before);
	before = catalog_generation(p->c, &err);
	assert_int_equal(catalog_backup_mark(p->c, "a", BACKUP_CORRUPTED, "x", "v", &err), 1);
	assert_true(catalog_generation(p->c, &err) > before);
	before = catalog_generation(p->c, &err);
	assert_int_equal(catalog_backup_remove(p->c, "nothing", &err), 0);
	assert_int_equal(catalog_generation(p->c, &err), before);
}

static int note_changed(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	buf_addf(arg, "+%s ", b->id);
	return 0;
}

static int note_gone(void *arg, const char *id, struct error *err)
{
	(void)err;
	buf_addf(arg, "-%s ", id);
	return 0;
}

static int changes_since(struct place *p, int64_t after, struct buf *out)
{
	struct error err = ERROR_INIT;
	int known = catalog_changes(p->c, after, note_changed, note_gone, out, &err);

	assert_true(known >= 0);
	return known;
}

static void what_changed_since_a_generation_is_known(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *a = sample("a", "shop", 1);
	DEFER(backup) *b = sample("b", "shop", 2);
	autobuf told = BUF_INIT;
	int64_t then;

	assert_ok(catalog_backup_put(p->c, a, &err));
	then = catalog_generation(p->c, &err);
	assert_int_equal(changes_since(p, then, &told), 1);
	assert_string_equal(told.len > 0 ? told.data : "", "");
	assert_ok(catalog_backup_put(p->c, b, &err));
	assert_int_equal(catalog_backup_remove(p->c, "a", &err), 1);
	assert_int_equal(changes_since(p, then, &told), 1);
	assert_string_equal(told.data, "+b -a ");
	then = catalog_generation(p->c, &err);
	assert_int_equal(catalog_backup_reseal(p->c, "b", "s", 2, &err), 1);
	buf_truncate(&told, 0);
	assert_int_equal(changes_since(p, then, &told), 1);
	assert_string_equal(told.data, "+b ");

	/* What was removed is known for a while only. */
	assert_ok(catalog_begin(p->c, &err));
	for (int i = 0; i < 10001; i++)
		assert_int_equal(
			catalog_backup_mark(p->c, "b", BACKUP_COMPLETED, "", "v", &err), 1);
	assert_ok(catalog_commit(p->c, &err));
	assert_int_equal(changes_since(p, then, &told), 0);
	assert_int_equal(changes_since(p, catalog_generation(p->c, &err) + 1, &told), 0);
}

static void what_is_not_committed_never_was(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	const struct catalog_filter all = { 0 };

	assert_ok(catalog_begin(p->c, &err));
	put(p, "a", "shop", 1);
	catalog_rollback(p->c);
	assert_int_equal(catalog_backup_count(p->c, &all, &err), 0);
	assert_ok(catalog_begin(p->c, &err));
	put(p, "a", "shop", 1);
	assert_ok(catalog_commit(p->c, &err));
	assert_int_equal(catalog_backup_count(p->c, &all, &err), 1);
}

static void a_damaged_or_foreign_file_is_put_aside(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	const struct catalog_filter all = { 0 };
	struct catalog *other = NULL;
	bool fresh = false;

	put(p, "a", "shop", 1);
	catalog_close(take(p->c));
	assert_ok(catalog_open(&other, p->path, "local:/elsewhere", &fresh, &err));
	assert_true(fresh);
	assert_int_equal(catalog_backup_count(other, &all, &err), 0);
	catalog_close(other);
	assert_ok(file_replace(p->path, "this is no database at all", 26, 0600, &err));
	assert_ok(catalog_open(&p->c, p->path, "local:/x", &fresh, &err));
	assert_true(fresh);
	assert_int_equal(catalog_backup_count(p->c, &all, &err), 0);
}

static void a_second_opening_finds_the_same(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	const struct catalog_filter all = { 0 };
	DEFER(catalog) *second = NULL;
	bool fresh = true;

	put(p, "a", "shop", 1);
	assert_ok(catalog_open(&second, p->path, "local:/x", &fresh, &err));
	assert_false(fresh);
	assert_int_equal(catalog_backup_count(second, &all, &err), 1);
}

struct seen {
	int64_t operation;
	struct buf steps;
};

static int see_operation(void *arg, const struct catalog_operation *o, struct error *err)
{
	struct seen *seen = arg;

	(void)err;
	seen->operation = o->row;
	return 0;
}

static int see_step(void *arg, const struct catalog_step *s, struct error *err)
{
	struct seen *seen = arg;

	(void)err;
	buf_addf(&seen->steps, "%zu:%s ", s->number, s->status);
	return 0;
}

static void the_journal_of_the_last_run_is_found(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	struct seen seen = { .steps = BUF_INIT };
	const struct catalog_operation o = { .verb = "rollback_execute",
		                             .backup_id = "b1",
		                             .database = "shop" };
	int64_t rows[2];

	assert_int_equal(catalog_journal_last(p->c, "b1", see_operation, see_step, &seen, &err),
	                 0);
	for (int run = 0; run < 2; run++) {
		assert_ok(catalog_operation_begin(p->c, &o, &rows[run], &err));
		for (size_t i = 0; i < 3; i++) {
			const struct catalog_step s = { .operation = rows[run],
				                        .number = i,
				                        .type = "ALTER_TABLE",
				                        .object = "t",
				                        .sql = "ALTER",
				                        .status = "pending",
				                        .error = "" };

			assert_ok(catalog_journal_put(p->c, &s, &err));
		}
	}
	assert_ok(catalog_journal_mark(p->c, rows[1], 0, "done", "", &err));
	assert_ok(catalog_journal_mark(p->c, rows[1], 1, "failed", "why", &err));
	assert_ok(catalog_operation_end(p->c, rows[1], "b1", 12, "why", &err));
	assert_int_equal(catalog_journal_last(p->c, "b1", see_operation, see_step, &seen, &err),
	                 1);
	assert_int_equal(seen.operation, rows[1]);
	assert_string_equal(seen.steps.data, "0:done 1:failed 2:pending ");
	buf_finish(&seen.steps);
}

static void a_copy_may_grow(void **state)
{
	DEFER(backup) *b = sample("a", "shop", 1);
	DEFER(backup) *copy = backup_copy(b);

	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%02d", i);
		backup_file_add(copy, name, 1, "");
	}
	assert_int_equal(copy->file_count, 23);
	assert_int_equal(b->file_count, 3);
	assert_string_equal(copy->files[22].name, "schema.sql");
}

#define IN_PLACE(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(every_statement_can_be_prepared),
		IN_PLACE(the_file_is_closed_to_others),
		IN_PLACE(a_backup_comes_back_whole),
		IN_PLACE(putting_again_keeps_the_row),
		IN_PLACE(a_row_is_never_used_again),
		IN_PLACE(ids_are_found_by_prefix),
		IN_PLACE(listings_follow_the_filter),
		IN_PLACE(listings_equal_an_exhaustive_search),
		IN_PLACE(names_are_distinct_and_sorted),
		IN_PLACE(every_change_raises_the_generation),
		IN_PLACE(what_changed_since_a_generation_is_known),
		IN_PLACE(what_is_not_committed_never_was),
		IN_PLACE(a_damaged_or_foreign_file_is_put_aside),
		IN_PLACE(a_second_opening_finds_the_same),
		IN_PLACE(the_journal_of_the_last_run_is_found),
		cmocka_unit_test(a_copy_may_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
