/* SPDX-License-Identifier: MIT */
#include "engine/server/apply.h"

#include <mysqld_error.h>
#include <string.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/schema/quote.h"
#include "engine/server/apply_run.h"
#include "engine/server/blocker.h"
#include "engine/server/probe.h"
#include "engine/server/query.h"
#include "engine/server/session.h"
#include "engine/server/statement_check.h"

#define LOG_MODULE "server/apply"

/*
 * An ALTER that waits for a table makes all new queries of that table wait
 * behind it: so it waits briefly, lets them pass, and tries again.
 */
#define LOCK_WAIT_SECONDS 4
#define LOCK_TRIES        6
#define LOCK_PAUSE_MS     500

/* MySQL's numbers that MariaDB's header does not have. */
#define ER_FOREIGN_KEY_NO_PARENT_INDEX 1822
#define ER_FOREIGN_KEY_PARENT_DROPPED  3730
#define ER_FOREIGN_KEY_INCOMPATIBLE    3780

int apply_check_statement(const char *sql, enum server_family family, const char *sql_mode,
                          struct error *err)
{
	return statement_check(sql, family, sql_mode, NULL, err);
}

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL); /* a signal may cut it short */
}

/*
 * A variable that we may not set is fine when it has the value already. SET SESSION x = 1, also
 * within a version comment, asks SELECT @@SESSION.x = 1.
 */
static bool is_set_already(struct apply_run *r, const char *statement)
{
	static const char verb[] = "SET SESSION ";
	const char *assignment = strstr(statement, verb);
	const char *end = strstr(statement, "*/");
	struct error ignored = ERROR_INIT;
	autobuf sql = BUF_INIT;
	DEFER(rows) *rows = NULL;

	if (!assignment)
		return false;
	assignment += strlen(verb);
	buf_adds(&sql, "SELECT @@SESSION.");
	buf_add(&sql, assignment,
	        end > assignment ? (size_t)(end - assignment) : strlen(assignment));
	return query_rows(&rows, r->s, sql.data, &ignored) == 0 && rows_next(rows) &&
	       str_is(rows_at(rows, 0), "1");
}

static int set(void *arg, const char *statement, struct error *err)
{
	struct apply_run *r = arg;

	if (statement_check_setting(statement, r->s->info.family, err) < 0)
		return -1;
	if (query_run(r->s, statement, err) == 0)
		return 0;
	if ((err->server_errno == ER_SPECIFIC_ACCESS_DENIED_ERROR ||
	     err->server_errno == ER_INCORRECT_GLOBAL_LOCAL_VAR) &&
	    is_set_already(r, statement)) {
		error_clear(err);
		return 0;
	}
	return error_wrap(err, "%s", statement);
}

static bool is_ascii(const char *s)
{
	while (*s > 0)
		s++;
	return !*s;
}

