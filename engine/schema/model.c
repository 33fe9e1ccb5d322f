/* SPDX-License-Identifier: MIT */
#include "engine/schema/model.h"

#include <assert.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/schema/lexer.h"
#include "engine/schema/table.h"

static const struct object_kind_info kinds[OBJECT_KIND_COUNT] = {
	[OBJECT_SEQUENCE] = { "sequence", "sequences", "SEQUENCE" },
	[OBJECT_TABLE] = { "table", "tables", "TABLE" },
	[OBJECT_FUNCTION] = { "function", "functions", "FUNCTION" },
	[OBJECT_PROCEDURE] = { "procedure", "procedures", "PROCEDURE" },
	[OBJECT_PACKAGE] = { "package", "packages", "PACKAGE" },
	[OBJECT_PACKAGE_BODY] = { "package body", "package_bodies", "PACKAGE BODY" },
	[OBJECT_VIEW] = { "view", "views", "VIEW" },
	[OBJECT_TRIGGER] = { "trigger", "triggers", "TRIGGER" },
	[OBJECT_EVENT] = { "event", "events", "EVENT" },
};

const struct object_kind_info *object_kind_info(enum object_kind kind)
{
	assert(kind < OBJECT_KIND_COUNT);
	return &kinds[kind];
}

bool object_kind_from_folder(enum object_kind *out, const char *folder)
{
	for (unsigned int i = 0; i < OBJECT_KIND_COUNT; i++) {
		if (strcmp(kinds[i].folder, folder) == 0) {
			*out = (enum object_kind)i;
			return true;
		}
	}
	return false;
}

struct schema *schema_new(const char *name)
{
	struct schema *s = mem_alloc(sizeof(*s));

	s->arena = arena_new();
	s->name = arena_strdup(s->arena, name);
	s->charset = "";
	s->collation = "";
	s->server_version = "";
	return s;
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	arena_free(s->arena);
	free(s->objects);
	free(s);
}

/* Copies a table's text without AUTO_INCREMENT=n. */
static struct str copy_table(struct arena *a, struct str sql, uint64_t *auto_increment)
{
	struct str cut = table_auto_increment(sql, auto_increment);
	size_t before;
	char *copy;

	if (cut.n == 0)
		return arena_str(a, sql);
	before = (size_t)(cut.p - sql.p);
	copy = arena_alloc(a, sql.n - cut.n + 1);
	memcpy(copy, sql.p, before);
	memcpy(copy + before, cut.p + cut.n, sql.n - cut.n - before);
	return (struct str){ copy, sql.n - cut.n };
}

/*
 * Copies a trigger's text without database names in its head, which is as its
 * author wrote it: "CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ...".
 * They can only say where the trigger is anyway.
 */
static struct str copy_trigger(struct arena *a, struct str sql)
{
	autobuf copy = BUF_INIT;
	const char *copied = sql.p;
	struct lexer l;
	struct token t;

	lexer_init(&l, sql);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "EACH")) {
		struct lexer behind = l;

		if (t.kind == TOKEN_PUNCTUATION || !token_is(lexer_next(&behind), '.'))
			continue;
		buf_add(&copy, copied, (size_t)(t.text.p - copied));
		copied = lexer_peek(&behind).text.p;
		l = behind;
	}
	buf_add(&copy, copied, (size_t)(sql.p + sql.n - copied));
	return arena_str(a, (struct str){ copy.data, copy.len });
}

static int compare_place(enum object_kind kind, const char *name, const struct object *o)
{
	if (kind != o->kind)
		return kind < o->kind ? -1 : 1;
	return strcmp(name, o->name);
}

static int compare_objects(const void *a, const void *b)
{
	const struct object *left = a;

	return compare_place(left->kind, left->name, b);
}

/*
 * The definer stands at the head, between CREATE and the name:
 *	CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`u`@`h` SQL SECURITY DEFINER VIEW `v`
 * It is an account (name and @host) or a role (a name alone).
 */
static struct str find_definer(const struct object *o)
{
	struct lexer l;
	struct token t;
	struct str found = { NULL, 0 };

	object_lexer(&l, o);
	do {
		bool definer = token_is_word(t = lexer_next(&l), "DEFINER");

		if (!definer || !token_is(lexer_peek(&l), '='))
			continue;
		lexer_next(&l);
		found = lexer_next(&l).text;
		t = lexer_peek(&l);
		if (t.kind == TOKEN_VARIABLE)
			found.n = (size_t)(t.text.p - found.p) + t.text.n;
		return found;
	} while (t.kind == TOKEN_WORD || t.kind == TOKEN_COMMENT_OPEN ||
	         t.kind == TOKEN_COMMENT_CLOSE || token_is(t, '='));
	return found;
}

/* The text up to a word, and the rest; the word belongs to neither. False: it is not there. */
static bool split(struct str *before, struct str *rest, struct str text, const char *word)
{
	const char *at = memmem(text.p, text.n, word, strlen(word));

	if (!at)
		return false;
	*before = str_slice(text, 0, (size_t)(at - text.p));
	*rest = str_slice(text, before->n + strlen(word), text.n);
	return true;
}

static void add_doubled(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		buf_addc(out, name.p[i]);
		if (name.p[i] == '`')
			buf_addc(out, '`');
	}
}

/* What stands between the first and the last backtick of a list of columns. */
static void add_doubled_list(struct buf *out, struct str list)
{
	static const char between[] = "`, `";
	struct str name;

	while (split(&name, &list, list, between)) {
		add_doubled(out, name);
		buf_adds(out, between);
	}
	add_doubled(out, list);
}

/*
 * MariaDB 10.5 and 11.8 do not double the backticks in the names of foreign keys and of their
 * columns, but in that of the parent. That text is neither read by the server nor by us; this
 * one is.
 */
