/* SPDX-License-Identifier: MIT */
#include "engine/server/server.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/schema/quote.h"
#include "engine/server/query.h"
#include "engine/server/scratch.h"
#include "engine/server/session.h"

#define SCRATCH_PREFIX "_mss_scratch_"

int server_open(struct server **out, const struct connection *c, struct error *err)
{
	DEFER(server) *s = mem_alloc(sizeof(*s));

	if (session_connect(&s->mysql, c, err) < 0 || session_normalise(s, err) < 0)
		return -1;
	*out = take(s);
	return 0;
}

void server_close(struct server *s)
{
	if (!s)
		return;
	session_disconnect(s->mysql);
	free(s);
}

const struct server_info *server_info(const struct server *s)
{
	return &s->info;
}

int server_each_database(struct server *s, server_name_fn *fn, void *arg, struct error *err)
{
	static const char sql[] =
		"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) "
		"NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') "
		"ORDER BY BINARY SCHEMA_NAME";
	DEFER(rows) *r = NULL;

	if (query_rows(&r, s, sql, err) < 0)
		return error_wrap(err, "list the databases");
	while (rows_next(r)) {
		autofree char *name = mem_strndup(rows_at(r, 0).p, rows_at(r, 0).n);

		if (!scratch_is_name(name) && fn(arg, name, err) < 0)
			return -1;
	}
	return 0;
}

int server_has_database(struct server *s, const char *name, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;
	bool fold = s->info.lower_case_table_names != 0;

	buf_adds(&sql, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA "
	               "WHERE SCHEMA_NAME = ");
	quote_string(&sql, name);
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "database %s", name);
	/* The comparison above ignores case; names that differ in case are different databases.
	 */
	while (rows_next(r))
		if (fold || str_is(rows_at(r, 0), name))
			return 1;
	return 0;
}

/*
 * Names of locks hold 64 characters and ignore case: the hash of the database's name. number
 * 0: the lock itself; else one of a worker.
 */
static void lock_name(struct buf *sql, const struct server *s, const char *database,
                      size_t number)
{
	buf_adds(sql, "CONCAT('mysql-schema-sync ', LEFT(SHA2(");
	buf_adds(sql, s->info.lower_case_table_names ? "LOWER(" : "(");
	quote_string(sql, database);
	buf_adds(sql, "), 256), 40)");
	if (number > 0)
		buf_addf(sql, ", ' %zu'", number);
	buf_addc(sql, ')');
}

/* The connection that holds one of the locks from `first` on, of those that there are. */
static void holder_sql(struct buf *sql, const struct server *s, const char *database,
                       size_t first)
{
	buf_adds(sql, "SELECT COALESCE(");
	for (size_t i = first; i < SERVER_WORKERS_MAX; i++) {
		buf_adds(sql, i > first ? ", IS_USED_LOCK(" : "IS_USED_LOCK(");
		lock_name(sql, s, database, i);
		buf_addc(sql, ')');
	}
	buf_addc(sql, ')');
}

/* Names the connection that holds the lock; it may have ended just now. */
static int fail_locked(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;
	struct str holder = { NULL, 0 };

	holder_sql(&sql, s, database, 0);
	if (query_rows(&r, s, sql.data, err) < 0)
		return -1;
	if (rows_next(r))
		holder = rows_at(r, 0);
	if (!holder.p)
		holder = str_of("that has just ended");
	error_set(err, ERR_BUSY, "database %s: another run holds the lock (connection %.*s)",
	          database, STR_ARG(holder));
	return error_hint(err, "Wait until it is done; SHOW PROCESSLIST tells whose it is.");
}

/* 1 now it is ours, 0 somebody else's, -1. */
static int get_lock(struct server *s, const char *database, size_t number, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	buf_adds(&sql, "SELECT GET_LOCK(");
	lock_name(&sql, s, database, number);
	buf_adds(&sql, ", 0)");
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "lock database %s", database);
	return rows_next(r) && str_is(rows_at(r, 0), "1");
}

/* Of a run that was killed statements may be going on: its workers hold their locks then. */
static int refuse_workers(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;
	struct error ignored = ERROR_INIT;

	holder_sql(&sql, s, database, 1);
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "lock database %s", database);
	if (!rows_next(r) || !rows_at(r, 0).p)
		return 0;
	server_unlock(s, database, &ignored);
	error_set(err, ERR_BUSY,
	          "database %s: a statement of a run before is going on (connection %.*s)",
	          database, STR_ARG(rows_at(r, 0)));
	return error_hint(err, "Wait until it is done; SHOW PROCESSLIST shows it.");
}

int server_lock(struct server *s, const char *database, struct error *err)
{
	int locked = get_lock(s, database, 0, err);

	if (locked < 0)
		return -1;
	return locked ? refuse_workers(s, database, err) : fail_locked(s, database, err);
}

int server_lock_worker(struct server *s, const char *database, size_t number, struct error *err)
{
	int locked = get_lock(s, database, number, err);

	if (locked < 0)
		return -1;
	return locked ? 0 : fail_locked(s, database, err);
}

int server_is_locked(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	holder_sql(&sql, s, database, 0);
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "lock of database %s", database);
	return rows_next(r) && rows_at(r, 0).p;
}

int server_unlock(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "DO RELEASE_LOCK(");
	lock_name(&sql, s, database, 0);
	buf_addc(&sql, ')');
	if (query_run(s, sql.data, err) < 0)
		return error_wrap(err, "unlock database %s", database);
	return 0;
}

int server_count_rows(struct server *s, const char *database, const char *table, uint64_t limit,
                      uint64_t *out, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	buf_adds(&sql, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
	quote_name(&sql, database);
	buf_addc(&sql, '.');
	quote_name(&sql, table);
	buf_addf(&sql, " LIMIT %" PRIu64 ") AS some", limit);
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "count the rows of %s", table);
	if (!rows_next(r) || !rows_at(r, 0).p)
		return error_set(err, ERR_SERVER, "count the rows of %s: no answer", table);
	return number_parse_u64(out, rows_at(r, 0).p, UINT64_MAX, err);
}

static bool is_charset_name(const char *name)
{
	return name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                               "0123456789_") == strlen(name);
}

int server_create_database(struct server *s, const char *name, const char *charset,
                           const char *collation, struct error *err)
{
	autobuf sql = BUF_INIT;

	if (!is_charset_name(charset) || !is_charset_name(collation))
		return error_set(
			err, ERR_INVALID,
			"create database %s: not a character set and collation: %s, %s", name,
			charset, collation);
	buf_adds(&sql, "CREATE DATABASE ");
	quote_name(&sql, name);
	buf_addf(&sql, " CHARACTER SET %s COLLATE %s", charset, collation);
	if (query_run(s, sql.data, err) < 0)
		return error_wrap(err, "create database %s", name);
	return 0;
}

int server_drop_scratch(struct server *s, const char *name, struct error *err)
{
	autobuf sql = BUF_INIT;

	if (!str_has_prefix(str_of(name), SCRATCH_PREFIX))
		return error_set(err, ERR_BUG, "database %s is no scratch database: want %s...",
		                 name, SCRATCH_PREFIX);
	buf_adds(&sql, "DROP DATABASE IF EXISTS ");
	quote_name(&sql, name);
	if (query_run(s, sql.data, err) < 0)
		return error_wrap(err, "drop scratch database %s", name);
	return 0;
}
