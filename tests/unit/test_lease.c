/* SPDX-License-Identifier: MIT */
#include "engine/repo/lease.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/store/store.h"
#include "tests/unit/test.h"

#define ELSEWHERE                                                                          \
	"{\"token\": \"t\", \"work\": \"backup cleanup\", \"host\": \"db7\", \"pid\": 12," \
	" \"user\": \"ops\", \"since\": \"2026-11-21T09:03:11Z\", \"machine\": \"other\"}"

struct world {
	char dir[64];
	struct config *config;
	struct store *store;
};

static int make(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct error err = ERROR_INIT;
	autofree char *yaml = NULL;

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_lease.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	yaml = mem_printf("backup: {storage: {local: {base_path: \"%s\"}}}\n", w->dir);
	assert_ok(config_parse(&w->config, yaml, strlen(yaml), "test.yaml", &err));
	assert_ok(store_open(&w->store, w->config, &err));
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;

	store_close(w->store);
	config_free(w->config);
	assert_ok(dir_remove_tree(w->dir, &err));
	free(w);
	return 0;
}

static void put(const struct world *w, const char *text)
{
	struct error err = ERROR_INIT;

	assert_ok(store_put(w->store, LEASE_KEY, text, strlen(text), &err));
}

/* The store's clock is far from ours, and so is every time in it: only differences count. */
static void make_old(const struct world *w, int seconds)
{
	autofree char *path = path_join(w->dir, LEASE_KEY);
	struct timespec times[2];
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	times[0] = times[1] = st.st_mtim;
	times[0].tv_sec -= seconds;
	times[1].tv_sec -= seconds;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int count_key(void *arg, const char *key, const struct store_stat *stat,
                     struct error *err)
{
	(void)stat;
	(void)err;
	(void)key;
	++*(int *)arg;
	return 0;
}

static int keys_in(const struct world *w)
{
	struct error err = ERROR_INIT;
	int count = 0;

	assert_ok(store_list(w->store, NULL, count_key, &count, &err));
	return count;
}

static void a_second_one_learns_who_holds_it(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(lease) *first = NULL;
	struct lease *second = NULL;

	assert_ok(lease_take(&first, w->store, "cleanup", &err));
	assert_fails(lease_take(&second, w->store, "rotation", &err), ERR_BUSY,
	             "rotation: local:");
	assert_ok(lease_keep(first, &err));
}

static void what_others_hold_is_told_in_full(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	struct lease *l = NULL;

	put(w, ELSEWHERE);
	assert_int_equal(lease_take(&l, w->store, "rotation", &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.text, "backup cleanup by ops on host db7 (process 12) since "
	                                 "2026-11-21T09:03:11Z"));
	assert_non_null(strstr(err.hint, "120 seconds"));
	assert_int_equal(keys_in(w), 1);
}

static void a_released_one_leaves_nothing(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;

	for (int i = 0; i < 3; i++) {
		struct lease *l = NULL;

		assert_ok(lease_take(&l, w->store, "cleanup", &err));
		assert_int_equal(keys_in(w), 1);
		lease_release(l);
		assert_int_equal(keys_in(w), 0);
	}
}

static void an_expired_one_is_taken_over(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(lease) *l = NULL;

	put(w, ELSEWHERE);
	make_old(w, LEASE_SECONDS - 10);
	assert_fails(lease_take(&l, w->store, "rotation", &err), ERR_BUSY, "db7");
	make_old(w, 20);
	assert_ok(lease_take(&l, w->store, "rotation", &err));
	assert_ok(lease_keep(l, &err));
}

static void damage_is_somebodys_until_it_is_old(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	autobuf text = BUF_INIT;

	while (text.len < 10000)
		buf_adds(&text, "not a lease ");
	for (size_t len = 0; len <= text.len; len += 5000) {
		struct lease *l = NULL;

		assert_ok(store_put(w->store, LEASE_KEY, text.data, len, &err));
		assert_fails(lease_take(&l, w->store, "rotation", &err), ERR_BUSY, "somebody");
		make_old(w, LEASE_SECONDS + 2);
		assert_ok(lease_take(&l, w->store, "rotation", &err));
		lease_release(l);
	}
}

static void a_clock_left_by_a_killed_process_is_in_nobodys_way(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	struct lease *l = NULL;

	put(w, ELSEWHERE);
	assert_ok(store_put(w->store, LEASE_CLOCK_KEY, "", 0, &err));
	assert_fails(lease_take(&l, w->store, "rotation", &err), ERR_BUSY, "db7");
	assert_int_equal(keys_in(w), 1);
}

/* One in another process, which ends as if killed: nothing is released. */
static void a_killed_process_of_this_machine_is_not_waited_for(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(lease) *l = NULL;
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct lease *never_released = NULL;

		_exit(lease_take(&never_released, w->store, "rotation", &err) < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(keys_in(w), 1);
	assert_ok(lease_take(&l, w->store, "cleanup", &err));
}

static void one_that_was_taken_away_stops_the_work(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(lease) *first = NULL;
	struct lease *second = NULL;

	assert_ok(lease_take(&first, w->store, "cleanup", &err));
	assert_int_equal(store_remove(w->store, LEASE_KEY, &err), 1);
	assert_ok(lease_take(&second, w->store, "rotation", &err));
	assert_fails(lease_renew(first, &err), ERR_BUSY, "rotation by");
	assert_fails(lease_keep(first, &err), ERR_BUSY, "rotation by");
	lease_release(take(first)); /* and must not release what is another's */
	assert_ok(lease_renew(second, &err));
	assert_ok(lease_keep(second, &err));
	lease_release(second);
	assert_int_equal(keys_in(w), 0);
}

#define RACERS 4
#define ROUNDS 25

/* Counts in a file up to ROUNDS, each step under the lease; a lost update would show. */
static int race(const struct world *w)
{
	autofree char *path = path_join(w->dir, "counter");

	for (int done = 0; done < ROUNDS;) {
		struct error err = ERROR_INIT;
		autobuf text = BUF_INIT;
		struct lease *l = NULL;

		if (lease_take(&l, w->store, "counting", &err) < 0) {
			if (err.code != ERR_BUSY)
				return 1;
			usleep(500);
			continue;
		}
		if (file_read_if_there(&text, path, 1 << 20, &err) < 0)
			return 1;
		buf_addc(&text, 'x');
		usleep(100);
		if (file_replace(path, text.data, text.len, 0600, &err) < 0)
			return 1;
		lease_release(l);
		done++;
	}
	return 0;
}

static void many_processes_take_turns(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	autofree char *path = path_join(w->dir, "counter");
	autobuf text = BUF_INIT;
	int status, failed = 0;

	for (int i = 0; i < RACERS; i++) {
		if (fork() == 0)
			_exit(race(w));
	}
	for (int i = 0; i < RACERS; i++) {
		assert_true(wait(&status) > 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	assert_ok(file_read(&text, path, 1 << 20, &err));
	assert_int_equal(text.len, RACERS * ROUNDS);
}

#define IN_WORLD(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_second_one_learns_who_holds_it),
		IN_WORLD(what_others_hold_is_told_in_full),
		IN_WORLD(a_released_one_leaves_nothing),
		IN_WORLD(an_expired_one_is_taken_over),
		IN_WORLD(damage_is_somebodys_until_it_is_old),
		IN_WORLD(a_clock_left_by_a_killed_process_is_in_nobodys_way),
		IN_WORLD(a_killed_process_of_this_machine_is_not_waited_for),
		IN_WORLD(one_that_was_taken_away_stops_the_work),
		IN_WORLD(many_processes_take_turns),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
