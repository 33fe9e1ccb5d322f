/* SPDX-License-Identifier: MIT */
#include "engine/schema/column_type.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"

struct type_info {
	const char *word;
	enum type_family family;
	unsigned int rank; /* within a family a higher one holds what a lower one holds */
};

static const struct type_info types[] = {
	{ "tinyint", TYPE_NUMBER, 1 },
	{ "smallint", TYPE_NUMBER, 2 },
	{ "mediumint", TYPE_NUMBER, 3 },
	{ "int", TYPE_NUMBER, 4 },
	{ "bigint", TYPE_NUMBER, 5 },
	{ "decimal", TYPE_NUMBER, 0 },
	{ "float", TYPE_NUMBER, 0 },
	{ "double", TYPE_NUMBER, 0 },
	{ "char", TYPE_TEXT, 1 },
	{ "varchar", TYPE_TEXT, 1 },
	{ "tinytext", TYPE_TEXT, 2 },
	{ "text", TYPE_TEXT, 3 },
	{ "mediumtext", TYPE_TEXT, 4 },
	{ "longtext", TYPE_TEXT, 5 },
	{ "enum", TYPE_TEXT, 0 },
	{ "set", TYPE_TEXT, 0 },
	{ "binary", TYPE_BYTES, 1 },
	{ "varbinary", TYPE_BYTES, 1 },
	{ "tinyblob", TYPE_BYTES, 2 },
	{ "blob", TYPE_BYTES, 3 },
	{ "mediumblob", TYPE_BYTES, 4 },
	{ "longblob", TYPE_BYTES, 5 },
	{ "date", TYPE_TIME, 0 },
	{ "time", TYPE_TIME, 0 },
	{ "datetime", TYPE_TIME, 0 },
	{ "timestamp", TYPE_TIME, 0 },
	{ "year", TYPE_TIME, 0 },
	{ "json", TYPE_JSON, 0 },
	{ "inet4", TYPE_ADDRESS, 0 },
	{ "inet6", TYPE_ADDRESS, 0 },
	{ "uuid", TYPE_ADDRESS, 0 },
	{ "geometry", TYPE_GEOMETRY, 0 },
	{ "point", TYPE_GEOMETRY, 0 },
	{ "linestring", TYPE_GEOMETRY, 0 },
	{ "polygon", TYPE_GEOMETRY, 0 },
	{ "multipoint", TYPE_GEOMETRY, 0 },
	{ "multilinestring", TYPE_GEOMETRY, 0 },
	{ "multipolygon", TYPE_GEOMETRY, 0 },
	{ "geometrycollection", TYPE_GEOMETRY, 0 },
	{ "geomcollection", TYPE_GEOMETRY, 0 },
};

static const struct type_info other = { "", TYPE_OTHER, 0 };

static struct str first_word(struct str type)
{
	size_t n = 0;

	while (n < type.n && type.p[n] != '(' && type.p[n] != ' ')
		n++;
	return str_slice(type, 0, n);
}

static const struct type_info *info(struct str type)
{
	struct str word = first_word(type);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (str_is_nocase(word, types[i].word))
			return &types[i];
	}
	return &other;
}

enum type_family column_type_family(struct str type)
{
	return info(type)->family;
}

/* Types that take and give nothing but text, bytes and their own kind. */
static bool is_apart(enum type_family f)
{
	return f == TYPE_ADDRESS || f == TYPE_GEOMETRY || f == TYPE_OTHER;
}

bool column_type_converts(struct str from, struct str to)
{
	const struct type_info *a = info(from);
	const struct type_info *b = info(to);
	bool plain = a->family <= TYPE_BYTES || b->family <= TYPE_BYTES;

	if (a == b && str_is_nocase(first_word(from), b->word))
		return true;
	if (a->family == TYPE_GEOMETRY || b->family == TYPE_GEOMETRY)
		return a->family == b->family;
	if (a->family == TYPE_ADDRESS && b->family == TYPE_ADDRESS)
		return false;
	if (!is_apart(a->family) && !is_apart(b->family))
		return true;
	if (a->family == TYPE_OTHER || b->family == TYPE_OTHER)
		return str_is_nocase(first_word(from), "bit") ||
		       str_is_nocase(first_word(to), "bit") ||
		       str_equal(first_word(from), first_word(to));
	return plain && a->family != TYPE_NUMBER && b->family != TYPE_NUMBER;
}

/* The numbers in the parentheses: "(10,2)" gives 10 and 2; 0 where there is none. */
static void sizes(struct str type, uint64_t out[2])
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

static bool is_unsigned(struct str type)
{
	return memmem(type.p, type.n, " unsigned", 9) != NULL;
}

/* Is each member of one enum or set also one of the other, in the same place? */
static bool members_stay(struct str from, struct str to)
{
	struct str inside = str_slice(from, first_word(from).n, from.n);

	if (inside.n > 0 && inside.p[inside.n - 1] == ')')
		inside.n--;
	return to.n >= inside.n && first_word(from).n < to.n &&
	       to.n >= first_word(to).n + inside.n &&
	       memcmp(to.p + first_word(to).n, inside.p, inside.n) == 0;
}

bool column_type_narrows(struct str from, struct str to)
{
	const struct type_info *a = info(from);
	const struct type_info *b = info(to);
	uint64_t had[2];
	uint64_t has[2];

	if (str_equal(from, to))
		return false;
	sizes(from, had);
	sizes(to, has);
	if (a->family != b->family)
		return !(b->family == TYPE_TEXT && b->rank >= 3 && a->family != TYPE_BYTES);
	if (a->rank > 0 && b->rank > 0 && a->family == TYPE_NUMBER)
		return b->rank < a->rank || is_unsigned(from) != is_unsigned(to);
	if (a->rank > 0 && b->rank > 0)
		return b->rank < a->rank || (a->rank == 1 && b->rank == 1 && has[0] < had[0]);
	if (a == b && a->family == TYPE_TEXT)
		return !members_stay(from, to);
	if (a == b)
		return has[0] - has[1] < had[0] - had[1] || has[1] < had[1] ||
		       has[0] < had[0] || is_unsigned(from) != is_unsigned(to);
	return true;
}

static void add_shape(struct buf *out, struct str type)
{
	const char *open = memchr(type.p, '(', type.n);
	const char *close = memrchr(type.p, ')', type.n);

	if (!open || !close) {
		buf_add(out, type.p, type.n);
		return;
	}
	buf_add(out, type.p, (size_t)(open - type.p));
	buf_add(out, close + 1, (size_t)(type.p + type.n - close - 1));
}

bool column_type_same_but_width(struct str a, struct str b)
{
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;

	add_shape(&left, a);
	add_shape(&right, b);
	return strcmp(left.data, right.data) == 0;
}
