/* SPDX-License-Identifier: MIT */
/* query: listings. */
#include <string.h>

#include "catalog/internal.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"

#define TAG_RARE 1000 /* backups that can be fetched one by one and sorted */

static void finalize(sqlite3_stmt **st)
{
	sqlite3_finalize(*st);
}
#define autofinal __attribute__((cleanup(finalize))) sqlite3_stmt

/*
 * What a listing is found by: the condition that leaves the fewest backups. The
 * others are written with a plus, which keeps SQLite from using their index: it
 * has no statistics and takes all conditions for equally good.
 */
enum driver { DRIVER_TIME, DRIVER_STATUS, DRIVER_DATABASE, DRIVER_ROW, DRIVER_TAG };

/* Have few backups the first tag of the filter? A common one is better checked on the way. */
static int is_rare(struct catalog *c, const struct catalog_filter *f, bool *rare,
                   struct error *err)
{
	autostmt *st = NULL;

	*rare = false;
	if (f->tag_count == 0 || !f->tag_values[0])
		return 0;
	if (statement_get(c, TAG_COUNT, &st, err) < 0)
		return -1;
	bind_text(st, 1, f->tag_keys[0]);
	bind_text(st, 2, f->tag_values[0]);
	sqlite3_bind_int(st, 3, TAG_RARE);
	if (sqlite3_step(st) != SQLITE_ROW)
		return catalog_fail(c, "count tags", err);
	*rare = sqlite3_column_int(st, 0) < TAG_RARE;
	return 0;
}

/* The number of the only status that is wanted; -1: several or all. */
static int only_status(const struct catalog_filter *f)
{
	for (int i = 0; i < BACKUP_STATUS_COUNT; i++) {
		if (f->statuses == 1U << i)
			return i;
	}
	return -1;
}

static int choose_driver(struct catalog *c, const struct catalog_filter *f, enum driver *out,
                         struct error *err)
{
	bool rare;

	if (is_rare(c, f, &rare, err) < 0)
		return -1;
	*out = DRIVER_TIME;
	if (only_status(f) >= 0)
		*out = DRIVER_STATUS;
	if (f->database)
		*out = DRIVER_DATABASE;
	if (f->by_row)
		*out = DRIVER_ROW;
	if (rare)
		*out = DRIVER_TAG;
	return 0;
}

static void add_tags(struct buf *sql, const struct catalog_filter *f, enum driver driver,
                     const char **glue)
{
	for (size_t i = 0; i < f->tag_count; i++) {
		const char *value = f->tag_values[i] ? " AND t.value = ?" : "";

		if (driver == DRIVER_TAG && i == 0)
			buf_addf(sql,
			         "%sb.row IN (SELECT t.backup FROM tag t WHERE t.key = ?%s)",
			         *glue, value);
		else
			buf_addf(sql,
			         "%sEXISTS (SELECT 1 FROM tag t WHERE t.backup = b.row AND "
			         "t.key = ?%s)",
			         *glue, value);
		*glue = " AND ";
	}
}

/* The conditions of a filter as SQL; the values are bound in the same order. */
static void add_conditions(struct buf *sql, const struct catalog_filter *f, enum driver driver)
{
	const char *glue = " WHERE ";
	const char *time = driver == DRIVER_TAG || driver == DRIVER_ROW ? "+" : "";

	if (f->by_row) {
		buf_addf(sql, "%s%sb.row > ?", glue, driver == DRIVER_ROW ? "" : "+");
		glue = " AND ";
	}
	if (f->database) {
		buf_addf(sql, "%s%sb.database = ?", glue, driver == DRIVER_DATABASE ? "" : "+");
		glue = " AND ";
	}
	add_tags(sql, f, driver, &glue);
	if (f->created_from) {
		buf_addf(sql, "%s%sb.created_at >= ?", glue, time);
		glue = " AND ";
	}
	if (f->created_before) {
		buf_addf(sql, "%s%sb.created_at < ?", glue, time);
		glue = " AND ";
	}
	if (f->without_safety) {
		buf_addf(sql,
		         "%sNOT EXISTS (SELECT 1 FROM tag t WHERE t.backup = b.row AND "
		         "t.key = 'type' AND t.value = 'pre-rollback')",
		         glue);
		glue = " AND ";
	}
	if (only_status(f) >= 0)
		buf_addf(sql, "%s%sb.status = ?", glue, driver == DRIVER_STATUS ? "" : "+");
	else if (f->statuses)
		buf_addf(sql, "%s(1 << b.status) & ? <> 0", glue);
}

