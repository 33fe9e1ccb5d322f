/* SPDX-License-Identifier: MIT */
/*
 * table_parser: what the parts of the table parser (table.c, table_body.c,
 * table_column.c, table_options.c) share: one token in hand. Private to them.
 *
 * Functions that can fail leave the parser at the token that was not expected.
 * The grammar is walked with loops and a depth, never by recursion: hostile
 * texts cannot use up the stack.
 */
#ifndef ENGINE_SCHEMA_TABLE_PARSER_H
#define ENGINE_SCHEMA_TABLE_PARSER_H

#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"
#include "engine/schema/list.h"
#include "engine/schema/table.h"

struct table_parser {
	struct arena *arena;
	struct lexer lexer;
	struct token token; /* in hand */
	size_t end;         /* of the token before it */

	struct list columns;
	struct list indexes;
	struct list foreign_keys;
	struct list checks;
	struct list clauses;
	struct list options;
	struct list partitions;
	struct list parts; /* of the index in hand */
	struct list names; /* of the name list in hand */
	struct partitioning partitioning;
};

struct table_parser *table_parser_new(struct arena *a, struct str text);
void table_parser_free(struct table_parser *p); /* NULL is fine */
DEFINE_DEFER(table_parser, table_parser_free)

void parse_advance(struct table_parser *p);
size_t parse_offset(const struct table_parser *p); /* of the token in hand */
struct str parse_text_from(const struct table_parser *p, size_t from); /* to the last token */
bool parse_at(const struct table_parser *p, char punctuation);
bool parse_at_word(const struct table_parser *p, const char *word);
bool parse_at_name(const struct table_parser *p); /* a name or a bare word */
bool parse_at_end(const struct table_parser *p);  /* of the text, or where it breaks */
bool parse_accept(struct table_parser *p, char punctuation);
bool parse_accept_word(struct table_parser *p, const char *word);
/* Returns -1. */
int parse_fail(const struct table_parser *p, const char *want, struct error *err);
int parse_expect(struct table_parser *p, char punctuation, struct error *err);
int parse_expect_word(struct table_parser *p, const char *word, struct error *err);
int parse_name(struct table_parser *p, const char **out, struct error *err);
/* From ( to its ): *inside is what stands between, without blanks around it. */
int parse_group(struct table_parser *p, struct str *inside, struct error *err);
/* Goes to the , or ) that ends a list's element. */
int parse_rest(struct table_parser *p, struct error *err);

/* table_body.c: from ( to ), the definitions. */
int parse_body(struct table_parser *p, struct error *err);
/* table_column.c: from the column's name to , or ). */
int parse_column(struct table_parser *p, struct error *err);
/* table_options.c: what follows the body, to the end of the text. */
int parse_options(struct table_parser *p, struct error *err);

#endif
