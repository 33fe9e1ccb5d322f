/* SPDX-License-Identifier: MIT */
/* rows: one backup in and out of the catalog, with tags and files. */
#include <string.h>

#include "catalog/internal.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

/* Text columns of BACKUP_COLUMNS: number of the column, member. (Bound as number itself.) */
static const struct {
	int column;
	size_t offset;
} texts[] = {
	{ 1, offsetof(struct backup, id) },
	{ 2, offsetof(struct backup, database) },
	{ 4, offsetof(struct backup, created_by) },
	{ 5, offsetof(struct backup, host) },
	{ 6, offsetof(struct backup, description) },
	{ 8, offsetof(struct backup, error) },
	{ 11, offsetof(struct backup, compression) },
	{ 13, offsetof(struct backup, secret) },
	{ 14, offsetof(struct backup, checksum) },
	{ 15, offsetof(struct backup, schema_hash) },
	{ 16, offsetof(struct backup, fingerprint) },
	{ 17, offsetof(struct backup, server_family) },
	{ 18, offsetof(struct backup, server_version) },
	{ 21, offsetof(struct backup, location) },
	{ 22, offsetof(struct backup, tool_version) },
	{ 23, offsetof(struct backup, migration) },
	{ 24, offsetof(struct backup, origin) },
	{ 26, offsetof(struct backup, version) },
};

static char **text_at(struct backup *b, size_t i)
{
	return (char **)((char *)b + texts[i].offset);
}

static int load_tags(struct catalog *c, struct backup *b, struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, TAG_LIST, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, b->row);
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		backup_tag_set(b, column_text(st, 0), column_text(st, 1));
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "read tags", err);
}

int backup_from_row(struct catalog *c, sqlite3_stmt *st, struct backup **out, struct error *err)
{
	DEFER(backup) *b = backup_new();
	int status = sqlite3_column_int(st, 7);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		backup_set(text_at(b, i), column_text(st, texts[i].column));
	b->row = sqlite3_column_int64(st, 0);
	b->created_at = sqlite3_column_int64(st, 3);
	if (status < 0 || status >= BACKUP_STATUS_COUNT)
		return error_set(err, ERR_CORRUPT, "catalog: backup %s has status %d", b->id,
		                 status);
	b->status = (enum backup_status)status;
	b->size = (uint64_t)sqlite3_column_int64(st, 9);
	b->stored_size = (uint64_t)sqlite3_column_int64(st, 10);
	b->encrypted = sqlite3_column_int(st, 12) != 0;
	b->visible = (unsigned int)sqlite3_column_int(st, 19);
	b->object_count = (size_t)sqlite3_column_int64(st, 20);
	b->generation = (uint64_t)sqlite3_column_int64(st, 25);
	b->duration_ms = sqlite3_column_int64(st, 27);
	b->created_ms = sqlite3_column_int(st, 28);
	if (load_tags(c, b, err) < 0)
		return -1;
	*out = take(b);
	return 0;
}

static int put_row(struct catalog *c, struct backup *b, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, BACKUP_PUT, &st, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		bind_text(st, texts[i].column, *text_at(b, i));
	sqlite3_bind_int64(st, 3, b->created_at);
	sqlite3_bind_int(st, 7, (int)b->status);
	sqlite3_bind_int64(st, 9, (int64_t)b->size);
	sqlite3_bind_int64(st, 10, (int64_t)b->stored_size);
	sqlite3_bind_int(st, 12, b->encrypted);
	sqlite3_bind_int(st, 19, (int)b->visible);
	sqlite3_bind_int64(st, 20, (int64_t)b->object_count);
	sqlite3_bind_int64(st, 25, (int64_t)b->generation);
	sqlite3_bind_int64(st, 27, b->duration_ms);
	sqlite3_bind_int(st, 28, b->created_ms);
	if (sqlite3_step(st) != SQLITE_ROW)
		return catalog_fail(c, "write backup", err);
	b->row = sqlite3_column_int64(st, 0);
	return statement_run(c, st, "write backup", err);
}

static int clear(struct catalog *c, enum statement which, int64_t row, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, which, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	return statement_run(c, st, "write backup", err);
}

