/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"

static int set_up(void **state)
{
	*state = mem_strdup("/tmp/test_fsutil.XXXXXX");
	return mkdtemp(*state) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct error err = ERROR_INIT;
	int rc = dir_remove_tree(*state, &err);

	free(*state);
	return rc;
}

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

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_file_is_written_and_read(void **state)
{
	autofree char *path = path_join(*state, "f");
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, "a\0b", 3, 0640, &err));
	buf_adds(&b, "> ");
	assert_ok(file_read(&b, path, 3, &err));
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "> a\0b", 6);
	assert_int_equal(mode_of(path), 0640);
}

static void an_empty_file_is_read(void **state)
{
	autofree char *path = path_join(*state, "f");
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, NULL, 0, 0600, &err));
	assert_ok(file_read(&b, path, 0, &err));
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void a_file_beyond_the_limit_is_corrupt(void **state)
{
	autofree char *path = path_join(*state, "f");
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, "12345", 5, 0600, &err));
	buf_adds(&b, "x");
	assert_fails(file_read(&b, path, 4, &err), ERR_CORRUPT, "5 bytes, limit 4");
	assert_string_equal(b.data, "x");
}

static void a_missing_file_is_an_answer_or_an_error(void **state)
{
	autofree char *path = path_join(*state, "none");
	autofree char *below = path_join(path, "x");
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_fails(file_read(&b, path, 10, &err), ERR_SYSTEM, "no such file or directory");
	assert_int_equal(file_read_if_there(&b, path, 10, &err), 0);
	assert_ok(file_replace(path, "now", 3, 0600, &err));
	assert_int_equal(file_read_if_there(&b, path, 10, &err), 1);
	assert_string_equal(b.data, "now");
	assert_int_equal(file_read_if_there(&b, below, 10, &err), 0);
	assert_fails(file_read_if_there(&b, path, 2, &err), ERR_CORRUPT, path);
	assert_fails(file_read_if_there(&b, *state, 10, &err), ERR_SYSTEM, "directory");
}

static void replace_leaves_nothing_else_behind(void **state)
{
	autofree char *path = path_join(*state, "f");
	autofree char *dir = path_join(*state, "d");
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, "old", 3, 0644, &err));
	assert_ok(file_replace(path, "new", 3, 0600, &err));
	assert_ok(file_read(&b, path, 10, &err));
	assert_string_equal(b.data, "new");
	assert_int_equal(mode_of(path), 0600);
	assert_ok(dir_create(dir, 0700, &err));
	assert_fails(file_replace(dir, "x", 1, 0600, &err), ERR_SYSTEM, "rename");
	assert_int_equal(count_entries(*state), 2);
}

static void replace_needs_its_directory(void **state)
{
	autofree char *path = path_join(*state, "no/such/f");
	struct error err = ERROR_INIT;

	assert_fails(file_replace(path, "x", 1, 0600, &err), ERR_SYSTEM, "no/such/f");
}

struct writer {
	int fd;
	size_t len;
};

static void *write_slowly(void *arg)
{
	const struct writer *w = arg;
	autofree char *data = mem_alloc(w->len);
	struct error err = ERROR_INIT;

	memset(data, 'x', w->len);
	fd_write_all(w->fd, data, w->len, &err);
	close(w->fd);
	return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
	int ends[2];
	struct writer w = { .len = 300000 };
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	w.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
	assert_ok(fd_read_all(&b, ends[0], w.len, &err));
	pthread_join(thread, NULL);
	close(ends[0]);
	assert_int_equal(b.len, w.len);
	assert_int_equal(strlen(b.data), w.len);
}

static void a_pipe_beyond_the_limit_is_corrupt(void **state)
{
	int ends[2];
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_ok(fd_write_all(ends[1], "123456", 6, &err));
	close(ends[1]);
	assert_fails(fd_read_all(&b, ends[0], 5, &err), ERR_CORRUPT, "5 bytes");
	assert_int_equal(b.len, 0);
	close(ends[0]);
}

static void descriptors_that_fail_are_errors(void **state)
{
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;
	int ends[2];

	(void)state;
	assert_fails(fd_read_all(&b, -1, 5, &err), ERR_SYSTEM, "bad file descriptor");
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_fails(fd_write_all(ends[1], "x", 1, &err), ERR_SYSTEM, "broken pipe");
	signal(SIGPIPE, SIG_DFL);
	close(ends[1]);
}

static void directories_come_with_their_parents(void **state)
{
	autofree char *path = path_join(*state, "a//b/c/");
	autofree char *parent = path_join(*state, "a/b");
	autofree char *file = path_join(*state, "f");
	autofree char *below = path_join(file, "x");
	struct error err = ERROR_INIT;

	assert_ok(dir_create(path, 0750, &err));
	assert_ok(dir_create(path, 0700, &err));
	assert_int_equal(mode_of(path), 0750);
	assert_int_equal(mode_of(parent), 0750);
	assert_ok(dir_sync(path, &err));
	assert_ok(dir_create("/", 0700, &err));
	assert_ok(file_replace(file, "x", 1, 0600, &err));
	assert_fails(dir_create(file, 0700, &err), ERR_SYSTEM, "not a directory");
	assert_fails(dir_create(below, 0700, &err), ERR_SYSTEM, "not a directory");
	assert_fails(dir_sync(file, &err), ERR_SYSTEM, "not a directory");
}

