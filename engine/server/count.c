/* SPDX-License-Identifier: MIT */
#include "engine/server/count.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/quote.h"
#include "engine/server/query.h"
#include "engine/server/server.h"

/* "Query execution was interrupted, maximum execution time exceeded": MariaDB's, MySQL's. */
#define TIMEOUT_MARIADB 1969
#define TIMEOUT_MYSQL   3024

static void limit_time(struct buf *out, const struct server *s, const char *sql,
                       int64_t milliseconds)
{
	size_t verb = strlen("SELECT ");

	if (milliseconds <= 0)
		buf_adds(out, sql);
	else if (server_info(s)->family == SERVER_MARIADB)
		buf_addf(out, "SET STATEMENT max_statement_time = %" PRId64 ".%03d FOR %s",
		         milliseconds / 1000, (int)(milliseconds % 1000), sql);
	else
		buf_addf(out, "SELECT /*+ MAX_EXECUTION_TIME(%" PRId64 ") */ %s", milliseconds,
		         sql + verb);
}

static uint64_t number(struct str text)
{
	return text.p ? strtoull(text.p, NULL, 10) : 0; /* NUL-terminated by the library */
}

int count_query(uint64_t *out, size_t count, struct server *s, const char *sql,
                int64_t milliseconds, struct error *err)
{
	autobuf limited = BUF_INIT;
	DEFER(rows) *r = NULL;

	limit_time(&limited, s, sql, milliseconds);
	if (query_rows(&r, s, limited.data, err) < 0) {
		if (err->server_errno != TIMEOUT_MARIADB && err->server_errno != TIMEOUT_MYSQL)
			return -1;
		error_clear(err);
		return 0;
	}
	if (!rows_next(r))
		return error_set(err, ERR_SERVER, "no answer to: %s", sql);
	for (size_t i = 0; i < count; i++)
		out[i] = number(rows_at(r, i));
	return 1;
}

int count_sizes(struct count_size *sizes, size_t count, struct server *s, const char *database,
                struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	if (count == 0)
		return 0;
	buf_adds(&sql, "SELECT TABLE_NAME, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH FROM "
	               "information_schema.TABLES WHERE TABLE_SCHEMA = ");
	quote_string(&sql, database);
	buf_adds(&sql, " AND TABLE_NAME IN (");
	for (size_t i = 0; i < count; i++) {
		buf_adds(&sql, i > 0 ? ", " : "");
		quote_string(&sql, sizes[i].table);
	}
	buf_addc(&sql, ')');
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "sizes of the tables of %s", database);
	while (rows_next(r)) {
		for (size_t i = 0; i < count; i++) {
			if (!str_is(rows_at(r, 0), sizes[i].table))
				continue;
			sizes[i].rows = number(rows_at(r, 1));
			sizes[i].bytes = number(rows_at(r, 2));
			sizes[i].found = 1;
		}
	}
	return 0;
}
