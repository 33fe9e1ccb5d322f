/* SPDX-License-Identifier: MIT */
/* Opening a catalog: what is made, what is moved aside, what is left alone, and by whom. */
#include "tests/unit/test.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"

static char dir[] = "/tmp/test_catalog_open.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	return chdir("/") < 0 ? -1 : dir_remove_tree(dir, &err);
}

static struct catalog *open_catalog(const char *path, bool want_fresh)
{
	struct error err = ERROR_INIT;
	struct catalog *c = NULL;
	bool fresh = !want_fresh;

	assert_ok(catalog_open(&c, path, "local:/x", &fresh, &err));
	assert_int_equal(fresh, want_fresh);
	return c;
}

static int put(struct catalog *c, int number, struct error *err)
{
	DEFER(backup) *b = backup_new();
	autofree char *id = mem_printf("backup_%d", number);

	backup_set(&b->id, id);
	backup_set(&b->database, "shop");
	backup_tag_set(b, "environment", "production");
	backup_file_add(b, "schema.sql", 10, "");
	b->created_at = number;
	b->status = BACKUP_COMPLETED;
	return catalog_backup_put(c, b, err);
}

static int64_t count(struct catalog *c)
{
	struct error err = ERROR_INIT;
	const struct catalog_filter all = { 0 };

	return catalog_backup_count(c, &all, &err);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Does something to a file that only another program, or an older one of ours, would do. */
static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void write_text(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, text, strlen(text), 0600, &err));
}

static void a_link_to_the_directory_is_fine(void **state)
{
	DEFER(catalog) *c = NULL;

	(void)state;
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	c = open_catalog("link/c.db", true);
	assert_true(is_there("real/c.db"));
}

static void a_link_instead_of_the_file_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct catalog *c = NULL;
	bool fresh;

	(void)state;
	assert_int_equal(symlink("elsewhere.db", "link.db"), 0);
	assert_fails(catalog_open(&c, "link.db", "local:/x", &fresh, &err), ERR_CONFIG,
	             "link.db is not a regular file");
	assert_false(is_there("elsewhere.db"));
}

static void assert_closed(const char *path, mode_t want)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, want);
}

static void all_files_are_closed_to_others(void **state)
{
	struct error err = ERROR_INIT;
	mode_t before = umask(0);

	(void)state;
	for (int i = 0; i < 2; i++) {
		DEFER(catalog) *c = open_catalog("new/deep/c.db", true);

		assert_ok(put(c, 1, &err));
		assert_closed("new", 0700);
		assert_closed("new/deep", 0700);
		assert_closed("new/deep/c.db", 0600);
		assert_closed("new/deep/c.db-wal", 0600);
		assert_closed("new/deep/c.db-shm", 0600);
		catalog_close(take(c));
		/* The second time it is begun anew beside a damaged one. */
		write_text("new/deep/c.db", "damaged");
	}
	umask(before);
}

static void another_programs_database_is_left_alone(void **state)
{
	struct error err = ERROR_INIT;
	struct catalog *c = NULL;
	bool fresh;

	(void)state;
	run_sql("f.db", "CREATE TABLE precious (x); INSERT INTO precious VALUES (42)");
	assert_fails(catalog_open(&c, "f.db", "local:/x", &fresh, &err), ERR_CONFIG,
	             "f.db is a database of another program");
	run_sql("f.db", "DELETE FROM precious WHERE x = 42");
	assert_false(is_there("f.db.old"));
}

static void another_version_is_kept_beside_the_new_one(void **state)
{
	static const char *const changes[] = {
		"PRAGMA user_version = 1",
		"UPDATE catalog SET location = 's3://other'",
		"DELETE FROM catalog",
		"DROP TABLE catalog",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		DEFER(catalog) *c = open_catalog("v.db", i == 0);

		assert_ok(put(c, 7, &err));
		catalog_close(take(c));
		run_sql("v.db", changes[i]);
		c = open_catalog("v.db", true);
		assert_int_equal(count(c), 0);
		run_sql("v.db.old", "DELETE FROM backup WHERE id = 'backup_7'");
		unlink("v.db.old");
	}
}

