/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/cancel.h"

static int start_clean(void **state)
{
	(void)state;
	cancel_reset();
	return 0;
}

static void nobody_has_asked(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_false(cancel_requested());
	assert_ok(cancel_check(&err));
}

static void a_request_is_an_error_to_the_loop(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	cancel_set();
	assert_true(cancel_requested());
	assert_fails(cancel_check(&err), ERR_CANCELLED, "interrupted");
	cancel_reset();
	assert_ok(cancel_check(&err));
}

static void signals_set_the_flag(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cancel_reset();
		cancel_install();
		raise(signals[i]);
		assert_true(cancel_requested());
	}
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
}

static void a_second_sigint_ends_the_process(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		cancel_install();
		raise(SIGINT);
		if (!cancel_requested())
			_exit(1);
		raise(SIGINT);
		_exit(2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

/* The child says when its handlers stand; then it blocks until the signal. */
static void a_blocking_read_is_interrupted(void **state)
{
	int ready[2];
	int never[2];
	int status = 0;
	pid_t child;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(never), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		cancel_install();
		alarm(30);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		if (read(never[0], &byte, 1) >= 0 || errno != EINTR)
			_exit(2);
		_exit(cancel_requested() ? 0 : 3);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	while (waitpid(child, &status, WNOHANG) == 0) {
		kill(child, SIGTERM);
		usleep(10000);
	}
	for (size_t i = 0; i < 2; i++) {
		close(ready[i]);
		close(never[i]);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_has_asked, start_clean),
		cmocka_unit_test_setup(a_request_is_an_error_to_the_loop, start_clean),
		cmocka_unit_test_setup(signals_set_the_flag, start_clean),
		cmocka_unit_test_setup(a_second_sigint_ends_the_process, start_clean),
		cmocka_unit_test_setup(a_blocking_read_is_interrupted, start_clean),
	};

	return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
