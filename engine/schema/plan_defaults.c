/* SPDX-License-Identifier: MIT */
/*
 * plan_defaults: columns of MySQL that may be NULL and have no default, not even that.
 *
 * Only ALTER COLUMN ... DROP DEFAULT makes them: in CREATE TABLE and behind MODIFY a column
 * that says nothing gets DEFAULT NULL.
 */
#include <strings.h>

#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

/* The types for which MySQL never prints DEFAULT NULL. */
static bool prints_no_default(struct str type)
{
	enum type_family family = column_type_family(type);

	return family == TYPE_JSON || family == TYPE_GEOMETRY || str_has_suffix(type, "text") ||
	       str_has_suffix(type, "blob");
}

static bool lacks_default(const struct column *c)
{
	return !c->not_null && c->default_text.n == 0 && c->generated == COLUMN_PLAIN &&
	       !c->auto_increment && !prints_no_default(c->type);
}

static void drop_default(struct alter *x, const struct column *c)
{
	buf_adds(alter_clause(x), "ALTER COLUMN ");
	quote_name(&x->clauses, c->name);
	buf_adds(&x->clauses, " DROP DEFAULT");
	alter_say(x, "column %s has no default", c->name);
}

void plan_defaults_created(struct planner *p, const struct object *to)
{
	const struct table *t = to->parsed;
	autoalter x = ALTER_INIT;

	for (size_t i = 0; !planner_is_mariadb(p) && t && i < t->column_count; i++) {
		if (lacks_default(&t->columns[i]))
			drop_default(&x, &t->columns[i]);
	}
	alter_step(p, &x, PHASE_CREATE_TABLES, "ALTER_TABLE", to->name);
}

void plan_defaults_altered(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; !planner_is_mariadb(p) && i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if ((c->action != COLUMN_KEEP || c->moved) && lacks_default(c->to))
			drop_default(&x, c->to);
	}
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}
