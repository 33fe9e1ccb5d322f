/* SPDX-License-Identifier: MIT */
/*
 * preflight: what the rows say to a plan, asked before anything runs: what would be lost,
 * and which rows would make the server refuse a step.
 *
 * The row conditions of a table are counted by one query; the numbers are those of the
 * moment, and other sessions go on writing.
 */
#ifndef ENGINE_REPO_PREFLIGHT_H
#define ENGINE_REPO_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct repo;
struct rollback;
struct rollback_options;

struct finding {
	const char *kind; /* "rows_lost", "duplicates", ... */
	uint64_t count;   /* not 0 */
	char *text;       /* "2 rows of table t have NULL in column c, which ..." */
	char *sample;     /* a query that shows some; NULL: there is nothing to see */
	bool blocks;      /* the server will refuse the step */
	bool foreign_key; /* it is about one */
	size_t step;      /* of the plan; SIZE_MAX: of none alone */
};

/* By the server's bookkeeping. */
struct preflight_size {
	bool known;
	uint64_t rows, bytes;
};

struct preflight {
	struct finding *findings; /* in the order of the steps that they are about */
	size_t count, capacity;
	char **unchecked; /* what could not be found out, in sentences */
	size_t unchecked_count;
	struct preflight_size *sizes; /* of the table of each step of the plan */
	size_t queries;
	int64_t duration_ms;
};
void preflight_free(struct preflight *p); /* NULL is fine */
DEFINE_DEFER(preflight, preflight_free)

/* What was not counted within the options' time limit is said to be unchecked. */
int preflight_make(struct preflight **out, struct repo *r, const struct rollback *rb,
                   const struct rollback_options *o, struct error *err);

/* The first finding that blocks; NULL: none. */
const struct finding *preflight_worst(const struct preflight *p, size_t *count);

#endif