static void a_sound_catalog_is_not_begun_anew(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *c = open_catalog("sound.db", true);

	(void)state;
	assert_ok(put(c, 1, &err));
	assert_int_equal(catalog_check(c, &err), 1);
	assert_ok(catalog_renew(c, "local:/x", &err));
	assert_int_equal(count(c), 1);
	assert_false(is_there("sound.db.old"));
	assert_ok(catalog_begin(c, &err));
	assert_fails(catalog_renew(c, "local:/x", &err), ERR_BUSY, "a transaction is open");
}

/* Another process finds the damage first: one of them begins anew, both go on. */
static void a_catalog_damaged_while_it_is_open_is_begun_anew_once(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *first = open_catalog("both.db", true);
	DEFER(catalog) *second = open_catalog("both.db", false);
	autobuf content = BUF_INIT;

	(void)state;
	assert_ok(put(first, 1, &err));
	catalog_close(take(first));
	catalog_close(take(second));
	assert_ok(file_read(&content, "both.db", SIZE_MAX, &err));
	memset(content.data + content.len / 2, 0xa5, content.len / 2);
	assert_ok(file_replace("both.db", content.data, content.len, 0600, &err));
	first = open_catalog("both.db", false);
	second = open_catalog("both.db", false);
	assert_int_equal(catalog_check(first, &err), 0);
	assert_ok(catalog_renew(first, "local:/x", &err));
	assert_int_equal(count(first), 0);
	assert_ok(put(first, 2, &err));
	assert_ok(catalog_renew(second, "local:/x", &err));
	assert_int_equal(count(second), 1);
	assert_true(is_there("both.db.old"));
}

