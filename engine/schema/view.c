/* SPDX-License-Identifier: MIT */
#include "engine/schema/view.h"

#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/base/map.h"
#include "engine/schema/lexer.h"
#include "engine/schema/list.h"
#include "engine/schema/model.h"

/* What may come at this place of a level of parentheses. */
enum place {
	PLACE_OTHER,  /* arguments, conditions, what follows the tables */
	PLACE_WITH,   /* the names of common table expressions */
	PLACE_SELECT, /* behind SELECT: FROM may come */
	PLACE_TABLE,  /* a table */
	PLACE_ALIAS,  /* behind a table: its alias, a comma, JOIN */
	PLACE_JOINED, /* behind that: a comma, JOIN */
};

struct level {
	enum place place;
	struct token function; /* the word before the parenthesis */
	size_t call;           /* calls' index + 1 of the stored function; 0: none */
	size_t table; /* tables' index + 1 of the one that is in hand; 0: none of ours */
	size_t commas;
	bool is_empty;
	bool in_match; /* between MATCH and AGAINST */
};

struct reader {
	struct arena *arena;
	struct lexer lexer;
	struct token before;     /* the token before the one in hand */
	struct map *expressions; /* names of common table expressions */
	struct list levels;
	struct list tables;
	struct list columns;
	struct list calls;
	size_t next_call; /* of the parenthesis that follows */
};

#define CHAIN_MAX 3

/* `a`.`b`.`c` */
struct chain {
	const char *names[CHAIN_MAX];
	size_t count;
};

static struct level *top(const struct reader *r)
{
	return (struct level *)r->levels.items + r->levels.count - 1;
}

static const char *keep_name(const struct reader *r, struct token t)
{
	autobuf name = BUF_INIT;

	token_name(&name, t);
	return arena_strndup(r->arena, name.data, name.len);
}

static bool is_next(const struct reader *r, char punctuation)
{
	return token_is(lexer_peek(&r->lexer), punctuation);
}

/* From its first name, which is in hand, to its last. Longer ones than three are cut off. */
static struct chain read_chain(struct reader *r, struct token first)
{
	struct chain c = { .count = 1 };

	c.names[0] = keep_name(r, first);
	while (is_next(r, '.')) {
		struct lexer at = r->lexer;
		struct token t;

		lexer_next(&at);
		t = lexer_next(&at);
		if (t.kind != TOKEN_NAME && t.kind != TOKEN_WORD)
			break;
		r->lexer = at;
		if (c.count < CHAIN_MAX)
			c.names[c.count++] = keep_name(r, t);
	}
	return c;
}

static void push(struct reader *r)
{
	struct level *l = list_add(&r->levels);
	enum place outer = r->levels.count > 1 ? l[-1].place : PLACE_OTHER;

	l->place = outer == PLACE_TABLE ? PLACE_TABLE : PLACE_OTHER;
	l->function = r->before;
	l->call = r->next_call;
	l->is_empty = true;
	r->next_call = 0;
}

static void pop(struct reader *r)
{
	const struct level *l = top(r);
	struct level *outer;

	if (r->levels.count == 1)
		return; /* unbalanced */
	if (l->call > 0 && !l->is_empty) {
		struct view_call *calls = r->calls.items;

		calls[l->call - 1].arguments = l->commas + 1;
	}
	r->levels.count--;
	outer = top(r);
	if (outer->place == PLACE_TABLE) {
		outer->place = PLACE_ALIAS;
		outer->table = 0;
	}
}

static void comma(struct reader *r)
{
	struct level *l = top(r);

	l->commas++;
	if (l->place == PLACE_ALIAS || l->place == PLACE_JOINED)
		l->place = PLACE_TABLE;
}

/* The names in the parentheses that come; none when there are none. */
static const char **read_names(struct reader *r, size_t *count)
{
	struct list names = { .size = sizeof(const char *) };
	const char **all;
	struct token t;

	while ((t = lexer_next(&r->lexer)).kind != TOKEN_END && !token_is(t, '('))
		continue;
	while ((t = lexer_next(&r->lexer)).kind != TOKEN_END && !token_is(t, ')')) {
		const char **kept;

		if (t.kind != TOKEN_NAME && t.kind != TOKEN_WORD)
			continue;
		kept = list_add(&names);
		*kept = keep_name(r, t);
	}
	all = list_keep(&names, r->arena, count);
	list_finish(&names);
	return all;
}

