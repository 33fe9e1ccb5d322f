/* SPDX-License-Identifier: MIT */
/* What a directory as a store does beyond the promises of every store (test_store.c). */
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/store/local_file.h"
#include "engine/store/store.h"

#define NOBODY 65534

static const struct store_range all = { .length = UINT64_MAX, .max = 1 << 20 };

static int set_up(void **state)
{
	*state = mem_strdup("/tmp/test_local.XXXXXX");
	return mkdtemp(*state) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct error err = ERROR_INIT;
	int rc = dir_remove_tree(*state, &err);

	free(*state);
	return rc;
}

static struct store *open_store(const char *path, const char *permissions)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;
	autobuf yaml = BUF_INIT;
	struct store *s = NULL;

	buf_addf(&yaml, "backup: {storage: {local: {base_path: \"%s\", permissions: \"%s\"}}}",
	         path, permissions);
	assert_ok(config_parse(&c, yaml.data, yaml.len, "test", &err));
	assert_ok(store_open(&s, c, &err));
	return s;
}

static mode_t mode_of(const char *dir, const char *name)
{
	autofree char *path = path_join(dir, name);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* How many names there are, dot files of ours too. */
static size_t count_entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void make_file(const char *dir, const char *name, int age)
{
	autofree char *path = path_join(dir, name);
	struct error err = ERROR_INIT;
	struct timespec times[2];

	assert_ok(file_replace(path, "x", 1, 0644, &err));
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= age;
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void permissions_are_meant_for_files(void **state)
{
	static const struct {
		const char *configured;
		mode_t file, dir;
	} cases[] = {
		{ "0755", 0644, 0755 }, { "0700", 0600, 0700 }, { "0600", 0600, 0700 },
		{ "0640", 0640, 0750 }, { "0664", 0664, 0775 }, { "0000", 0600, 0700 },
		{ "0777", 0666, 0777 }, { "4755", 0644, 0755 },
	};
	mode_t mask = umask(027); /* what is configured counts, not the umask */

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *path = mem_printf("%s/%zu/deep", (char *)*state, i);
		DEFER(store) *s = open_store(path, cases[i].configured);
		struct error err = ERROR_INIT;
		struct store_stat stat;

		assert_ok(store_put(s, "a", "x", 1, &err));
		assert_int_equal(mode_of(path, "a"), cases[i].file);
		assert_int_equal(mode_of(path, "."), cases[i].dir);
		assert_int_equal(mode_of(path, ".."), cases[i].dir);
		assert_int_equal(store_stat(s, "a", &stat, &err), 1);
		assert_ok(store_replace(s, "a", stat.version, "y", 1, &err));
		assert_int_equal(mode_of(path, "a"), cases[i].file);
	}
	umask(mask);
}

static void a_directory_that_is_there_keeps_its_mode(void **state)
{
	DEFER(store) *s = open_store(*state, "0755");
	struct error err = ERROR_INIT;

	assert_int_equal(chmod(*state, 0711), 0);
	assert_ok(store_put(s, "a", "x", 1, &err));
	assert_int_equal(mode_of(*state, "."), 0711);
}

static void reading_makes_no_directory(void **state)
{
	autofree char *path = path_join(*state, "new");
	DEFER(store) *s = open_store(path, "0700");
	struct error err = ERROR_INIT;
	struct store_stat stat;

	assert_int_equal(store_stat(s, "a", &stat, &err), 0);
	assert_int_equal(store_remove(s, "a", &err), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_relative_path_holds_where_the_process_began(void **state)
{
	char here[4096];
	struct error err = ERROR_INIT;
	autofree char *want = mem_printf("local:%s/backups", (char *)*state);
	struct store_stat stat;

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(*state), 0);
	DEFER(store) *s = open_store("./backups", "0700");
	assert_string_equal(store_location(s), want);
	assert_int_equal(chdir(here), 0);
	assert_ok(store_put(s, "a", "x", 1, &err));
	want[strlen(want) - 1] = '\0';
	assert_int_equal(store_stat(s, "a", &stat, &err), 1);
	assert_int_equal(mode_of(*state, "backups/a"), 0600);
}

/* Appends "name|". */
static int add_key(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	(void)stat;
	(void)err;
	buf_addf(arg, "%s|", key);
	return 0;
}

static void what_else_lies_there_is_left_alone(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	autofree char *dir = path_join(*state, "directory");
	autofree char *link = path_join(*state, "link");
	autobuf keys = BUF_INIT;
	autobuf out = BUF_INIT;

	make_file(*state, ".hidden", 0);
	make_file(*state, "100%", 0);
	make_file(*state, "\xc3\xa4", 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_ok(store_put(s, "a", "x", 1, &err));
	assert_ok(store_list(s, NULL, add_key, &keys, &err));
	assert_string_equal(keys.data, "a|");
	assert_fails(store_get(s, "directory", all, &out, NULL, &err), ERR_STORE,
	             "is not a regular file");
	assert_int_equal(store_get(s, "link", all, &out, NULL, &err), -1);
	error_clear(&err);
	assert_fails(store_remove(s, "directory", &err), ERR_STORE, "is not a regular file");
	assert_fails(store_put(s, "link", "x", 1, &err), ERR_EXISTS, "link exists already");
	assert_int_equal(out.len, 0);
	assert_int_equal(count_entries(*state), 6);
}

static void stale_temporary_files_are_swept(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	autobuf keys = BUF_INIT;

	make_file(*state, LOCAL_FILE_TEMP "0123456789abcdef", 25 * 3600);
	make_file(*state, LOCAL_FILE_TEMP "fedcba9876543210", 3600);
	make_file(*state, ".other-tmp", 25 * 3600);
	assert_ok(store_list(s, NULL, add_key, &keys, &err));
	assert_string_equal(keys.data, "");
	assert_int_equal(count_entries(*state), 2);
	assert_int_equal(mode_of(*state, ".other-tmp"), 0644);
}

static void unfinished_files_are_told_and_left(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	autobuf names = BUF_INIT;

	make_file(*state, LOCAL_FILE_TEMP "0123456789abcdef", 25 * 3600);
	make_file(*state, "key.meta", 0);
	assert_ok(store_each_leftover(s, add_key, &names, &err));
	assert_non_null(strstr(names.data, LOCAL_FILE_TEMP "0123456789abcdef"));
	assert_null(strstr(names.data, "key.meta"));
	assert_int_equal(count_entries(*state), 2);
}

static void nothing_is_left_of_a_write_that_lost(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;

	assert_ok(store_put(s, "a", "x", 1, &err));
	assert_fails(store_put(s, "a", "y", 1, &err), ERR_EXISTS, "");
	assert_fails(store_replace(s, "a", "old", "y", 1, &err), ERR_BUSY, "");
	assert_int_equal(count_entries(*state), 1);
}

static void a_name_too_long_for_a_file_is_refused(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	char key[257] = { 0 };

	memset(key, 'k', 256);
	assert_fails(store_put(s, key, "", 0, &err), ERR_INVALID, "256 bytes, limit 255");
	key[255] = '\0';
	assert_ok(store_put(s, key, "", 0, &err));
}

static void a_base_path_that_is_a_file_is_an_error(void **state)
{
	autofree char *path = path_join(*state, "file");
	DEFER(store) *s = open_store(path, "0700");
	struct error err = ERROR_INIT;
	struct store_stat stat;

	make_file(*state, "file", 0);
	assert_fails(store_put(s, "a", "", 0, &err), ERR_SYSTEM, "not a directory");
	assert_fails(store_stat(s, "a", &stat, &err), ERR_SYSTEM, "not a directory");
}

/* As a user who may not: permissions do not hold root back. */
static void denied_in(const char *dir)
{
	autofree char *inside = path_join(dir, "inside/deep");
	DEFER(store) *s = open_store(dir, "0700");
	DEFER(store) *deep = open_store(inside, "0700");
	autofree char *want = mem_printf("permission denied: %s", dir);
	struct error err = ERROR_INIT;

	assert_int_equal(store_put(s, "new", "x", 1, &err), -1);
	assert_string_equal(err.text, want);
	assert_int_equal(err.sys_errno, EACCES);
	assert_true(err.hint[0] != '\0');
	error_clear(&err);
	assert_fails(store_put(deep, "new", "x", 1, &err), ERR_SYSTEM, want);
	assert_fails(store_remove(s, "old", &err), ERR_SYSTEM, want);
}

static void a_directory_of_somebody_else_is_named(void **state)
{
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	autobuf out = BUF_INIT;
	bool root = geteuid() == 0;

	assert_ok(store_put(s, "old", "x", 1, &err));
	assert_int_equal(chmod(*state, 0555), 0);
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	denied_in(*state);
	if (root) {
		assert_fails(store_get(s, "old", all, &out, NULL, &err), ERR_SYSTEM,
		             "permission denied: ");
		assert_int_equal(seteuid(0), 0);
	}
	assert_int_equal(chmod(*state, 0755), 0);
}

/* A file system of 64 KiB, which only this process sees. False: not without privileges. */
static bool mount_small_disk(const char *dir)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", dir, "tmpfs", 0, "size=64k") == 0;
}

static void fill_small_disk(const char *dir)
{
	DEFER(store) *s = open_store(dir, "0700");
	const char *want = "failed to write backup file: no space left on device";
	struct error err = ERROR_INIT;
	struct store_stat stat;
	autobuf data = BUF_INIT;

	while (data.len < 100000)
		buf_adds(&data, "0123456789");
	assert_ok(store_put(s, "small", "x", 1, &err));
	assert_int_equal(store_put(s, "large", data.data, data.len, &err), -1);
	assert_string_equal(err.text, want);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_non_null(strstr(err.hint, dir));
	error_clear(&err);
	assert_int_equal(count_entries(dir), 1);
	assert_int_equal(store_stat(s, "small", &stat, &err), 1);
	assert_int_equal(store_replace(s, "small", stat.version, data.data, data.len, &err),
	                 -1);
	assert_string_equal(err.text, want);
	assert_int_equal(count_entries(dir), 1);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
	if (!mount_small_disk(*state))
		skip_because("no small disk can be mounted here");
	fill_small_disk(*state);
	assert_int_equal(umount(*state), 0);
}

/* For those who may not mount: a file may not grow beyond a limit. */
static void a_write_that_fails_leaves_nothing_behind(void **state)
{
	const struct rlimit small = { 1000, RLIM_INFINITY };
	struct rlimit before;
	DEFER(store) *s = open_store(*state, "0700");
	struct error err = ERROR_INIT;
	struct store_stat stat;
	char data[2000] = { 0 };

	assert_ok(store_put(s, "a", "x", 1, &err));
	assert_int_equal(store_stat(s, "a", &stat, &err), 1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(store_put(s, "b", data, sizeof(data), &err), -1);
	assert_int_equal(err.sys_errno, EFBIG);
	assert_fails(-1, ERR_SYSTEM, "failed to write backup file: ");
	assert_fails(store_replace(s, "a", stat.version, data, sizeof(data), &err), ERR_SYSTEM,
	             "failed to write backup file: ");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(count_entries(*state), 1);
}

/* The way of file systems without nameless files. */
static void a_named_temporary_file_is_published_too(void **state)
{
	autoclose int dir = open(*state, O_RDONLY | O_DIRECTORY);
	struct error err = ERROR_INIT;
	struct str text = str_of("text");
	struct store_body body = store_body_of_text(&text);

	for (int i = 0; i < 2; i++) {
		DEFER(local_file) *f = NULL;

		assert_ok(local_file_new(&f, dir, *state, 0600, LOCAL_FILE_REPLACE, &err));
		assert_ok(local_file_fill(f, &body, &err));
		assert_int_equal(count_entries(*state), i + 1);
		if (i == 0)
			assert_ok(local_file_publish(f, "name", &err));
		else
			assert_fails(local_file_publish(f, "name", &err), ERR_EXISTS, "name");
	}
	assert_int_equal(count_entries(*state), 1);
	assert_int_equal(mode_of(*state, "name"), 0600);
}

#define WITH_DIR(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(permissions_are_meant_for_files),
		WITH_DIR(a_directory_that_is_there_keeps_its_mode),
		WITH_DIR(reading_makes_no_directory),
		WITH_DIR(a_relative_path_holds_where_the_process_began),
		WITH_DIR(what_else_lies_there_is_left_alone),
		WITH_DIR(stale_temporary_files_are_swept),
		WITH_DIR(unfinished_files_are_told_and_left),
		WITH_DIR(nothing_is_left_of_a_write_that_lost),
		WITH_DIR(a_name_too_long_for_a_file_is_refused),
		WITH_DIR(a_base_path_that_is_a_file_is_an_error),
		WITH_DIR(a_directory_of_somebody_else_is_named),
		WITH_DIR(a_full_disk_leaves_nothing_behind),
		WITH_DIR(a_write_that_fails_leaves_nothing_behind),
		WITH_DIR(a_named_temporary_file_is_published_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
