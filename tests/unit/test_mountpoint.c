/* SPDX-License-Identifier: MIT */
#include "fs/mountpoint.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "tests/unit/test.h"

static int make_directory(void **state)
{
	char *dir = mem_strdup("/tmp/test_mountpoint.XXXXXX");

	*state = dir;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_directory(void **state)
{
	struct error err = ERROR_INIT;

	assert_ok(dir_remove_tree(*state, &err));
	free(*state);
	return 0;
}

static void a_directory_is_taken_by_its_absolute_path(void **state)
{
	const char *dir = *state;
	struct error err = ERROR_INIT;
	autofree char *link = mem_printf("%s/link", dir);
	autofree char *real = mem_printf("%s/real", dir);
	autofree char *out = NULL;

	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink("real", link), 0);
	assert_ok(mountpoint_prepare(&out, link, &err));
	assert_string_equal(out, real);
}

static void what_is_no_directory_is_refused(void **state)
{
	const char *dir = *state;
	struct error err = ERROR_INIT;
	autofree char *missing = mem_printf("%s/missing", dir);
	autofree char *file = mem_printf("%s/file", dir);
	autofree char *hint = mem_printf("mkdir -p %s", missing);
	char *out = NULL;

	assert_int_equal(mountpoint_prepare(&out, missing, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.hint, hint));
	error_clear(&err);
	assert_ok(file_replace(file, "x", 1, 0600, &err));
	assert_fails(mountpoint_prepare(&out, file, &err), ERR_SYSTEM, "not a directory");
	assert_null(out);
}

static void who_has_it_open_is_named(void **state)
{
	const char *dir = *state;
	autofree char *me = mem_printf("(%d)", (int)getpid());
	autofree char *longer = mem_printf("%sx", dir);
	autobuf holders = BUF_INIT;
	autobuf others = BUF_INIT;
	autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	mountpoint_holders(&holders, dir);
	assert_non_null(strstr(holders.data, me));
	mountpoint_holders(&others, longer); /* a longer name is another directory */
	assert_null(strstr(others.data, me));
}

static void unmounting_what_is_not_mounted_is_done(void **state)
{
	struct error err = ERROR_INIT;

	if (geteuid() != 0)
		skip_because("only root can unmount");
	assert_int_equal(mountpoint_unmount(*state, false, &err), 1);
}

#define IN_A_DIRECTORY(check) \
	cmocka_unit_test_setup_teardown(check, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_DIRECTORY(a_directory_is_taken_by_its_absolute_path),
		IN_A_DIRECTORY(what_is_no_directory_is_refused),
		IN_A_DIRECTORY(who_has_it_open_is_named),
		IN_A_DIRECTORY(unmounting_what_is_not_mounted_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
