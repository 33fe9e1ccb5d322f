/* SPDX-License-Identifier: MIT */
/* What follows the body of CREATE TABLE: options and partitions. */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/schema/table_parser.h"

/* Names of more than one word: which word may follow which. */
static const struct {
	const char *word;
	const char *next;
} name_words[] = {
	{ "DEFAULT", "CHARSET" }, { "DEFAULT", "CHARACTER" }, { "DEFAULT", "COLLATE" },
	{ "CHARACTER", "SET" },   { "DATA", "DIRECTORY" },    { "INDEX", "DIRECTORY" },
	{ "WITH", "SYSTEM" },     { "SYSTEM", "VERSIONING" }, { "START", "TRANSACTION" },
};

/* Options whose value stands behind them without =. */
static const char *const valued_words[] = { "TABLESPACE", "STORAGE" };

static bool continues_name(struct token before, struct token t)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_words); i++) {
		if (token_is_word(before, name_words[i].word) &&
		    token_is_word(t, name_words[i].next))
			return true;
	}
	return false;
}

static bool has_bare_value(struct token name)
{
	for (size_t i = 0; i < ARRAY_SIZE(valued_words); i++) {
		if (token_is_word(name, valued_words[i]))
			return true;
	}
	return false;
}

static int parse_option_value(struct table_parser *p, struct str *out, struct error *err)
{
	size_t from = parse_offset(p);
	struct str ignored;

	if (parse_at_end(p))
		return parse_fail(p, "a value", err);
	if (!parse_at(p, '('))
		parse_advance(p);
	else if (parse_group(p, &ignored, err) < 0)
		return -1;
	*out = parse_text_from(p, from);
	return 0;
}

/* ENGINE=InnoDB, WITH SYSTEM VERSIONING, UNION=(`a`,`b`), `engine's own`='x' */
static int parse_option(struct table_parser *p, struct error *err)
{
	struct table_option option = { 0 };
	size_t from = parse_offset(p);
	struct token word;

	do {
		word = p->token;
		parse_advance(p);
	} while (continues_name(word, p->token));
	if (word.kind != TOKEN_COMMENT)
		option.name = parse_text_from(p, from);
	if ((parse_accept(p, '=') || has_bare_value(word)) &&
	    parse_option_value(p, &option.value, err) < 0)
		return -1;
	option.text = parse_text_from(p, from);
	*(struct table_option *)list_add(&p->options) = option;
	return 0;
}

static int parse_partition(struct table_parser *p, struct error *err)
{
	struct partition part = { 0 };
	size_t from = p->end;

	if (parse_expect_word(p, "PARTITION", err) < 0 || parse_name(p, &part.name, err) < 0 ||
	    parse_rest(p, err) < 0)
		return -1;
	part.text = str_trim(str_slice(p->lexer.text, from, parse_offset(p)));
	*(struct partition *)list_add(&p->partitions) = part;
	return 0;
}

static int parse_partition_list(struct table_parser *p, struct error *err)
{
	do {
		parse_advance(p);
		if (parse_partition(p, err) < 0)
			return -1;
	} while (parse_at(p, ','));
	return parse_expect(p, ')', err);
}

/* A group of the head, "(`a`)", or the list of partitions. */
static int parse_partition_group(struct table_parser *p, size_t from, struct error *err)
{
	struct partitioning *part = &p->partitioning;
	struct str ignored;

	if (part->head.n > 0 || !token_is_word(lexer_peek(&p->lexer), "PARTITION"))
		return parse_group(p, &ignored, err);
	part->head = parse_text_from(p, from);
	return parse_partition_list(p, err);
}

/*
 * MySQL prints ALGORITHM = 1 in a version comment of its own, between those around the rest: as
 * a statement says it, there are no such marks within.
 */
static struct str without_marks(struct arena *a, struct str text)
{
	static const char open[] = "/*!50100 ";
	autobuf marked = BUF_INIT;
	autobuf out = BUF_INIT;
	struct lexer l;
	struct token t;
	const char *copied;

	if (!memmem(text.p, text.n, "*/", 2))
		return text;
	buf_adds(&marked, open);
	buf_add(&marked, text.p, text.n);
	lexer_init(&l, (struct str){ marked.data, marked.len });
	lexer_next(&l);
	copied = marked.data + strlen(open);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind != TOKEN_COMMENT_OPEN && t.kind != TOKEN_COMMENT_CLOSE)
			continue;
		buf_add(&out, copied, (size_t)(t.text.p - copied));
		copied = t.text.p + t.text.n;
	}
	buf_add(&out, copied, (size_t)(marked.data + marked.len - copied));
	return arena_str(a, str_trim((struct str){ out.data, out.len }));
}

/* Does the version comment in hand only make room for another? */
static bool goes_on_behind_mark(const struct table_parser *p)
{
	return p->token.kind == TOKEN_COMMENT_CLOSE &&
	       lexer_peek(&p->lexer).kind == TOKEN_COMMENT_OPEN;
}

/* Ends where the version comment around it ends, or the text. */
static int parse_partitioning(struct table_parser *p, struct error *err)
{
	struct partitioning *part = &p->partitioning;
	size_t from = parse_offset(p);
	unsigned int depth = p->lexer.depth;

	if (part->text.n > 0)
		return parse_fail(p, "one PARTITION BY", err);
	while (p->token.kind != TOKEN_END &&
	       (p->lexer.depth >= depth || goes_on_behind_mark(p))) {
		if (p->token.kind == TOKEN_BROKEN || parse_at(p, ')'))
			return parse_fail(p, "the end of the partitions", err);
		if (!parse_at(p, '('))
			parse_advance(p);
		else if (parse_partition_group(p, from, err) < 0)
			return -1;
	}
	part->text = without_marks(p->arena, parse_text_from(p, from));
	part->head = part->head.n == 0 ? part->text : without_marks(p->arena, part->head);
	return 0;
}

int parse_options(struct table_parser *p, struct error *err)
{
	struct str ignored;

	while (p->token.kind != TOKEN_END) {
		int result = 0;

		if (p->token.kind == TOKEN_BROKEN || parse_at(p, ')'))
			return parse_fail(p, "a table option", err);
		if (parse_at(p, '('))
			result = parse_group(p, &ignored, err);
		else if (parse_at_word(p, "PARTITION"))
			result = parse_partitioning(p, err);
		else if (p->token.kind == TOKEN_COMMENT_OPEN ||
		         p->token.kind == TOKEN_COMMENT_CLOSE || parse_at(p, ','))
			parse_advance(p);
		else
			result = parse_option(p, err);
		if (result < 0)
			return -1;
	}
	return 0;
}
