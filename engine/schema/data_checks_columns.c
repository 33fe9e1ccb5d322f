/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/schema/column_type.h"
#include "engine/schema/data_checker.h"
#include "engine/schema/lexer.h"
#include "engine/schema/quote.h"

/* A column on its way to another type: the conditions for values that it does not hold. */
struct change_of_type {
	struct str from, to; /* types */
	const char *column;  /* quoted */
	uint64_t had[2], has[2];
	bool is_unsigned;
	struct buf misfit;  /* empty: everything fits */
	struct buf changed; /* empty: nothing is cut or rounded silently */
	bool unknown;       /* no condition is known */
};

static struct str word_of(struct str type)
{
	size_t n = 0;

	while (n < type.n && type.p[n] != '(' && type.p[n] != ' ')
		n++;
	return str_slice(type, 0, n);
}

static void sizes_of(struct str type, uint64_t out[2])
{
	struct lexer l;
	struct token t;
	int n = 0;

	out[0] = out[1] = 0;
	lexer_init(&l, type);
	while (n < 2 && (t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_NUMBER)
			out[n++] = strtoull(t.text.p, NULL, 10); /* ends at a ')' or ',' */
	}
}

static void or_add(struct buf *condition, const char *text)
{
	buf_addf(condition, "%s%s", condition->len > 0 ? " OR " : "", text);
}

#define OR_ADD(condition, ...)                      \
	do {                                        \
		autobuf or_text_ = BUF_INIT;        \
		buf_addf(&or_text_, __VA_ARGS__);   \
		or_add((condition), or_text_.data); \
	} while (0)

/* A text that is no number makes the statement fail. */
static void from_text_to_number(struct change_of_type *c)
{
	if (column_type_family(c->from) == TYPE_TEXT)
		OR_ADD(&c->misfit,
		       "CONVERT(%s USING utf8mb4) NOT REGEXP '^ *[-+]?([0-9]+[.]?[0-9]*|"
		       "[.][0-9]+)([eE][-+]?[0-9]+)? *$'",
		       c->column);
	else if (column_type_family(c->from) != TYPE_NUMBER)
		c->unknown = true;
}

static void to_integer(struct change_of_type *c)
{
	static const struct {
		const char *word, *least, *most, *most_unsigned;
	} ranges[] = {
		{ "tinyint", "-128", "127", "255" },
		{ "smallint", "-32768", "32767", "65535" },
		{ "mediumint", "-8388608", "8388607", "16777215" },
		{ "int", "-2147483648", "2147483647", "4294967295" },
		{ "bigint", "-9223372036854775808", "9223372036854775807",
		  "18446744073709551615" },
	};

	from_text_to_number(c);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (!str_is_nocase(word_of(c->to), ranges[i].word))
			continue;
		OR_ADD(&c->misfit, "%s NOT BETWEEN %s AND %s", c->column,
		       c->is_unsigned ? "0" : ranges[i].least,
		       c->is_unsigned ? ranges[i].most_unsigned : ranges[i].most);
		if (memmem(c->from.p, c->from.n, "int", 3) == NULL)
			OR_ADD(&c->changed, "%s <> ROUND(%s)", c->column, c->column);
	}
}

static void to_decimal(struct change_of_type *c)
{
	uint64_t whole = c->has[0] > c->has[1] ? c->has[0] - c->has[1] : 0;
	autobuf limit = BUF_INIT;

	from_text_to_number(c);
	buf_addc(&limit, '1');
	for (uint64_t i = 0; i < whole && i < 65; i++)
		buf_addc(&limit, '0');
	OR_ADD(&c->misfit, "ABS(ROUND(%s, %" PRIu64 ")) >= %s", c->column, c->has[1],
	       limit.data);
	if (c->is_unsigned)
		OR_ADD(&c->misfit, "%s < 0", c->column);
	OR_ADD(&c->changed, "%s <> ROUND(%s, %" PRIu64 ")", c->column, c->column, c->has[1]);
}