/* A full disk is no reason to take a good catalog for a damaged one. */
static void a_catalog_that_cannot_be_written_stays_where_it_is(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *c = open_catalog("full.db", true);
	struct rlimit before, none;
	bool fresh;

	(void)state;
	assert_ok(put(c, 1, &err));
	catalog_close(take(c));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(catalog_open(&c, "full.db", "local:/x", &fresh, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_false(is_there("full.db.old"));
	c = open_catalog("full.db", false);
	assert_int_equal(count(c), 1);
}

#define PROCESSES 4

/* Each process opens the catalog for itself and puts some backups in. */
static void run_processes(const char *path, int each)
{
	pid_t pids[PROCESSES];

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct error err = ERROR_INIT;
			struct catalog *c = NULL;
			bool fresh;
			int result = catalog_open(&c, path, "local:/x", &fresh, &err);

			for (int j = 0; j < each && result == 0; j++)
				result = put(c, i * each + j, &err);
			if (result < 0)
				fprintf(stderr, "process %d: %s\n", i, err.text);
			catalog_close(c);
			_exit(result < 0 ? 1 : 0);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

static void processes_that_begin_anew_at_once_share_one_catalog(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		DEFER(catalog) *c = NULL;

		write_text("race.db", round % 2 ? "damaged" : "");
		unlink("race.db.old");
		run_processes("race.db", 1);
		c = open_catalog("race.db", false);
		assert_int_equal(count(c), PROCESSES);
		assert_int_equal(is_there("race.db.old"), round % 2);
	}
}

static void processes_write_at_once_and_lose_nothing(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *c = open_catalog("many.db", true);
	int64_t before = catalog_generation(c, &err);

	(void)state;
	run_processes("many.db", 25);
	assert_int_equal(count(c), PROCESSES * 25);
	assert_int_equal(catalog_generation(c, &err), before + PROCESSES * 25);
}

/*
 * POSIX locks belong to a process: whoever closes any descriptor of the file drops
 * them. Another process would then take itself for the last one and remove the log.
 */
static void opening_again_keeps_the_locks_of_this_process(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *c = open_catalog("locks.db", true);
	DEFER(catalog) *second = open_catalog("locks.db", false);
	pid_t pid;
	int status = -1;

	(void)state;
	assert_ok(put(c, 1, &err));
	catalog_close(take(second));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sqlite3 *db = NULL;
		int code = sqlite3_open("locks.db", &db);

		if (code == SQLITE_OK)
			code = sqlite3_exec(db, "SELECT * FROM backup", NULL, NULL, NULL);
		sqlite3_close(db);
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(is_there("locks.db-wal"));
	assert_ok(put(c, 2, &err));
	assert_int_equal(count(c), 2);
}

static int ignore_backup(void *arg, const struct backup *b, struct error *err)
{
	(void)arg;
	(void)b;
	(void)err;
	return 0;
}

static int ignore_text(void *arg, const char *text, struct error *err)
{
	(void)arg;
	(void)text;
	(void)err;
	return 0;
}

/* All that reads, and one that writes; each may fail, with a code that says why. */
static void use(struct catalog *c)
{
	const struct catalog_filter filters[] = {
		{ 0 },
		{ .database = "shop", .limit = 3 },
		{ .tag_keys = { "environment" },
		  .tag_values = { "production" },
		  .tag_count = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(filters) + 3; i++) {
		struct error err = ERROR_INIT;
		int result;

		if (i < ARRAY_SIZE(filters))
			result = catalog_backup_each(c, &filters[i], ignore_backup, NULL, &err);
		else if (i == ARRAY_SIZE(filters))
			result = catalog_databases(c, ignore_text, NULL, &err);
		else if (i == ARRAY_SIZE(filters) + 1)
			result = catalog_tag_values(c, "environment", ignore_text, NULL, &err);
		else
			result = put(c, 1000, &err);
		if (result < 0 && err.code != ERR_CORRUPT && err.code != ERR_SYSTEM)
			fail_msg("%s: %s", error_name(err.code), err.text);
	}
}

static void damaged_bytes_are_an_error_and_no_crash(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *good = open_catalog("good.db", true);
	autobuf bytes = BUF_INIT;
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 60; i++)
		assert_ok(put(good, i, &err));
	catalog_close(take(good));
	assert_ok(file_read(&bytes, "good.db", (size_t)16 << 20, &err));
	for (int mutant = 0; mutant < 200; mutant++) {
		autofree char *copy = mem_strndup(bytes.data, bytes.len);
		struct catalog *c = NULL;
		bool fresh;

		memcpy(copy, bytes.data, bytes.len);
		for (int i = 0; i < 1 + mutant % 20; i++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 4) % bytes.len] = (char)(seed >> 24);
		}
		assert_ok(file_replace("mutant.db", copy,
		                       bytes.len - (mutant % 5 ? 0 : seed % bytes.len), 0600,
		                       &err));
		if (catalog_open(&c, "mutant.db", "local:/x", &fresh, &err) == 0)
			use(c);
		else if (err.code != ERR_CONFIG && err.code != ERR_SYSTEM)
			fail_msg("%s: %s", error_name(err.code), err.text);
		error_clear(&err);
		catalog_close(c);
		unlink("mutant.db-wal");
		unlink("mutant.db-shm");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_to_the_directory_is_fine),
		cmocka_unit_test(a_link_instead_of_the_file_is_refused),
		cmocka_unit_test(all_files_are_closed_to_others),
		cmocka_unit_test(another_programs_database_is_left_alone),
		cmocka_unit_test(another_version_is_kept_beside_the_new_one),
		cmocka_unit_test(a_sound_catalog_is_not_begun_anew),
		cmocka_unit_test(a_catalog_damaged_while_it_is_open_is_begun_anew_once),
		cmocka_unit_test(a_catalog_that_cannot_be_written_stays_where_it_is),
		cmocka_unit_test(processes_that_begin_anew_at_once_share_one_catalog),
		cmocka_unit_test(processes_write_at_once_and_lose_nothing),
		cmocka_unit_test(opening_again_keeps_the_locks_of_this_process),
		cmocka_unit_test(damaged_bytes_are_an_error_and_no_crash),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
