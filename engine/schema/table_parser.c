/* SPDX-License-Identifier: MIT */
#include "engine/schema/table_parser.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

/* Of a token that an error text shows. */
#define SHOWN_MAX 24

struct table_parser *table_parser_new(struct arena *a, struct str text)
{
	struct table_parser *p = mem_alloc(sizeof(*p));

	p->arena = a;
	p->columns.size = sizeof(struct column);
	p->indexes.size = sizeof(struct index);
	p->foreign_keys.size = sizeof(struct foreign_key);
	p->checks.size = sizeof(struct check);
	p->clauses.size = sizeof(struct clause);
	p->options.size = sizeof(struct table_option);
	p->partitions.size = sizeof(struct partition);
	p->parts.size = sizeof(struct index_part);
	p->names.size = sizeof(const char *);
	lexer_init(&p->lexer, text);
	p->token = lexer_next(&p->lexer);
	return p;
}

void table_parser_free(struct table_parser *p)
{
	if (!p)
		return;
	list_finish(&p->columns);
	list_finish(&p->indexes);
	list_finish(&p->foreign_keys);
	list_finish(&p->checks);
	list_finish(&p->clauses);
	list_finish(&p->options);
	list_finish(&p->partitions);
	list_finish(&p->parts);
	list_finish(&p->names);
	free(p);
}

size_t parse_offset(const struct table_parser *p)
{
	return (size_t)(p->token.text.p - p->lexer.text.p);
}

void parse_advance(struct table_parser *p)
{
	p->end = parse_offset(p) + p->token.text.n;
	p->token = lexer_next(&p->lexer);
}

struct str parse_text_from(const struct table_parser *p, size_t from)
{
	return str_trim(str_slice(p->lexer.text, from, p->end));
}

bool parse_at(const struct table_parser *p, char punctuation)
{
	return token_is(p->token, punctuation);
}

bool parse_at_word(const struct table_parser *p, const char *word)
{
	return token_is_word(p->token, word);
}

bool parse_at_name(const struct table_parser *p)
{
	return p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_WORD;
}

bool parse_at_end(const struct table_parser *p)
{
	return p->token.kind == TOKEN_END || p->token.kind == TOKEN_BROKEN;
}

bool parse_accept(struct table_parser *p, char punctuation)
{
	if (!parse_at(p, punctuation))
		return false;
	parse_advance(p);
	return true;
}

bool parse_accept_word(struct table_parser *p, const char *word)
{
	if (!parse_at_word(p, word))
		return false;
	parse_advance(p);
	return true;
}

int parse_fail(const struct table_parser *p, const char *want, struct error *err)
{
	struct str got = p->token.text;

	if (p->token.kind == TOKEN_END)
		return error_set(err, ERR_INVALID,
		                 "offset %zu: want %s, got the end of the text",
		                 parse_offset(p), want);
	if (p->token.kind == TOKEN_BROKEN)
		return error_set(err, ERR_INVALID,
		                 "offset %zu: want %s, got a quote or comment that never ends",
		                 parse_offset(p), want);
	return error_set(err, ERR_INVALID, "offset %zu: want %s, got %.*s", parse_offset(p),
	                 want, (int)(got.n < SHOWN_MAX ? got.n : SHOWN_MAX), got.p);
}

int parse_expect(struct table_parser *p, char punctuation, struct error *err)
{
	char want[] = { punctuation, '\0' };

	return parse_accept(p, punctuation) ? 0 : parse_fail(p, want, err);
}

int parse_expect_word(struct table_parser *p, const char *word, struct error *err)
{
	return parse_accept_word(p, word) ? 0 : parse_fail(p, word, err);
}

int parse_name(struct table_parser *p, const char **out, struct error *err)
{
	autobuf name = BUF_INIT;

	if (!parse_at_name(p))
		return parse_fail(p, "a name", err);
	token_name(&name, p->token);
	*out = arena_strndup(p->arena, name.data, name.len);
	parse_advance(p);
	return 0;
}

int parse_group(struct table_parser *p, struct str *inside, struct error *err)
{
	size_t from = parse_offset(p) + 1;
	size_t depth = 0;

	do {
		if (parse_at_end(p))
			return parse_fail(p, ")", err);
		if (parse_at(p, '('))
			depth++;
		else if (parse_at(p, ')'))
			depth--;
		parse_advance(p);
	} while (depth > 0);
	*inside = str_trim(str_slice(p->lexer.text, from, p->end - 1));
	return 0;
}

int parse_rest(struct table_parser *p, struct error *err)
{
	struct str ignored;

	while (!parse_at(p, ',') && !parse_at(p, ')')) {
		if (parse_at_end(p))
			return parse_fail(p, ", or )", err);
		if (!parse_at(p, '('))
			parse_advance(p);
		else if (parse_group(p, &ignored, err) < 0)
			return -1;
	}
	return 0;
}
