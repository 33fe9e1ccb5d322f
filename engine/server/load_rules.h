/* SPDX-License-Identifier: MIT */
/*
 * load_rules: what becomes of a statement of a script that makes a schema in a scratch
 * database. Rows are left out, the dump's housekeeping too; settings of the session are made
 * when they matter to a schema and can do no harm; names of databases are taken away; the rest
 * goes through statement_check(). Pure. Internal to engine/server.
 */
#ifndef ENGINE_SERVER_LOAD_RULES_H
#define ENGINE_SERVER_LOAD_RULES_H

#include "engine/base/buf.h"

enum load_action {
	LOAD_RUN,      /* makes, changes or drops an object: to be checked and run */
	LOAD_LIKE,     /* CREATE TABLE a LIKE b, both in the scratch database: run as it is */
	LOAD_SET,      /* a setting of the session */
	LOAD_EXECUTE,  /* our own scripts: run the text in @statement */
	LOAD_ATTEMPT,  /* the same, and it may fail */
	LOAD_DATABASE, /* options of the database, by ALTER DATABASE without a name */
	LOAD_DATA,     /* rows: left out and counted */
	LOAD_IGNORE,   /* left out */
	LOAD_REFUSE,
};

/*
 * sql: one statement with its comments opened (script_open_comments). LOAD_DATABASE appends to
 * `rewritten` what to run; LOAD_REFUSE fills *reason. database: the one that the
 * script is about, as its USE or CREATE DATABASE say; filled in here.
 */
enum load_action load_rules_choose(struct str sql, const char *sql_mode, struct buf *rewritten,
                                   struct buf *database, const char **reason);

#endif
