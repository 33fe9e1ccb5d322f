/* SPDX-License-Identifier: MIT */
/*
 * plan_renames: what is dropped here and made there, and may be the same under another name.
 *
 * A plan never guesses: it drops and makes, and says which option keeps the rows or values.
 * With that the plan begins with the rename.
 */
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/renames.h"

static bool is_first_of_table(const struct plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (plan->renames[k].column &&
		    strcmp(plan->renames[k].table, plan->renames[i].table) == 0)
			return false;
	}
	return true;
}

/* All columns of one table at once. */
static void rename_columns(struct planner *p, const char *table)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < p->plan->rename_count; i++) {
		const struct rename *r = &p->plan->renames[i];
		struct buf *sql;

		if (!r->column || strcmp(r->table, table) != 0)
			continue;
		sql = alter_clause(&x);
		buf_adds(sql, "RENAME COLUMN ");
		quote_name(sql, r->column);
		buf_adds(sql, " TO ");
		quote_name(sql, r->to);
		alter_say(&x, "rename column %s to %s", r->column, r->to);
	}
	alter_step(p, &x, PHASE_RENAMES, "RENAME_COLUMN", table);
}

static void rename_table(struct planner *p, const struct rename *r)
{
	struct plan_step *step =
		planner_step(p, PHASE_RENAMES, "RENAME_TABLE", OBJECT_TABLE, r->table);
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "RENAME TABLE ");
	quote_name(&sql, r->table);
	buf_adds(&sql, " TO ");
	quote_name(&sql, r->to);
	planner_sql(p, step, &sql);
	planner_say(p, step, "rename table %s to %s", r->table, r->to);
}

void plan_rename(struct planner *p)
{
	const struct plan *plan = p->plan;

	for (size_t i = 0; i < plan->rename_count; i++) {
		if (plan->renames[i].column && is_first_of_table(plan, i))
			rename_columns(p, plan->renames[i].table);
	}
	for (size_t i = 0; i < plan->rename_count; i++) {
		if (!plan->renames[i].column)
			rename_table(p, &plan->renames[i]);
	}
}

/* What the table is called before the plan's own renames. */
static const char *live_name(const struct planner *p, const char *table)
{
	for (size_t i = 0; i < p->plan->rename_count; i++) {
		const struct rename *r = &p->plan->renames[i];

		if (!r->column && strcmp(r->to, table) == 0)
			return r->table;
	}
	return table;
}

static void warn_column(struct planner *p, const struct table_delta *d,
                        const struct column *gone, const struct column *added)
{
	const struct rename r = { live_name(p, d->from->name), gone->name, added->name };
	autobuf option = BUF_INIT;

	rename_option(&option, &r);
	planner_warn(p,
	             "WARNING: table %s: dropping column %s and adding %s looks like a rename; "
	             "the plan does not carry the values over. To keep them plan with: %s",
	             d->to->name, gone->name, added->name, option.data);
}

/* Does an index hold the one column on one side and the other on the other, in one place? */
static bool share_key(const struct table_delta *d, const struct column *gone,
                      const struct column *added)
{
	for (size_t i = 0; i < d->a->index_count; i++) {
		const struct index *x = &d->a->indexes[i];
		const struct index *y = table_index(d->b, x->name);

		for (size_t k = 0; y && k < x->part_count && k < y->part_count; k++) {
			const char *from = x->parts[k].column;
			const char *to = y->parts[k].column;

			if (from && to && strcasecmp(from, gone->name) == 0 &&
			    strcasecmp(to, added->name) == 0)
				return true;
		}
	}
	return false;
}

static bool in_one_place(const struct table_delta *d, const struct column *gone,
                         const struct column_delta *added)
{
	return gone - d->a->columns == added - d->columns;
}

static void find_columns(struct planner *p, const struct table_delta *d)
{
	for (size_t i = 0; i < d->dropped_count; i++) {
		const struct column *gone = d->dropped[i];

		for (size_t k = 0; k < d->b->column_count; k++) {
			const struct column_delta *c = &d->columns[k];

			if (c->action != COLUMN_ADD || !str_equal(c->to->text, gone->text) ||
			    gone->generated != COLUMN_PLAIN)
				continue;
			if (in_one_place(d, gone, c) || share_key(d, gone, c->to)) {
				warn_column(p, d, gone, c->to);
				break;
			}
		}
	}
}

/* What stands behind the name in CREATE TABLE. */
static struct str definition(const struct object *o)
{
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && t.kind != TOKEN_NAME)
		continue;
	return str_slice(o->sql, (size_t)(t.text.p + t.text.n - o->sql.p), o->sql.n);
}

static void warn_table(struct planner *p, const struct object *gone, const struct object *made)
{
	const struct rename r = { gone->name, NULL, made->name };
	autobuf option = BUF_INIT;

	rename_option(&option, &r);
	planner_warn(
		p,
		"WARNING: dropping table %s and creating %s, which is defined alike, looks "
		"like a rename; the plan does not carry the rows over. To keep them plan "
		"with: %s",
		gone->name, made->name, option.data);
}

/* Tables that are made, by definition; NULL where that is not the only one. */
static struct map *made_tables(const struct planner *p)
{
	struct map *made = map_new();

	for (size_t i = 0; i < p->table_count; i++) {
		const struct object *to = p->tables[i].to;
		const char *text;

		if (p->tables[i].from || !to)
			continue;
		text = definition(to).p; /* ends with the object's text */
		map_set(made, text, map_has(made, text) ? NULL : &p->tables[i]);
	}
	return made;
}

static void find_tables(struct planner *p)
{
	DEFER(map) *made = made_tables(p);

	for (size_t i = 0; i < p->table_count; i++) {
		const struct object *gone = p->tables[i].from;
		const struct plan_table *t;

		if (p->tables[i].to)
			continue;
		t = map_get(made, definition(gone).p);
		if (t)
			warn_table(p, gone, t->to);
	}
}

void plan_renames(struct planner *p)
{
	for (size_t i = 0; i < p->table_count; i++) {
		if (p->tables[i].delta)
			find_columns(p, p->tables[i].delta);
	}
	find_tables(p);
}
