/* SPDX-License-Identifier: MIT */
/*
 * load: the schema that SQL scripts describe, as the server itself writes it.
 *
 * The scripts run in a scratch database over a session of their own and are captured there.
 * Each statement is looked at first: only objects of that database are made, changed or
 * dropped; rows are left out; nothing reads a file, grants a right or leaves the database.
 * Events are made disabled, so that none of them runs. Dumps of mysqldump and mariadb-dump, our
 * own schema.sql and what people write are read alike.
 *
 * Several scripts are one schema: one that needs what comes later is gone on with then.
 */
#ifndef ENGINE_SERVER_LOAD_H
#define ENGINE_SERVER_LOAD_H

#include <stddef.h>

#include "engine/base/buf.h"

struct connection;
struct error;
struct schema;

struct load_script {
	const char *name; /* for messages */
	struct str text;
};

struct load_counts {
	size_t statements; /* that made the schema */
	size_t rows;       /* statements about rows: left out */
	size_t ignored;    /* what else was left out */
};

/*
 * *out: a finished schema; its name is the scratch database's, which is gone again. charset and
 * collation: the database's, unless a script says; NULL: the server's own. ERR_INVALID and
 * ERR_REFUSED name the script, the line and the statement.
 */
int load_schema(struct schema **out, const struct connection *c,
                const struct load_script *scripts, size_t count, const char *charset,
                const char *collation, struct load_counts *counts, struct error *err);

#endif