static void read_table(struct reader *r, struct token first)
{
	struct chain c = read_chain(r, first);
	struct view_table t = { .name = c.names[c.count - 1] };

	if (c.count > 1)
		t.database = c.names[0];
	if (token_is_word(lexer_peek(&r->lexer), "PARTITION"))
		t.partitions = read_names(r, &t.partition_count);
	top(r)->place = PLACE_ALIAS;
	top(r)->table = 0;
	if (!t.database && map_has(r->expressions, t.name))
		return;
	*(struct view_table *)list_add(&r->tables) = t;
	top(r)->table = r->tables.count;
}

/* The table that a word or name behind it belongs to; NULL: none of ours. */
static struct view_table *table_in_hand(const struct reader *r)
{
	struct view_table *tables = r->tables.items;

	return top(r)->table > 0 ? &tables[top(r)->table - 1] : NULL;
}

static bool token_is_any(struct token t, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (token_is_word(t, words[i]))
			return true;
	}
	return false;
}

static const char *const sequence_functions[] = { "nextval", "lastval", "setval" };

static bool is_geometry_function(struct token t)
{
	return t.kind == TOKEN_WORD && t.text.n > 3 &&
	       (strncasecmp(t.text.p, "st_", 3) == 0 || strncasecmp(t.text.p, "mbr", 3) == 0);
}

static enum view_use use_of_column(const struct level *l)
{
	if (l->in_match)
		return VIEW_USE_MATCH;
	return is_geometry_function(l->function) ? VIEW_USE_GEOMETRY : VIEW_USE_ANY;
}

static void add_sequence(struct reader *r, const struct chain *c)
{
	struct view_table *t = list_add(&r->tables);

	t->sequence = true;
	t->name = c->names[c->count - 1];
	if (c->count > 1)
		t->database = c->names[0];
}

static void add_call(struct reader *r, const struct chain *c)
{
	struct view_call *call = list_add(&r->calls);

	call->name = c->names[c->count - 1];
	if (c->count > 1)
		call->database = c->names[0];
	r->next_call = r->calls.count;
}

static void add_column(struct reader *r, const struct chain *c)
{
	struct view_column *column = list_add(&r->columns);

	column->name = c->names[c->count - 1];
	column->qualifier = c->names[c->count - 2];
	if (c->count == CHAIN_MAX)
		column->database = c->names[0];
	column->use = use_of_column(top(r));
}

static void read_name(struct reader *r, struct token t)
{
	struct level *l = top(r);
	bool is_sequence = l->commas == 0 && token_is_any(l->function, sequence_functions,
	                                                  ARRAY_SIZE(sequence_functions));
	struct view_table *table = table_in_hand(r);
	struct chain c;

	if (l->place == PLACE_TABLE) {
		read_table(r, t);
		return;
	}
	c = read_chain(r, t);
	if (is_next(r, '('))
		add_call(r, &c);
	else if (l->place == PLACE_WITH && c.count == 1)
		map_set(r->expressions, c.names[0], r);
	else if (is_sequence)
		add_sequence(r, &c);
	else if (l->place == PLACE_ALIAS && c.count == 1 && table)
		table->alias = c.names[0];
	else if (c.count > 1)
		add_column(r, &c);
	if (l->place == PLACE_ALIAS)
		l->place = PLACE_JOINED;
}

/* Words that end the list of tables. */
static const char *const tail_words[] = {
	"WHERE", "GROUP",  "HAVING",    "ORDER",  "LIMIT",
	"UNION", "EXCEPT", "INTERSECT", "WINDOW", "PROCEDURE",
};
static const char *const join_words[] = { "JOIN", "STRAIGHT_JOIN" };
static const char *const index_words[] = { "INDEX", "KEY" }; /* behind USE, FORCE, IGNORE */
static const char *const table_functions[] = { "LATERAL", "JSON_TABLE", "DUAL", "VALUES" };