static struct str double_backticks(struct arena *a, struct str sql)
{
	static const char open[] = "\n  CONSTRAINT `";
	static const char child[] = "` FOREIGN KEY (`";
	static const char parent[] = "`) REFERENCES ";
	static const char columns[] = "` (`";
	static const char close[] = "`)";
	autobuf out = BUF_INIT;
	struct str before, name, list, table, parents;

	while (split(&before, &sql, sql, open)) {
		buf_add(&out, before.p, before.n);
		buf_adds(&out, open);
		if (!split(&name, &sql, sql, child) || !split(&list, &sql, sql, parent) ||
		    !split(&table, &sql, sql, columns) || !split(&parents, &sql, sql, close))
			break;
		add_doubled(&out, name);
		buf_adds(&out, child);
		add_doubled_list(&out, list);
		buf_addf(&out, "%s%.*s%s", parent, STR_ARG(table), columns);
		add_doubled_list(&out, parents);
		buf_adds(&out, close);
	}
	buf_add(&out, sql.p, sql.n);
	return arena_str(a, (struct str){ out.data, out.len });
}

static const struct table *parse(struct schema *s, struct str sql)
{
	struct error ignored = ERROR_INIT;
	struct table *table = NULL;

	return table_parse(&table, s->arena, sql, &ignored) == 0 ? table : NULL;
}

/* Two names with a backtick each make a text that can be read, as something else. */
static bool is_understood(const struct table *t)
{
	for (size_t i = 0; t && i < t->clause_count; i++) {
		if (!t->clauses[i].known)
			return false;
	}
	return t != NULL;
}

static void parse_table(struct schema *s, struct object *o)
{
	const struct table *parsed;
	struct str doubled;

	o->parsed = parse(s, o->sql);
	if (is_understood(o->parsed) || !memmem(o->sql.p, o->sql.n, "FOREIGN KEY", 11))
		return;
	doubled = double_backticks(s->arena, o->sql);
	parsed = parse(s, doubled);
	if (!is_understood(parsed))
		return;
	o->parsed = parsed;
	o->sql = doubled;
}

void schema_set_text(struct schema *s, size_t i, enum object_kind kind, const char *sql,
                     size_t len)
{
	struct object *o = &s->objects[i];
	struct str text = { sql, len };

	o->kind = kind;
	o->auto_increment = 0;
	o->parsed = NULL;
	if (kind == OBJECT_TABLE) {
		o->sql = copy_table(s->arena, text, &o->auto_increment);
		parse_table(s, o);
	} else if (kind == OBJECT_TRIGGER) {
		o->sql = copy_trigger(s->arena, text);
	} else {
		o->sql = arena_str(s->arena, text);
	}
}

struct object *schema_add(struct schema *s, enum object_kind kind, const char *name,
                          const char *sql, size_t len)
{
	MEM_GROW(s->objects, s->count, s->capacity);
	s->objects[s->count] = (struct object){ .name = arena_strdup(s->arena, name) };
	schema_set_text(s, s->count, kind, sql, len);
	return &s->objects[s->count++];
}

static void note_definer(struct schema *s, struct object *o)
{
	struct str definer;

	if (o->kind == OBJECT_TABLE || o->kind == OBJECT_SEQUENCE)
		return;
	definer = find_definer(o);
	if (definer.n > 0)
		o->definer = arena_strndup(s->arena, definer.p, definer.n);
}

int schema_finish(struct schema *s, struct error *err)
{
	if (s->count > 0)
		qsort(s->objects, s->count, sizeof(*s->objects), compare_objects);
	for (size_t i = 0; i < s->count; i++) {
		struct object *o = &s->objects[i];

		if (i > 0 && compare_objects(o - 1, o) == 0)
			return error_set(err, ERR_INVALID, "%s %s is there twice",
			                 object_kind_info(o->kind)->word, o->name);
		note_definer(s, o);
	}
	return 0;
}

/* The first object that is not before (kind, name). */
static size_t lower_bound(const struct schema *s, enum object_kind kind, const char *name)
{
	size_t low = 0;
	size_t high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(kind, name, &s->objects[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct object *schema_find(const struct schema *s, enum object_kind kind,
                                 const char *name)
{
	size_t at = lower_bound(s, kind, name);

	if (at < s->count && compare_place(kind, name, &s->objects[at]) == 0)
		return &s->objects[at];
	return NULL;
}

const struct object *schema_of_kind(const struct schema *s, enum object_kind kind,
                                    size_t *count)
{
	size_t from = lower_bound(s, kind, "");

	*count = 0;
	while (from + *count < s->count && s->objects[from + *count].kind == kind)
		(*count)++;
	return *count > 0 ? &s->objects[from] : NULL;
}

void object_lexer(struct lexer *l, const struct object *o)
{
	lexer_init(l, o->sql);
	lexer_set_mode(l, o->context.sql_mode);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_context(const struct object_context *a, const struct object_context *b)
{
	return same(a->sql_mode, b->sql_mode) && same(a->client_charset, b->client_charset) &&
	       same(a->connection_collation, b->connection_collation) &&
	       same(a->database_collation, b->database_collation) &&
	       same(a->time_zone, b->time_zone);
}

bool object_equal(const struct object *a, const struct object *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	       str_equal(a->sql, b->sql) && same_context(&a->context, &b->context) &&
	       same(a->table, b->table) && same(a->timing, b->timing) &&
	       same(a->event, b->event) && a->order == b->order;
}

bool schema_equal(const struct schema *a, const struct schema *b)
{
	if (a->count != b->count || !same(a->charset, b->charset) ||
	    !same(a->collation, b->collation))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!object_equal(&a->objects[i], &b->objects[i]))
			return false;
	}
	return true;
}
