/* SPDX-License-Identifier: MIT */
#include "engine/base/arena.h"
#include "engine/schema/code_text.h"
#include "engine/schema/event_text.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

void plan_or_replace(struct buf *out, const struct object *o)
{
	struct lexer l;
	struct token t;
	size_t head;

	object_lexer(&l, o);
	t = lexer_next(&l);
	head = (size_t)(t.text.p + t.text.n - o->sql.p);
	buf_add(out, o->sql.p, head); /* CREATE */
	t = lexer_peek(&l);
	if (!token_is_word(t, "OR"))
		buf_adds(out, " OR REPLACE");
	buf_add(out, o->sql.p + head, o->sql.n - head);
}

static const char *type_name(struct planner *p, const char *verb, enum object_kind kind)
{
	char *type = arena_printf(p->arena, "%s_%s", verb, object_kind_info(kind)->sql);

	for (char *c = type; *c; c++) {
		if (*c == ' ')
			*c = '_';
	}
	return type;
}

void plan_drop_code(struct planner *p, enum plan_phase phase, const struct object *o)
{
	const char *word = object_kind_info(o->kind)->word;
	struct plan_step *step =
		planner_step(p, phase, type_name(p, "DROP", o->kind), o->kind, o->name);
	autobuf sql = BUF_INIT;

	plan_drop(&sql, o->kind, o->name);
	planner_sql(p, step, &sql);
	planner_say(p, step, "drop %s %s", word, o->name);
	/* DROP PACKAGE is no word of the standard mode. */
	if (o->kind == OBJECT_PACKAGE || o->kind == OBJECT_PACKAGE_BODY)
		step->context.sql_mode = "ORACLE";
}

static const char *copy(struct planner *p, const char *text)
{
	return arena_strdup(p->arena, text);
}

static void copy_context(struct planner *p, struct object_context *c)
{
	c->sql_mode = copy(p, c->sql_mode);
	c->client_charset = copy(p, c->client_charset);
	c->connection_collation = copy(p, c->connection_collation);
	c->database_collation = copy(p, c->database_collation);
	c->time_zone = copy(p, c->time_zone);
}

struct plan_step *plan_create_code(struct planner *p, enum plan_phase phase,
                                   const struct object *o, bool replace)
{
	const char *word = object_kind_info(o->kind)->word;
	struct plan_step *step =
		planner_step(p, phase, type_name(p, "CREATE", o->kind), o->kind, o->name);
	autobuf text = BUF_INIT;
	autobuf sql = BUF_INIT;
	struct object run = *o;

	code_to_run(&text, o);
	run.sql = (struct str){ text.data, text.len };
	if (replace)
		plan_or_replace(&sql, &run);
	planner_sql(p, step, replace ? &sql : &text);
	planner_say(p, step, "%s %s %s", replace ? "replace" : "create", word, o->name);
	step->context = o->context;
	copy_context(p, &step->context);
	return step;
}

static bool is_routine(enum object_kind kind)
{
	return kind >= OBJECT_FUNCTION && kind <= OBJECT_PACKAGE_BODY;
}

/* CREATE OR REPLACE PACKAGE throws the body away: it is made again. */
static void recreate_body(struct planner *p, const struct change *package)
{
	const struct object *from = schema_find(p->from, OBJECT_PACKAGE_BODY, package->name);
	const struct object *to = schema_find(p->to, OBJECT_PACKAGE_BODY, package->name);

	if (package->kind == CHANGE_CHANGED && from && to && object_equal(from, to))
		plan_create_code(p, PHASE_ROUTINES, to, false);
}

static void change_routine(struct planner *p, const struct change *c)
{
	bool replace = c->kind == CHANGE_CHANGED && planner_is_mariadb(p);

	if (c->kind == CHANGE_EXTRA) {
		/* a body goes with its package */
		if (c->object_kind != OBJECT_PACKAGE_BODY ||
		    schema_find(p->to, OBJECT_PACKAGE, c->name))
			plan_drop_code(p, PHASE_DROP_ROUTINES, c->from);
		return;
	}
	if (c->kind == CHANGE_CHANGED && !replace) {
		plan_drop_code(p, PHASE_ROUTINES, c->from);
		planner_warn(p,
		             "WARNING: %s %s is dropped and made again: grants on it are lost",
		             object_kind_info(c->object_kind)->word, c->name);
	}
	plan_create_code(p, PHASE_ROUTINES, c->to, replace);
	if (c->object_kind == OBJECT_PACKAGE)
		recreate_body(p, c);
}

void plan_routines(struct planner *p)
{
	for (size_t i = 0; i < p->diff->count; i++) {
		if (is_routine(p->diff->changes[i].object_kind))
			change_routine(p, &p->diff->changes[i]);
	}
}

/* Appends the last moment that an event names ("AT '...'" or "ENDS '...'"); false: none. */
static bool event_end(struct buf *out, const struct object *o)
{
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "DO")) {
		bool names_moment = token_is_word(t, "AT") || token_is_word(t, "ENDS");

		if (!names_moment || lexer_peek(&l).kind != TOKEN_STRING)
			continue;
		t = lexer_next(&l);
		buf_add(out, t.text.p, t.text.n);
		return true;
	}
	return false;
}

/*
 * An event whose time is over is dropped as soon as it is made, unless the
 * session believes that it is earlier.
 */
static void create_event(struct planner *p, const struct object *o, bool replace)
{
	struct plan_step *step = plan_create_code(p, PHASE_EVENTS, o, replace);
	autobuf end = BUF_INIT;

	if (event_end(&end, o))
		step->timestamp = arena_printf(
			p->arena,
			"GREATEST(1, LEAST(UNIX_TIMESTAMP(), UNIX_TIMESTAMP(%s) - 1))",
			end.data);
}

/* One that is replaced in the end must not fire while the tables change below it. */
static void disable_event(struct planner *p, const struct object *o)
{
	struct plan_step *step;
	autobuf sql = BUF_INIT;
	struct str status;

	if (!event_text_set_status(NULL, o->sql, o->context.sql_mode, NULL, &status) ||
	    !str_is_nocase(status, "ENABLE"))
		return;
	step = planner_step(p, PHASE_DROP_EVENTS, "ALTER_EVENT", o->kind, o->name);
	buf_adds(&sql, "ALTER EVENT ");
	quote_name(&sql, o->name);
	buf_adds(&sql, " DISABLE");
	planner_sql(p, step, &sql);
	planner_say(p, step, "event %s must not run until it is replaced", o->name);
}

void plan_events(struct planner *p)
{
	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];
		bool replace = c->kind == CHANGE_CHANGED && planner_is_mariadb(p);

		if (c->object_kind != OBJECT_EVENT)
			continue;
		if (c->from && !replace)
			plan_drop_code(p, PHASE_DROP_EVENTS, c->from);
		else if (c->from)
			disable_event(p, c->from);
		if (c->to)
			create_event(p, c->to, replace);
	}
}