static void bind_conditions(sqlite3_stmt *st, const struct catalog_filter *f)
{
	int at = 1;

	if (f->by_row)
		sqlite3_bind_int64(st, at++, f->after_row);
	if (f->database)
		bind_text(st, at++, f->database);
	for (size_t i = 0; i < f->tag_count; i++) {
		bind_text(st, at++, f->tag_keys[i]);
		if (f->tag_values[i])
			bind_text(st, at++, f->tag_values[i]);
	}
	if (f->created_from)
		sqlite3_bind_int64(st, at++, f->created_from);
	if (f->created_before)
		sqlite3_bind_int64(st, at++, f->created_before);
	if (only_status(f) >= 0)
		sqlite3_bind_int(st, at++, only_status(f));
	else if (f->statuses)
		sqlite3_bind_int64(st, at++, f->statuses);
}

static int prepare_filter(struct catalog *c, const char *select, const struct catalog_filter *f,
                          const char *tail, sqlite3_stmt **out, struct error *err)
{
	autobuf sql = BUF_INIT;
	enum driver driver;

	if (choose_driver(c, f, &driver, err) < 0)
		return -1;
	buf_addf(&sql, "%s FROM backup b", select);
	add_conditions(&sql, f, driver);
	buf_adds(&sql, tail);
	if (sqlite3_prepare_v2(c->db, sql.data, -1, out, NULL) != SQLITE_OK)
		return catalog_fail(c, "list backups", err);
	bind_conditions(*out, f);
	return 0;
}

