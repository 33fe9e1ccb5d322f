/* SPDX-License-Identifier: MIT */
/*
 * plan_checks: names of checks that move to another table.
 *
 * A MySQL database has each name of a check once. So one that goes from a table that stays is
 * dropped before another table gets one of its name.
 */
#include <strings.h>

#include "engine/schema/delta.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

static bool is_given(const struct plan_table *t, const char *name)
{
	const struct table *b = t->to ? t->to->parsed : NULL;

	for (size_t i = 0; b && i < b->check_count; i++) {
		if (strcasecmp(b->checks[i].name, name) == 0)
			return !(t->delta && t->delta->check_kept[i]);
	}
	return false;
}

static bool moves(const struct planner *p, const struct plan_table *from, const char *name)
{
	for (size_t i = 0; i < p->table_count; i++) {
		if (&p->tables[i] != from && is_given(&p->tables[i], name))
			return true;
	}
	return false;
}

static bool stays(const struct table_delta *d, const struct check *c)
{
	const struct check *now = table_check(d->b, c->name);

	return now && d->check_kept[now - d->b->checks];
}

static void free_names(struct planner *p, const struct plan_table *t)
{
	const struct table_delta *d = t->delta;
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < d->a->check_count; i++) {
		const struct check *c = &d->a->checks[i];

		if (stays(d, c) || !moves(p, t, c->name))
			continue;
		d->check_gone[i] = true;
		buf_adds(alter_clause(&x), "DROP CHECK ");
		quote_name(&x.clauses, c->name);
		alter_say(&x, "drop check %s, whose name another table gets", c->name);
	}
	alter_step(p, &x, PHASE_FREE_NAMES, "ALTER_TABLE", t->from->name);
}

void plan_checks(struct planner *p)
{
	for (size_t i = 0; i < p->table_count && !planner_is_mariadb(p); i++) {
		if (p->tables[i].delta)
			free_names(p, &p->tables[i]);
	}
}
