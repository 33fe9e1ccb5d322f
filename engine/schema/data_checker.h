/* SPDX-License-Identifier: MIT */
/*
 * data_checker: data checks in the making, shared by the data_checks*.c files and nobody
 * else. Pure.
 */
#ifndef ENGINE_SCHEMA_DATA_CHECKER_H
#define ENGINE_SCHEMA_DATA_CHECKER_H

#include "engine/base/buf.h"
#include "engine/schema/data_checks.h"
#include "engine/schema/delta.h"

struct data_checker {
	struct data_checks *checks;
	const struct schema *live;
	const struct schema *wanted;
	const struct plan *plan;
	struct arena *work;
	/* The table that is looked at. */
	const char *table;  /* its name behind the plan's renames */
	const char *source; /* `database`.`table`; or a query, where the plan renames before */
	const char *quoted; /* the same as a table of its own in FROM */
	const struct table_delta *d;
	size_t step;
};

/* A check of each row by a condition. */
void data_checker_rows(struct data_checker *k, enum data_check_kind kind, const char *condition,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A check by a query of its own. */
void data_checker_query(struct data_checker *k, enum data_check_kind kind, const char *count,
                        const char *sample, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void data_checker_give_up(struct data_checker *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A table as FROM takes it with an alias behind it; in arena memory. */
const char *data_checker_source(const struct data_checker *k, const char *database,
                                const char *table);
/* Is a table dropped by the plan, perhaps to be made anew? */
bool data_checker_is_dropped(const struct data_checker *k, const char *table);

/* data_checks_columns.c: NULLs, and values that do not fit */
void data_checks_columns(struct data_checker *k);
/* data_checks_keys.c: unique keys, foreign keys, CHECKs */
void data_checks_keys(struct data_checker *k);

#endif
