/* SPDX-License-Identifier: MIT */
/*
 * plan_parallel: which steps may run at the same time.
 *
 * Tables that foreign keys connect, through whatever other tables, are kin: servers
 * lock the kin of a table that changes, and two sessions that drop such tables can hang for
 * good. Names that must be unique in the database connect as well. Steps about tables that are
 * not kin change nothing for each other, in whatever order they run.
 */
#include <ctype.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/delta.h"
#include "engine/schema/planner.h"
#include "engine/schema/table.h"

/* A table, or a name. */
struct relative {
	struct relative *up; /* nearer to the head of its kin; the head: itself */
	size_t number;
	bool alone; /* a table that is not understood, or whose engine reaches into others */
};

struct kinship {
	struct arena *arena;
	struct map *all;  /* struct relative by "table shop", "name fk_1" */
	bool check_names; /* are they unique in the database? */
	bool unknown;     /* foreign keys of a table that is not understood may connect any */
};

/* Names that differ in case only count as one: some servers see it so, and it harms none. */
static struct relative *find(struct kinship *k, const char *what, const char *name)
{
	autofree char *key = mem_printf("%s %s", what, name);
	struct relative *r;

	for (char *p = key; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	r = map_get(k->all, key);
	if (r)
		return r;
	r = arena_alloc(k->arena, sizeof(*r));
	*r = (struct relative){ .up = r, .number = map_count(k->all) };
	map_set(k->all, key, r);
	return r;
}

static struct relative *head_of(struct relative *r)
{
	while (r->up != r) {
		r->up = r->up->up; /* shorter for the next who asks */
		r = r->up;
	}
	return r;
}

static void relate(struct relative *a, struct relative *b)
{
	head_of(a)->up = head_of(b);
}

static void add_foreign_key(struct kinship *k, struct relative *child,
                            const struct foreign_key *key)
{
	relate(child, key->parent_database ? find(k, "database", key->parent_database)
	                                   : find(k, "table", key->parent_table));
	if (key->name)
		relate(child, find(k, "name", key->name));
}

static bool is_plain_engine(const struct table *t)
{
	static const char *const engines[] = { "InnoDB", "Aria", "MyISAM" };
	struct str engine = delta_option(t, "ENGINE");

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (str_is_nocase(engine, engines[i]))
			return true;
	return false;
}

static void add_table(struct kinship *k, const struct object *o)
{
	const struct table *t = o->parsed;
	struct relative *table = find(k, "table", o->name);

	if (!t || !is_plain_engine(t)) {
		table->alone = true;
		k->unknown |= !t && memmem(o->sql.p, o->sql.n, "FOREIGN KEY", 11);
		return;
	}
	for (size_t i = 0; i < t->foreign_key_count; i++)
		add_foreign_key(k, table, &t->foreign_keys[i]);
	for (size_t i = 0; k->check_names && i < t->check_count; i++)
		if (t->checks[i].name)
			relate(table, find(k, "name", t->checks[i].name));
}

static void add_tables(struct kinship *k, const struct schema *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->objects[i].kind == OBJECT_TABLE)
			add_table(k, &s->objects[i]);
}

static void mark_phase(struct planner *p, struct kinship *k, enum plan_phase phase)
{
	struct step_list *list = &p->phases[phase];

	for (size_t i = 0; list->count > 1 && i < list->count; i++) {
		struct plan_step *step = &list->items[i];
		struct relative *table = find(k, "table", step->name);

		if (step->kind != OBJECT_TABLE || table->alone)
			continue;
		step->phase = (unsigned int)phase + 1;
		step->kin = head_of(table)->number;
	}
}

void plan_parallel(struct planner *p)
{
	static const enum plan_phase phases[] = { PHASE_DROP_FOREIGN_KEYS, PHASE_CREATE_TABLES,
		                                  PHASE_ALTER_TABLES, PHASE_ADD_FOREIGN_KEYS };
	DEFER(map) *all = map_new();
	struct kinship k = { .arena = p->work,
		             .all = all,
		             .check_names = !planner_is_mariadb(p) };

	add_tables(&k, p->from);
	add_tables(&k, p->to);
	for (size_t i = 0; !k.unknown && i < ARRAY_SIZE(phases); i++)
		mark_phase(p, &k, phases[i]);
	p->plan->kin_limit = map_count(all);
}
