/* SPDX-License-Identifier: MIT */
/* Columns: `name` type attributes. An attribute that is not known stays text. */
#include "engine/base/cleanup.h"
#include "engine/schema/table_parser.h"

typedef int attribute_fn(struct table_parser *p, struct column *c, struct error *err);

/* One token, as a slice. */
static int parse_token(struct table_parser *p, struct str *out, struct error *err)
{
	if (parse_at_end(p))
		return parse_fail(p, "a value", err);
	*out = p->token.text;
	parse_advance(p);
	return 0;
}

/*
 * A value as servers print it behind DEFAULT and ON UPDATE: a literal with its
 * sign, introducer or DATE, a column, a function with its arguments, or an
 * expression in parentheses. Parentheses belong to it: *out includes them.
 */
static int parse_value(struct table_parser *p, struct str *out, struct error *err)
{
	size_t from = parse_offset(p);
	struct str ignored;

	if (!parse_accept(p, '-'))
		parse_accept(p, '+');
	if (!parse_at(p, '(')) {
		bool named = parse_at_name(p);

		if (parse_token(p, &ignored, err) < 0)
			return -1;
		while (named && parse_accept(p, '.')) {
			if (parse_token(p, &ignored, err) < 0)
				return -1;
		}
		if (named && p->token.kind == TOKEN_STRING)
			parse_advance(p);
	}
	if (parse_at(p, '(') && parse_group(p, &ignored, err) < 0)
		return -1;
	*out = parse_text_from(p, from);
	return 0;
}

static int parse_character(struct table_parser *p, struct column *c, struct error *err)
{
	if (parse_expect_word(p, "SET", err) < 0)
		return -1;
	return parse_token(p, &c->charset, err);
}

static int parse_charset(struct table_parser *p, struct column *c, struct error *err)
{
	return parse_token(p, &c->charset, err);
}

static int parse_collate(struct table_parser *p, struct column *c, struct error *err)
{
	return parse_token(p, &c->collation, err);
}

static int parse_not(struct table_parser *p, struct column *c, struct error *err)
{
	(void)err;
	if (parse_accept_word(p, "NULL"))
		c->not_null = true;
	return 0;
}

static int parse_default(struct table_parser *p, struct column *c, struct error *err)
{
	return parse_value(p, &c->default_text, err);
}

static int parse_on(struct table_parser *p, struct column *c, struct error *err)
{
	struct str ignored;

	(void)c;
	return parse_accept_word(p, "UPDATE") ? parse_value(p, &ignored, err) : 0;
}

/* [GENERATED ALWAYS] AS (expression), AS ROW START, AS ROW END */
static int parse_as(struct table_parser *p, struct column *c, struct error *err)
{
	if (parse_at(p, '(')) {
		if (c->generated == COLUMN_PLAIN)
			c->generated = COLUMN_VIRTUAL;
		return parse_group(p, &c->expression, err);
	}
	if (!parse_accept_word(p, "ROW"))
		return parse_fail(p, "( or ROW", err);
	if (parse_accept_word(p, "START"))
		c->generated = COLUMN_ROW_START;
	else if (parse_accept_word(p, "END"))
		c->generated = COLUMN_ROW_END;
	else
		return parse_fail(p, "START or END", err);
	return 0;
}

static int parse_stored(struct table_parser *p, struct column *c, struct error *err)
{
	(void)p;
	(void)err;
	c->generated = COLUMN_STORED;
	return 0;
}

static int parse_auto_increment(struct table_parser *p, struct column *c, struct error *err)
{
	(void)p;
	(void)err;
	c->auto_increment = true;
	return 0;
}

static int parse_invisible(struct table_parser *p, struct column *c, struct error *err)
{
	(void)p;
	(void)err;
	c->invisible = true;
	return 0;
}

static int parse_column_check(struct table_parser *p, struct column *c, struct error *err)
{
	return parse_at(p, '(') ? parse_group(p, &c->check, err) : parse_fail(p, "(", err);
}

/* A word whose value could be taken for an attribute: COLUMN_FORMAT DEFAULT. */
static int parse_valued(struct table_parser *p, struct column *c, struct error *err)
{
	struct str ignored;

	(void)c;
	return parse_token(p, &ignored, err);
}

static const struct {
	const char *word;
	attribute_fn *parse;
} attributes[] = {
	{ "NOT", parse_not },
	{ "DEFAULT", parse_default },
	{ "CHARACTER", parse_character },
	{ "CHARSET", parse_charset },
	{ "COLLATE", parse_collate },
	{ "AUTO_INCREMENT", parse_auto_increment },
	{ "ON", parse_on },
	{ "AS", parse_as },
	{ "STORED", parse_stored },
	{ "PERSISTENT", parse_stored },
	{ "CHECK", parse_column_check },
	{ "INVISIBLE", parse_invisible },
	{ "COLUMN_FORMAT", parse_valued },
	{ "STORAGE", parse_valued },
};

static attribute_fn *find_attribute(struct token t)
{
	if (token_is(t, '='))
		return parse_valued;
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (token_is_word(t, attributes[i].word))
			return attributes[i].parse;
	}
	return NULL;
}

static int parse_attribute(struct table_parser *p, struct column *c, struct error *err)
{
	attribute_fn *parse = find_attribute(p->token);
	struct str ignored;

	if (parse_at(p, '('))
		return parse_group(p, &ignored, err);
	parse_advance(p);
	return parse ? parse(p, c, err) : 0;
}

static const char *const type_words[] = {
	"unsigned", "signed", "zerofill", "precision", "varying",
};

static bool at_type_word(const struct table_parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(type_words); i++) {
		if (parse_at_word(p, type_words[i]))
			return true;
	}
	return false;
}

/* "bigint(20) unsigned", "mariadb_schema.date" */
static int parse_type(struct table_parser *p, struct str *out, struct error *err)
{
	size_t from = parse_offset(p);
	struct str ignored;

	if (parse_at(p, ',') || parse_at(p, ')'))
		return 0;
	do {
		if (parse_token(p, &ignored, err) < 0)
			return -1;
	} while (parse_accept(p, '.'));
	while (parse_at(p, '(') || at_type_word(p)) {
		if (!parse_at(p, '('))
			parse_advance(p);
		else if (parse_group(p, &ignored, err) < 0)
			return -1;
	}
	*out = parse_text_from(p, from);
	return 0;
}

int parse_column(struct table_parser *p, struct error *err)
{
	struct column c = { 0 };
	size_t behind_name;

	if (parse_name(p, &c.name, err) < 0)
		return -1;
	behind_name = p->end;
	if (parse_type(p, &c.type, err) < 0)
		return -1;
	while (!parse_at(p, ',') && !parse_at(p, ')')) {
		if (parse_at_end(p))
			return parse_fail(p, ", or )", err);
		if (parse_attribute(p, &c, err) < 0)
			return -1;
	}
	c.text = str_trim(str_slice(p->lexer.text, behind_name, parse_offset(p)));
	*(struct column *)list_add(&p->columns) = c;
	return 0;
}
