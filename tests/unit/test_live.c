/* SPDX-License-Identifier: MIT */
/* What a server that is away, or does not answer, does to those who ask. */
#include "fs/live.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "tests/unit/fs_test.h"

static void a_server_that_is_away_is_told_of_at_once(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	struct snapshot *s = NULL;
	int64_t begin = clock_mono_ms();

	assert_int_equal(live_schema(&s, w->fs->live, "shop", &err), -1);
	assert_int_equal(err.code, ERR_CONNECT);
	error_clear(&err);
	assert_int_equal(live_databases(&s, w->fs->live, &err), -1);
	assert_null(live_last(w->fs->live, "shop"));
	assert_true(clock_mono_ms() - begin < 900);
}

static void many_names_do_not_pile_up(void **state)
{
	struct fs_world *w = *state;

	for (int i = 0; i < 600; i++) {
		struct error err = ERROR_INIT;
		struct snapshot *s = NULL;
		char name[16];

		snprintf(name, sizeof(name), "db%d", i);
		assert_int_equal(live_schema(&s, w->fs->live, name, &err), -1);
		assert_int_equal(err.code, ERR_CONNECT);
	}
}

static void no_database_has_an_empty_name(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	struct snapshot *s = NULL;

	assert_int_equal(live_schema(&s, w->fs->live, "", &err), 0);
}

/* A port that takes connections and says nothing. */
static int silent_server(unsigned int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void a_silent_server_holds_nobody_beyond_the_deadline(void **state)
{
	struct fs_world w = { .dir = "/tmp/test_fs.XXXXXX" };
	struct error err = ERROR_INIT;
	struct snapshot *s = NULL;
	unsigned int port = 0;
	int fd = silent_server(&port);
	autofree char *target = NULL;
	int64_t begin, first, second;

	(void)state;
	assert_non_null(mkdtemp(w.dir));
	target = mem_printf("{host: 127.0.0.1, port: %u, username: u, connection_timeout: 3s}",
	                    port);
	fs_world_open(&w, target);
	begin = clock_mono_ms();
	assert_fails(live_schema(&s, w.fs->live, "shop", &err), ERR_CONNECT, "no answer");
	first = clock_mono_ms() - begin;
	begin = clock_mono_ms();
	assert_fails(live_schema(&s, w.fs->live, "shop", &err), ERR_CONNECT, "no answer");
	assert_fails(live_databases(&s, w.fs->live, &err), ERR_CONNECT, "no answer");
	second = clock_mono_ms() - begin;
	assert_true(first >= 900 && first < 2500); /* mount.live_timeout is 1 s */
	assert_true(second < 500);                 /* the next ones do not wait in vain again */
	assert_false(live_end(w.fs->live, 50));    /* still busy: who ends need not wait */
	close(fd);
	fs_world_close(&w);
	assert_ok(dir_remove_tree(w.dir, &err));
}

#define ON_A_TREE(check) cmocka_unit_test_setup_teardown(check, fs_world_make, fs_world_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_TREE(a_server_that_is_away_is_told_of_at_once),
		ON_A_TREE(many_names_do_not_pile_up),
		ON_A_TREE(no_database_has_an_empty_name),
		cmocka_unit_test(a_silent_server_holds_nobody_beyond_the_deadline),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