static bool is_charset(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/*
 * Stored code keeps the character set of the client that made it, and the server
 * reads its text in that: ours is UTF-8 and must be sent in the other. The
 * server converts best, as its character sets are its own.
 */
static int encode(struct buf *out, struct apply_run *r, const struct plan_step *step,
                  struct error *err)
{
	const char *charset = step->context.client_charset;
	autobuf sql = BUF_INIT;
	DEFER(rows) *rows = NULL;

	if (!charset || str_has_prefix(str_of(charset), "utf8") || is_ascii(step->sql)) {
		buf_adds(out, step->sql);
		return 0;
	}
	if (!is_charset(charset))
		return error_set(err, ERR_REFUSED, "not a character set: %s", charset);
	buf_addf(&sql,
	         "SELECT CAST(CONVERT(t USING %s) AS BINARY), CAST(CONVERT(CONVERT(t "
	         "USING %s) USING utf8mb4) AS BINARY) = CAST(t AS BINARY) FROM "
	         "(SELECT CONVERT(0x",
	         charset, charset);
	buf_add_hex(&sql, step->sql, strlen(step->sql));
	buf_adds(&sql, " USING utf8mb4) AS t) AS texts");
	if (query_rows(&rows, r->s, sql.data, err) < 0)
		return error_wrap(err, "encode as %s", charset);
	if (!rows_next(rows) || !rows_at(rows, 0).p || !str_is(rows_at(rows, 1), "1"))
		return error_set(err, ERR_SERVER,
		                 "encode as %s: it lacks characters of the text", charset);
	buf_add(out, rows_at(rows, 0).p, rows_at(rows, 0).n);
	return 0;
}

/* Names the session that holds what we waited for, when the server tells. */
static void blame(struct apply_run *r, const char *object, struct error *err)
{
	struct error first = *err;
	autobuf who = BUF_INIT;

	blocker_describe(&who, r->s, r->database, object);
	if (who.len == 0) {
		error_hint(err,
		           "Another session uses the object: SHOW PROCESSLIST, or SELECT * "
		           "FROM information_schema.INNODB_TRX, shows which.");
		return;
	}
	error_clear(err);
	error_set(err, first.code, "%s; it is held by %s", first.text, who.data);
	err->server_errno = first.server_errno;
	error_hint(err, "Wait until that session is done, or end it with KILL; then run this "
	                "again.");
}

static int run_patiently(struct apply_run *r, const char *object, const struct buf *sql,
                         struct error *err)
{
	for (int i = 1;; i++) {
		if (query_run_bytes(r->s, sql->data, sql->len, err) == 0)
			return 0;
		if (err->code != ERR_BUSY || i == LOCK_TRIES)
			break;
		log_info("waiting for a lock (try %d of %d): %s", i, LOCK_TRIES, err->text);
		error_clear(err);
		pause_ms(LOCK_PAUSE_MS);
		if (cancel_check(err) < 0)
			return -1;
	}
	if (err->code == ERR_BUSY)
		blame(r, object, err);
	if (err->code == ERR_CONNECT)
		error_hint(
			err,
			"The server may still finish this statement. Run mysql-schema-sync "
			"rollback recovery-info to see what was done, then roll back again.");
	return -1;
}

static bool is_foreign_key_error(const struct error *err)
{
	static const int numbers[] = {
		ER_NO_REFERENCED_ROW,          ER_ROW_IS_REFERENCED,
		ER_ROW_IS_REFERENCED_2,        ER_NO_REFERENCED_ROW_2,
		ER_CANNOT_ADD_FOREIGN,         ER_FOREIGN_KEY_NO_PARENT_INDEX,
		ER_FOREIGN_KEY_PARENT_DROPPED, ER_FOREIGN_KEY_INCOMPATIBLE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (err->server_errno == numbers[i])
			return true;
	return (err->server_errno == ER_CANT_CREATE_TABLE ||
	        err->server_errno == ER_ERROR_ON_RENAME) &&
	       strstr(err->text, "errno: 150");
}

static int fail_step(const struct apply_run *r, size_t i, struct error *err)
{
	bool foreign_key = is_foreign_key_error(err);
	autobuf excerpt = BUF_INIT;

	statement_excerpt(&excerpt, r->p->steps[i].sql);
	error_wrap(err, "step %zu of %zu: %s", i + 1, r->p->count, excerpt.data);
	if (foreign_key) {
		error_wrap(err, "foreign key constraint violation");
		error_hint(err, "Look at the rows and the definition that the message names; "
		                "--disable-fk-checks goes on without checking.");
	}
	return -1;
}

/* A copy of rows in pieces, each a transaction: a long one would fill the undo log. */
static int run_in_batches(struct apply_run *r, const struct plan_step *step, struct error *err)
{
	uint64_t copied = 0;
	bool more = true;

	while (more) {
		autobuf sql = BUF_INIT;
		DEFER(rows) *done = NULL;

		buf_addf(&sql, "%s%s%s LIMIT %zu", step->sql, copied > 0 ? step->copy_more : "",
		         step->copy_order, r->batch_size);
		if (cancel_check(err) < 0 || query_rows(&done, r->s, sql.data, err) < 0)
			return -1;
		copied += rows_affected(done);
		more = rows_affected(done) == r->batch_size;
		if (more && query_run(r->s, step->copy_mark, err) < 0)
			return -1;
	}
	return 0;
}

static int run_step(struct apply_run *r, size_t i, struct error *err)
{
	const struct plan_step *step = &r->p->steps[i];
	autobuf sql = BUF_INIT;
	int prepared;

	if (encode(&sql, r, step, err) < 0)
		return -1;
	prepared = plan_session_step(r->previous, step, set, r, err);
	r->previous = step; /* also when some settings failed: they are put back at the end */
	if (prepared < 0)
		return -1;
	if (step->copy_order && r->batch_size > 0)
		return run_in_batches(r, step, err);
	if (r->ways) {
		int ran = probe_run(&r->ways[i], r->s, &sql, err);

		if (ran != 0)
			return ran < 0 ? -1 : 0;
	}
	return run_patiently(r, step->name, &sql, err);
}

int apply_step(struct apply_run *r, size_t i, struct error *err)
{
	return run_step(r, i, err) < 0 ? fail_step(r, i, err) : 0;
}

static int tell_failed(const struct apply_progress *progress, size_t i, const struct error *err)
{
	if (progress && progress->failed)
		progress->failed(progress->arg, i, err);
	return -1;
}

static int tell(const struct apply_run *r, const struct apply_progress *progress, size_t i,
                bool done, struct error *err)
{
	if (!progress || !progress->step)
		return 0;
	return progress->step(progress->arg, i, &r->p->steps[i], done, err);
}

static int run_alone(struct apply_run *r, const struct apply_progress *progress, size_t i,
                     size_t *done, struct error *err)
{
	if (cancel_check(err) < 0 || tell(r, progress, i, false, err) < 0 ||
	    apply_step(r, i, err) < 0)
		return tell_failed(progress, i, err);
	(*done)++;
	return tell(r, progress, i, true, err);
}

static int run_steps(struct apply_run *r, const struct apply_progress *progress, size_t *done,
                     struct error *err)
{
	DEFER(apply_crew) *crew = apply_crew_open(r, progress);
	int result = 0;

	for (size_t i = 0; result == 0 && i < r->p->count;) {
		size_t end = crew ? apply_stretch(r->p, i) : i + 1;

		if (end > i + 1)
			result = apply_crew_run(crew, i, end, done, err);
		else
			result = run_alone(r, progress, i, done, err);
		i = end;
	}
	return result;
}

/* All of them, before the first one runs. */
static int check_steps(const struct apply_run *r, const struct apply_progress *progress,
                       struct error *err)
{
	for (size_t i = 0; i < r->p->count; i++) {
		const struct plan_step *step = &r->p->steps[i];

		bool preserves =
			r->p->quarantine && str_has_prefix(str_of(step->type), "PRESERVE_");

		if (preserves ? statement_check_preserve(step->sql, r->p->quarantine, err) < 0
		              : statement_check(step->sql, r->s->info.family,
		                                step->context.sql_mode, r->database, err) < 0) {
			error_wrap(err, "step %zu of %zu", i + 1, r->p->count);
			return tell_failed(progress, i, err);
		}
	}
	return 0;
}

int apply_session_begin(struct apply_run *r, struct error *err)
{
	autobuf sql = BUF_INIT;

	/*
	 * USE of the database that the session is in already keeps the collation that it
	 * had then, and stored code would get it: another session may have altered it.
	 */
	buf_adds(&sql, "USE ");
	quote_name(&sql, r->database);
	if (query_run(r->s, "USE information_schema", err) < 0 ||
	    query_run(r->s, sql.data, err) < 0 || plan_session_begin(set, r, err) < 0)
		return -1;
	buf_truncate(&sql, 0);
	buf_addf(&sql, "SET SESSION lock_wait_timeout = %d", LOCK_WAIT_SECONDS);
	return query_run(r->s, sql.data, err);
}

/* The steps' failure is the one to report; the session's must not hide it. */
static int end(struct apply_run *r, int result, struct error *err)
{
	struct error second = ERROR_INIT;
	bool lost = result < 0 && err->code == ERR_CONNECT;

	if (lost || (plan_session_end(r->previous, set, r, &second) == 0 &&
	             session_normalise(r->s, &second) == 0))
		return result;
	if (result == 0) {
		*err = second;
		return error_wrap(err, "put the session back");
	}
	log_failure(LOG_MODULE, "put the session back", &second);
	return result;
}

static int run_plan(struct apply_run *r, const struct apply_progress *progress, size_t *done,
                    struct error *err)
{
	int result;

	*done = 0;
	if (check_steps(r, progress, err) < 0)
		return -1;
	result = apply_session_begin(r, err);
	if (result == 0)
		result = run_steps(r, progress, done, err);
	return end(r, result, err);
}

int apply_plan(struct server *s, const char *database, const struct plan *p,
               const struct apply_progress *progress, size_t *done, struct error *err)
{
	struct apply_run r = { .s = s, .database = database, .p = p };

	r.batch_size = progress ? progress->batch_size : 0;
	return run_plan(&r, progress, done, err);
}

int apply_probe(struct apply_way *ways, struct server *s, const char *database,
                const struct plan *p, size_t *done, struct error *err)
{
	struct apply_run r = { .s = s, .database = database, .p = p, .ways = ways };

	return run_plan(&r, NULL, done, err);
}
