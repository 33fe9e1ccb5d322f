/* SPDX-License-Identifier: MIT */
#include "fs/dropbox.h"

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "tests/unit/fs_test.h"

static int64_t make_file(struct dropbox *d, int64_t parent, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	struct drop_attr attr;

	assert_ok(dropbox_make(d, parent, name, false, &attr, &err));
	assert_ok(dropbox_write(d, attr.number, 0, text, strlen(text), &err));
	return attr.number;
}

static int64_t make_directory(struct dropbox *d, int64_t parent, const char *name)
{
	struct error err = ERROR_INIT;
	struct drop_attr attr;

	assert_ok(dropbox_make(d, parent, name, true, &attr, &err));
	return attr.number;
}

static int64_t count_backups(struct fs_world *w)
{
	const struct catalog_filter all = { 0 };
	struct error err = ERROR_INIT;

	return catalog_backup_count(w->worker->catalog, &all, &err);
}

#define SCRIPT "use shop; create table t (a int);\n"

static void bytes_come_back(void **state)
{
	DEFER(dropbox) *d = dropbox_new();
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	autobuf bytes = BUF_INIT;
	int64_t n = make_file(d, DROPBOX_TOP, "x", "hello");

	(void)state;
	assert_ok(dropbox_write(d, n, 7, "you", 3, &err));
	assert_ok(dropbox_read(d, n, 0, 100, &bytes, &err));
	assert_int_equal(bytes.len, 10);
	assert_memory_equal(bytes.data, "hello\0\0you", 10);
	assert_ok(dropbox_resize(d, n, 4, &err));
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "x", &attr), 1);
	assert_int_equal(attr.size, 4);
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "y", &attr), 0);
	assert_fails(dropbox_make(d, DROPBOX_TOP, "x", false, &attr, &err), ERR_SYSTEM, "x");
	assert_fails(dropbox_make(d, n, "in", false, &attr, &err), ERR_SYSTEM, "in");
	assert_fails(dropbox_write(d, n, 1ULL << 40, "x", 1, &err), ERR_SYSTEM, "too large");
	assert_ok(dropbox_remove(d, DROPBOX_TOP, "x", false, &err));
	assert_int_equal(dropbox_attr(d, n, &attr), 0);
	assert_false(dropbox_waits(d));
}

static void a_file_is_judged_when_it_is_settled(void **state)
{
	struct fs_world *w = *state;
	DEFER(dropbox) *d = dropbox_new();
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	int64_t good = make_file(d, DROPBOX_TOP, "good.sql", SCRIPT);
	int64_t bad = make_file(d, DROPBOX_TOP, "bad.sql", "hello;\n");
	int64_t hidden = make_file(d, DROPBOX_TOP, ".part", "hello;\n");
	int64_t before = count_backups(w);

	/* Asked again, they say the same, and nothing is imported again. */
	for (int i = 0; i < 3; i++) {
		assert_ok(dropbox_settle(d, good, w->worker->repo, &err));
		assert_fails(dropbox_settle(d, bad, w->worker->repo, &err), ERR_INVALID,
		             "import bad.sql: line 1");
		assert_ok(dropbox_settle(d, hidden, w->worker->repo, &err));
	}
	assert_int_equal(count_backups(w), before + 1);
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "bad.sql.error", &attr), 1);
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "good.sql.error", &attr), 0);
	/* Mended, it is another file. */
	assert_ok(dropbox_resize(d, bad, 0, &err));
	assert_ok(dropbox_write(d, bad, 0, SCRIPT, strlen(SCRIPT), &err));
	assert_ok(dropbox_settle(d, bad, w->worker->repo, &err));
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "bad.sql.error", &attr), 0);
}