static void read_word_at_table(struct reader *r, struct token t)
{
	if (!token_is_any(t, table_functions, ARRAY_SIZE(table_functions))) {
		read_table(r, t);
		return;
	}
	top(r)->place = PLACE_ALIAS;
	top(r)->table = 0;
}

/* Behind the tables, and between them. */
static void read_word_at_joined(struct reader *r, struct token t)
{
	struct level *l = top(r);
	struct view_table *table = table_in_hand(r);

	if (token_is_any(t, tail_words, ARRAY_SIZE(tail_words)))
		l->place = PLACE_OTHER;
	else if (token_is_any(t, join_words, ARRAY_SIZE(join_words)) &&
	         !token_is_word(r->before, "FOR"))
		l->place = PLACE_TABLE;
	else if (token_is_word(t, "ON") || token_is_word(t, "USING"))
		l->place = PLACE_JOINED;
	else if (token_is_word(t, "SYSTEM_TIME") && table)
		table->versioned = true;
	else if (token_is_any(t, index_words, ARRAY_SIZE(index_words)) && table)
		table->indexes = read_names(r, &table->index_count);
}

static void read_word(struct reader *r, struct token t)
{
	struct level *l = top(r);

	if (token_is_word(t, "SELECT"))
		l->place = PLACE_SELECT;
	else if (token_is_word(t, "WITH") && l->place == PLACE_OTHER)
		l->place = PLACE_WITH;
	else if (l->place == PLACE_SELECT && token_is_word(t, "FROM"))
		l->place = PLACE_TABLE;
	else if (token_is_word(t, "MATCH") || token_is_word(t, "AGAINST"))
		l->in_match = token_is_word(t, "MATCH");
	else if (l->place == PLACE_TABLE)
		read_word_at_table(r, t);
	else if (l->place == PLACE_ALIAS || l->place == PLACE_JOINED)
		read_word_at_joined(r, t);
	else if (l->place == PLACE_WITH && !token_is_word(t, "RECURSIVE") &&
	         !token_is_word(t, "AS"))
		map_set(r->expressions, keep_name(r, t), r);
}

static void read_token(struct reader *r, struct token t)
{
	if (!token_is(t, ')'))
		top(r)->is_empty = false;
	if (token_is(t, '('))
		push(r);
	else if (token_is(t, ')'))
		pop(r);
	else if (token_is(t, ','))
		comma(r);
	else if (t.kind == TOKEN_NAME)
		read_name(r, t);
	else if (t.kind == TOKEN_WORD)
		read_word(r, t);
	r->before = t;
}

/* CREATE ... VIEW `v` [(`a`, `b`)] AS */
static void skip_head(struct lexer *l)
{
	struct token t;

	do
		t = lexer_next(l);
	while (t.kind != TOKEN_END && !token_is_word(t, "VIEW"));
	do
		t = lexer_next(l);
	while (t.kind != TOKEN_END && !token_is_word(t, "AS"));
}

struct view *view_parse(struct arena *a, const struct object *o)
{
	DEFER(map) *expressions = map_new();
	struct view *v = arena_alloc(a, sizeof(*v));
	struct reader r = {
		.arena = a,
		.expressions = expressions,
		.levels.size = sizeof(struct level),
		.tables.size = sizeof(struct view_table),
		.columns.size = sizeof(struct view_column),
		.calls.size = sizeof(struct view_call),
	};
	struct token t;

	object_lexer(&r.lexer, o);
	skip_head(&r.lexer);
	list_add(&r.levels);
	while ((t = lexer_next(&r.lexer)).kind != TOKEN_END)
		read_token(&r, t);
	v->tables = list_keep(&r.tables, a, &v->table_count);
	v->columns = list_keep(&r.columns, a, &v->column_count);
	v->calls = list_keep(&r.calls, a, &v->call_count);
	list_finish(&r.levels);
	list_finish(&r.tables);
	list_finish(&r.columns);
	list_finish(&r.calls);
	return v;
}
