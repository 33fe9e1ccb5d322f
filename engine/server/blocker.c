/* SPDX-License-Identifier: MIT */
#include "engine/server/blocker.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/schema/quote.h"
#include "engine/server/query.h"
#include "engine/server/statement_check.h"

#define WHO "SELECT p.ID, p.USER, p.HOST, p.TIME, p.INFO FROM information_schema.PROCESSLIST p "

/*
 * From the one that knows to those that guess: MariaDB's plugin metadata_lock_info, MySQL's
 * performance schema, open transactions, statements that run in the database.
 * %D and %T: database and table as strings.
 */
static const char *const queries[] = {
	WHO "JOIN information_schema.METADATA_LOCK_INFO m ON m.THREAD_ID = p.ID WHERE "
	    "m.TABLE_SCHEMA = %D AND m.TABLE_NAME = %T AND p.ID <> CONNECTION_ID() LIMIT 1",
	WHO "JOIN performance_schema.threads t ON t.PROCESSLIST_ID = p.ID JOIN "
	    "performance_schema.metadata_locks m ON m.OWNER_THREAD_ID = t.THREAD_ID WHERE "
	    "m.OBJECT_SCHEMA = %D AND m.OBJECT_NAME = %T AND m.LOCK_STATUS = 'GRANTED' AND "
	    "p.ID <> CONNECTION_ID() LIMIT 1",
	WHO
	"WHERE p.DB = %D AND p.ID <> CONNECTION_ID() AND p.COMMAND <> 'Sleep' AND p.STATE NOT "
	"LIKE 'Waiting for table%%' ORDER BY p.TIME DESC LIMIT 1",
	WHO
	"JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID WHERE p.ID <> "
	"CONNECTION_ID() ORDER BY t.trx_started LIMIT 1",
};

static void expand(struct buf *sql, const char *query, const char *database, const char *table)
{
	for (const char *c = query; *c; c++) {
		if (*c != '%') {
			buf_addc(sql, *c);
			continue;
		}
		c++;
		if (*c == 'D')
			quote_string(sql, database);
		else if (*c == 'T')
			quote_string(sql, table);
		else
			buf_addc(sql, *c);
	}
}

static void describe(struct buf *out, const struct rows *r)
{
	struct str host = rows_at(r, 2);
	struct str info = rows_at(r, 4);
	const char *port = host.p ? memchr(host.p, ':', host.n) : NULL;

	if (port)
		host.n = (size_t)(port - host.p);
	buf_addf(out, "session %.*s (%.*s@%.*s, for %.*s s", STR_ARG(rows_at(r, 0)),
	         STR_ARG(rows_at(r, 1)), STR_ARG(host), STR_ARG(rows_at(r, 3)));
	if (info.p) {
		buf_adds(out, ": ");
		statement_excerpt(out, info.p);
	}
	buf_addc(out, ')');
}

void blocker_describe(struct buf *out, struct server *s, const char *database,
                      const char *table)
{
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		struct error ignored = ERROR_INIT;
		DEFER(rows) *r = NULL;
		autobuf sql = BUF_INIT;

		expand(&sql, queries[i], database, table);
		if (query_rows(&r, s, sql.data, &ignored) < 0 || !rows_next(r))
			continue;
		describe(out, r);
		return;
	}
}
