/* SPDX-License-Identifier: MIT */
#include "catalog/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/internal.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"

#define LOG_MODULE "catalog"

#define APPLICATION_ID 0x4d534653 /* "MSFS" */
#define USER_VERSION   1          /* another one: begin anew */
#define BUSY_MS        10000

const char *const catalog_statements[STATEMENT_COUNT] = {
#define X(name, sql) [name] = (sql),
	CATALOG_STATEMENTS(X)
#undef X
};

int catalog_fail(struct catalog *c, const char *doing, struct error *err)
{
	int code = sqlite3_errcode(c->db);

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return error_set(err, ERR_BUSY, "%s: another process holds %s", doing, c->path);
	if (code == SQLITE_FULL)
		return error_set(err, ERR_SYSTEM, "%s: %s: no space left on device", doing,
		                 c->path);
	error_set(err, ERR_SYSTEM, "%s: %s: %s", doing, c->path, sqlite3_errmsg(c->db));
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		error_hint(err, "The catalog is only an index: remove %s, and it is made anew.",
		           c->path);
	return -1;
}

int statement_get(struct catalog *c, enum statement which, sqlite3_stmt **out,
                  struct error *err)
{
	if (!c->statements[which] &&
	    sqlite3_prepare_v3(c->db, catalog_statements[which], -1, SQLITE_PREPARE_PERSISTENT,
	                       &c->statements[which], NULL) != SQLITE_OK)
		return catalog_fail(c, "prepare", err);
	*out = c->statements[which];
	return 0;
}

int statement_run(struct catalog *c, sqlite3_stmt *st, const char *doing, struct error *err)
{
	int code;

	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		continue;
	return code == SQLITE_DONE ? 0 : catalog_fail(c, doing, err);
}

void bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

const char *column_text(sqlite3_stmt *st, int at)
{
	const unsigned char *text = sqlite3_column_text(st, at);

	return text ? (const char *)text : "";
}

static int run_simple(struct catalog *c, enum statement which, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, which, &st, err) < 0)
		return -1;
	return statement_run(c, st, catalog_statements[which], err);
}

int catalog_begin(struct catalog *c, struct error *err)
{
	if (run_simple(c, BEGIN_WRITE, err) < 0)
		return -1;
	c->in_transaction = true;
	return 0;
}

int catalog_commit(struct catalog *c, struct error *err)
{
	if (run_simple(c, COMMIT, err) < 0)
		return -1;
	c->in_transaction = false;
	return 0;
}

void catalog_rollback(struct catalog *c)
{
	struct error ignored = ERROR_INIT;

	if (c->in_transaction && !sqlite3_get_autocommit(c->db))
		run_simple(c, ROLLBACK, &ignored);
	c->in_transaction = false;
}

int write_begin(struct catalog *c, bool *mine, struct error *err)
{
	*mine = !c->in_transaction;
	return *mine ? catalog_begin(c, err) : 0;
}

int write_end(struct catalog *c, bool mine, int result, struct error *err)
{
	if (!mine)
		return result;
	if (result >= 0 && catalog_commit(c, err) < 0)
		result = -1;
	if (result < 0)
		catalog_rollback(c);
	return result;
}

static int read_pragma(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int value = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		value = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return value;
}

static void close_db(struct catalog *c)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(c->statements[i]);
		c->statements[i] = NULL;
	}
	sqlite3_close(c->db);
	c->db = NULL;
}

static int open_db(struct catalog *c, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
	                  SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(c->path, &c->db, flags, NULL) != SQLITE_OK)
		return catalog_fail(c, "open", err);
	sqlite3_extended_result_codes(c->db, 0);
	sqlite3_busy_timeout(c->db, BUSY_MS);
	if (sqlite3_exec(c->db,
	                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
	                 "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
	                 NULL, NULL, NULL) != SQLITE_OK)
		return catalog_fail(c, "open", err);
	return 0;
}

