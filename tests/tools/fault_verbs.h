/* SPDX-License-Identifier: MIT */
/*
 * fault_verbs: the verbs that faults are let loose on, over a store with six backups.
 *
 * fault_stage_make() makes the store once; each verb has a way to run it and one to look
 * whether it did what it said. Not thread-safe.
 */
#ifndef TESTS_TOOLS_FAULT_VERBS_H
#define TESTS_TOOLS_FAULT_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/tools/fault_site.h"

struct error;

struct fault_stage {
	struct fault_book book;   /* the backups in it */
	char victim[80];          /* to be deleted, moved, exported */
	char incoming[80];        /* the id in the archive incoming.tar.gz */
	struct backup *doomed[2]; /* those that a cleanup removes */
	unsigned char *exported;  /* what an export is to be, byte for byte */
	size_t exported_len;
};
int fault_stage_make(struct fault_stage *st, const char *dir, struct error *err);
void fault_stage_finish(struct fault_stage *st);

/* What a run told its caller. */
struct fault_told {
	bool returned; /* it came to its end, and did not just stop */
	bool again;    /* it was the second run, after one that failed */
	int result;
	char text[1024];
	char id[80]; /* made by it */
	char hash[65];
};

struct fault_verb {
	const char *name;
	enum fault_secret secret;
	bool damaged_catalog;
	bool check_always; /* also after a failure */
	int again;         /* the enum error_code that a second run may meet */
	int (*run)(struct fault_site *s, const struct fault_stage *st, struct fault_told *told,
	           struct error *err);
	/* Marks in the book what the verb may take away. */
	void (*expect)(const struct fault_stage *st, struct fault_book *b);
	/* The run said that it was done: was it? */
	int (*check)(struct fault_site *s, const struct fault_stage *st,
	             const struct fault_told *told, struct error *err);
};
extern const struct fault_verb fault_verbs[];
extern const size_t fault_verb_count;

#endif
