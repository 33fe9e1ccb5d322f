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

static const char *kept(struct schema *s, const char *text)
{
	return arena_strdup(s->arena, text);
}

static struct object_context kept_context(struct schema *s, const struct object_context *c)
{
	return (struct object_context){
		.sql_mode = kept(s, c->sql_mode),
		.client_charset = kept(s, c->client_charset),
		.connection_collation = kept(s, c->connection_collation),
		.database_collation = kept(s, c->database_collation),
		.time_zone = kept(s, c->time_zone),
	};
}

static void copy_object(struct schema *copy, const struct object *o, names_rewrite_fn *rewrite,
                        void *arg)
{
	autobuf text = BUF_INIT;
	struct names_copy c = { .text = &text, .name = o->name, .table = o->table };
	struct object *added;

	if (rewrite)
		rewrite(&c, o, arg);
	else
		buf_add(&text, o->sql.p, o->sql.n);
	added = schema_add(copy, o->kind, c.name, text.data, text.len);
	added->context = kept_context(copy, &o->context);
	added->table = kept(copy, c.table);
	added->timing = kept(copy, o->timing);
	added->event = kept(copy, o->event);
	added->order = o->order;
	added->auto_increment = o->auto_increment;
	added->problem = kept(copy, o->problem);
}

struct schema *names_copied(const struct schema *s, const char *database,
                            names_rewrite_fn *rewrite, void *arg)
{
	struct error ignored = ERROR_INIT;
	struct schema *copy = schema_new(database);

	for (size_t i = 0; i < s->count; i++)
		copy_object(copy, &s->objects[i], rewrite, arg);
	copy->charset = kept(copy, s->charset);
	copy->collation = kept(copy, s->collation);
	copy->family = s->family;
	copy->server_version = kept(copy, s->server_version);
	copy->version_number = s->version_number;
	copy->visible = s->visible;
	copy->lower_case_table_names = s->lower_case_table_names;
	/* Names were unique in s, so they are here. */
	if (schema_finish(copy, &ignored) < 0)
		error_clear(&ignored);
	return copy;
}

struct moving {
	const char *from;
	const char *to;
};

static void move(struct names_copy *c, const struct object *o, void *arg)
{
	const struct moving *m = arg;

	if (may_qualify(o->kind, o->sql, m->from))
		requalify(c->text, o->kind, o->sql, m->from, m->to);
	else
		buf_add(c->text, o->sql.p, o->sql.n);
}

struct schema *names_in_database(const struct schema *s, const char *database)
{
	struct moving m = { s->name, database };

	return names_copied(s, database, move, &m);
}