/* Makes the tables of an empty file. Two processes may try at once: one finds them made. */
static int make_tables(struct catalog *c, const char *location, struct error *err)
{
	autostmt *st = NULL;
	char head[160];
	int result = 0;

	if (catalog_begin(c, err) < 0)
		return -1;
	if (read_pragma(c->db, "PRAGMA user_version") == 0) {
		snprintf(head, sizeof(head),
		         "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		         USER_VERSION);
		if (sqlite3_exec(c->db, catalog_schema, NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_exec(c->db, head, NULL, NULL, NULL) != SQLITE_OK) {
			result = catalog_fail(c, "make tables", err);
		} else if (statement_get(c, LOCATION_SET, &st, err) < 0) {
			result = -1;
		} else {
			bind_text(st, 1, location);
			result = statement_run(c, st, "make tables", err);
		}
	}
	return write_end(c, true, result, err);
}

enum condition { CONDITION_EMPTY, CONDITION_OURS, CONDITION_FOREIGN, CONDITION_DAMAGED };

/* What is this file? FOREIGN: another version, or of another store. */
static enum condition examine(struct catalog *c, const char *location)
{
	struct error err = ERROR_INIT;
	autostmt *st = NULL;
	int version = read_pragma(c->db, "PRAGMA user_version");

	if (version < 0)
		return CONDITION_DAMAGED;
	if (version == 0 && read_pragma(c->db, "SELECT count(*) FROM sqlite_schema") == 0)
		return CONDITION_EMPTY;
	if (version != USER_VERSION ||
	    read_pragma(c->db, "PRAGMA application_id") != APPLICATION_ID)
		return CONDITION_FOREIGN;
	if (statement_get(c, LOCATION_GET, &st, &err) < 0 || sqlite3_step(st) != SQLITE_ROW)
		return CONDITION_DAMAGED;
	return strcmp(column_text(st, 0), location) == 0 ? CONDITION_OURS : CONDITION_FOREIGN;
}

/* An index that is no use is kept beside the new one: it may hold history. */
static int move_aside(struct catalog *c, const char *why, struct error *err)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	autofree char *stem = mem_printf("%s.old-%lld", c->path, (long long)clock_now());

	close_db(c);
	log_warn("%s is %s: it is kept as %s, and a new catalog is begun", c->path, why, stem);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		autofree char *from = mem_printf("%s%s", c->path, suffixes[i]);
		autofree char *to = mem_printf("%s%s", stem, suffixes[i]);

		if (rename(from, to) < 0 && errno != ENOENT)
			return error_sys(err, errno, "rename %s", from);
	}
	return open_db(c, err);
}

static int prepare_file(struct catalog *c, struct error *err)
{
	autofree char *dir = path_parent(c->path);
	autoclose int fd = -1;

	if (dir_create(dir, 0700, err) < 0)
		return -1;
	/* SQLite would create it with the umask's mode; its WAL takes the mode of the file. */
	fd = open(c->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_sys(err, errno, "open %s", c->path);
	return 0;
}

int catalog_open(struct catalog **out, const char *path, const char *location, bool *fresh,
                 struct error *err)
{
	DEFER(catalog) *c = mem_alloc(sizeof(*c));
	enum condition condition;

	c->path = mem_strdup(path);
	if (prepare_file(c, err) < 0)
		return -1;
	condition = CONDITION_DAMAGED;
	if (open_db(c, err) == 0)
		condition = examine(c, location);
	else if (err->code == ERR_BUSY)
		return -1;
	else
		error_clear(err);
	if (condition == CONDITION_DAMAGED && move_aside(c, "damaged", err) < 0)
		return -1;
	if (condition == CONDITION_FOREIGN &&
	    move_aside(c, "of another version or another store", err) < 0)
		return -1;
	*fresh = condition != CONDITION_OURS;
	if (*fresh && make_tables(c, location, err) < 0)
		return -1;
	*out = take(c);
	return 0;
}

void catalog_close(struct catalog *c)
{
	if (!c)
		return;
	close_db(c);
	free(c->path);
	free(c);
}

int64_t catalog_generation(struct catalog *c, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, GENERATION_GET, &st, err) < 0)
		return -1;
	if (sqlite3_step(st) != SQLITE_ROW)
		return catalog_fail(c, "read generation", err);
	return sqlite3_column_int64(st, 0);
}

int catalog_note_get(struct catalog *c, const char *name, char **out, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, NOTE_GET, &st, err) < 0)
		return -1;
	bind_text(st, 1, name);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*out = mem_strdup(column_text(st, 0));
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return catalog_fail(c, "read note", err);
	}
}

int catalog_note_set(struct catalog *c, const char *name, const char *value, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, NOTE_SET, &st, err) < 0)
		return -1;
	bind_text(st, 1, name);
	bind_text(st, 2, value);
	return statement_run(c, st, "write note", err);
}