static void a_tree_is_removed_but_not_what_links_point_to(void **state)
{
	autofree char *outside = path_join(*state, "outside");
	autofree char *kept = path_join(outside, "kept");
	autofree char *tree = path_join(*state, "tree");
	autofree char *deep = path_join(tree, "a/b/c");
	autofree char *file = path_join(deep, "f");
	autofree char *link_path = path_join(tree, "link");
	struct error err = ERROR_INIT;

	assert_ok(dir_create(outside, 0700, &err));
	assert_ok(file_replace(kept, "x", 1, 0600, &err));
	assert_ok(dir_create(deep, 0700, &err));
	assert_ok(file_replace(file, "x", 1, 0400, &err));
	assert_int_equal(symlink(outside, link_path), 0);
	assert_ok(dir_remove_tree(tree, &err));
	assert_int_equal(access(tree, F_OK), -1);
	assert_int_equal(access(kept, F_OK), 0);
	assert_ok(dir_remove_tree(tree, &err));
}

static void paths_are_joined_and_parted(void **state)
{
	static const struct {
		const char *dir;
		const char *name;
		const char *joined;
	} joins[] = {
		{ "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" }, { "/", "b", "/b" },
		{ "", "b", "b" },      { ".", "b", "./b" },
	};
	static const struct {
		const char *path;
		const char *parent;
	} parents[] = {
		{ "/a/b", "/a" }, { "/a/b/", "/a" }, { "/a//b", "/a" },
		{ "/a", "/" },    { "/", "/" },      { "a", "." },
		{ "a/b", "a" },   { "", "." },       { "//", "/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(joins); i++) {
		autofree char *p = path_join(joins[i].dir, joins[i].name);

		assert_string_equal(p, joins[i].joined);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
		autofree char *p = path_parent(parents[i].path);

		assert_string_equal(p, parents[i].parent);
	}
}

static void a_tilde_is_home(void **state)
{
	static const struct {
		const char *path;
		const char *expanded;
	} cases[] = {
		{ "~", "/home/u" }, { "~/x", "/home/u/x" }, { "~u/x", "~u/x" },
		{ "/~", "/~" },     { "x", "x" },           { "", "" },
	};

	(void)state;
	setenv("HOME", "/home/u", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *p = path_expand(cases[i].path);

		assert_string_equal(p, cases[i].expanded);
	}
}

static void xdg_directories_have_defaults(void **state)
{
	autofree char *set = NULL;
	autofree char *unset = NULL;
	autofree char *relative = NULL;
	autofree char *homeless = NULL;

	(void)state;
	setenv("HOME", "/home/u", 1);
	setenv("XDG_STATE_HOME", "/state", 1);
	set = path_xdg("XDG_STATE_HOME", ".local/state");
	setenv("XDG_STATE_HOME", "state", 1);
	relative = path_xdg("XDG_STATE_HOME", ".local/state");
	unsetenv("XDG_STATE_HOME");
	unset = path_xdg("XDG_STATE_HOME", ".local/state");
	unsetenv("HOME");
	homeless = path_xdg("XDG_STATE_HOME", ".local/state");
	assert_string_equal(set, "/state");
	assert_string_equal(relative, "/home/u/.local/state");
	assert_string_equal(unset, "/home/u/.local/state");
	assert_int_equal(homeless[0], '/');
}

static void random_bytes_differ(void **state)
{
	unsigned char a[600];
	unsigned char b[600];
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(random_bytes(a, sizeof(a), &err));
	assert_ok(random_bytes(b, sizeof(b), &err));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, a + 300, 300);
}

#define PLACED(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(a_file_is_written_and_read),
		PLACED(an_empty_file_is_read),
		PLACED(a_file_beyond_the_limit_is_corrupt),
		PLACED(a_missing_file_is_an_answer_or_an_error),
		PLACED(replace_leaves_nothing_else_behind),
		PLACED(replace_needs_its_directory),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(a_pipe_beyond_the_limit_is_corrupt),
		cmocka_unit_test(descriptors_that_fail_are_errors),
		PLACED(directories_come_with_their_parents),
		PLACED(a_tree_is_removed_but_not_what_links_point_to),
		cmocka_unit_test(paths_are_joined_and_parted),
		cmocka_unit_test(a_tilde_is_home),
		cmocka_unit_test(xdg_directories_have_defaults),
		cmocka_unit_test(random_bytes_differ),
	};

	umask(022);
	return cmocka_run_group_tests_name("fsutil", tests, NULL, NULL);
}
