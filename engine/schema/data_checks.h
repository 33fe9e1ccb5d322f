/* SPDX-License-Identifier: MIT */
/*
 * data_checks: questions to the rows that a plan meets: what is lost, and what would make the
 * server refuse a step. Only the queries; engine/repo/preflight.c asks them. Pure.
 */
#ifndef ENGINE_SCHEMA_DATA_CHECKS_H
#define ENGINE_SCHEMA_DATA_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"

struct arena;
struct diff;
struct plan;
struct schema;

enum data_check_kind {
	DATA_ROWS_LOST,      /* of a table or partition that is dropped */
	DATA_VALUES_LOST,    /* of a column that is dropped */
	DATA_VALUES_CHANGED, /* rounded or cut, without an error */
	DATA_NULLS,          /* in a column that becomes NOT NULL */
	DATA_MISFITS,        /* values that the new type cannot hold */
	DATA_DUPLICATES,     /* of a key that becomes unique */
	DATA_ORPHANS,        /* rows without the parent that a foreign key wants */
	DATA_VIOLATIONS,     /* of a CHECK */
};

struct data_check {
	enum data_check_kind kind;
	const char *table; /* its name behind the plan's renames */
	const char *text;  /* behind the number: "rows of table t have NULL in column c" */
	/* True for a row that counts: many of a table fit into one query. NULL: see count. */
	const char *condition;
	const char *source; /* with a condition: where from, as it stands behind FROM */
	const char *count;  /* a query for the number */
	const char *sample; /* a query that shows some of them; NULL: there is nothing to see */
	size_t step;        /* of the plan */
};

struct data_checks {
	struct arena *arena;
	struct data_check *items; /* those of one table stand together */
	size_t count;
	size_t capacity;
	const char **unchecked; /* what no query was found for, in sentences */
	size_t unchecked_count;
	size_t unchecked_capacity;
};

/* Of the plan from live to wanted; d is their diff. */
struct data_checks *data_checks_make(const struct diff *d, const struct schema *live,
                                     const struct schema *wanted, const struct plan *p);
void data_checks_free(struct data_checks *c); /* NULL is fine */
DEFINE_DEFER(data_checks, data_checks_free)

/* Does the server refuse the step when there are such rows? */
bool data_check_blocks(enum data_check_kind kind);

#endif
