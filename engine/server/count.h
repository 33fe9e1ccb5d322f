/* SPDX-License-Identifier: MIT */
/*
 * count: queries that answer with numbers, within a time.
 */
#ifndef ENGINE_SERVER_COUNT_H
#define ENGINE_SERVER_COUNT_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct server;

/*
 * Runs a query ("SELECT ...") whose one row holds `count` numbers; NULL is 0.
 * milliseconds 0: it may take as long as it wants. 1, 0 it was not done in time, -1.
 */
int count_query(uint64_t *out, size_t count, struct server *s, const char *sql,
                int64_t milliseconds, struct error *err);

/* About how many rows and bytes tables have, by the server's own bookkeeping: one query. */
struct count_size {
	const char *table; /* filled in by the caller */
	uint64_t rows, bytes;
	int found; /* 1 when the server knows it */
};
int count_sizes(struct count_size *sizes, size_t count, struct server *s, const char *database,
                struct error *err);

#endif
