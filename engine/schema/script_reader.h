/* SPDX-License-Identifier: MIT */
/*
 * script_reader: the statements of a script, cut where the stock client (mysql,
 * mariadb) cuts them: at the delimiter, which DELIMITER lines change, outside quotes and
 * comments.
 *
 *	struct script_reader r;
 *	struct script_statement st;
 *
 *	script_reader_init(&r, text);
 *	while ((more = script_reader_next(&r, &st, err)) > 0)
 *		...
 *
 * Statements are slices of the text, so it must outlive them. Comments before a statement are
 * left out, those within it stay. A script that reads another file or runs a program is
 * ERR_REFUSED. Pure.
 */
#ifndef ENGINE_SCHEMA_SCRIPT_READER_H
#define ENGINE_SCHEMA_SCRIPT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/schema/model.h"

struct error;

struct script_reader {
	struct str text;
	size_t at;
	size_t line;               /* of `at`, from 1 */
	bool no_backslash_escapes; /* the caller follows the session's sql_mode */
	struct str delimiter;
};

struct script_statement {
	struct str sql; /* without the delimiter, never empty */
	size_t line;    /* where it begins, from 1 */
};

void script_reader_init(struct script_reader *r, struct str text);

/* 1, 0 at the end, -1. */
int script_reader_next(struct script_reader *r, struct script_statement *out,
                       struct error *err);

/*
 * Appends what a server reads of a statement that dumps have taken apart with version comments:
 * CREATE and its definer in one, the rest in another. What is in a comment for this server
 * stands there without its marks, what is for others is left out. A statement that has such
 * comments only behind its beginning is appended as it is.
 */
void script_open_comments(struct buf *out, struct str sql, enum server_family family,
                          unsigned int version, const char *sql_mode);

#endif
