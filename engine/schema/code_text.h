/* SPDX-License-Identifier: MIT */
/*
 * code_text: what a server prints of stored code, and what it reads.
 *
 * The head of a routine or an event is the server's own writing, the body its author's. In the
 * head a server may print what it would not read under the sql_mode of the object, and text
 * that was read in the wrong character set. Pure.
 */
#ifndef ENGINE_SCHEMA_CODE_TEXT_H
#define ENGINE_SCHEMA_CODE_TEXT_H

#include <stdbool.h>

#include "engine/base/buf.h"
#include "engine/schema/model.h"

/* The string behind COMMENT in the head, with its quotes, as a slice of the text; empty: none.
 */
struct str code_comment(const struct object *o);

/*
 * Code that was made over a connection in latin1, say: its text is in latin1, but names and
 * comment, which the server adds in UTF-8, are read as if they were latin1, too.
 */
bool code_is_misprinted(const struct object *o);

/*
 * Appends the text with the object's own name and table, and with this comment unless p is
 * NULL.
 */
void code_mended(struct buf *out, const struct object *o, struct str comment);

/*
 * Appends the text so that it means under its own sql_mode what it says: a comment is printed
 * with backslashes, which NO_BACKSLASH_ESCAPES takes for letters, and so does sjis; MySQL
 * prints NOT PRESERVE, which is the default, and which HIGH_NOT_PRECEDENCE does not let it
 * read.
 */
void code_to_run(struct buf *out, const struct object *o);

#endif
