/* SPDX-License-Identifier: MIT */
/*
 * prompt: questions to the person at the terminal, or to the script behind
 * standard input.
 *
 * Answers are read byte by byte up to the end of the line, so that what follows
 * is left for others who read the same input. The end of the input is no
 * answer: it refuses (ERR_REFUSED).
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>
#include <stdio.h>

struct buf;
struct error;

struct prompt {
	int in;         /* answers */
	FILE *out;      /* questions */
	bool yes;       /* all questions are answered with yes beforehand */
	bool forbidden; /* nobody is there to ask: refuse */
};

/* "QUESTION [y/N] ": 1 yes, 0 no, -1. */
int prompt_confirm(const struct prompt *p, const char *question, struct error *err);
/* Wants one word typed out, for what cannot be undone: 1 it was, 0 something else, -1. */
int prompt_word(const struct prompt *p, const char *question, const char *word,
                struct error *err);
/* Reads a password without showing it, into an empty buffer. From a pipe: its first line. */
int prompt_password(struct buf *out, const struct prompt *p, const char *label,
                    struct error *err);

#endif
