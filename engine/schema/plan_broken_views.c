/* SPDX-License-Identifier: MIT */
/*
 * A view that refers to what is not there cannot be created, but it can be there
 * and must come back. So stand-ins are made for what it misses, for as long as
 * views are created.
 */
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/schema/lexer.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"

/* A table, sequence or view of which a broken view wants something. */
struct stand_in {
	const char *name;
	struct map *columns; /* that it must have */
};

struct scan {
	struct planner *p;
	struct map *aliases;   /* to the name of a table, within one view */
	struct map *stand_ins; /* by name of the table */
	struct map *functions; /* by name: made already */
};

static const char *unquoted(struct arena *a, struct token t)
{
	autobuf name = BUF_INIT;

	token_name(&name, t);
	return arena_strdup(a, name.data);
}

/* The lexer behind "... VIEW `v` [(columns)] AS". */
static void skip_head(struct lexer *l, const struct object *o)
{
	struct token t;

	object_lexer(l, o);
	while ((t = lexer_next(l)).kind != TOKEN_END && !token_is_word(t, "VIEW"))
		continue;
	while ((t = lexer_next(l)).kind != TOKEN_END && !token_is_word(t, "AS"))
		continue;
}

static bool exists(const struct planner *p, const char *name)
{
	return schema_find(p->to, OBJECT_TABLE, name) ||
	       schema_find(p->to, OBJECT_VIEW, name) ||
	       schema_find(p->to, OBJECT_SEQUENCE, name);
}

static struct stand_in *stand_in_for(struct scan *s, const char *name)
{
	struct stand_in *found = map_get(s->stand_ins, name);

	if (found)
		return found;
	found = arena_alloc(s->p->work, sizeof(*found));
	found->name = arena_strdup(s->p->work, name);
	found->columns = map_new();
	map_set(s->stand_ins, name, found);
	return found;
}

static bool has_column(const struct planner *p, const char *table, const char *column)
{
	const struct object *o = schema_find(p->to, OBJECT_TABLE, table);

	if (!o)
		return exists(p, table); /* a view: who knows; a sequence: its own */
	return !o->parsed || table_column(o->parsed, column);
}

/* The number of arguments of a call whose "(" comes next. */
static size_t count_arguments(struct lexer l)
{
	size_t depth = 0;
	size_t commas = 0;
	struct token t;

	lexer_next(&l);
	if (token_is(lexer_peek(&l), ')'))
		return 0;
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is(t, '('))
			depth++;
		else if (token_is(t, ')') && depth-- == 0)
			break;
		else if (token_is(t, ',') && depth == 0)
			commas++;
	}
	return commas + 1;
}

static void make_function(struct scan *s, const char *name, size_t arguments)
{
	struct plan_step *step;
	autobuf sql = BUF_INIT;

	if (schema_find(s->p->to, OBJECT_FUNCTION, name) || map_has(s->functions, name))
		return;
	map_set(s->functions, name, s);
	step = planner_step(s->p, PHASE_STAND_INS, "CREATE_FUNCTION", OBJECT_FUNCTION, name);
	buf_adds(&sql, "CREATE FUNCTION ");
	quote_name(&sql, name);
	buf_addc(&sql, '(');
	for (size_t i = 0; i < arguments; i++)
		buf_addf(&sql, "%sa%zu TEXT", i > 0 ? ", " : "", i);
	buf_adds(&sql, ") RETURNS TEXT DETERMINISTIC NO SQL RETURN NULL");
	planner_sql(s->p, step, &sql);
	planner_say(s->p, step, "a stand-in, so that a view that needs function %s can be made",
	            name);
	plan_drop_stand_in(s->p, OBJECT_FUNCTION, name);
}

/* Takes `a`.`b` or `a`.`b`.`c`: the last two are what counts. */
static void take_column(struct scan *s, struct lexer *l, struct token first)
{
	struct token qualifier = first;
	struct token column;
	const char *name;
	const char *table;

	lexer_next(l); /* the dot */
	column = lexer_next(l);
	if (token_is(lexer_peek(l), '.')) {
		lexer_next(l);
		qualifier = column;
		column = lexer_next(l);
	}
	name = unquoted(s->p->work, qualifier);
	table = map_get(s->aliases, name);
	if (!table)
		table = name;
	name = unquoted(s->p->work, column);
	if (map_has(s->aliases, table) && !has_column(s->p, table, name))
		map_set(stand_in_for(s, table)->columns, name, s);
}

