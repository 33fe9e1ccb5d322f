/* SPDX-License-Identifier: MIT */
#include "engine/schema/table.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/schema/table_parser.h"

/* CREATE [OR REPLACE] [TEMPORARY] TABLE [IF NOT EXISTS] [`database`.]`name`, to its ( */
static int parse_head(struct table_parser *p, struct error *err)
{
	if (parse_expect_word(p, "CREATE", err) < 0)
		return -1;
	while (!parse_at_word(p, "TABLE")) {
		if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_COMMENT_OPEN &&
		    p->token.kind != TOKEN_COMMENT_CLOSE)
			return parse_fail(p, "TABLE", err);
		parse_advance(p);
	}
	parse_advance(p);
	while (!parse_at(p, '(')) {
		if (!parse_at_name(p) && !parse_at(p, '.'))
			return parse_fail(p, "(", err);
		parse_advance(p);
	}
	return 0;
}

static bool has_versioning(const struct table_parser *p)
{
	const struct table_option *options = p->options.items;

	for (size_t i = 0; i < p->options.count; i++) {
		if (str_is_nocase(options[i].name, "WITH SYSTEM VERSIONING"))
			return true;
	}
	return false;
}

int table_parse(struct table **out, struct arena *a, struct str text, struct error *err)
{
	DEFER(table_parser) *p = table_parser_new(a, text);
	struct table *t;

	if (parse_head(p, err) < 0 || parse_body(p, err) < 0 || parse_options(p, err) < 0)
		return error_wrap(err, "CREATE TABLE");
	t = arena_alloc(a, sizeof(*t));
	t->system_versioned = has_versioning(p);
	t->columns = list_keep(&p->columns, a, &t->column_count);
	t->indexes = list_keep(&p->indexes, a, &t->index_count);
	t->foreign_keys = list_keep(&p->foreign_keys, a, &t->foreign_key_count);
	t->checks = list_keep(&p->checks, a, &t->check_count);
	t->clauses = list_keep(&p->clauses, a, &t->clause_count);
	t->options = list_keep(&p->options, a, &t->option_count);
	t->partitioning = p->partitioning;
	t->partitioning.partitions = list_keep(&p->partitions, a, &t->partitioning.count);
	*out = t;
	return 0;
}

/* The element of an array whose name is this; case ignored. */
#define FIND(array, count, wanted)                                    \
	for (size_t i = 0; i < (count); i++) {                        \
		if (str_is_nocase(str_of((array)[i].name), (wanted))) \
			return &(array)[i];                           \
	}                                                             \
	return NULL

const struct column *table_column(const struct table *t, const char *name)
{
	FIND(t->columns, t->column_count, name);
}

const struct index *table_index(const struct table *t, const char *name)
{
	FIND(t->indexes, t->index_count, name);
}

const struct foreign_key *table_foreign_key(const struct table *t, const char *name)
{
	FIND(t->foreign_keys, t->foreign_key_count, name);
}

const struct check *table_check(const struct table *t, const char *name)
{
	FIND(t->checks, t->check_count, name);
}

const struct table_option *table_option(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->option_count; i++) {
		if (str_is_nocase(t->options[i].name, name))
			return &t->options[i];
	}
	return NULL;
}

/* The text of AUTO_INCREMENT=n among options that were parsed; empty: it is not there. */
static struct str find_auto_increment(const struct table_parser *p, uint64_t *value)
{
	const struct table_option *options = p->options.items;

	for (size_t i = 0; i < p->options.count; i++) {
		struct error ignored = ERROR_INIT;
		autobuf digits = BUF_INIT;

		if (!str_is_nocase(options[i].name, "AUTO_INCREMENT"))
			continue;
		buf_add(&digits, options[i].value.p, options[i].value.n);
		if (number_parse_u64(value, digits.data, UINT64_MAX, &ignored) == 0)
			return options[i].text;
	}
	return (struct str){ NULL, 0 };
}

struct str table_auto_increment(struct str create_table, uint64_t *value)
{
	static const char word[] = "AUTO_INCREMENT="; /* as all servers print it */
	const struct str nowhere = { NULL, 0 };
	struct error ignored = ERROR_INIT;
	struct str body;
	struct str found;

	*value = 0;
	if (!memmem(create_table.p, create_table.n, word, sizeof(word) - 1))
		return nowhere;

	DEFER(arena) *a = arena_new();
	DEFER(table_parser) *p = table_parser_new(a, create_table);

	if (parse_head(p, &ignored) < 0 || parse_group(p, &body, &ignored) < 0 ||
	    parse_options(p, &ignored) < 0)
		return nowhere;
	found = find_auto_increment(p, value);
	if (found.n > 0 && found.p > create_table.p && found.p[-1] == ' ') {
		found.p--;
		found.n++;
	}
	return found;
}
