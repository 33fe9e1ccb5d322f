/* SPDX-License-Identifier: MIT */
#include "engine/repo/wanted.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/connection.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/repo/script_files.h"
#include "engine/schema/model.h"
#include "engine/server/capture.h"
#include "engine/server/load.h"
#include "engine/server/server.h"

static const struct {
	const char *word;
	enum wanted_kind kind;
	bool named; /* a name must follow */
} words[] = {
	{ "live", WANTED_LIVE, false },
	{ "source", WANTED_SOURCE, false },
	{ "file", WANTED_FILE, true },
	{ "backup", WANTED_BACKUP, true },
};

void wanted_parse(struct wanted_spec *out, const char *text)
{
	struct str s = str_of(text);

	*out = (struct wanted_spec){ .kind = WANTED_BACKUP, .name = text };
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].word);

		if (!str_has_prefix(s, words[i].word))
			continue;
		if (text[n] == ':' && text[n + 1]) {
			out->kind = words[i].kind;
			out->name = text + n + 1;
			return;
		}
		if (text[n] == '\0' && !words[i].named) {
			out->kind = words[i].kind;
			out->name = NULL;
			return;
		}
	}
	if (strchr(text, '/') || str_has_suffix(s, ".sql") || strcmp(text, ".") == 0)
		out->kind = WANTED_FILE;
}

void wanted_close(struct wanted *w)
{
	if (!w)
		return;
	schema_free(w->schema);
	backup_free(w->backup);
	free(w->title);
	free(w->label);
	free(w->database);
	free(w);
}

static int open_live(struct wanted *w, struct repo *r, const struct wanted_spec *spec,
                     struct error *err)
{
	const char *database;

	if (repo_database(&database, r, spec->name, err) < 0)
		return -1;
	w->database = mem_strdup(database);
	w->title = mem_printf("live database %s", database);
	w->label = mem_printf("live/%s", database);
	return repo_live(&w->schema, r, database, err) < 0 ? -1 : 0;
}

static int open_backup(struct wanted *w, struct repo *r, const struct wanted_spec *spec,
                       struct error *err)
{
	DEFER(backup) *b = NULL;
	DEFER(reader) *rd = NULL;

	if (repo_find(r, spec->name, &b, err) < 0)
		return -1;
	if (b->status == BACKUP_FAILED || b->status == BACKUP_CREATING)
		return error_set(err, ERR_INVALID, "backup %s was never completed", b->id);
	if (reader_open(&rd, r, b->id, err) < 0 || reader_schema(&w->schema, rd, err) < 0)
		return -1;
	w->backup = backup_copy(reader_backup(rd));
	w->database = mem_strdup(w->backup->database);
	w->title = mem_printf("backup %s", w->backup->id);
	w->label = mem_strdup(w->backup->id);
	return 0;
}

static int open_source(struct wanted *w, struct repo *r, const struct wanted_spec *spec,
                       struct error *err)
{
	struct connection c;
	DEFER(server) *s = NULL;
	int found;

	if (connection_from_config(&c, r->config, CONNECTION_SOURCE, err) < 0)
		return -1;
	if (spec->name)
		c.database = spec->name;
	if (!c.database || !*c.database) {
		error_set(err, ERR_USAGE, "no source database named");
		return error_hint(err, "Give --source-db NAME, or set source.database in the "
		                       "configuration.");
	}
	if (server_open(&s, &c, err) < 0)
		return error_wrap(err, "source");
	found = capture_schema(&w->schema, s, c.database, err);
	if (found == 0)
		return error_set(err, ERR_NOT_FOUND, "unknown source database: %s", c.database);
	w->database = mem_strdup(c.database);
	w->title = mem_printf("source database %s", c.database);
	w->label = mem_printf("source/%s", c.database);
	return found < 0 ? error_wrap(err, "source") : 0;
}

static int open_files(struct wanted *w, struct repo *r, const struct wanted_spec *spec,
                      struct error *err)
{
	DEFER(script_files) *f = NULL;
	autofree struct load_script *scripts = NULL;
	struct load_counts counts;
	struct connection c;
	int result;

	if (script_files_read(&f, spec->name, err) < 0 ||
	    connection_from_config(&c, r->config, CONNECTION_TARGET, err) < 0)
		return -1;
	scripts = mem_array(f->count, sizeof(*scripts));
	for (size_t i = 0; i < f->count; i++)
		scripts[i] =
			(struct load_script){ f->items[i].path,
			                      { f->items[i].text.data, f->items[i].text.len } };
	result = load_schema(&w->schema, &c, scripts, f->count,
	                     spec->like ? spec->like->charset : NULL,
	                     spec->like ? spec->like->collation : NULL, &counts, err);
	if (result < 0)
		return -1;
	if (w->schema->count == 0 && counts.statements == 0)
		return error_set(err, ERR_INVALID,
		                 "%s makes no schema: it holds no statement "
		                 "that does",
		                 spec->name);
	w->rows_left_out = counts.rows;
	w->database = mem_strdup("");
	w->title = mem_printf("file %s", spec->name);
	w->label = mem_strdup(spec->name);
	return 0;
}

typedef int open_fn(struct wanted *w, struct repo *r, const struct wanted_spec *spec,
                    struct error *err);

int wanted_open(struct wanted **out, struct repo *r, const struct wanted_spec *spec,
                struct error *err)
{
	static open_fn *const openers[] = {
		[WANTED_LIVE] = open_live,
		[WANTED_BACKUP] = open_backup,
		[WANTED_FILE] = open_files,
		[WANTED_SOURCE] = open_source,
	};
	DEFER(wanted) *w = mem_alloc(sizeof(*w));

	if (openers[spec->kind](w, r, spec, err) < 0)
		return -1;
	*out = take(w);
	return 0;
}
