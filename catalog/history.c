/* SPDX-License-Identifier: MIT */
/* history: what this host did: operations, and the journal of rollbacks. */
#include "catalog/internal.h"
#include "engine/base/error.h"

int catalog_operation_begin(struct catalog *c, const struct catalog_operation *o, int64_t *row,
                            struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, OPERATION_BEGIN, &st, err) < 0)
		return -1;
	bind_text(st, 1, o->verb);
	bind_text(st, 2, o->backup_id);
	bind_text(st, 3, o->database);
	sqlite3_bind_int64(st, 4, o->started_at);
	if (sqlite3_step(st) != SQLITE_ROW)
		return catalog_fail(c, "begin operation", err);
	*row = sqlite3_column_int64(st, 0);
	return statement_run(c, st, "begin operation", err);
}

int catalog_operation_end(struct catalog *c, int64_t row, const char *backup_id,
                          int64_t duration_ms, const char *error, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, OPERATION_END, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	bind_text(st, 2, backup_id);
	sqlite3_bind_int64(st, 3, duration_ms);
	bind_text(st, 4, error);
	return statement_run(c, st, "end operation", err);
}

static void operation_from_row(struct catalog_operation *o, sqlite3_stmt *st)
{
	*o = (struct catalog_operation){
		.row = sqlite3_column_int64(st, 0),
		.verb = column_text(st, 1),
		.backup_id = column_text(st, 2),
		.database = column_text(st, 3),
		.started_at = sqlite3_column_int64(st, 4),
		.duration_ms = sqlite3_column_int64(st, 5),
		.status = column_text(st, 6),
		.error = column_text(st, 7),
	};
}

int catalog_operation_each(struct catalog *c, const char *verb, int64_t since,
                           catalog_operation_fn *fn, void *arg, struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, OPERATION_LIST, &st, err) < 0)
		return -1;
	bind_text(st, 1, verb);
	sqlite3_bind_int64(st, 2, since);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct catalog_operation o;

		operation_from_row(&o, st);
		if (fn(arg, &o, err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "list operations", err);
}

int catalog_journal_put(struct catalog *c, const struct catalog_step *s, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, STEP_PUT, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, s->operation);
	sqlite3_bind_int64(st, 2, (int64_t)s->number);
	bind_text(st, 3, s->type);
	bind_text(st, 4, s->object);
	bind_text(st, 5, s->sql);
	bind_text(st, 6, s->status);
	bind_text(st, 7, s->error);
	return statement_run(c, st, "write journal", err);
}

static int set_synchronous(struct catalog *c, enum statement which, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, which, &st, err) < 0)
		return -1;
	return statement_run(c, st, "set synchronous", err);
}

int catalog_journal_mark(struct catalog *c, int64_t operation, size_t number,
                         const char *status, const char *error, struct error *err)
{
	struct error ignored = ERROR_INIT;
	autostmt *st = NULL;
	int result;

	if (set_synchronous(c, SYNC_FULL, err) < 0)
		return -1;
	result = statement_get(c, STEP_MARK, &st, err);
	if (result == 0) {
		sqlite3_bind_int64(st, 1, operation);
		sqlite3_bind_int64(st, 2, (int64_t)number);
		bind_text(st, 3, status);
		bind_text(st, 4, error);
		result = statement_run(c, st, "mark journal", err);
	}
	set_synchronous(c, SYNC_NORMAL, &ignored);
	return result;
}

static int each_step(struct catalog *c, int64_t operation, catalog_step_fn *fn, void *arg,
                     struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, STEP_LIST, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, operation);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		const struct catalog_step s = {
			.operation = operation,
			.number = (size_t)sqlite3_column_int64(st, 1),
			.type = column_text(st, 2),
			.object = column_text(st, 3),
			.sql = column_text(st, 4),
			.status = column_text(st, 5),
			.error = column_text(st, 6),
		};

		if (fn(arg, &s, err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "read journal", err);
}

int catalog_journal_last(struct catalog *c, const char *backup_id, catalog_operation_fn *begin,
                         catalog_step_fn *fn, void *arg, struct error *err)
{
	struct catalog_operation o;
	autostmt *st = NULL;

	if (statement_get(c, OPERATION_LAST, &st, err) < 0)
		return -1;
	bind_text(st, 1, backup_id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		break;
	case SQLITE_DONE:
		return 0;
	default:
		return catalog_fail(c, "find operation", err);
	}
	operation_from_row(&o, st);
	if (begin(arg, &o, err) < 0 || each_step(c, o.row, fn, arg, err) < 0)
		return -1;
	return 1;
}
