/* SPDX-License-Identifier: MIT */
/*
 * query: statements and their rows. Internal to engine/server.
 *
 *	DEFER(rows) *r = NULL;
 *
 *	if (query_rows(&r, s, "SELECT a, b FROM t", err) < 0)
 *		return -1;
 *	while (rows_next(r))
 *		use(rows_at(r, 0), rows_at(r, 1));
 *
 * A session is not thread-safe (one per thread).
 */
#ifndef ENGINE_SERVER_QUERY_H
#define ENGINE_SERVER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct error;
struct rows;
struct server;

/* Runs a statement; rows, if it gives any, are dropped. */
int query_run(struct server *s, const char *sql, struct error *err);
int query_run_bytes(struct server *s, const void *sql, size_t len, struct error *err);

/* Runs a statement and takes all of its rows. */
int query_rows(struct rows **out, struct server *s, const char *sql, struct error *err);

void rows_free(struct rows *r); /* NULL is fine */
DEFINE_DEFER(rows, rows_free)
bool rows_next(struct rows *r); /* to the first row, then to the next */
/* A value of the current row, alive as long as the rows. NULL has p NULL. */
struct str rows_at(const struct rows *r, size_t column);
struct str rows_named(const struct rows *r,
                      const char *column); /* p NULL also: no such column */
unsigned int rows_warnings(const struct rows *r);
uint64_t rows_affected(const struct rows *r); /* by a statement that changes some */

/*
 * Many statements in few round trips: they are sent ahead of the replies
 * while the replies are read in order (docs/adr/0011-capture-by-pipelining.md).
 */
struct batch {
	size_t count;
	/* Appends the i-th statement. It must not change what the others do. */
	void (*text)(void *arg, size_t i, struct buf *sql);
	/*
	 * Takes the i-th reply: rows (may be kept: set *rows to NULL), or *rows NULL and why
	 * the server refused. -1 ends the batch with err; a lost connection ends it without
	 * asking.
	 */
	int (*reply)(void *arg, size_t i, struct rows **rows, const struct error *why,
	             struct error *err);
	void *arg;
};
int query_batch(struct server *s, const struct batch *b, struct error *err);

#endif
