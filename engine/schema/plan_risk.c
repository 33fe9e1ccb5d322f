/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/planner.h"

static bool is_computed(const struct column *c)
{
	return c->generated == COLUMN_VIRTUAL || c->generated == COLUMN_STORED;
}

enum plan_risk plan_risk_of_column(const struct table_delta *d, size_t column)
{
	const struct column_delta *c = &d->columns[column];

	if (c->action == COLUMN_ADD || c->action == COLUMN_REPLACE)
		return c->to->check.n > 0 ? PLAN_RISK_NARROW : PLAN_RISK_REBUILD;
	if (c->action == COLUMN_KEEP)
		return PLAN_RISK_REBUILD; /* it moves */
	if (!is_computed(c->from) && is_computed(c->to))
		return PLAN_RISK_LOSS; /* its values are computed from now on */
	if (c->to->not_null && !c->from->not_null)
		return PLAN_RISK_NARROW;
	if (c->to->check.n > 0 && !str_equal(c->to->check, c->from->check))
		return PLAN_RISK_NARROW;
	if (c->reshaped && column_is_text(c->to) &&
	    (d->charset_changed || !str_equal(c->from->charset, c->to->charset)))
		return PLAN_RISK_NARROW; /* characters may not exist in the other set */
	if (column_type_narrows(c->from->type, c->to->type))
		return PLAN_RISK_NARROW;
	return c->reshaped || c->moved ? PLAN_RISK_REBUILD : PLAN_RISK_NONE;
}

/* Appends a name to a list in a sentence. */
static void add_name(struct buf *list, const char *table, const char *name)
{
	buf_addf(list, "%s%s%s%s", list->len > 0 ? ", " : "", table ? table : "",
	         table ? "." : "", name);
}

static void warn_tables(struct planner *p)
{
	autobuf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < p->table_count; i++) {
		if (p->tables[i].to)
			continue;
		add_name(&list, NULL, p->tables[i].from->name);
		n++;
	}
	if (n > 0)
		planner_warn(p, "CRITICAL: %zu table(s) will be dropped: %s", n, list.data);
}

static void warn_columns(struct planner *p)
{
	autobuf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < p->table_count; i++) {
		const struct table_delta *d = p->tables[i].delta;

		for (size_t k = 0; d && k < d->dropped_count; k++) {
			if (is_computed(d->dropped[k]))
				continue;
			add_name(&list, d->from->name, d->dropped[k]->name);
			n++;
		}
	}
	if (n > 0)
		planner_warn(p, "WARNING: %zu column(s) will be dropped: %s", n, list.data);
}

static void warn_indexes(struct planner *p)
{
	autobuf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < p->table_count; i++) {
		const struct table_delta *d = p->tables[i].delta;

		for (size_t k = 0; d && k < d->a->index_count; k++) {
			if (table_index(d->b, d->a->indexes[k].name) ||
			    delta_index_stays(d, &d->a->indexes[k]))
				continue;
			add_name(&list, d->from->name, d->a->indexes[k].name);
			n++;
		}
	}
	if (n > 0)
		planner_warn(p, "PERFORMANCE: %zu index(es) will be dropped: %s", n, list.data);
}

static void warn_losses(struct planner *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->plan->count; i++)
		n += p->plan->steps[i].risk == PLAN_RISK_LOSS;
	if (n > 0)
		planner_warn(p, "DESTRUCTIVE: %zu destructive operation(s) detected", n);
}

static void warn_unseen(struct planner *p)
{
	for (unsigned int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		const char *word = object_kind_info((enum object_kind)kind)->word;
		bool backup = p->to->visible & OBJECT_KIND_BIT(kind);

		if (p->diff->unseen & OBJECT_KIND_BIT(kind))
			planner_warn(p,
			             "WARNING: objects of the kind %s are left alone: %s could "
			             "not see them",
			             word, backup ? "this account" : "the backup's account");
	}
}

void plan_warnings(struct planner *p)
{
	warn_tables(p);
	warn_columns(p);
	warn_indexes(p);
	warn_losses(p);
	warn_unseen(p);
}