/* A table is a name by itself, its alias the name behind it. */
static void find_tables(struct scan *s, const struct object *o)
{
	struct lexer l;
	struct token before = { .kind = TOKEN_END };
	struct token t;

	skip_head(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		struct token next = lexer_peek(&l);
		bool alone = t.kind == TOKEN_NAME && !token_is(next, '.') &&
		             !token_is(next, '(') && !token_is(before, '.');
		bool named = token_is_word(before, "AS") || token_is_word(next, "AS") ||
		             before.kind == TOKEN_NAME || token_is(before, ')');

		before = t;
		if (!alone || named)
			continue;
		map_set(s->aliases, unquoted(s->p->work, t),
		        arena_strdup(s->p->work, unquoted(s->p->work, t)));
		if (next.kind == TOKEN_NAME)
			map_set(s->aliases, unquoted(s->p->work, next),
			        arena_strdup(s->p->work, unquoted(s->p->work, t)));
		if (!exists(s->p, unquoted(s->p->work, t)))
			stand_in_for(s, unquoted(s->p->work, t));
	}
}

static void find_columns(struct scan *s, const struct object *o)
{
	struct lexer l;
	struct token t;

	skip_head(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		struct token next = lexer_peek(&l);

		if (t.kind != TOKEN_NAME)
			continue;
		if (token_is(next, '.'))
			take_column(s, &l, t);
		else if (token_is(next, '('))
			make_function(s, unquoted(s->p->work, t), count_arguments(l));
	}
}

static void add_column_name(void *arg, const char *name, void *value)
{
	struct buf *sql = arg;

	(void)value;
	buf_adds(sql, sql->data[sql->len - 1] == '(' ? "" : ", ");
	quote_name(sql, name);
	buf_adds(sql, " VARCHAR(10)");
}

static void make_table(struct planner *p, const struct stand_in *s)
{
	struct plan_step *step =
		planner_step(p, PHASE_STAND_INS, "CREATE_TABLE", OBJECT_TABLE, s->name);
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "CREATE TABLE ");
	quote_name(&sql, s->name);
	buf_adds(&sql, " (");
	map_each(s->columns, add_column_name, &sql);
	if (map_count(s->columns) == 0)
		buf_adds(&sql, "`a` INT");
	buf_addc(&sql, ')');
	planner_sql(p, step, &sql);
	planner_say(p, step, "a stand-in, so that a view that needs table %s can be made",
	            s->name);
	plan_drop_stand_in(p, OBJECT_TABLE, s->name);
}

struct column_change {
	struct alter *x;
	const char *verb;
	const char *type;
};

static void change_column(void *arg, const char *name, void *value)
{
	const struct column_change *c = arg;
	struct buf *sql = alter_clause(c->x);

	(void)value;
	buf_addf(sql, "%s COLUMN ", c->verb);
	quote_name(sql, name);
	buf_adds(sql, c->type);
	alter_say(c->x, "column %s, which a view needs that is broken without it", name);
}

static void lend_columns(struct planner *p, const struct stand_in *s)
{
	autoalter x = ALTER_INIT;
	struct column_change add = { &x, "ADD", " VARCHAR(10)" };
	struct column_change drop = { &x, "DROP", "" };

	map_each(s->columns, change_column, &add);
	alter_step(p, &x, PHASE_STAND_INS, "ALTER_TABLE", s->name);
	map_each(s->columns, change_column, &drop);
	alter_step(p, &x, PHASE_DROP_STAND_INS, "ALTER_TABLE", s->name);
	planner_warn(
		p,
		"WARNING: table %s gets columns for a moment, since a view that the backup "
		"holds is broken without them",
		s->name);
}

static void make_stand_in(void *arg, const char *name, void *value)
{
	struct planner *p = arg;
	struct stand_in *s = value;

	if (!exists(p, name))
		make_table(p, s);
	else
		lend_columns(p, s);
	map_free(s->columns);
}

void plan_drop_stand_in(struct planner *p, enum object_kind kind, const char *name)
{
	bool table = kind == OBJECT_TABLE;
	struct plan_step *step = planner_step(
		p, PHASE_DROP_STAND_INS, table ? "DROP_TABLE" : "DROP_FUNCTION", kind, name);
	autobuf sql = BUF_INIT;

	plan_drop(&sql, kind, name);
	planner_sql(p, step, &sql);
	planner_say(p, step, "drop the stand-in %s", name);
}

/* Only a view that is broken names its own database. */
static bool is_broken(const struct planner *p, const struct object *o)
{
	autobuf text = BUF_INIT;

	if (o->problem)
		return true;
	names_unqualified(&text, o, p->to);
	return text.len != o->sql.n;
}

void plan_stand_ins(struct planner *p, const struct object *const *views, size_t count)
{
	DEFER(map) *stand_ins = map_new();
	DEFER(map) *functions = map_new();
	struct scan s = { .p = p, .stand_ins = stand_ins, .functions = functions };

	for (size_t i = 0; i < count; i++) {
		if (!is_broken(p, views[i]))
			continue;
		s.aliases = map_new();
		find_tables(&s, views[i]);
		find_columns(&s, views[i]);
		map_free(s.aliases);
	}
	map_each(stand_ins, make_stand_in, p);
}
