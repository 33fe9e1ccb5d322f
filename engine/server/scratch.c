/* SPDX-License-Identifier: MIT */
#include "engine/server/scratch.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/number.h"
#include "engine/schema/quote.h"
#include "engine/server/query.h"
#include "engine/server/server.h"
#include "engine/server/session.h"

#define LOG_MODULE   "server/scratch"
#define PREFIX       "_mss_scratch_"
#define RANDOM_BYTES 8

bool scratch_is_name(const char *database)
{
	size_t prefix = strlen(PREFIX);

	return strncmp(database, PREFIX, prefix) == 0 &&
	       strspn(database + prefix, "0123456789abcdef") == 2 * (size_t)RANDOM_BYTES &&
	       strlen(database) == prefix + 2 * (size_t)RANDOM_BYTES;
}

/* 1 locked, 0 another session has it, -1. */
static int lock(struct server *s, const char *name, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	buf_adds(&sql, "SELECT GET_LOCK(");
	quote_string(&sql, name);
	buf_adds(&sql, ", 0)");
	if (query_rows(&r, s, sql.data, err) < 0)
		return error_wrap(err, "lock scratch database %s", name);
	return rows_next(r) && str_is(rows_at(r, 0), "1");
}

static void unlock(struct server *s, const char *name)
{
	struct error ignored = ERROR_INIT;
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "DO RELEASE_LOCK(");
	quote_string(&sql, name);
	buf_addc(&sql, ')');
	query_run(s, sql.data, &ignored); /* it ends with the session at the latest */
}

int scratch_create(char name[SCRATCH_NAME_SIZE], struct server *s, const char *charset,
                   const char *collation, struct error *err)
{
	unsigned char random[RANDOM_BYTES];
	char hex[2 * RANDOM_BYTES + 1];
	int locked;

	if (random_bytes(random, sizeof(random), err) < 0)
		return -1;
	number_format_hex(hex, random, sizeof(random));
	snprintf(name, SCRATCH_NAME_SIZE, PREFIX "%s", hex);
	locked = lock(s, name, err);
	if (locked < 0)
		return -1;
	if (!locked)
		return error_set(err, ERR_BUSY, "scratch database %s: locked by another run",
		                 name);
	if (server_create_database(s, name, charset, collation, err) == 0)
		return 0;
	unlock(s, name);
	if (err->code == ERR_DENIED)
		error_hint(err,
		           "Let the account make scratch copies: GRANT ALL ON "
		           "`\\_mss\\_scratch\\_%%`.* TO %s",
		           server_info(s)->account);
	return -1;
}

int scratch_drop(struct server *s, const char *name, struct error *err)
{
	if (server_drop_scratch(s, name, err) < 0)
		return -1;
	unlock(s, name);
	return 0;
}

/* One that was left behind. */
static int sweep_one(struct server *s, const char *name, size_t *dropped, struct error *err)
{
	struct error why = ERROR_INIT;
	int locked = lock(s, name, err);

	if (locked <= 0)
		return locked;
	if (scratch_drop(s, name, &why) == 0) {
		(*dropped)++;
		return 0;
	}
	if (why.code == ERR_CONNECT) {
		*err = why;
		return -1;
	}
	unlock(s, name);
	log_failure(LOG_MODULE, "sweep", &why);
	return 0;
}

int scratch_sweep(struct server *s, size_t *dropped, struct error *err)
{
	static const char sql[] = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE "
				  "LEFT(SCHEMA_NAME, 13) = '" PREFIX "'";
	DEFER(rows) *r = NULL;

	*dropped = 0;
	if (query_rows(&r, s, sql, err) < 0)
		return error_wrap(err, "look for scratch databases");
	while (rows_next(r)) {
		autobuf name = BUF_INIT;

		buf_add(&name, rows_at(r, 0).p, rows_at(r, 0).n);
		if (scratch_is_name(name.data) && sweep_one(s, name.data, dropped, err) < 0)
			return -1;
	}
	if (*dropped > 0)
		log_info("%zu scratch database%s of earlier runs dropped", *dropped,
		         *dropped == 1 ? "" : "s");
	return 0;
}
