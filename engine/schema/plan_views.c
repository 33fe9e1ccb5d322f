/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/schema/list.h"
#include "engine/schema/planner.h"
#include "engine/schema/view.h"

enum visit { VISIT_NONE, VISIT_OPEN, VISIT_DONE };

/* A view of the wanted schema. Those that stay are looked through, not made. */
struct wanted_view {
	const struct object *to;
	const struct view *text;
	size_t next;   /* of text's tables: the one to look at */
	bool made;     /* by the plan */
	bool replaces; /* one that is there */
	bool closes;   /* a circle: another that is made before stands on it */
	enum visit state;
};

struct ordering {
	struct planner *p;
	struct map *by_name; /* to struct wanted_view */
	struct list stack;   /* of struct wanted_view *, each standing on the next */
	const struct object **order;
	size_t count;
};

static void enter(struct ordering *o, struct wanted_view *v)
{
	*(struct wanted_view **)list_add(&o->stack) = v;
	v->state = VISIT_OPEN;
	v->text = view_parse(o->p->work, v->to);
}

/* A view that must be made before this one; NULL: no more. */
static struct wanted_view *next_below(const struct ordering *o, struct wanted_view *v)
{
	while (v->next < v->text->table_count) {
		const struct view_table *t = &v->text->tables[v->next++];
		bool own = !t->database || strcmp(t->database, o->p->to->name) == 0;
		struct wanted_view *below = own ? map_get(o->by_name, t->name) : NULL;

		if (below && below->state == VISIT_NONE)
			return below;
		if (below && below->state == VISIT_OPEN && v->made)
			below->closes = true;
	}
	return NULL;
}

static void leave(struct ordering *o, struct wanted_view *v)
{
	o->stack.count--;
	v->state = VISIT_DONE;
	/* One that stays may be broken: what stands on it needs stand-ins under that, too. */
	o->order[o->count++] = v->to;
	if (v->closes)
		plan_circular_view(o->p, v->to, v->made, v->replaces || !v->made);
	else if (v->made)
		plan_create_code(o->p, PHASE_VIEWS, v->to, v->replaces);
}

static void visit(struct ordering *o, struct wanted_view *v)
{
	enter(o, v);
	while (o->stack.count > 0) {
		struct wanted_view **stack = o->stack.items;
		struct wanted_view *top = stack[o->stack.count - 1];
		struct wanted_view *below = next_below(o, top);

		if (below)
			enter(o, below);
		else
			leave(o, top);
	}
}

static struct wanted_view *collect(struct planner *p, struct map *by_name, size_t *count)
{
	const struct object *views = schema_of_kind(p->to, OBJECT_VIEW, count);
	struct wanted_view *wanted = arena_array(p->work, *count + 1, sizeof(*wanted));

	for (size_t i = 0; i < *count; i++) {
		wanted[i].to = &views[i];
		map_set(by_name, views[i].name, &wanted[i]);
	}
	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];
		struct wanted_view *v;

		if (c->object_kind != OBJECT_VIEW || c->kind == CHANGE_EXTRA)
			continue;
		v = map_get(by_name, c->to->name);
		v->made = true;
		v->replaces = c->from != NULL;
	}
	return wanted;
}

void plan_views(struct planner *p)
{
	DEFER(map) *by_name = map_new();
	struct ordering o = {
		.p = p,
		.by_name = by_name,
		.stack.size = sizeof(struct wanted_view *),
	};
	struct wanted_view *wanted;
	size_t count;

	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];

		if (c->object_kind == OBJECT_VIEW && c->kind == CHANGE_EXTRA)
			plan_drop_code(p, PHASE_DROP_VIEWS, c->from);
	}
	wanted = collect(p, by_name, &count);
	o.order = arena_array(p->work, count + 1, sizeof(*o.order));
	for (size_t i = 0; i < count; i++) {
		if (wanted[i].made && wanted[i].state == VISIT_NONE)
			visit(&o, &wanted[i]);
	}
	list_finish(&o.stack);
	plan_stand_ins(p, o.order, o.count);
	plan_definers(p, o.order, o.count);
}

/* A view for which a stand-in is made comes when all the others are there. */
void plan_restore_view(struct planner *p, const struct object *view)
{
	struct step_list *views = &p->phases[PHASE_VIEWS];
	size_t kept = 0;

	for (size_t i = 0; i < views->count; i++) {
		if (strcmp(views->items[i].name, view->name) != 0)
			views->items[kept++] = views->items[i];
	}
	views->count = kept;
	plan_create_code(p, PHASE_RESTORE_VIEWS, view, true);
}
