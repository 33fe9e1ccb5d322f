/* SPDX-License-Identifier: MIT */
#include "engine/schema/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/dump_reader.h"

typedef int statement_fn(struct dump *d, struct str sql, struct error *err);

static int skip_statement(struct dump *d, struct str sql, struct error *err)
{
	(void)d;
	(void)sql;
	(void)err;
	return 0;
}

static int count_data(struct dump *d, struct str sql, struct error *err)
{
	(void)sql;
	(void)err;
	d->data_statements++;
	return 0;
}

static int count_other(struct dump *d, struct str sql, struct error *err)
{
	(void)sql;
	(void)err;
	d->other_statements++;
	return 0;
}

static int use_database(struct dump *d, struct str sql, struct error *err)
{
	struct lexer l;

	lexer_init(&l, sql);
	lexer_next(&l);
	return dump_use(d, dump_text(d, lexer_next(&l)), err);
}

/* "BEGIN NOT ATOMIC ... EXECUTE IMMEDIATE @statement": our own scripts try what may fail so. */
static int try_statement(struct dump *d, struct str sql, struct error *err)
{
	struct lexer l;
	struct token t;
	const char *text = NULL;
	int result;

	lexer_init(&l, sql);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is_word(t, "IMMEDIATE"))
			text = dump_variable(d, lexer_peek(&l).text);
	}
	if (!text)
		return error_set(err, ERR_UNSUPPORTED, "a block of code outside an object");
	d->next_problem = "broken when it was written into the script";
	result = dump_create(d, str_of(text), err);
	d->next_problem = NULL;
	return result;
}

/* ALTER TABLE t DISABLE KEYS; everything else would change a table we cannot ask. */
static int alter(struct dump *d, struct str sql, struct error *err)
{
	struct lexer l;
	struct token t, last = { .kind = TOKEN_END };

	lexer_init(&l, sql);
	lexer_next(&l);
	t = lexer_next(&l);
	if (token_is_word(t, "DATABASE") || token_is_word(t, "SCHEMA"))
		return dump_alter_database(d, sql);
	while ((t = lexer_next(&l)).kind != TOKEN_END && t.kind != TOKEN_BROKEN)
		last = t;
	if (token_is_word(last, "KEYS"))
		return 0;
	error_set(err, ERR_UNSUPPORTED, "%.*s: what it leads to only a server can tell",
	          (int)(sql.n < 60 ? sql.n : 60), sql.p);
	return error_hint(err, "Load the script into an empty database and take a backup of "
	                       "that.");
}

/* By its first word. */
static const struct {
	const char *word;
	statement_fn *fn;
} statements[] = {
	{ "CREATE", dump_create },
	{ "DROP", dump_drop },
	{ "SET", dump_set },
	{ "USE", use_database },
	{ "ALTER", alter },
	{ "BEGIN", try_statement },
	{ "LOCK", skip_statement },
	{ "UNLOCK", skip_statement },
	{ "COMMIT", skip_statement },
	{ "START", skip_statement },
	{ "SELECT", skip_statement },
	{ "FLUSH", skip_statement },
	{ "ANALYZE", skip_statement },
	{ "DO", count_data },
	{ "INSERT", count_data },
	{ "REPLACE", count_data },
	{ "LOAD", count_data },
	{ "UPDATE", count_data },
	{ "DELETE", count_data },
	{ "TRUNCATE", count_data },
	{ "GRANT", count_other },
	{ "REVOKE", count_other },
	{ "CHANGE", count_other },
	{ "CALL", count_data },
	{ "INSTALL", count_other },
	{ "RESET", count_other },
};

static int read_statement(struct dump *d, struct str text, struct error *err)
{
	struct str sql = dump_unwrap(d, text);
	struct lexer l;
	struct token t;

	if (sql.n == 0)
		return 0;
	lexer_init(&l, sql);
	t = lexer_peek(&l);
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
		if (token_is_word(t, statements[i].word))
			return statements[i].fn(d, sql, err);
	}
	return error_set(err, ERR_INVALID, "not a statement that makes a schema: %.*s",
	                 (int)(sql.n < 60 ? sql.n : 60), sql.p);
}

/* The text behind a label in a comment line; NULL: the label is not there. */
static const char *labelled(struct dump *d, struct str line, const char *label)
{
	const char *at = memmem(line.p, line.n, label, strlen(label));
	struct str value;

	if (!at)
		return NULL;
	at += strlen(label);
	value = str_trim((struct str){ at, (size_t)(line.p + line.n - at) });
	return arena_strndup(d->arena, value.p, value.n);
}