static void to_float(struct change_of_type *c)
{
	from_text_to_number(c);
	if (c->is_unsigned)
		OR_ADD(&c->misfit, "%s < 0", c->column);
	if (str_is_nocase(word_of(c->to), "float"))
		OR_ADD(&c->misfit, "ABS(%s) > 3.402823466E38", c->column);
}

/* Blanks at the end may go. */
static void to_short_text(struct change_of_type *c)
{
	OR_ADD(&c->misfit, "CHAR_LENGTH(RTRIM(%s)) > %" PRIu64, c->column, c->has[0]);
}

static void to_short_bytes(struct change_of_type *c)
{
	OR_ADD(&c->misfit, "LENGTH(%s) > %" PRIu64, c->column, c->has[0]);
}

static void to_long(struct change_of_type *c)
{
	static const struct {
		const char *prefix;
		uint32_t most;
	} sizes[] = {
		{ "tiny", 255 },
		{ "medium", 16777215 },
		{ "long", UINT32_MAX },
		{ "", 65535 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!str_has_prefix(c->to, sizes[i].prefix))
			continue;
		OR_ADD(&c->misfit, "LENGTH(%s) > %" PRIu32, c->column, sizes[i].most);
		return;
	}
}

static void to_enum(struct change_of_type *c)
{
	struct str members = str_slice(c->to, word_of(c->to).n, c->to.n);

	OR_ADD(&c->misfit, "%s NOT IN %.*s", c->column, STR_ARG(members));
}

static bool has_member(struct str type, struct str member)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, type);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_STRING && str_equal(t.text, member))
			return true;
	}
	return false;
}

static void to_set(struct change_of_type *c)
{
	struct lexer l;
	struct token t;

	if (!str_is_nocase(word_of(c->from), "set")) {
		c->unknown = true;
		return;
	}
	lexer_init(&l, c->from);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_STRING && !has_member(c->to, t.text))
			OR_ADD(&c->misfit, "FIND_IN_SET(%.*s, %s) > 0", STR_ARG(t.text),
			       c->column);
	}
}

/* Fractions of a second, and the time of a day, are cut without a word. */
static void to_moment(struct change_of_type *c)
{
	static const uint32_t powers[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	bool stamp = str_is_nocase(word_of(c->to), "timestamp");

	if (column_type_family(c->from) != TYPE_TIME ||
	    str_is_nocase(word_of(c->from), "year")) {
		c->unknown = true;
		return;
	}
	if (c->has[0] < c->had[0] && c->had[0] <= 6)
		OR_ADD(&c->changed, "MICROSECOND(%s) %% %" PRIu32 " <> 0", c->column,
		       powers[c->has[0]]);
	if (stamp && !str_is_nocase(word_of(c->from), "timestamp"))
		OR_ADD(&c->misfit,
		       "%s NOT BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:07'",
		       c->column);
}

static void to_date(struct change_of_type *c)
{
	if (column_type_family(c->from) == TYPE_TIME)
		OR_ADD(&c->changed, "TIME(%s) <> '00:00:00'", c->column);
	else
		c->unknown = true;
}

static void to_json(struct change_of_type *c)
{
	OR_ADD(&c->misfit, "NOT JSON_VALID(%s)", c->column);
}

static const struct {
	const char *word;
	void (*look)(struct change_of_type *c);
} targets[] = {
	{ "tinyint", to_integer },    { "smallint", to_integer },
	{ "mediumint", to_integer },  { "int", to_integer },
	{ "bigint", to_integer },     { "decimal", to_decimal },
	{ "float", to_float },        { "double", to_float },
	{ "char", to_short_text },    { "varchar", to_short_text },
	{ "tinytext", to_long },      { "text", to_long },
	{ "mediumtext", to_long },    { "longtext", to_long },
	{ "binary", to_short_bytes }, { "varbinary", to_short_bytes },
	{ "tinyblob", to_long },      { "blob", to_long },
	{ "mediumblob", to_long },    { "longblob", to_long },
	{ "enum", to_enum },          { "set", to_set },
	{ "datetime", to_moment },    { "timestamp", to_moment },
	{ "time", to_moment },        { "date", to_date },
	{ "json", to_json },
};

static void look_at_type(struct change_of_type *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (str_is_nocase(word_of(c->to), targets[i].word)) {
			targets[i].look(c);
			return;
		}
	}
	c->unknown = true;
}

