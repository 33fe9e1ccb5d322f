/* SPDX-License-Identifier: MIT */
/*
 * plan_missing_sequences: defaults that take their values from what is no sequence any more.
 *
 * A sequence can be dropped although a column defaults to its next value. Such a table
 * can neither be made nor altered: so a sequence of that name is there while that happens.
 */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"

struct search {
	struct planner *p;
	struct map *names;
};

static bool takes_sequence(struct token t)
{
	return token_is_word(t, "nextval") || token_is_word(t, "lastval") ||
	       token_is_word(t, "setval");
}

/* The name behind a function's parenthesis; its database before it is dropped. */
static void add_argument(struct search *s, struct lexer *l)
{
	autobuf name = BUF_INIT;
	struct token t = lexer_next(l);

	if (t.kind != TOKEN_NAME)
		return;
	token_name(&name, t);
	if (token_is(lexer_peek(l), '.')) {
		if (strcmp(name.data, s->p->to->name) != 0 &&
		    strcmp(name.data, s->p->from->name) != 0)
			return;
		lexer_next(l);
		buf_truncate(&name, 0);
		token_name(&name, lexer_next(l));
	}
	map_set(s->names, name.data, NULL);
}

static void search_text(struct search *s, struct str text)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (!takes_sequence(t) || !token_is(lexer_peek(&l), '('))
			continue;
		lexer_next(&l);
		add_argument(s, &l);
	}
}

static void search_table(struct search *s, const struct object *o)
{
	const struct table *t = o ? o->parsed : NULL;

	for (size_t i = 0; t && i < t->column_count; i++)
		search_text(s, t->columns[i].default_text);
}

static void search_tables(struct search *s)
{
	for (size_t i = 0; i < s->p->table_count; i++) {
		const struct plan_table *t = &s->p->tables[i];
		bool created = t->to && (!t->from || t->rebuilt);

		if (created || t->delta)
			search_table(s, t->to);
		if (t->delta)
			search_table(s, t->from);
	}
}

static bool is_table_or_view(const struct schema *s, const char *name)
{
	return schema_find(s, OBJECT_TABLE, name) || schema_find(s, OBJECT_VIEW, name);
}

static bool is_there(const struct planner *p, const char *name)
{
	return schema_find(p->to, OBJECT_SEQUENCE, name) ||
	       (schema_find(p->from, OBJECT_SEQUENCE, name) && !is_table_or_view(p->to, name));
}

static struct plan_step *add_step(struct planner *p, enum plan_phase phase, const char *verb,
                                  const char *name)
{
	const char *type = arena_printf(p->arena, "%s_SEQUENCE", verb);
	struct plan_step *step = planner_step(p, phase, type, OBJECT_SEQUENCE, name);
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "%s SEQUENCE ", verb);
	quote_name(&sql, name);
	planner_sql(p, step, &sql);
	return step;
}

static void drop(struct planner *p, enum plan_phase phase, const char *name)
{
	planner_say(p, add_step(p, phase, "DROP", name), "drop the stand-in %s", name);
}

/* Those steps of a list that make this table, or those that do not. */
static void add_steps(struct planner *p, const struct step_list *from, const char *name,
                      bool of_table)
{
	struct step_list *list = &p->phases[PHASE_CREATE_TABLES];

	for (size_t i = 0; i < from->count; i++) {
		if ((strcmp(from->items[i].name, name) == 0) != of_table)
			continue;
		MEM_GROW(list->items, list->count, list->capacity);
		list->items[list->count] = from->items[i];
		/* parents may come behind their children now */
		list->items[list->count++].foreign_key_checks_off = true;
	}
}

/* The table that has the name in the end is made when the sequence is gone, behind all others.
 */
static void drop_before_table(struct planner *p, const char *name)
{
	struct step_list old = p->phases[PHASE_CREATE_TABLES];

	p->phases[PHASE_CREATE_TABLES] = (struct step_list){ 0 };
	add_steps(p, &old, name, false);
	drop(p, PHASE_CREATE_TABLES, name);
	add_steps(p, &old, name, true);
	free(old.items);
}

/* Not a second one, which views that are broken without it asked for. */
static void forget(struct planner *p, enum plan_phase phase, const char *name)
{
	struct step_list *list = &p->phases[phase];
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != OBJECT_SEQUENCE ||
		    strcmp(list->items[i].name, name) != 0)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

static void keep_until_the_end(struct planner *p, const char *name)
{
	forget(p, PHASE_STAND_INS, name);
	forget(p, PHASE_DROP_STAND_INS, name);
	drop(p, PHASE_DROP_STAND_IN_SEQUENCES, name);
}

static void stand_in(void *arg, const char *name, void *value)
{
	struct planner *p = arg;

	(void)value;
	if (is_there(p, name))
		return;
	if (is_table_or_view(p->from, name) && is_table_or_view(p->to, name)) {
		planner_warn(
			p,
			"CRITICAL: a column takes its default from %s, which is no sequence "
			"any more: its table cannot be changed",
			name);
		return;
	}
	planner_say(p, add_step(p, PHASE_SEQUENCES, "CREATE", name),
	            "a stand-in, so that a table whose default needs it can be made");
	if (schema_find(p->to, OBJECT_TABLE, name))
		drop_before_table(p, name);
	else if (schema_find(p->to, OBJECT_VIEW, name))
		drop(p, PHASE_DROP_SEQUENCES, name);
	else
		keep_until_the_end(p, name);
}

void plan_missing_sequences(struct planner *p)
{
	DEFER(map) *names = map_new();
	struct search s = { p, names };

	if (!planner_is_mariadb(p))
		return;
	search_tables(&s);
	map_each(names, stand_in, p);
}
