/* SPDX-License-Identifier: MIT */
#include "cli/prompt.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/secret.h"

#define ANSWER_MAX 4096
#define TRIES      3
#define TURN_MS    100

/*
 * Waits for input. In short turns: a signal that comes just before poll() sets
 * the flag but wakes nobody.
 */
static int wait_for(int fd, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, TURN_MS);

		if (cancel_check(err) < 0)
			return -1;
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "wait for the answer");
	}
}

/* 1 a line, 0 the end of the input, -1. */
static int read_line(struct buf *line, int fd, struct error *err)
{
	for (;;) {
		char c;
		ssize_t n;

		if (wait_for(fd, err) < 0)
			return -1;
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read the answer");
		if (n == 0)
			return line->len > 0;
		if (c == '\n')
			return 1;
		if (line->len == ANSWER_MAX)
			return error_set(err, ERR_INVALID, "an answer of more than %d bytes",
			                 ANSWER_MAX);
		buf_addc(line, c);
	}
}

/* 1 an answer, -1. */
static int ask(struct buf *line, const struct prompt *p, const char *question,
               struct error *err)
{
	int got;

	fputs(question, p->out);
	fflush(p->out);
	got = read_line(line, p->in, err);
	if (got > 0)
		return 1;
	if (isatty(p->in))
		fputc('\n', p->out);
	if (got < 0)
		return -1;
	error_set(err, ERR_REFUSED, "no answer: the input has ended");
	return error_hint(err, "Use --yes to go on without questions.");
}

static int refuse(const char *question, struct error *err)
{
	error_set(err, ERR_REFUSED, "nobody may be asked (display.interactive is false): %s",
	          question);
	return error_hint(err, "Use --yes to go on without questions.");
}

int prompt_confirm(const struct prompt *p, const char *question, struct error *err)
{
	autobuf text = BUF_INIT;

	if (p->yes)
		return 1;
	if (p->forbidden)
		return refuse(question, err);
	buf_addf(&text, "%s [y/N] ", question);
	for (int i = 0; i < TRIES; i++) {
		autobuf line = BUF_INIT;
		struct str answer;

		if (ask(&line, p, text.data, err) < 0)
			return -1;
		answer = str_trim((struct str){ line.data, line.len });
		if (str_is_nocase(answer, "y") || str_is_nocase(answer, "yes"))
			return 1;
		if (answer.n == 0 || str_is_nocase(answer, "n") || str_is_nocase(answer, "no"))
			return 0;
		fputs("Please answer yes or no.\n", p->out);
	}
	return 0;
}

int prompt_word(const struct prompt *p, const char *question, const char *word,
                struct error *err)
{
	autobuf line = BUF_INIT;
	autobuf text = BUF_INIT;

	if (p->yes)
		return 1;
	if (p->forbidden)
		return refuse(question, err);
	buf_addf(&text, "%s ", question);
	if (ask(&line, p, text.data, err) < 0)
		return -1;
	return str_is(str_trim((struct str){ line.data, line.len }), word);
}

int prompt_password(struct buf *out, const struct prompt *p, const char *label,
                    struct error *err)
{
	struct termios before, silent;
	bool terminal = tcgetattr(p->in, &before) == 0;
	int got;

	buf_reserve(out, ANSWER_MAX); /* it must not move and leave copies behind */
	if (terminal) {
		silent = before;
		silent.c_lflag &= (tcflag_t) ~(tcflag_t)ECHO;
		/* Before the question: what is typed at once must not be dropped. */
		if (tcsetattr(p->in, TCSAFLUSH, &silent) < 0)
			return error_sys(err, errno, "turn the terminal's echo off");
		fprintf(p->out, "%s: ", label);
		fflush(p->out);
	}
	got = read_line(out, p->in, err);
	if (terminal) {
		tcsetattr(p->in, TCSAFLUSH, &before);
		fputc('\n', p->out);
	}
	if (got < 0) {
		secret_wipe(out->data, out->len);
		return -1;
	}
	if (got == 0)
		return error_set(err, ERR_REFUSED, "no password: the input has ended");
	return 0;
}
