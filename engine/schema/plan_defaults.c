/* SPDX-License-Identifier: MIT */
/*
 * plan_defaults: columns that have no default, where the server gives one to all that say
 * none: on MySQL DEFAULT NULL, on MariaDB DEFAULT '' to a COMPRESSED column that is NOT NULL.
 *
 * Only ALTER COLUMN ... DROP DEFAULT makes them.
 */
#include <strings.h>

#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

/* The types for which MySQL never prints DEFAULT NULL. */
static bool prints_no_default(struct str type)
{
	enum type_family family = column_type_family(type);

	return family == TYPE_JSON || family == TYPE_GEOMETRY || str_has_suffix(type, "text") ||
	       str_has_suffix(type, "blob");
}

static bool lacks_default(const struct planner *p, const struct column *c)
{
	if (c->default_text.n > 0 || c->generated != COLUMN_PLAIN || c->auto_increment)
		return false;
	if (planner_is_mariadb(p))
		return c->not_null && names_mentioned(c->text, "COMPRESSED");
	return !c->not_null && !prints_no_default(c->type);
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

	for (size_t i = 0; t && i < t->column_count; i++) {
		if (lacks_default(p, &t->columns[i]))
			drop_default(&x, &t->columns[i]);
	}
	alter_step(p, &x, PHASE_CREATE_TABLES, "ALTER_TABLE", to->name);
}

void plan_defaults_altered(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if ((c->action != COLUMN_KEEP || c->moved) && lacks_default(p, c->to))
			drop_default(&x, c->to);
	}
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}
