/* SPDX-License-Identifier: MIT */
#include "engine/schema/delta.h"
#include "engine/schema/planner.h"

/* May the ALTER cut values? Then the server's refusal is the better one. */
static bool cuts_values(const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		if (d->columns[i].action == COLUMN_MODIFY &&
		    plan_risk_of_column(d, i) >= PLAN_RISK_NARROW)
			return true;
	}
	return false;
}

/*
 * One ALTER TABLE says all that can be said in one; what the server wants in a
 * statement of its own stands before or behind it.
 */
static void alter_table(struct planner *p, const struct plan_table *t)
{
	const struct table_delta *d = t->delta;
	struct plan_step *step;
	autoalter x = ALTER_INIT;

	plan_partitions_first(p, d);
	plan_options_first(p, d);
	plan_indexes_drop(&x, d, planner_is_mariadb(p));
	plan_options_drop(&x, d);
	plan_columns_drop(&x, d);
	plan_columns_change(p, &x, d);
	plan_options_change(&x, d);
	plan_indexes_add(&x, d, planner_is_mariadb(p));
	plan_partitions_change(&x, d);
	plan_indexes_insist(&x, d);
	step = alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
	if (step && t->outgrown)
		step->foreign_key_checks_off = true;
	if (step && !cuts_values(d) && plan_partitions_need_leniency(d->b))
		step->context.sql_mode = PLAN_LENIENT_MODE;
	plan_defaults_altered(p, d);
	plan_partitions_last(p, d);
	plan_options_last(p, d);
}

void plan_tables_alter(struct planner *p)
{
	for (size_t i = 0; i < p->table_count; i++) {
		if (p->tables[i].delta)
			alter_table(p, &p->tables[i]);
	}
}