static void a_note_is_replaced_by_the_next_one_and_goes_with_success(void **state)
{
	struct fs_world *w = *state;
	DEFER(dropbox) *d = dropbox_new();
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	int64_t n = make_file(d, DROPBOX_TOP, "x.sql", "hello;\n");
	int64_t mine = make_file(d, DROPBOX_TOP, "y.sql.error", "my own");
	int64_t other = make_file(d, DROPBOX_TOP, "y.sql", "hello;\n");
	int64_t note = 0;

	for (int i = 0; i < 3; i++) {
		assert_ok(dropbox_write(d, n, 0, "hallo", 5, &err));
		assert_fails(dropbox_settle(d, n, w->worker->repo, &err), ERR_INVALID,
		             "line 1");
		assert_int_equal(dropbox_find(d, DROPBOX_TOP, "x.sql.error", &attr), 1);
		assert_true(attr.number != note);
		note = attr.number;
	}
	assert_ok(dropbox_resize(d, n, 0, &err));
	assert_ok(dropbox_write(d, n, 0, SCRIPT, strlen(SCRIPT), &err));
	assert_ok(dropbox_settle(d, n, w->worker->repo, &err));
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "x.sql.error", &attr), 0);
	/* A file of somebody's own is nobody's note. */
	assert_fails(dropbox_settle(d, other, w->worker->repo, &err), ERR_INVALID, "line 1");
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "y.sql.error", &attr), 1);
	assert_int_equal(attr.number, mine);
}

static void a_temporary_name_waits_for_the_real_one(void **state)
{
	struct fs_world *w = *state;
	DEFER(dropbox) *d = dropbox_new();
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	const struct drop_move m = { .from = DROPBOX_TOP,
		                     .to = DROPBOX_TOP,
		                     .name = ".x.sql.a1b2",
		                     .new_name = "x.sql" };
	int64_t before = count_backups(w);

	make_file(d, DROPBOX_TOP, ".x.sql.a1b2", "hello;\n");
	assert_fails(dropbox_rename(d, &m, w->worker->repo, &err), ERR_INVALID, "import x.sql");
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, ".x.sql.a1b2", &attr), 1);
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "x.sql", &attr), 0);
	assert_ok(dropbox_resize(d, attr.number, 0, &err));
	assert_ok(dropbox_write(d, attr.number, 0, SCRIPT, strlen(SCRIPT), &err));
	assert_ok(dropbox_rename(d, &m, w->worker->repo, &err));
	assert_int_equal(dropbox_find(d, DROPBOX_TOP, "x.sql", &attr), 1);
	assert_int_equal(count_backups(w), before + 1);
}

static void a_directory_is_whole_when_its_sums_are(void **state)
{
	struct fs_world *w = *state;
	DEFER(dropbox) *d = dropbox_new();
	struct error err = ERROR_INIT;
	int64_t directory = make_directory(d, DROPBOX_TOP, "b");
	/* SHA-256 of SCRIPT's first line is wrong here: the verdict says so, once all is there.
	 */
	int64_t sums =
		make_file(d, directory, "SHA256SUMS",
	                  "00000000000000000000000000000000000000000000000000000000000000"
	                  "00  schema.sql\n");
	int64_t script;

	assert_ok(dropbox_settle(d, sums, w->worker->repo, &err));
	script = make_file(d, directory, "schema.sql", SCRIPT);
	assert_fails(dropbox_settle(d, script, w->worker->repo, &err), ERR_CORRUPT,
	             "checksum mismatch");
	assert_fails(dropbox_remove(d, DROPBOX_TOP, "b", true, &err), ERR_SYSTEM, "not empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test_setup_teardown(a_file_is_judged_when_it_is_settled,
		                                fs_world_make, fs_world_unmake),
		cmocka_unit_test_setup_teardown(
			a_note_is_replaced_by_the_next_one_and_goes_with_success, fs_world_make,
			fs_world_unmake),
		cmocka_unit_test_setup_teardown(a_temporary_name_waits_for_the_real_one,
		                                fs_world_make, fs_world_unmake),
		cmocka_unit_test_setup_teardown(a_directory_is_whole_when_its_sums_are,
		                                fs_world_make, fs_world_unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
