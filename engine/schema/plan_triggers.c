/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/schema/planner.h"

/* Triggers of one table, time and event, in the order in which they fire. */
struct group {
	const struct object **items;
	size_t count;
};

struct side {
	const struct object **all; /* by group and order */
	size_t count;
	size_t at; /* of the next group */
};

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_groups(const struct object *a, const struct object *b)
{
	int order = compare_text(a->table, b->table);

	if (order == 0)
		order = compare_text(a->timing, b->timing);
	return order != 0 ? order : compare_text(a->event, b->event);
}

static int compare(const void *a, const void *b)
{
	const struct object *const *left = a;
	const struct object *const *right = b;
	int order = compare_groups(*left, *right);

	if (order == 0 && (*left)->order != (*right)->order)
		order = (*left)->order < (*right)->order ? -1 : 1;
	return order != 0 ? order : strcmp((*left)->name, (*right)->name);
}

/* A table that is dropped takes its triggers with it. */
static bool goes_with_table(const struct planner *p, const struct object *trigger)
{
	const struct plan_table *t = trigger->table ? planner_table(p, trigger->table) : NULL;

	return t && (!t->to || t->rebuilt);
}

static bool is_unread(const struct planner *p, const char *name)
{
	return planner_is_unread(schema_find(p->from, OBJECT_TRIGGER, name)) ||
	       planner_is_unread(schema_find(p->to, OBJECT_TRIGGER, name));
}

static struct side make_side(struct planner *p, const struct schema *s)
{
	size_t count;
	const struct object *triggers = schema_of_kind(s, OBJECT_TRIGGER, &count);
	struct side side = { .all = arena_array(p->work, count + 1, sizeof(*side.all)) };

	for (size_t i = 0; i < count; i++) {
		if (!is_unread(p, triggers[i].name) &&
		    (s == p->to || !goes_with_table(p, &triggers[i])))
			side.all[side.count++] = &triggers[i];
	}
	if (side.count > 0)
		qsort(side.all, side.count, sizeof(*side.all), compare);
	return side;
}

/* Takes the next group if it is the one of `of`. */
static struct group take_group(struct side *s, const struct object *of)
{
	struct group g = { .items = s->all + s->at };

	while (s->at < s->count && compare_groups(s->all[s->at], of) == 0) {
		s->at++;
		g.count++;
	}
	return g;
}

/* Equal, wherever they stand in the order. */
static bool same_trigger(const struct object *a, const struct object *b)
{
	struct object moved = *a;

	moved.order = b->order;
	return object_equal(&moved, b);
}

/*
 * The order of triggers cannot be altered: a new one stands last. So those stay
 * that are, in this order, the first of the wanted ones; the rest is made anew.
 */
static void change_group(struct planner *p, const struct group *from, const struct group *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->count; i++) {
		if (kept < to->count && same_trigger(from->items[i], to->items[kept]))
			kept++;
		else
			plan_drop_code(p, PHASE_DROP_TRIGGERS, from->items[i]);
	}
	for (; kept < to->count; kept++)
		plan_create_trigger(p, to->items[kept]);
}

/* A trigger of the group that comes first on either side. One of them has some left. */
static const struct object *next_of(const struct side *from, const struct side *to)
{
	if (from->at == from->count)
		return to->all[to->at];
	if (to->at == to->count)
		return from->all[from->at];
	return compare_groups(from->all[from->at], to->all[to->at]) < 0 ? from->all[from->at]
	                                                                : to->all[to->at];
}

void plan_triggers(struct planner *p)
{
	struct side from;
	struct side to;

	if (!planner_sees(p, OBJECT_TRIGGER))
		return;
	from = make_side(p, p->from);
	to = make_side(p, p->to);
	while (from.at < from.count || to.at < to.count) {
		const struct object *first = next_of(&from, &to);
		struct group from_group = take_group(&from, first);
		struct group to_group = take_group(&to, first);

		change_group(p, &from_group, &to_group);
	}
}
