/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

static bool name_becomes_another_kind(const struct planner *p, const char *name)
{
	return schema_find(p->to, OBJECT_TABLE, name) || schema_find(p->to, OBJECT_VIEW, name);
}

/* The text behind the name: "start with 1 minvalue 1 ... nocycle ENGINE=InnoDB" */
static struct str definition(const struct object *o)
{
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "SEQUENCE"))
		continue;
	lexer_next(&l);
	return str_trim(str_slice(o->sql, (size_t)(l.text.p + l.at - o->sql.p), o->sql.n));
}

/* The number behind a word, as text; empty when it is not there. */
static struct str number_behind(struct str text, const char *word)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		const char *from;

		if (!token_is_word(t, word))
			continue;
		t = lexer_next(&l);
		from = t.text.p;
		if (token_is(t, '-'))
			t = lexer_next(&l);
		return (struct str){ from, (size_t)(t.text.p + t.text.n - from) };
	}
	return (struct str){ "", 0 };
}

static intmax_t value_of(struct str text, const char *word)
{
	struct str number = number_behind(text, word);

	return number.n > 0 ? strtoimax(number.p, NULL, 10) : 0; /* a blank ends it */
}

/* What stands before a word: of "as int start with 1", "as int". */
static struct str before_word(struct str text, const char *word)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is_word(t, word))
			break;
	}
	return str_trim(str_slice(text, 0, (size_t)(t.text.p - text.p)));
}

static struct str engine_of(struct str text)
{
	struct str before = before_word(text, "ENGINE");

	return str_slice(text, before.n, text.n);
}

/* Does everything that was in range stay so, in the same direction? Then ALTER keeps the place.
 */
static bool can_be_altered(struct str from, struct str to)
{
	return value_of(to, "minvalue") <= value_of(from, "minvalue") &&
	       value_of(to, "maxvalue") >= value_of(from, "maxvalue") &&
	       (value_of(to, "by") < 0) == (value_of(from, "by") < 0) &&
	       str_equal(before_word(from, "start"), before_word(to, "start")) &&
	       str_equal(engine_of(from), engine_of(to));
}

static void drop_sequence(struct planner *p, const struct object *o)
{
	enum plan_phase phase =
		name_becomes_another_kind(p, o->name) ? PHASE_FREE_NAMES : PHASE_DROP_SEQUENCES;
	struct plan_step *step =
		planner_step(p, phase, "DROP_SEQUENCE", OBJECT_SEQUENCE, o->name);
	autobuf sql = BUF_INIT;

	plan_drop(&sql, OBJECT_SEQUENCE, o->name);
	planner_sql(p, step, &sql);
	planner_say(p, step, "drop sequence %s", o->name);
	step->risk = PLAN_RISK_LOSS;
	step->loses = arena_printf(p->arena, "sequence %s and its position", o->name);
}

static void create_sequence(struct planner *p, const struct object *o)
{
	struct plan_step *step =
		planner_step(p, PHASE_SEQUENCES, "CREATE_SEQUENCE", OBJECT_SEQUENCE, o->name);
	autobuf sql = BUF_INIT;

	buf_add(&sql, o->sql.p, o->sql.n);
	planner_sql(p, step, &sql);
	planner_say(p, step, "create sequence %s", o->name);
}

static void alter_sequence(struct planner *p, const struct object *from,
                           const struct object *to)
{
	struct str definition_from = definition(from);
	struct str definition_to = definition(to);
	bool alters = can_be_altered(definition_from, definition_to);
	struct plan_step *step =
		planner_step(p, PHASE_SEQUENCES, alters ? "ALTER_SEQUENCE" : "CREATE_SEQUENCE",
	                     OBJECT_SEQUENCE, to->name);
	struct str engine = engine_of(definition_to);
	autobuf sql = BUF_INIT;

	if (alters) {
		buf_adds(&sql, "ALTER SEQUENCE ");
		quote_name(&sql, from->name);
		buf_addf(&sql, " %.*s",
		         STR_ARG(str_slice(definition_to, 0, definition_to.n - engine.n)));
		planner_say(p, step, "change sequence %s (%.*s, want %.*s)", to->name,
		            STR_ARG(definition_from), STR_ARG(definition_to));
	} else {
		plan_or_replace(&sql, to);
		planner_say(p, step, "replace sequence %s (%.*s, want %.*s)", to->name,
		            STR_ARG(definition_from), STR_ARG(definition_to));
		step->risk = PLAN_RISK_LOSS;
		step->loses = arena_printf(p->arena, "the position of sequence %s", to->name);
	}
	planner_sql(p, step, &sql);
}

void plan_sequences(struct planner *p)
{
	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];

		if (c->object_kind != OBJECT_SEQUENCE)
			continue;
		if (c->kind == CHANGE_EXTRA)
			drop_sequence(p, c->from);
		else if (c->kind == CHANGE_MISSING)
			create_sequence(p, c->to);
		else
			alter_sequence(p, c->from, c->to);
	}
}
