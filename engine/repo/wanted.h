/* SPDX-License-Identifier: MIT */
/*
 * wanted: a schema from wherever it is described: the live database, another one, the source
 * server, a backup, an SQL file, a directory of SQL files. What compare and migrate work on.
 *
 *	struct wanted_spec spec = { .kind = WANTED_FILE, .name = "new.sql" };
 *
 *	if (wanted_open(&w, r, &spec, err) < 0)
 *		return -1;
 *	diff_schemas(live, w->schema);
 *
 * Every schema holds the server's own texts: files are run in a scratch database of the target
 * server (server/load.h), so they can be compared byte by byte. Not thread-safe.
 */
#ifndef ENGINE_REPO_WANTED_H
#define ENGINE_REPO_WANTED_H

#include <stddef.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"

struct error;
struct repo;
struct schema;

enum wanted_kind {
	WANTED_LIVE,   /* a database of the target server; name NULL: the configured one */
	WANTED_BACKUP, /* as repo_find() reads it */
	WANTED_FILE,   /* a file, or a directory of *.sql */
	WANTED_SOURCE, /* a database of the source server; name NULL: the configured one */
};

struct wanted_spec {
	enum wanted_kind kind;
	const char *name;
	/* Files: what a script leaves open, the database's character set, is like this one's.
	 * NULL: the server's own. */
	const struct schema *like;
};

/*
 * "live", "live:DB", "source", "source:DB", "file:PATH", "backup:ID"; without such a word what
 * has a slash or ends in .sql is a path, everything else a backup. out->name points into text.
 */
void wanted_parse(struct wanted_spec *out, const char *text);

struct wanted {
	struct schema *schema; /* finished; NULL: there is no such database (WANTED_LIVE) */
	struct backup *backup; /* files not filled in; NULL: it is none */
	char *title;           /* "backup backup_2026...", "file new.sql", "database shop" */
	char *label;           /* short: "backup_2026...", "new.sql", "live" */
	char *database;        /* whose schema it is; "" for files */
	size_t rows_left_out;  /* statements about rows in files */
};

/* ERR_NOT_FOUND: no such backup, file, source database. ERR_INVALID: SQL that makes no schema.
 */
int wanted_open(struct wanted **out, struct repo *r, const struct wanted_spec *spec,
                struct error *err);
void wanted_close(struct wanted *w); /* NULL is fine */
DEFINE_DEFER(wanted, wanted_close)

#endif
