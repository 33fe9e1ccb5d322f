/* SPDX-License-Identifier: MIT */
/* What stands between the parentheses of CREATE TABLE, columns aside. */
#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/schema/table_parser.h"

/* From an element's first byte to the , or ) behind it: comments at its ends included. */
static struct str element_text(const struct table_parser *p, size_t from)
{
	return str_trim(str_slice(p->lexer.text, from, parse_offset(p)));
}

static const struct {
	const char *word;
	enum index_kind kind;
} index_words[] = {
	{ "PRIMARY", INDEX_PRIMARY },   { "UNIQUE", INDEX_UNIQUE },
	{ "KEY", INDEX_PLAIN },         { "INDEX", INDEX_PLAIN },
	{ "FULLTEXT", INDEX_FULLTEXT }, { "SPATIAL", INDEX_SPATIAL },
	{ "VECTOR", INDEX_VECTOR },
};

static bool at_index(const struct table_parser *p, enum index_kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(index_words); i++) {
		if (parse_at_word(p, index_words[i].word)) {
			*kind = index_words[i].kind;
			return true;
		}
	}
	return false;
}

static int parse_part(struct table_parser *p, struct error *err)
{
	struct index_part part = { 0 };
	size_t from = p->end;
	struct str ignored;

	if (parse_at(p, '(')) {
		if (parse_group(p, &ignored, err) < 0)
			return -1;
	} else if (parse_name(p, &part.column, err) < 0) {
		return -1;
	}
	part.without_overlaps = parse_at_word(p, "WITHOUT");
	if (parse_rest(p, err) < 0)
		return -1;
	part.text = element_text(p, from);
	*(struct index_part *)list_add(&p->parts) = part;
	return 0;
}

/* PRIMARY KEY, UNIQUE KEY `k`, KEY `k` USING BTREE: to the parts. */
static int parse_index_head(struct table_parser *p, struct index *index, struct error *err)
{
	parse_advance(p);
	if (!parse_accept_word(p, "KEY"))
		parse_accept_word(p, "INDEX");
	if (index->kind == INDEX_PRIMARY)
		index->name = "PRIMARY";
	else if (parse_at_name(p) && !parse_at_word(p, "USING") &&
	         parse_name(p, &index->name, err) < 0)
		return -1;
	while (!parse_at(p, '(')) {
		if (parse_at_end(p) || parse_at(p, ',') || parse_at(p, ')'))
			return parse_fail(p, "(", err);
		parse_advance(p);
	}
	return 0;
}

static int parse_index_options(struct table_parser *p, struct index *index, struct error *err)
{
	struct str ignored;
	bool negated;

	while (!parse_at(p, ',') && !parse_at(p, ')')) {
		if (parse_at_end(p))
			return parse_fail(p, ", or )", err);
		if (parse_at(p, '(')) {
			if (parse_group(p, &ignored, err) < 0)
				return -1;
			continue;
		}
		negated = parse_accept_word(p, "NOT");
		if (parse_at_word(p, "IGNORED") || parse_at_word(p, "INVISIBLE")) {
			index->ignored = !negated;
			parse_advance(p);
		} else if (!negated) {
			parse_advance(p);
		}
	}
	return 0;
}

static int parse_index(struct table_parser *p, enum index_kind kind, size_t from,
                       struct error *err)
{
	struct index index = { .kind = kind, .name = "" };

	if (parse_index_head(p, &index, err) < 0)
		return -1;
	do {
		parse_advance(p);
		if (parse_part(p, err) < 0)
			return -1;
	} while (parse_at(p, ','));
	if (parse_expect(p, ')', err) < 0 || parse_index_options(p, &index, err) < 0)
		return -1;
	index.parts = list_keep(&p->parts, p->arena, &index.part_count);
	index.text = element_text(p, from);
	*(struct index *)list_add(&p->indexes) = index;
	return 0;
}

/* (`a`, `b`) */
static int parse_names(struct table_parser *p, const char ***out, size_t *count,
                       struct error *err)
{
	if (!parse_at(p, '('))
		return parse_fail(p, "(", err);
	do {
		const char **name = list_add(&p->names);

		parse_advance(p);
		if (parse_name(p, name, err) < 0 || parse_rest(p, err) < 0)
			return -1;
	} while (parse_at(p, ','));
	*out = list_keep(&p->names, p->arena, count);
	return parse_expect(p, ')', err);
}

static int parse_parent(struct table_parser *p, struct foreign_key *key, struct error *err)
{
	if (parse_expect_word(p, "REFERENCES", err) < 0 ||
	    parse_name(p, &key->parent_table, err) < 0)
		return -1;
	if (parse_accept(p, '.')) {
		key->parent_database = key->parent_table;
		if (parse_name(p, &key->parent_table, err) < 0)
			return -1;
	}
	return parse_names(p, &key->parent_columns, &key->parent_column_count, err);
}

static int parse_foreign_key(struct table_parser *p, const char *name, size_t from,
                             struct error *err)
{
	struct foreign_key key = { .name = name };
	const char *index_name;

	parse_advance(p);
	if (parse_expect_word(p, "KEY", err) < 0)
		return -1;
	if (parse_at_name(p) && parse_name(p, &index_name, err) < 0)
		return -1;
	if (parse_names(p, &key.columns, &key.column_count, err) < 0 ||
	    parse_parent(p, &key, err) < 0 || parse_rest(p, err) < 0)
		return -1;
	key.text = element_text(p, from);
	*(struct foreign_key *)list_add(&p->foreign_keys) = key;
	return 0;
}

static int parse_check(struct table_parser *p, const char *name, size_t from, struct error *err)
{
	struct check check = { .name = name };

	parse_advance(p);
	if (!parse_at(p, '('))
		return parse_fail(p, "(", err);
	if (parse_group(p, &check.expression, err) < 0 || parse_rest(p, err) < 0)
		return -1;
	check.text = element_text(p, from);
	*(struct check *)list_add(&p->checks) = check;
	return 0;
}

static int parse_clause(struct table_parser *p, size_t from, struct error *err)
{
	struct clause clause = { .known = parse_at_word(p, "PERIOD") };

	if (parse_rest(p, err) < 0)
		return -1;
	clause.text = element_text(p, from);
	if (clause.text.n == 0)
		return parse_fail(p, "a definition", err);
	*(struct clause *)list_add(&p->clauses) = clause;
	return 0;
}

static int parse_element(struct table_parser *p, size_t from, struct error *err)
{
	const char *name = "";
	enum index_kind kind;

	while (p->token.kind == TOKEN_COMMENT_OPEN)
		parse_advance(p);
	if (p->token.kind == TOKEN_NAME)
		return parse_column(p, err);
	if (parse_accept_word(p, "CONSTRAINT") && p->token.kind == TOKEN_NAME &&
	    parse_name(p, &name, err) < 0)
		return -1;
	if (at_index(p, &kind))
		return parse_index(p, kind, from, err);
	if (parse_at_word(p, "FOREIGN"))
		return parse_foreign_key(p, name, from, err);
	if (parse_at_word(p, "CHECK"))
		return parse_check(p, name, from, err);
	return parse_clause(p, from, err);
}

int parse_body(struct table_parser *p, struct error *err)
{
	if (!parse_at(p, '('))
		return parse_fail(p, "(", err);
	do {
		parse_advance(p);
		if (parse_element(p, p->end, err) < 0)
			return -1;
	} while (parse_at(p, ','));
	/* Behind the body a plain comment may hold an option. */
	p->lexer.want_comments = true;
	return parse_expect(p, ')', err);
}
