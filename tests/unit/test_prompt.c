/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/prompt.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"

/* A prompt whose input is a pipe with this text, and whose questions are kept. */
struct asking {
	struct prompt p;
	char *said;
	size_t said_len;
};

static void begin(struct asking *a, const char *input)
{
	int fds[2];

	memset(a, 0, sizeof(*a));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], input, strlen(input)), (ssize_t)strlen(input));
	close(fds[1]);
	a->p.in = fds[0];
	a->p.out = open_memstream(&a->said, &a->said_len);
	assert_non_null(a->p.out);
}

static void end(struct asking *a)
{
	close(a->p.in);
	fclose(a->p.out);
	free(a->said);
}

static void yes_is_yes_and_all_else_is_no(void **state)
{
	static const struct {
		const char *input;
		int answer;
	} cases[] = {
		{ "y\n", 1 }, { "yes\n", 1 },     { "YES\n", 1 }, { " Yes \r\n", 1 },
		{ "n\n", 0 }, { "no\n", 0 },      { "\n", 0 },    { "maybe\nyes\n", 1 },
		{ "y", 1 },   { "a\nb\nc\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct asking a;

		begin(&a, cases[i].input);
		assert_int_equal(prompt_confirm(&a.p, "Go?", &err), cases[i].answer);
		fflush(a.p.out);
		assert_memory_equal(a.said, "Go? [y/N] ", 10);
		end(&a);
	}
}

static void the_end_of_the_input_refuses(void **state)
{
	struct error err = ERROR_INIT;
	struct asking a;

	(void)state;
	begin(&a, "");
	assert_fails(prompt_confirm(&a.p, "Go?", &err), ERR_REFUSED, "the input has ended");
	assert_fails(prompt_word(&a.p, "Name:", "shop", &err), ERR_REFUSED,
	             "the input has ended");
	end(&a);
}

static void what_follows_is_left_for_others(void **state)
{
	struct error err = ERROR_INIT;
	struct asking a;
	char rest[16] = "";

	(void)state;
	begin(&a, "yes\nnext\n");
	assert_int_equal(prompt_confirm(&a.p, "Go?", &err), 1);
	assert_int_equal(read(a.p.in, rest, sizeof(rest) - 1), 5);
	assert_string_equal(rest, "next\n");
	end(&a);
}

static void a_word_must_be_the_word(void **state)
{
	static const struct {
		const char *input;
		int answer;
	} cases[] = { { "shop\n", 1 }, { "  shop \n", 1 }, { "Shop\n", 0 },
		      { "yes\n", 0 },  { "\n", 0 },        { "shop2\n", 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct asking a;

		begin(&a, cases[i].input);
		assert_int_equal(prompt_word(&a.p, "Name:", "shop", &err), cases[i].answer);
		end(&a);
	}
}

static void yes_beforehand_asks_nothing(void **state)
{
	struct error err = ERROR_INIT;
	struct asking a;

	(void)state;
	begin(&a, "");
	a.p.yes = true;
	a.p.forbidden = true;
	assert_int_equal(prompt_confirm(&a.p, "Go?", &err), 1);
	assert_int_equal(prompt_word(&a.p, "Name:", "shop", &err), 1);
	fflush(a.p.out);
	assert_int_equal(a.said_len, 0);
	end(&a);
}

static void where_nobody_may_be_asked_it_refuses(void **state)
{
	struct error err = ERROR_INIT;
	struct asking a;

	(void)state;
	begin(&a, "yes\n");
	a.p.forbidden = true;
	assert_fails(prompt_confirm(&a.p, "Go?", &err), ERR_REFUSED, "display.interactive");
	end(&a);
}

static void an_endless_answer_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	char *input = malloc(10001);
	struct asking a;

	(void)state;
	assert_non_null(input);
	memset(input, 'y', 10000);
	input[10000] = '\0';
	begin(&a, input);
	assert_fails(prompt_confirm(&a.p, "Go?", &err), ERR_INVALID, "more than 4096 bytes");
	end(&a);
	free(input);
}

static void a_password_is_the_first_line(void **state)
{
	struct error err = ERROR_INIT;
	autobuf password = BUF_INIT;
	struct asking a;

	(void)state;
	begin(&a, "s3 cret\nother\n");
	assert_ok(prompt_password(&password, &a.p, "Password", &err));
	assert_string_equal(password.data, "s3 cret");
	buf_truncate(&password, 0);
	fflush(a.p.out);
	assert_int_equal(a.said_len, 0); /* no terminal, no question */
	end(&a);
	begin(&a, "");
	assert_fails(prompt_password(&password, &a.p, "Password", &err), ERR_REFUSED,
	             "no password");
	end(&a);
}

/* A terminal of our own: what is typed must not come back. */
static void a_password_is_not_shown(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct error err = ERROR_INIT;
	autobuf password = BUF_INIT;
	struct prompt p = { 0 };
	char shown[64] = "";
	ssize_t n;
	int terminal;

	(void)state;
	if (master < 0)
		skip_because("there are no terminals here");
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	p.in = terminal;
	p.out = fdopen(dup(terminal), "w");
	/* TCSAFLUSH drops what was typed too early: type when the question is there. */
	if (fork() == 0) {
		char question[64];

		if (read(master, question, sizeof(question)) <= 0)
			_exit(1);
		_exit(write(master, "geheim\n", 7) == 7 ? 0 : 1);
	}
	assert_ok(prompt_password(&password, &p, "Password", &err));
	assert_string_equal(password.data, "geheim");
	fclose(p.out);
	fcntl(master, F_SETFL, O_NONBLOCK);
	n = read(master, shown, sizeof(shown) - 1);
	assert_true(n <= 0 || !strstr(shown, "geheim"));
	close(terminal);
	close(master);
}

static void an_interruption_is_one(void **state)
{
	struct error err = ERROR_INIT;
	struct asking a;
	int fds[2];

	(void)state;
	begin(&a, "");
	close(a.p.in);
	assert_int_equal(pipe(fds), 0);
	a.p.in = fds[0];
	cancel_install();
	if (fork() == 0) {
		usleep(100000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	assert_fails(prompt_confirm(&a.p, "Go?", &err), ERR_CANCELLED, "interrupted");
	cancel_reset();
	close(fds[1]);
	end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yes_is_yes_and_all_else_is_no),
		cmocka_unit_test(the_end_of_the_input_refuses),
		cmocka_unit_test(what_follows_is_left_for_others),
		cmocka_unit_test(a_word_must_be_the_word),
		cmocka_unit_test(yes_beforehand_asks_nothing),
		cmocka_unit_test(where_nobody_may_be_asked_it_refuses),
		cmocka_unit_test(an_endless_answer_is_refused),
		cmocka_unit_test(a_password_is_the_first_line),
		cmocka_unit_test(a_password_is_not_shown),
		cmocka_unit_test(an_interruption_is_one),
	};

	return cmocka_run_group_tests_name("prompt", tests, NULL, NULL);
}
