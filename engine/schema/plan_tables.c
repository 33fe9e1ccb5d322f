/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/delta.h"
#include "engine/schema/list.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"

/* Both are there: is it one ALTER, or must the table be made anew? */
static void decide_pair(struct planner *p, struct plan_table *t)
{
	if (str_equal(t->from->sql, t->to->sql) || planner_is_unread(t->from) ||
	    planner_is_unread(t->to))
		return;
	t->delta = delta_new(p->work, t->from, t->to, delta_renames_indexes(p->from));
	t->rebuilt = !t->delta || t->delta->incomparable;
	if (t->rebuilt)
		t->delta = NULL;
	else
		plan_options_decide(t->delta);
}

static void add_table(struct planner *p, const struct object *from, const struct object *to)
{
	struct plan_table *t = &p->tables[p->table_count++];
	const struct object *either = to ? to : from;

	assert(either);
	*t = (struct plan_table){ .from = from, .to = to };
	if (from && to)
		decide_pair(p, t);
	map_set(p->table_of, either->name, t);
}

/* Where case does not matter, the table of another spelling that the diff found. */
static const struct object *respelt(const struct planner *p, const struct object *to)
{
	for (size_t i = 0; names_fold(p->from, OBJECT_TABLE) && i < p->diff->count; i++) {
		if (p->diff->changes[i].to == to)
			return p->diff->changes[i].from;
	}
	return NULL;
}

void plan_tables_decide(struct planner *p)
{
	size_t from_count;
	size_t to_count;
	const struct object *to = schema_of_kind(p->to, OBJECT_TABLE, &to_count);

	schema_of_kind(p->from, OBJECT_TABLE, &from_count);
	p->tables = mem_array(from_count + to_count + 1, sizeof(*p->tables));
	if (!planner_sees(p, OBJECT_TABLE))
		return;
	for (size_t i = 0; i < to_count; i++) {
		const struct object *from = schema_find(p->from, OBJECT_TABLE, to[i].name);

		if (!from)
			from = respelt(p, &to[i]);
		if (from || !planner_is_unread(&to[i]))
			add_table(p, from, &to[i]);
	}
	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];

		if (c->object_kind == OBJECT_TABLE && c->kind == CHANGE_EXTRA)
			add_table(p, c->from, NULL);
	}
}

/* The order in which tables are dropped, by their foreign keys. */
enum visit { VISIT_NONE, VISIT_OPEN, VISIT_DONE };

/* A table whose parents are looked at, and how far that has come. */
struct frame {
	struct plan_table *table;
	size_t key;
};

struct ordering {
	struct planner *p;
	enum visit *state; /* of each of p->tables */
	struct list stack; /* of struct frame: hostile schemas chain deeper than ours reaches */
	struct plan_table **order;
	size_t count;
};

static bool is_dropped(const struct plan_table *t)
{
	return t->from && (!t->to || t->rebuilt);
}

static enum visit *state_of(const struct ordering *o, const struct plan_table *t)
{
	return &o->state[t - o->p->tables];
}

static struct plan_table *parent_of(const struct planner *p, const struct foreign_key *f)
{
	return f->parent_database ? NULL : map_get(p->table_of, f->parent_table);
}

static void enter(struct ordering *o, struct plan_table *t)
{
	struct frame *f = list_add(&o->stack);

	*f = (struct frame){ .table = t };
	*state_of(o, t) = VISIT_OPEN;
}

/* The next parent that nobody has looked at; NULL: no more. */
static struct plan_table *next_parent(const struct ordering *o, struct frame *f)
{
	const struct table *a = f->table->from->parsed;

	while (a && f->key < a->foreign_key_count) {
		size_t key = f->key++;
		struct plan_table *parent = parent_of(o->p, &a->foreign_keys[key]);

		if (!parent || parent == f->table || !is_dropped(parent))
			continue;
		if (*state_of(o, parent) == VISIT_NONE)
			return parent;
		/* A foreign key that closes a circle goes before. */
		if (*state_of(o, parent) == VISIT_OPEN)
			f->table->from_keys_dropped[key] = true;
	}
	return NULL;
}

/* Children first: so this gives the reverse. */
static void visit_dropped(struct ordering *o, struct plan_table *t)
{
	enter(o, t);
	while (o->stack.count > 0) {
		struct frame *top = (struct frame *)o->stack.items + o->stack.count - 1;
		struct plan_table *parent = next_parent(o, top);

		if (parent) {
			enter(o, parent);
			continue;
		}
		*state_of(o, top->table) = VISIT_DONE;
		o->order[o->count++] = top->table;
		o->stack.count--;
	}
}

/* Is it still referred to when it goes? Then the server must be told not to mind. */
static bool is_referred_to(const struct planner *p, const struct plan_table *gone)
{
	for (size_t i = 0; i < p->table_count; i++) {
		const struct plan_table *t = &p->tables[i];
		const struct table *a = t->from ? t->from->parsed : NULL;

		if (t->from && !a)
			return true; /* who knows what it refers to */
		if (t == gone || is_dropped(t))
			continue;
		for (size_t k = 0; a && k < a->foreign_key_count; k++) {
			if (!t->from_keys_dropped[k] &&
			    parent_of(p, &a->foreign_keys[k]) == gone)
				return true;
		}
	}
	return false;
}

static void drop_table(struct planner *p, const struct plan_table *t)
{
	const char *name = t->from->name;
	struct plan_step *step =
		planner_step(p, PHASE_DROP_TABLES, "DROP_TABLE", OBJECT_TABLE, name);
	autobuf sql = BUF_INIT;

	plan_drop(&sql, OBJECT_TABLE, name);
	planner_sql(p, step, &sql);
	planner_say(p, step, t->rebuilt ? "drop table %s, to make it anew" : "drop table %s",
	            name);
	step->risk = PLAN_RISK_LOSS;
	step->loses = arena_printf(p->arena, "table %s and its rows", name);
	if (is_referred_to(p, t))
		step->foreign_key_checks_off = true;
	if (t->rebuilt)
		planner_warn(
			p,
			"CRITICAL: table %s cannot be changed in place (its definition holds "
			"something unknown): it is dropped and made anew, without its rows",
			name);
}

void plan_tables_order(struct planner *p)
{
	struct ordering o = { .p = p };

	o.order = arena_array(p->work, p->table_count + 1, sizeof(struct plan_table *));
	o.state = arena_array(p->work, p->table_count + 1, sizeof(*o.state));
	o.stack.size = sizeof(struct frame);
	for (size_t i = 0; i < p->table_count; i++) {
		if (is_dropped(&p->tables[i]) && o.state[i] == VISIT_NONE)
			visit_dropped(&o, &p->tables[i]);
	}
	list_finish(&o.stack);
	while (o.count > 0)
		drop_table(p, o.order[--o.count]);
	plan_tables_create(p);
}