static int put_tags(struct catalog *c, const struct backup *b, struct error *err)
{
	for (size_t i = 0; i < b->tag_count; i++) {
		autostmt *st = NULL;

		if (statement_get(c, TAG_ADD, &st, err) < 0)
			return -1;
		sqlite3_bind_int64(st, 1, b->row);
		bind_text(st, 2, b->tags[i].key);
		bind_text(st, 3, b->tags[i].value);
		if (statement_run(c, st, "write tag", err) < 0)
			return -1;
	}
	return 0;
}

static int put_files(struct catalog *c, const struct backup *b, struct error *err)
{
	for (size_t i = 0; i < b->file_count; i++) {
		autostmt *st = NULL;

		if (statement_get(c, FILE_ADD, &st, err) < 0)
			return -1;
		sqlite3_bind_int64(st, 1, b->row);
		bind_text(st, 2, b->files[i].name);
		sqlite3_bind_int64(st, 3, (int64_t)b->files[i].size);
		if (statement_run(c, st, "write file", err) < 0)
			return -1;
	}
	return 0;
}

static int put_opening(struct catalog *c, const struct backup *b, struct error *err)
{
	autostmt *st = NULL;

	if (*b->opening == '\0')
		return 0;
	if (statement_get(c, OPENING_SET, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, b->row);
	bind_text(st, 2, b->opening);
	return statement_run(c, st, "write backup", err);
}

int catalog_backup_opening(struct catalog *c, int64_t row, char **out, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, OPENING_GET, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	return statement_text(c, st, out, "read backup", err);
}

static int raise_generation(struct catalog *c, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, GENERATION_RAISE, &st, err) < 0)
		return -1;
	return statement_run(c, st, "raise generation", err);
}

int catalog_backup_put(struct catalog *c, struct backup *b, struct error *err)
{
	bool mine;
	int result = 0;

	if (write_begin(c, &mine, err) < 0)
		return -1;
	if (put_row(c, b, err) < 0 || clear(c, TAG_CLEAR, b->row, err) < 0 ||
	    clear(c, FILE_CLEAR, b->row, err) < 0 || put_tags(c, b, err) < 0 ||
	    put_files(c, b, err) < 0 || put_opening(c, b, err) < 0 ||
	    raise_generation(c, err) < 0)
		result = -1;
	return write_end(c, mine, result, err);
}

/* 1 with *out, 0 no row, -1. */
static int one_backup(struct catalog *c, sqlite3_stmt *st, struct backup **out,
                      struct error *err)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return backup_from_row(c, st, out, err) < 0 ? -1 : 1;
	case SQLITE_DONE:
		return 0;
	default:
		return catalog_fail(c, "find backup", err);
	}
}

int catalog_backup_find(struct catalog *c, const char *id, struct backup **out,
                        struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, BACKUP_FIND, &st, err) < 0)
		return -1;
	bind_text(st, 1, id);
	return one_backup(c, st, out, err);
}

int catalog_backup_at(struct catalog *c, int64_t row, struct backup **out, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, BACKUP_AT, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	return one_backup(c, st, out, err);
}

static int tell_brief(sqlite3_stmt *st, catalog_brief_fn *fn, void *arg, struct error *err)
{
	const struct catalog_brief b = {
		.row = sqlite3_column_int64(st, 0),
		.id = column_text(st, 1),
		.status = (enum backup_status)sqlite3_column_int(st, 2),
		.error = column_text(st, 3),
		.version = column_text(st, 4),
		.location = column_text(st, 5),
		.closed = sqlite3_column_int(st, 6) != 0,
		.encrypted = sqlite3_column_int(st, 7) != 0,
	};

	return fn(arg, &b, err);
}

int catalog_brief_find(struct catalog *c, const char *id, catalog_brief_fn *fn, void *arg,
                       struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, BRIEF_FIND, &st, err) < 0)
		return -1;
	bind_text(st, 1, id);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		return tell_brief(st, fn, arg, err) < 0 ? -1 : 1;
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "find backup", err);
}

