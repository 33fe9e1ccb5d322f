/* SPDX-License-Identifier: MIT */
#include "catalog/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/internal.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"

#define LOG_MODULE "catalog"

#define APPLICATION_ID 0x4d534653 /* "MSFS" */
#define BUSY_MS        10000

const char *const catalog_statements[STATEMENT_COUNT] = {
#define X(name, sql) [name] = (sql),
	CATALOG_STATEMENTS(X)
#undef X
};

/* Did SQLite say that the file itself is wrong, and not that it cannot get at it? */
static bool is_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT;
}

/* Also when it could not make one of its files beside the catalog. */
static bool is_full(const struct catalog *c, int code)
{
	return code == SQLITE_FULL || ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) &&
	                               sqlite3_system_errno(c->db) == ENOSPC);
}

int catalog_fail(struct catalog *c, const char *doing, struct error *err)
{
	int code = sqlite3_errcode(c->db);

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return error_set(err, ERR_BUSY, "%s: another process holds %s", doing, c->path);
	if (is_full(c, code))
		return error_sys(err, ENOSPC, "%s: %s", doing, c->path);
	error_set(err, is_damage(code) ? ERR_CORRUPT : ERR_SYSTEM, "%s: %s: %s", doing, c->path,
	          sqlite3_errmsg(c->db));
	if (is_damage(code))
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

int statement_text(struct catalog *c, sqlite3_stmt *st, char **out, const char *doing,
                   struct error *err)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*out = mem_strdup(column_text(st, 0));
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return catalog_fail(c, doing, err);
	}
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

static void close_db(struct catalog *c)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(c->statements[i]);
		c->statements[i] = NULL;
	}
	sqlite3_close(c->db);
	c->db = NULL;
}

/*
 * Opens the file, which must be there. ERR_CORRUPT: it is no database. It is never
 * opened by anybody but SQLite: closing another descriptor of it would drop the
 * locks of every connection in this process.
 */
static int open_db(struct catalog *c, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(c->path, &c->db, flags, NULL) != SQLITE_OK)
		return catalog_fail(c, "open", err);
	sqlite3_busy_timeout(c->db, BUSY_MS);
	/* The file may come from anywhere: its schema runs nothing. */
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (sqlite3_exec(c->db,
	                 "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; "
	                 "PRAGMA temp_store = MEMORY",
	                 NULL, NULL, NULL) != SQLITE_OK)
		return catalog_fail(c, "open", err);
	return 0;
}

/* The number that a statement gives. */
static int read_number(struct catalog *c, const char *sql, int *out, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int result = 0;

	if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		*out = sqlite3_column_int(st, 0);
	else
		result = catalog_fail(c, "open", err);
	sqlite3_finalize(st);
	return result;
}

enum condition {
	CONDITION_OURS,
	CONDITION_MISSING,
	CONDITION_EMPTY,
	CONDITION_OUTDATED, /* of another version, or of another store */
	CONDITION_DAMAGED,
};

static int examine_location(struct catalog *c, const char *location, enum condition *out,
                            struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, LOCATION_GET, &st, err) < 0) {
		if (sqlite3_errcode(c->db) != SQLITE_ERROR)
			return -1;
		/* Our marks, but not our tables. */
		error_clear(err);
		*out = CONDITION_DAMAGED;
		return 0;
	}
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*out = strcmp(column_text(st, 0), location) == 0 ? CONDITION_OURS
		                                                 : CONDITION_OUTDATED;
		return 0;
	case SQLITE_DONE:
		*out = CONDITION_DAMAGED;
		return 0;
	default:
		return catalog_fail(c, "open", err);
	}
}

/* What is in this database? One of another program is refused: it is not ours to move. */
static int examine_contents(struct catalog *c, const char *location, enum condition *out,
                            struct error *err)
{
	int id = 0, version = 0, tables = 0;

