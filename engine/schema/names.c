/* SPDX-License-Identifier: MIT */
#include "engine/schema/names.h"

#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"
#include "engine/schema/quote.h"

bool names_fold(const struct schema *s, enum object_kind kind)
{
	return s->lower_case_table_names != 0 &&
	       (OBJECT_KIND_BIT(kind) &
	        (OBJECT_KIND_BIT(OBJECT_TABLE) | OBJECT_KIND_BIT(OBJECT_VIEW) |
	         OBJECT_KIND_BIT(OBJECT_SEQUENCE) | OBJECT_KIND_BIT(OBJECT_TRIGGER))) != 0;
}

static bool is_name(struct token t)
{
	return t.kind == TOKEN_NAME || t.kind == TOKEN_WORD;
}

bool names_mentioned(struct str text, const char *name)
{
	autobuf unquoted = BUF_INIT;
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (!is_name(t))
			continue;
		buf_truncate(&unquoted, 0);
		token_name(&unquoted, t);
		if (strcasecmp(unquoted.data, name) == 0)
			return true;
	}
	return false;
}

void names_each(const struct object *o, names_fn *fn, void *arg)
{
	autobuf unquoted = BUF_INIT;
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (!is_name(t))
			continue;
		buf_truncate(&unquoted, 0);
		token_name(&unquoted, t);
		fn(arg, unquoted.data);
	}
}

/* Is the token in front a dot, and a name behind it? */
static bool dotted(const struct lexer *at)
{
	struct lexer l = *at;

	return token_is(lexer_next(&l), '.') && lexer_next(&l).kind == TOKEN_NAME;
}

/* The same with another dot and name behind that: `database`.`table`.`column` */
static bool dotted_twice(const struct lexer *at)
{
	struct lexer l = *at;

	lexer_next(&l);
	lexer_next(&l);
	return dotted(at) && dotted(&l);
}

/* Is something else in the text called like the database: a table or an alias? */
static bool is_ambiguous(struct str text, const char *database)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_names(t, database) && !token_is(lexer_peek(&l), '.'))
			return true;
	}
	return false;
}

/* Takes the qualifier out, or puts another one in its place. */
static void requalify(struct buf *out, enum object_kind kind, struct str text,
                      const char *database, const char *replacement)
{
	bool ambiguous = kind == OBJECT_VIEW && is_ambiguous(text, database);
	const char *copied = text.p;
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind != TOKEN_NAME || !token_names(t, database) || !dotted(&l))
			continue;
		if (ambiguous && !dotted_twice(&l))
			continue;
		buf_add(out, copied, (size_t)(t.text.p - copied));
		if (replacement)
			quote_name(out, replacement);
		else
			lexer_next(&l); /* the dot */
		copied = l.text.p + l.at;
	}
	buf_add(out, copied, (size_t)(text.p + text.n - copied));
}

/* Most texts do not name their database: lexing is for those that may. */
static bool may_qualify(enum object_kind kind, struct str text, const char *database)
{
	return (kind == OBJECT_TABLE || kind == OBJECT_VIEW) &&
	       (strchr(database, '`') || memmem(text.p, text.n, database, strlen(database)));
}

void names_unqualify(struct buf *out, enum object_kind kind, struct str text,
                     const char *database)
{
	if (may_qualify(kind, text, database))
		requalify(out, kind, text, database, NULL);
	else
		buf_add(out, text.p, text.n);
}

void names_unqualified(struct buf *out, const struct object *o, const struct schema *s)
{
	names_unqualify(out, o->kind, o->sql, s->name);
}

struct schema *names_in_database(const struct schema *s, const char *database)
{
	struct error ignored = ERROR_INIT;
	struct schema *copy = schema_new(database);
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];
		struct object *added;

		buf_truncate(&text, 0);
		if (may_qualify(o->kind, o->sql, s->name))
			requalify(&text, o->kind, o->sql, s->name, database);
		else
			buf_add(&text, o->sql.p, o->sql.n);
		added = schema_add(copy, o->kind, o->name, text.data, text.len);
		added->context = o->context;
		added->table = o->table;
		added->timing = o->timing;
		added->event = o->event;
		added->order = o->order;
		added->auto_increment = o->auto_increment;
		added->problem = o->problem;
	}
	copy->charset = s->charset;
	copy->collation = s->collation;
	copy->family = s->family;
	copy->server_version = s->server_version;
	copy->version_number = s->version_number;
	copy->visible = s->visible;
	copy->lower_case_table_names = s->lower_case_table_names;
	/* Names were unique in s, so they are here. */
	if (schema_finish(copy, &ignored) < 0)
		error_clear(&ignored);
	return copy;
}