/* "-- Dumping routines for database 'shop'": there are no others, perhaps none at all. */
static const struct {
	const char *comment;
	unsigned int kinds;
} sections[] = {
	{ "-- Dumping routines for database",
	  OBJECT_KIND_BIT(OBJECT_FUNCTION) | OBJECT_KIND_BIT(OBJECT_PROCEDURE) |
	          OBJECT_KIND_BIT(OBJECT_PACKAGE) | OBJECT_KIND_BIT(OBJECT_PACKAGE_BODY) },
	{ "-- Dumping events for database", OBJECT_KIND_BIT(OBJECT_EVENT) },
};

static void keep_first(const char **member, const char *value)
{
	if (!*member && value && *value)
		*member = value;
}

static void read_comment(struct dump *d, struct str line)
{
	const char *number;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (str_has_prefix(line, sections[i].comment))
			d->complete |= sections[i].kinds;
	}
	if (str_has_prefix(line, "-- Host:"))
		keep_first(&d->said, labelled(d, line, "Database: "));
	if (str_has_prefix(line, "-- Server version"))
		keep_first(&d->version, labelled(d, line, "version"));
	if (str_has_prefix(line, "-- MySQL dump") || str_has_prefix(line, "-- MariaDB dump"))
		keep_first(&d->tool, labelled(d, line, "-- "));
	/* Our own files say what no statement does. */
	if (str_has_prefix(line, "-- the database's collation: "))
		d->next_collation = labelled(d, line, "collation: ");
	number = str_has_prefix(line, "-- trigger ") ? labelled(d, line, ", number ") : NULL;
	if (number)
		d->next_order = (unsigned int)strtoul(number, NULL, 10);
}

static int on_item(void *arg, const struct splitter_item *item, struct error *err)
{
	struct dump *d = arg;

	if (item->comment) {
		read_comment(d, item->text);
		return 0;
	}
	if (item->data)
		return count_data(d, item->text, err);
	if (read_statement(d, item->text, err) < 0)
		return error_wrap(err, "line %zu", item->line);
	return 0;
}

struct dump *dump_new(const char *database)
{
	struct dump *d = mem_alloc(sizeof(*d));

	d->arena = arena_new();
	d->splitter = splitter_new(on_item, d);
	d->objects = map_new();
	d->variables = map_new();
	d->wanted = arena_strdup(d->arena, database);
	d->charset = "";
	d->collation = "";
	return d;
}

void dump_free(struct dump *d)
{
	if (!d)
		return;
	splitter_free(d->splitter);
	map_free(d->objects);
	map_free(d->variables);
	arena_free(d->arena);
	free(d);
}

int dump_feed(struct dump *d, const char *data, size_t len, struct error *err)
{
	return splitter_feed(d->splitter, data, len, err);
}

/* Objects in the order of the script, for triggers. */
struct finishing {
	struct dump *d;
	struct schema *s;
	struct map *places; /* of triggers: "table timing event" to how many there were */
};

/* One more of these; counts live in the arena. */
static size_t count_up(struct map *counts, struct arena *a, const char *key)
{
	size_t *count = map_get(counts, key);

	if (!count) {
		count = arena_alloc(a, sizeof(*count));
		map_set(counts, key, count);
	}
	return ++*count;
}

static void number_trigger(struct finishing *f, struct object *o)
{
	autofree char *place = mem_printf("%s %s %s", o->timing, o->event, o->table);
	size_t count = count_up(f->places, f->d->arena, place);

	if (o->order == 0)
		o->order = (unsigned int)count;
}

static void add_object(void *arg, const char *key, void *value)
{
	struct finishing *f = arg;
	const struct dump_object *from = value;
	struct arena *a = f->s->arena;
	struct object *o;

	(void)key;
	if (from->dropped)
		return;
	o = schema_add(f->s, from->kind, from->name, from->sql.p, from->sql.n);
	o->context.sql_mode = arena_strdup(a, from->context.sql_mode);
	o->context.client_charset = arena_strdup(a, from->context.client_charset);
	o->context.connection_collation = arena_strdup(a, from->context.connection_collation);
	o->context.database_collation = arena_strdup(a, from->context.database_collation);
	o->context.time_zone = arena_strdup(a, from->context.time_zone);
	o->problem = arena_strdup(a, from->problem);
	if (from->kind == OBJECT_TRIGGER) {
		o->table = arena_strdup(a, from->table);
		o->timing = arena_strdup(a, from->timing);
		o->event = arena_strdup(a, from->event);
		o->order = from->order;
		number_trigger(f, o);
	}
}