int catalog_backup_each(struct catalog *c, const struct catalog_filter *f,
                        catalog_backup_fn *fn, void *arg, struct error *err)
{
	const char *direction = f->oldest_first ? "" : " DESC";
	autofinal *st = NULL;
	autobuf tail = BUF_INIT;
	int code;

	if (f->by_row)
		buf_adds(&tail, " ORDER BY b.row");
	else
		buf_addf(&tail, " ORDER BY b.created_at%s, b.created_ms%s, b.id%s", direction,
		         direction, direction);
	if (f->limit)
		buf_addf(&tail, " LIMIT %zu", f->limit);
	if (prepare_filter(c, "SELECT " BACKUP_COLUMNS, f, tail.data, &st, err) < 0)
		return -1;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		DEFER(backup) *b = NULL;

		if (backup_from_row(c, st, &b, err) < 0 || fn(arg, b, err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "list backups", err);
}

static int keep_copy(void *arg, const struct backup *b, struct error *err)
{
	struct backup **out = arg;

	(void)err;
	*out = backup_copy(b);
	return 0;
}

int catalog_backup_latest(struct catalog *c, const char *database, int64_t before,
                          struct backup **out, struct error *err)
{
	struct catalog_filter f = {
		.database = database,
		.created_before = before,
		.statuses = 1U << BACKUP_COMPLETED,
		.limit = 1,
		.without_safety = true,
	};
	struct backup *b = NULL;

	if (catalog_backup_each(c, &f, keep_copy, &b, err) < 0)
		return -1;
	f.without_safety = false;
	if (!b && catalog_backup_each(c, &f, keep_copy, &b, err) < 0)
		return -1;
	if (!b)
		return 0;
	*out = b;
	return 1;
}

int64_t catalog_backup_count(struct catalog *c, const struct catalog_filter *f,
                             struct error *err)
{
	autofinal *st = NULL;
	autobuf tail = BUF_INIT;
	int prepared;

	if (f->limit) {
		buf_addf(&tail, " LIMIT %zu)", f->limit);
		prepared = prepare_filter(c, "SELECT count(*) FROM (SELECT 1", f, tail.data,
		                          &st, err);
	} else {
		prepared = prepare_filter(c, "SELECT count(*)", f, "", &st, err);
	}
	if (prepared < 0)
		return -1;
	if (sqlite3_step(st) != SQLITE_ROW)
		return catalog_fail(c, "count backups", err);
	return sqlite3_column_int64(st, 0);
}

int catalog_file_each(struct catalog *c, int64_t row, const char *prefix, catalog_file_fn *fn,
                      void *arg, struct error *err)
{
	autobuf end = BUF_INIT;
	autostmt *st = NULL;
	int code;

	if (statement_get(c, FILE_LIST, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	bind_text(st, 2, prefix);
	if (*prefix) {
		/* Everything that begins with the prefix sorts before its successor. */
		buf_adds(&end, prefix);
		end.data[end.len - 1]++;
		bind_text(st, 3, end.data);
	}
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (fn(arg, column_text(st, 0), (uint64_t)sqlite3_column_int64(st, 1), err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "list files", err);
}

int catalog_file_size(struct catalog *c, int64_t row, const char *name, uint64_t *size,
                      struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, FILE_SIZE, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	bind_text(st, 2, name);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*size = (uint64_t)sqlite3_column_int64(st, 0);
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return catalog_fail(c, "find file", err);
	}
}

static int each_text(struct catalog *c, sqlite3_stmt *st, catalog_text_fn *fn, void *arg,
                     const char *doing, struct error *err)
{
	int code;

	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (fn(arg, column_text(st, 0), err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, doing, err);
}

int catalog_databases(struct catalog *c, catalog_text_fn *fn, void *arg, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, DATABASES, &st, err) < 0)
		return -1;
	sqlite3_bind_int(st, 1, BACKUP_COMPLETED);
	return each_text(c, st, fn, arg, "list", err);
}

int catalog_tag_keys(struct catalog *c, catalog_text_fn *fn, void *arg, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, TAG_KEYS, &st, err) < 0)
		return -1;
	sqlite3_bind_int(st, 1, BACKUP_COMPLETED);
	return each_text(c, st, fn, arg, "list", err);
}

int catalog_tag_values(struct catalog *c, const char *key, catalog_text_fn *fn, void *arg,
                       struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, TAG_VALUES, &st, err) < 0)
		return -1;
	bind_text(st, 1, key);
	sqlite3_bind_int(st, 2, BACKUP_COMPLETED);
	return each_text(c, st, fn, arg, "list", err);
}

static int each_gone(struct catalog *c, int64_t after, catalog_text_fn *fn, void *arg,
                     struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, GONE_LIST, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, after);
	return each_text(c, st, fn, arg, "list what is gone", err);
}

static int each_changed(struct catalog *c, int64_t after, catalog_backup_fn *fn, void *arg,
                        struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, BACKUP_CHANGED, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, after);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		DEFER(backup) *b = NULL;

		if (backup_from_row(c, st, &b, err) < 0 || fn(arg, b, err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "list what changed", err);
}

int catalog_changes(struct catalog *c, int64_t after, catalog_backup_fn *changed,
                    catalog_text_fn *gone, void *arg, struct error *err)
{
	int64_t now = catalog_generation(c, err);

	if (now < 0)
		return -1;
	if (after > now || now - after >= CATALOG_CHANGES_KEPT)
		return 0;
	if (each_changed(c, after, changed, arg, err) < 0 ||
	    each_gone(c, after, gone, arg, err) < 0)
		return -1;
	return 1;
}