static void check_type(struct data_checker *k, const struct column_delta *d, const char *quoted)
{
	struct change_of_type c = {
		.from = d->from->type,
		.to = d->to->type,
		.column = quoted,
		.is_unsigned = memmem(d->to->type.p, d->to->type.n, " unsigned", 9) != NULL,
		.misfit = BUF_INIT,
		.changed = BUF_INIT,
	};

	if (!column_type_narrows(c.from, c.to))
		return;
	sizes_of(c.from, c.had);
	sizes_of(c.to, c.has);
	look_at_type(&c);
	if (c.misfit.len > 0)
		data_checker_rows(k, DATA_MISFITS, c.misfit.data,
		                  "values of column %s.%s (%.*s) do not fit into %.*s",
		                  k->table, d->from->name, STR_ARG(c.from), STR_ARG(c.to));
	if (c.changed.len > 0)
		data_checker_rows(k, DATA_VALUES_CHANGED, c.changed.data,
		                  "values of column %s.%s (%.*s) are cut to %.*s", k->table,
		                  d->from->name, STR_ARG(c.from), STR_ARG(c.to));
	if (c.unknown)
		data_checker_give_up(k, "whether values of column %s.%s (%.*s) fit into %.*s",
		                     k->table, d->from->name, STR_ARG(c.from), STR_ARG(c.to));
	buf_finish(&c.misfit);
	buf_finish(&c.changed);
}

static struct str charset_of(const struct table *t, const struct column *c)
{
	return c->charset.n > 0 ? c->charset : delta_option(t, "DEFAULT CHARSET");
}

/* Characters that the new character set does not have. */
static void check_charset(struct data_checker *k, const struct column_delta *d,
                          const char *quoted)
{
	struct str from = charset_of(k->d->a, d->from);
	struct str to = charset_of(k->d->b, d->to);
	autobuf condition = BUF_INIT;

	if (!column_is_text(d->from) || !column_is_text(d->to) || from.n == 0 || to.n == 0 ||
	    str_equal(from, to) || str_is(to, "utf8mb4"))
		return;
	buf_addf(&condition,
	         "CONVERT(CONVERT(%s USING %.*s) USING utf8mb4) COLLATE utf8mb4_bin <> "
	         "CONVERT(%s USING utf8mb4) COLLATE utf8mb4_bin",
	         quoted, STR_ARG(to), quoted);
	data_checker_rows(k, DATA_MISFITS, condition.data,
	                  "values of column %s.%s hold characters that %.*s does not have",
	                  k->table, d->from->name, STR_ARG(to));
}

static void check_nulls(struct data_checker *k, const struct column_delta *d,
                        const char *quoted)
{
	autobuf condition = BUF_INIT;

	if (d->from->not_null || !d->to->not_null)
		return;
	buf_addf(&condition, "%s IS NULL", quoted);
	data_checker_rows(k, DATA_NULLS, condition.data,
	                  "rows of table %s have NULL in column %s, which becomes NOT NULL",
	                  k->table, d->from->name);
}

void data_checks_columns(struct data_checker *k)
{
	for (size_t i = 0; i < k->d->b->column_count; i++) {
		const struct column_delta *d = &k->d->columns[i];
		autobuf quoted = BUF_INIT;

		if (d->action != COLUMN_MODIFY || d->to->generated != COLUMN_PLAIN)
			continue;
		quote_name(&quoted, d->from->name);
		check_nulls(k, d, quoted.data);
		check_type(k, d, quoted.data);
		check_charset(k, d, quoted.data);
	}
}
