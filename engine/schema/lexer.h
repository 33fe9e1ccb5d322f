/* SPDX-License-Identifier: MIT */
/*
 * lexer: SQL text as tokens. MySQL's lexical rules (MySQL 8 manual 9.1, 9.2,
 * 9.7): quoted names with doubled quotes, strings with backslashes and doubled
 * quotes, introducers, numbers, comments. Names may hold anything, newlines too.
 * Version comments are transparent: their inside is tokenised, their marks are
 * TOKEN_COMMENT_OPEN and TOKEN_COMMENT_CLOSE.
 *
 *	struct lexer l;
 *	struct token t;
 *
 *	lexer_init(&l, text);
 *	while ((t = lexer_next(&l)).kind != TOKEN_END)
 *		...
 *
 * Tokens are slices of the text, in order; between them stand blanks (and plain
 * comments, unless they are asked for). Every text ends in TOKEN_END, broken or
 * not. Pure.
 */
#ifndef ENGINE_SCHEMA_LEXER_H
#define ENGINE_SCHEMA_LEXER_H

#include <stdbool.h>

#include "engine/base/buf.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* bare word: keyword or name */
	TOKEN_NAME,   /* `quoted` */
	TOKEN_STRING, /* 'x' or "x" (also n'x', x'41', b'1', _utf8mb4'x' with the introducer) */
	TOKEN_NUMBER,
	TOKEN_PUNCTUATION,   /* one byte, or one of := <=> <= >= <> != << >> || && -> ->> */
	TOKEN_VARIABLE,      /* @x, @@x, @`x` */
	TOKEN_COMMENT,       /* a plain comment: only when asked for */
	TOKEN_COMMENT_OPEN,  /* / *!80023 or / *M!100301 */
	TOKEN_COMMENT_CLOSE, /* * / that closes one */
	TOKEN_BROKEN, /* a quote or comment that never ends; empty for a version comment */
};

struct token {
	enum token_kind kind;
	struct str text; /* with quotes */
};

struct lexer {
	struct str text;
	size_t at;
	unsigned int depth; /* of version comments that are open */
	bool ansi_quotes;   /* "x" is a name */
	bool no_backslash_escapes;
	bool want_comments;
};

void lexer_init(struct lexer *l, struct str text);
/* The modes that sql_mode (a list with commas; NULL: none) sets: ANSI_QUOTES,
 * NO_BACKSLASH_ESCAPES. */
void lexer_set_mode(struct lexer *l, const char *sql_mode);
struct token lexer_next(struct lexer *l);
struct token lexer_peek(const struct lexer *l);

bool token_is_word(struct token t, const char *word); /* bare word, case ignored */
bool token_is(struct token t, char punctuation);
/* Appends a name without its quotes: `a``b` gives a`b; a bare word as it is. */
void token_name(struct buf *out, struct token t);
/* Is this token that name? Without quotes, byte by byte. */
bool token_names(struct token t, const char *name);

#endif
