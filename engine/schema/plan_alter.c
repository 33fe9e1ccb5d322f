/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

void alter_finish(struct alter *x)
{
	buf_finish(&x->clauses);
	buf_finish(&x->tail);
	buf_finish(&x->description);
	buf_finish(&x->loses);
}

struct buf *alter_clause(struct alter *x)
{
	x->count++;
	buf_adds(&x->clauses, x->clauses.len > 0 ? ",\n  " : "\n  ");
	return &x->clauses;
}

static __attribute__((format(printf, 2, 0))) void add_to_list(struct buf *list, const char *fmt,
                                                              va_list args)
{
	autofree char *text = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		abort();
	buf_addf(list, "%s%s", list->len > 0 ? ", " : "", text);
}

void alter_say(struct alter *x, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_to_list(&x->description, fmt, args);
	va_end(args);
}

void alter_risk(struct alter *x, enum plan_risk risk)
{
	if (risk > x->risk)
		x->risk = risk;
}

void alter_loses(struct alter *x, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_to_list(&x->loses, fmt, args);
	va_end(args);
	alter_risk(x, PLAN_RISK_LOSS);
}

bool alter_is_empty(const struct alter *x)
{
	return x->clauses.len == 0 && x->tail.len == 0;
}

struct plan_step *alter_step(struct planner *p, struct alter *x, enum plan_phase phase,
                             const char *type, const char *table)
{
	autobuf sql = BUF_INIT;
	struct plan_step *step;

	if (alter_is_empty(x))
		return NULL;
	step = planner_step(p, phase, type, OBJECT_TABLE, table);
	buf_adds(&sql, "ALTER TABLE ");
	quote_name(&sql, table);
	buf_add(&sql, x->clauses.data, x->clauses.len);
	if (x->tail.len > 0)
		buf_addf(&sql, "\n %s", x->tail.data);
	planner_sql(p, step, &sql);
	step->description = arena_strdup(p->arena, x->description.data);
	step->risk = x->risk;
	if (x->loses.len > 0)
		step->loses = arena_strdup(p->arena, x->loses.data);
	alter_finish(x);
	*x = ALTER_INIT;
	return step;
}
