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
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/delta.h"
#include "engine/schema/planner.h"
#include "engine/schema/table.h"

/* A table, or a name. */
struct relative {
	size_t up;  /* nearer to the head of its kin; the head: itself */
	bool alone; /* a table that is not understood, or whose engine reaches into others */
};

struct kinship {
	struct map *number_of; /* "table shop", "name fk_1": where, and one */
	struct relative *all;
	size_t count, capacity;
	bool check_names; /* are they unique in the database? */
	bool unknown;     /* foreign keys of a table that is not understood may connect any */
};

/* Names that differ in case only count as one: some servers see it so, and it harms none. */
static size_t number_of(struct kinship *k, const char *what, const char *name)
{
	autofree char *key = mem_printf("%s %s", what, name);
	uintptr_t number;

	for (char *p = key; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	number = (uintptr_t)map_get(k->number_of, key);
	if (number > 0)
		return number - 1;
	MEM_GROW(k->all, k->count, k->capacity);
	k->all[k->count] = (struct relative){ .up = k->count };
	map_set(k->number_of, key, (void *)(uintptr_t)(k->count + 1));
	return k->count++;
}

static size_t head_of(struct kinship *k, size_t i)
{
	while (k->all[i].up != i) {
		k->all[i].up = k->all[k->all[i].up].up; /* shorter for the next who asks */
		i = k->all[i].up;
	}
	return i;
}

static void relate(struct kinship *k, size_t a, size_t b)
{
	k->all[head_of(k, a)].up = head_of(k, b);
}

static void add_foreign_key(struct kinship *k, size_t child, const struct foreign_key *key)
{
	relate(k, child,
	       key->parent_database ? number_of(k, "database", key->parent_database)
	                            : number_of(k, "table", key->parent_table));
	if (key->name)
		relate(k, child, number_of(k, "name", key->name));
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
	size_t table = number_of(k, "table", o->name);

	if (!t || !is_plain_engine(t)) {
		k->all[table].alone = true;
		k->unknown |= !t && memmem(o->sql.p, o->sql.n, "FOREIGN KEY", 11);
		return;
	}
	for (size_t i = 0; i < t->foreign_key_count; i++)
		add_foreign_key(k, table, &t->foreign_keys[i]);
	for (size_t i = 0; k->check_names && i < t->check_count; i++)
		if (t->checks[i].name)
			relate(k, table, number_of(k, "name", t->checks[i].name));
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
		size_t table = number_of(k, "table", step->name);

		if (step->kind != OBJECT_TABLE || k->all[table].alone)
			continue;
		step->phase = (unsigned int)phase + 1;
		step->kin = head_of(k, table);
	}
}

void plan_parallel(struct planner *p)
{
	static const enum plan_phase phases[] = { PHASE_DROP_FOREIGN_KEYS, PHASE_CREATE_TABLES,
		                                  PHASE_ALTER_TABLES, PHASE_ADD_FOREIGN_KEYS };
	DEFER(map) *numbers = map_new();
	struct kinship k = { .number_of = numbers, .check_names = !planner_is_mariadb(p) };

	add_tables(&k, p->from);
	add_tables(&k, p->to);
	for (size_t i = 0; !k.unknown && i < ARRAY_SIZE(phases); i++)
		mark_phase(p, &k, phases[i]);
	p->plan->kin_limit = k.count;
	free(k.all);
}