/* "10.11.19-MariaDB-0+deb12u1" is 101119. */
unsigned int dump_version_number(const char *text)
{
	unsigned int major = 0, minor = 0, patch = 0;

	/* NOLINTNEXTLINE(cert-err34-c): widths bound every number */
	if (sscanf(text, "%2u.%2u.%2u", &major, &minor, &patch) < 2)
		return 0;
	return major * 10000 + minor * 100 + patch;
}

/*
 * mysqldump of one database does not say what the database's own collation is. Tables
 * take it over when they are made, so it is that of most of them.
 */
static void guess_collation(struct dump *d, const struct schema *s)
{
	DEFER(map) *votes = map_new();
	size_t best = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];
		const char *end = o->sql.n > 0 ? memrchr(o->sql.p, ')', o->sql.n) : NULL;
		const char *charset = NULL, *collation = NULL;
		size_t count;

		if (o->kind != OBJECT_TABLE || !end)
			continue;
		dump_read_charset(d, (struct str){ end, (size_t)(o->sql.p + o->sql.n - end) },
		                  &charset, &collation);
		if (!charset)
			continue;
		count = count_up(votes, d->arena, collation);
		if (count > best) {
			best = count;
			d->charset = charset;
			d->collation = collation;
		}
	}
}

static void complete_collation(struct schema *s, struct dump *d)
{
	if (!*d->collation)
		guess_collation(d, s);
	s->charset = arena_strdup(s->arena, d->charset);
	s->collation = arena_strdup(s->arena, d->collation);
	for (size_t i = 0; i < s->count; i++) {
		struct object_context *c = &s->objects[i].context;

		if (c->database_collation && !*c->database_collation)
			c->database_collation = s->collation;
	}
}

static void describe(struct schema *s, const struct dump *d)
{
	s->family = dump_is_mysql(d) ? SERVER_MYSQL : SERVER_MARIADB;
	s->server_version = arena_strdup(s->arena, d->version ? d->version : "");
	s->version_number = dump_version_number(s->server_version);
	s->visible = d->complete | OBJECT_KIND_BIT(OBJECT_TABLE) | OBJECT_KIND_BIT(OBJECT_VIEW);
}

static int check_found(const struct schema *s, const struct dump *d, struct error *err)
{
	if (s->count > 0)
		return 0;
	error_set(err, ERR_INVALID, "it makes no table, view, routine or other object");
	if (d->data_statements > 0)
		return error_hint(err,
		                  "It holds rows only (%zu statements). Dump the schema "
		                  "with: mysqldump --no-data --routines --events",
		                  d->data_statements);
	return -1;
}

int dump_finish(struct schema **out, struct dump *d, struct error *err)
{
	struct finishing f = { .d = d };
	DEFER(schema) *s = NULL;
	DEFER(map) *places = map_new();
	const char *name = d->wanted ? d->wanted : d->used ? d->used : d->said;

	if (splitter_end(d->splitter, err) < 0)
		return -1;
	s = schema_new(name ? name : "");
	f.s = s;
	f.places = places;
	map_each(d->objects, add_object, &f);
	if (check_found(s, d, err) < 0)
		return -1;
	if (!name) {
		error_set(err, ERR_USAGE, "the script does not say of which database it is");
		return error_hint(err, "Give --database NAME.");
	}
	describe(s, d);
	complete_collation(s, d);
	for (size_t i = 0; i < s->count; i++)
		s->visible |= OBJECT_KIND_BIT(s->objects[i].kind);
	if (schema_finish(s, err) < 0)
		return -1;
	for (size_t i = 0; i < s->count; i++)
		d->opaque_tables += s->objects[i].kind == OBJECT_TABLE && !s->objects[i].parsed;
	*out = take(s);
	return 0;
}

void dump_report(struct dump_report *out, const struct dump *d)
{
	*out = (struct dump_report){
		.data_statements = d->data_statements,
		.other_statements = d->other_statements,
		.table_count = d->opaque_tables,
		.tool = d->tool ? d->tool : "",
	};
}
