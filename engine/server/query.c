/* SPDX-License-Identifier: MIT */
#include "engine/server/query.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/server/session.h"

/*
 * What is sent ahead must fit into the sockets' buffers while the server is
 * busy writing replies that nobody reads yet; 208 KiB is the smallest default
 * of Linux, and small writes cost up to 1 KiB of it each.
 */
#define AHEAD_STATEMENTS 64
#define AHEAD_BYTES      ((size_t)32 * 1024)

struct rows {
	MYSQL_RES *result;
	MYSQL_ROW row;
	unsigned long *lengths;
	unsigned int warnings;
	uint64_t affected;
};

/* Server errors that are something else than "the server said no". */
static const struct {
	unsigned int number;
	enum error_code code;
} codes[] = {
	{ CR_SERVER_GONE_ERROR, ERR_CONNECT },
	{ CR_SERVER_LOST, ERR_CONNECT },
	{ CR_SERVER_LOST_EXTENDED, ERR_CONNECT },
	{ CR_MALFORMED_PACKET, ERR_CONNECT },
	{ ER_SERVER_SHUTDOWN, ERR_CONNECT },
	{ ER_CONNECTION_KILLED, ERR_CONNECT },
	{ ER_NET_PACKET_TOO_LARGE, ERR_CONNECT },
	{ ER_BAD_DB_ERROR, ERR_NOT_FOUND },
	{ ER_DBACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_ACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_TABLEACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_COLUMNACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_SPECIFIC_ACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_PROCACCESS_DENIED_ERROR, ERR_DENIED },
	{ ER_LOCK_WAIT_TIMEOUT, ERR_BUSY },
	{ ER_LOCK_DEADLOCK, ERR_BUSY },
};

static enum error_code code_of(unsigned int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].number == number)
			return codes[i].code;
	return ERR_SERVER;
}

/* Takes the connection's last error. The server's words begin with a capital; ours do not. */
static int fail(struct server *s, struct error *err)
{
	unsigned int number = mysql_errno(s->mysql);
	enum error_code code = code_of(number);
	const char *text = mysql_error(s->mysql);

	if (code == ERR_CONNECT)
		error_set(err, code, "lost connection to the database: %s", text);
	else
		error_set(err, code, "%c%s", session_initial(text), text[0] ? text + 1 : "");
	err->server_errno = (int)number;
	return -1;
}

/* Takes the reply to the statement that was sent first; *out NULL when it has no rows. */
static int take_reply(struct rows **out, struct server *s, struct error *err)
{
	MYSQL_RES *result;

	if (mysql_read_query_result(s->mysql))
		return fail(s, err);
	result = mysql_store_result(s->mysql);
	if (!result && mysql_errno(s->mysql))
		return fail(s, err);
	*out = mem_alloc(sizeof(**out));
	(*out)->result = result;
	(*out)->warnings = mysql_warning_count(s->mysql);
	(*out)->affected = mysql_affected_rows(s->mysql);
	return 0;
}

static int send_statement(struct server *s, const void *sql, size_t len, struct error *err)
{
	return mysql_send_query(s->mysql, sql, len) ? fail(s, err) : 0;
}

int query_run_bytes(struct server *s, const void *sql, size_t len, struct error *err)
{
	DEFER(rows) *none = NULL;

	if (send_statement(s, sql, len, err) < 0)
		return -1;
	return take_reply(&none, s, err);
}

int query_run(struct server *s, const char *sql, struct error *err)
{
	return query_run_bytes(s, sql, strlen(sql), err);
}

int query_rows(struct rows **out, struct server *s, const char *sql, struct error *err)
{
	if (send_statement(s, sql, strlen(sql), err) < 0)
		return -1;
	return take_reply(out, s, err);
}

void rows_free(struct rows *r)
{
	if (!r)
		return;
	mysql_free_result(r->result);
	free(r);
}

bool rows_next(struct rows *r)
{
	r->row = r->result ? mysql_fetch_row(r->result) : NULL;
	r->lengths = r->row ? mysql_fetch_lengths(r->result) : NULL;
	return r->row != NULL;
}

struct str rows_at(const struct rows *r, size_t column)
{
	if (!r->row || column >= mysql_num_fields(r->result) || !r->row[column])
		return (struct str){ NULL, 0 };
	return (struct str){ r->row[column], r->lengths[column] };
}

struct str rows_named(const struct rows *r, const char *column)
{
	unsigned int count = r->result ? mysql_num_fields(r->result) : 0;

	for (unsigned int i = 0; i < count; i++) {
		const MYSQL_FIELD *f = mysql_fetch_field_direct(r->result, i);

		if (strcasecmp(f->name, column) == 0)
			return rows_at(r, i);
	}
	return (struct str){ NULL, 0 };
}

unsigned int rows_warnings(const struct rows *r)
{
	return r->warnings;
}

uint64_t rows_affected(const struct rows *r)
{
	return r->affected;
}

/* Where a batch is: statements [replied, sent) are on their way. */
struct flight {
	const struct batch *batch;
	size_t sent;
	size_t replied;
	size_t lengths[AHEAD_STATEMENTS]; /* of those on their way, by number modulo */
	size_t bytes;                     /* their sum */
};

static int send_ahead(struct server *s, struct flight *f, struct error *err)
{
	autobuf sql = BUF_INIT;

	while (f->sent < f->batch->count && f->sent - f->replied < AHEAD_STATEMENTS &&
	       f->bytes < AHEAD_BYTES) {
		buf_truncate(&sql, 0);
		f->batch->text(f->batch->arg, f->sent, &sql);
		/* A long one waits until nothing is on its way. */
		if (f->bytes + sql.len > AHEAD_BYTES && f->sent > f->replied)
			return 0;
		if (send_statement(s, sql.data, sql.len, err) < 0)
			return -1;
		f->lengths[f->sent % AHEAD_STATEMENTS] = sql.len;
		f->bytes += sql.len;
		f->sent++;
	}
	return 0;
}

/* After a failure: reads what is still on its way, so that the session stays usable. */
static void drop_replies(struct server *s, struct flight *f)
{
	for (; f->replied < f->sent; f->replied++) {
		struct error ignored = ERROR_INIT;
		DEFER(rows) *r = NULL;

		if (take_reply(&r, s, &ignored) < 0 && ignored.code == ERR_CONNECT)
			return;
	}
}

static int take_one(struct server *s, struct flight *f, struct error *err)
{
	struct error why = ERROR_INIT;
	DEFER(rows) *r = NULL;
	size_t i = f->replied;

	if (take_reply(&r, s, &why) < 0 && why.code == ERR_CONNECT) {
		*err = why;
		return -1;
	}
	f->bytes -= f->lengths[i % AHEAD_STATEMENTS];
	f->replied++;
	return f->batch->reply(f->batch->arg, i, &r, r ? NULL : &why, err);
}

int query_batch(struct server *s, const struct batch *b, struct error *err)
{
	struct flight f = { .batch = b };

	while (f.replied < b->count) {
		if (cancel_check(err) < 0 || send_ahead(s, &f, err) < 0 ||
		    take_one(s, &f, err) < 0) {
			if (err->code != ERR_CONNECT)
				drop_replies(s, &f);
			return -1;
		}
	}
	return 0;
}
