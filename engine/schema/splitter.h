/* SPDX-License-Identifier: MIT */
/*
 * splitter: a script of the stock client (mysql, mariadb) as statements, from a
 * stream of any length in bounded memory.
 *
 *	DEFER(splitter) *s = splitter_new(fn, arg);
 *
 *	while (more)
 *		if (splitter_feed(s, data, len, err) < 0) ...
 *	if (splitter_end(s, err) < 0) ...
 *
 * It reads as the client does: DELIMITER lines, quotes, comments, version
 * comments as code, lines such as "\C utf8mb4". Rows (INSERT and the like) are
 * scanned and not kept. Not thread-safe. ERR_INVALID names the line.
 */
#ifndef ENGINE_SCHEMA_SPLITTER_H
#define ENGINE_SCHEMA_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct error;
struct splitter;

#define SPLITTER_STATEMENT_MAX ((size_t)16 << 20) /* bytes of a statement that is kept */
#define SPLITTER_DATA_KEPT     ((size_t)80)       /* bytes of one that holds rows */

struct splitter_item {
	struct str text; /* without delimiter and without blanks around it; lent */
	size_t line;     /* where it begins, from 1 */
	bool comment;    /* a line of its own: "-- Server version 10.11.19" */
	bool data;       /* INSERT, REPLACE, ...: text is only its beginning */
};
/* Told of every statement and comment line in order; -1 ends the reading with its error. */
typedef int splitter_fn(void *arg, const struct splitter_item *item, struct error *err);

struct splitter *splitter_new(splitter_fn *fn, void *arg);
void splitter_free(struct splitter *s); /* NULL is fine */
DEFINE_DEFER(splitter, splitter_free)

int splitter_feed(struct splitter *s, const char *data, size_t len, struct error *err);
/* The last statement needs no delimiter. A quote or comment that is open is ERR_INVALID. */
int splitter_end(struct splitter *s, struct error *err);

/* What SET sql_mode said of the text that follows: NO_BACKSLASH_ESCAPES. */
void splitter_no_backslash(struct splitter *s, bool on);

#endif