	if (read_number(c, "PRAGMA application_id", &id, err) < 0 ||
	    read_number(c, "PRAGMA user_version", &version, err) < 0 ||
	    read_number(c, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (id == 0 && version == 0 && tables == 0) {
		*out = CONDITION_EMPTY;
		return 0;
	}
	if (id != APPLICATION_ID) {
		error_set(err, ERR_CONFIG, "%s is a database of another program", c->path);
		return error_hint(err, "Name another file with catalog.path.");
	}
	if (version == catalog_schema_version)
		return examine_location(c, location, out, err);
	*out = CONDITION_OUTDATED;
	return 0;
}

/* Opens the file and looks what it is. That it cannot be read now does not make it damaged. */
static int open_and_examine(struct catalog *c, const char *location, enum condition *out,
                            struct error *err)
{
	struct stat st;

	close_db(c);
	*out = CONDITION_MISSING;
	if (lstat(c->path, &st) < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "open %s", c->path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_CONFIG, "%s is not a regular file", c->path);
	if (open_db(c, err) == 0 && examine_contents(c, location, out, err) == 0)
		return 0;
	if (err->code != ERR_CORRUPT)
		return -1;
	error_clear(err);
	*out = CONDITION_DAMAGED;
	return 0;
}

/* SQLite would create it with the umask's mode; its other files take the mode of this one. */
static int create_file(struct catalog *c, struct error *err)
{
	if (mknod(c->path, S_IFREG | 0600, 0) < 0)
		return error_sys(err, errno, "create %s", c->path);
	return open_db(c, err);
}

static int fill_tables(struct catalog *c, const char *location, struct error *err)
{
	autostmt *st = NULL;
	autofree char *head = mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
	                                 APPLICATION_ID, catalog_schema_version);

	if (sqlite3_exec(c->db, catalog_schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(c->db, head, NULL, NULL, NULL) != SQLITE_OK)
		return catalog_fail(c, "make tables", err);
	if (statement_get(c, LOCATION_SET, &st, err) < 0)
		return -1;
	bind_text(st, 1, location);
	return statement_run(c, st, "make tables", err);
}

static int make_tables(struct catalog *c, const char *location, struct error *err)
{
	/* Stays with the file. Others who look at it now would make this fail at once. */
	if (sqlite3_exec(c->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK)
		return catalog_fail(c, "make tables", err);
	if (catalog_begin(c, err) < 0)
		return -1;
	return write_end(c, true, fill_tables(c, location, err), err);
}

/* An index that is no use is kept beside the new one: it may hold history. */
static int move_aside(struct catalog *c, enum condition why, struct error *err)
{
	static const char *const words[] = {
		[CONDITION_OUTDATED] = "of another version or another store",
		[CONDITION_DAMAGED] = "damaged",
	};
	static const char *const suffixes[] = { "", "-wal", "-shm" };

	close_db(c);
	log_warn("%s is %s: it is kept as %s.old, and a new catalog is begun", c->path,
	         words[why], c->path);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		autofree char *from = mem_printf("%s%s", c->path, suffixes[i]);
		autofree char *to = mem_printf("%s.old%s", c->path, suffixes[i]);

		/* What an earlier one left behind must not be taken for this one's. */
		if (rename(from, to) < 0 &&
		    (errno != ENOENT || (unlink(to) < 0 && errno != ENOENT)))
			return error_sys(err, errno, "rename %s", from);
	}
	return create_file(c, err);
}

/* Makes a catalog of what open_and_examine() found, which is not one that is any use. */
static int begin_anew(struct catalog *c, enum condition condition, const char *location,
                      struct error *err)
{
	if (condition == CONDITION_MISSING && create_file(c, err) < 0)
		return -1;
	if ((condition == CONDITION_OUTDATED || condition == CONDITION_DAMAGED) &&
	    move_aside(c, condition, err) < 0)
		return -1;
	return make_tables(c, location, err);
}

/* Some file systems cannot lock a directory; that is no reason to do without the catalog. */
static int lock_directory(int fd, int how, struct error *err)
{
	while (flock(fd, how) < 0 && errno == EINTR) {
		if (cancel_check(err) < 0)
			return -1;
	}
	return 0;
}

/*
 * The lock on the directory is held while SQLite finds the files that belong
 * together, shared, or exclusively while they are moved aside: of several
 * processes that find a damaged catalog at the same time, one begins anew, and
 * the others see its work and do not move that aside as well.
 */
static int open_under_lock(struct catalog *c, const char *dir, const char *location,
                           bool *fresh, struct error *err)
{
	autoclose int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum condition condition = CONDITION_MISSING;

	if (lock < 0)
		return error_sys(err, errno, "open %s", dir);
	if (lock_directory(lock, LOCK_SH, err) < 0 ||
	    open_and_examine(c, location, &condition, err) < 0)
		return -1;
	if (condition != CONDITION_OURS && (lock_directory(lock, LOCK_EX, err) < 0 ||
	                                    open_and_examine(c, location, &condition, err) < 0))
		return -1;
	*fresh = condition != CONDITION_OURS;
	return *fresh ? begin_anew(c, condition, location, err) : 0;
}

int catalog_open(struct catalog **out, const char *path, const char *location, bool *fresh,
                 struct error *err)
{
	DEFER(catalog) *c = mem_alloc(sizeof(*c));
	autofree char *parent = path_parent(path);
	autofree char *dir = NULL;
	const char *slash = strrchr(path, '/');

	if (dir_create(parent, 0700, err) < 0)
		return -1;
	/* SQLITE_OPEN_NOFOLLOW minds every part of a path; links to directories are fine. */
	dir = realpath(parent, NULL);
	if (!dir)
		return error_sys(err, errno, "open %s", parent);
	c->path = path_join(dir, slash ? slash + 1 : path);
	if (open_under_lock(c, dir, location, fresh, err) < 0)
		return -1;
	*out = take(c);
	return 0;
}

int catalog_check(struct catalog *c, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(c->db, "PRAGMA quick_check(1)", -1, &st, NULL);
	bool sound = false;

	if (code == SQLITE_OK)
		code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		sound = strcmp(column_text(st, 0), "ok") == 0;
	else if (!is_damage(code))
		catalog_fail(c, "check", err);
	sqlite3_finalize(st);
	return err->code != ERR_NONE ? -1 : sound;
}

/* Somebody else may have begun it anew already: then that one will do. */
static int renew_under_lock(struct catalog *c, const char *dir, const char *location,
                            struct error *err)
{
	autoclose int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum condition condition = CONDITION_MISSING;
	int sound;

	if (lock < 0)
		return error_sys(err, errno, "open %s", dir);
	if (lock_directory(lock, LOCK_EX, err) < 0 ||
	    open_and_examine(c, location, &condition, err) < 0)
		return -1;
	if (condition == CONDITION_OURS) {
		sound = catalog_check(c, err);
		if (sound != 0)
			return sound < 0 ? -1 : 0;
		condition = CONDITION_DAMAGED;
	}
	return begin_anew(c, condition, location, err);
}

int catalog_renew(struct catalog *c, const char *location, struct error *err)
{
	autofree char *dir = path_parent(c->path);

	if (c->in_transaction)
		return error_set(err, ERR_BUSY, "%s: a transaction is open", c->path);
	return renew_under_lock(c, dir, location, err);
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
	return statement_text(c, st, out, "read note", err);
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