int catalog_brief_each(struct catalog *c, const struct catalog_brief_page *p,
                       catalog_brief_fn *fn, void *arg, struct error *err)
{
	autostmt *st = NULL;
	int code;

	if (statement_get(c, BRIEF_LIST, &st, err) < 0)
		return -1;
	sqlite3_bind_int64(st, 1, p->after_row);
	sqlite3_bind_int64(st, 2, p->created_from);
	sqlite3_bind_int64(st, 3, p->generation);
	sqlite3_bind_int64(st, 4, (int64_t)p->limit);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (tell_brief(st, fn, arg, err) < 0)
			return -1;
	}
	return code == SQLITE_DONE ? 0 : catalog_fail(c, "list backups", err);
}

int catalog_backup_match(struct catalog *c, const char *prefix, struct backup **out,
                         struct error *err)
{
	DEFER(backup) *first = NULL;
	DEFER(backup) *second = NULL;
	autobuf end = BUF_INIT;
	autostmt *st = NULL;
	int found;

	if (statement_get(c, BACKUP_MATCH, &st, err) < 0)
		return -1;
	/* Ids are ASCII: everything that begins with the prefix sorts before prefix DEL. */
	buf_adds(&end, prefix);
	buf_addc(&end, '\x7f');
	bind_text(st, 1, prefix);
	bind_text(st, 2, end.data);
	found = one_backup(c, st, &first, err);
	if (found <= 0)
		return found;
	found = one_backup(c, st, &second, err);
	if (found < 0)
		return -1;
	if (found > 0)
		return 2;
	*out = take(first);
	return 1;
}

/* Runs a statement that changes at most one backup. 1, 0 none, -1. */
static int change_one(struct catalog *c, sqlite3_stmt *st, struct error *err)
{
	bool mine;
	int result;

	if (write_begin(c, &mine, err) < 0)
		return -1;
	result = statement_run(c, st, "change backup", err);
	if (result == 0 && sqlite3_changes(c->db) > 0)
		result = raise_generation(c, err) < 0 ? -1 : 1;
	return write_end(c, mine, result, err);
}

int catalog_backup_mark(struct catalog *c, const char *id, enum backup_status status,
                        const char *error, const char *version, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, BACKUP_MARK, &st, err) < 0)
		return -1;
	bind_text(st, 1, id);
	sqlite3_bind_int(st, 2, (int)status);
	bind_text(st, 3, error);
	bind_text(st, 4, version);
	return change_one(c, st, err);
}

int catalog_backup_reseal(struct catalog *c, const char *id, const char *secret,
                          uint64_t generation, struct error *err)
{
	autostmt *st = NULL;

	if (statement_get(c, BACKUP_RESEAL, &st, err) < 0)
		return -1;
	bind_text(st, 1, id);
	bind_text(st, 2, secret);
	sqlite3_bind_int64(st, 3, (int64_t)generation);
	return change_one(c, st, err);
}

static int note_gone(struct catalog *c, const char *id, struct error *err)
{
	autostmt *add = NULL;
	autostmt *forget = NULL;

	if (statement_get(c, GONE_ADD, &add, err) < 0 ||
	    statement_get(c, GONE_FORGET, &forget, err) < 0)
		return -1;
	bind_text(add, 1, id);
	sqlite3_bind_int64(forget, 1, CATALOG_CHANGES_KEPT);
	if (statement_run(c, add, "note what is gone", err) < 0)
		return -1;
	return statement_run(c, forget, "note what is gone", err);
}

/* The notes that are the backup's own. */
static int forget_notes(struct catalog *c, const char *id, struct error *err)
{
	autofree char *name = mem_printf(CATALOG_NOTE_OF "%s", id);
	autostmt *st = NULL;

	if (statement_get(c, NOTE_FORGET, &st, err) < 0)
		return -1;
	bind_text(st, 1, name);
	return statement_run(c, st, "remove notes", err);
}

int catalog_backup_remove(struct catalog *c, const char *id, struct error *err)
{
	autostmt *st = NULL;
	bool mine;
	int result;

	if (statement_get(c, BACKUP_REMOVE, &st, err) < 0 || write_begin(c, &mine, err) < 0)
		return -1;
	bind_text(st, 1, id);
	result = statement_run(c, st, "remove backup", err);
	if (result == 0 && sqlite3_changes(c->db) > 0)
		result = note_gone(c, id, err) < 0 || forget_notes(c, id, err) < 0 ||
		                         raise_generation(c, err) < 0
		                 ? -1
		                 : 1;
	return write_end(c, mine, result, err);
}
