/* SPDX-License-Identifier: MIT */
/*
 * plan_renames: what is dropped here and made there, and may be the same under another name.
 *
 * A plan never guesses: it drops and makes, and says which statement, run before, keeps the
 * rows or values. The next plan then finds the new name and leaves it alone.
 */
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

static void warn_column(struct planner *p, const struct table_delta *d,
                        const struct column *gone, const struct column *added)
{
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "ALTER TABLE ");
	quote_name(&sql, d->to->name);
	buf_adds(&sql, " RENAME COLUMN ");
	quote_name(&sql, gone->name);
	buf_adds(&sql, " TO ");
	quote_name(&sql, added->name);
	planner_warn(p,
	             "WARNING: table %s: dropping column %s and adding %s looks like a rename; "
	             "the plan does not carry the values over. To keep them run this, and plan "
	             "again: %s;",
	             d->to->name, gone->name, added->name, sql.data);
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
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "RENAME TABLE ");
	quote_name(&sql, gone->name);
	buf_adds(&sql, " TO ");
	quote_name(&sql, made->name);
	planner_warn(
		p,
		"WARNING: dropping table %s and creating %s, which is defined alike, looks "
		"like a rename; the plan does not carry the rows over. To keep them run "
		"this, and plan again: %s;",
		gone->name, made->name, sql.data);
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
