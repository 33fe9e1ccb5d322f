/* SPDX-License-Identifier: MIT */
/*
 * dump: a script that makes a schema (schema.sql, an object's file, what mysqldump
 * and mariadb-dump write) as a model, without a server.
 *
 *	DEFER(dump) *d = dump_new(NULL);
 *
 *	while (more)
 *		if (dump_feed(d, data, len, err) < 0) ...
 *	if (dump_finish(&schema, d, err) < 0) ...
 *
 * CREATE and DROP have the effect they would have; SET is followed as far as
 * objects remember it; rows are counted and skipped. The text of an object is
 * the script's, without version comments around it. A statement that changes the
 * schema in a way only a server could tell (ALTER TABLE) is refused with its
 * line: ERR_UNSUPPORTED; what is no SQL is ERR_INVALID. Not thread-safe.
 */
#ifndef ENGINE_SCHEMA_DUMP_H
#define ENGINE_SCHEMA_DUMP_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct dump;
struct error;

#define DUMP_TEXT_MAX ((size_t)256 << 20) /* bytes of all objects together */

/* database NULL: the one that the script names. */
struct dump *dump_new(const char *database);
void dump_free(struct dump *d); /* NULL is fine */
DEFINE_DEFER(dump, dump_free)

int dump_feed(struct dump *d, const char *data, size_t len, struct error *err);

/*
 * Finishes the schema; caller frees it. Its visible kinds are those that the script shows
 * to be complete: the others may have been left out (mysqldump without --routines). ERR_USAGE
 * when no database is named anywhere. ERR_INVALID when nothing was made.
 */
int dump_finish(struct schema **out, struct dump *d, struct error *err);

/* What was left out. Valid until dump_free(). */
struct dump_report {
	size_t data_statements;  /* INSERT, REPLACE, LOAD DATA, ... */
	size_t other_statements; /* GRANT, CREATE USER, ...: about no schema */
	size_t table_count;      /* tables that could not be taken apart: kept as they are */
	const char *tool; /* "MariaDB dump 10.19  Distrib 10.11.19-MariaDB, ..."; or "" */
};
void dump_report(struct dump_report *out, const struct dump *d);

/* "10.11.19-MariaDB" is 101119; 0: it is no version. */
unsigned int dump_version_number(const char *text);

#endif
