/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"

/* A view of the wanted schema. Those that stay are looked through, not made. */
struct wanted_view {
	const struct object *to;
	bool made;     /* by the plan */
	bool replaces; /* one that is there */
	bool visited;
};

struct ordering {
	struct planner *p;
	struct map *by_name; /* to struct wanted_view */
	const struct object **order;
	size_t count;
};

static void visit(struct ordering *o, struct wanted_view *v);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as views stand on each other */
static void visit_name(void *arg, const char *name)
{
	struct ordering *o = arg;
	struct wanted_view *v = map_get(o->by_name, name);

	if (v && !v->visited)
		visit(o, v);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as views stand on each other */
static void visit(struct ordering *o, struct wanted_view *v)
{
	v->visited = true;
	names_each(v->to, visit_name, o);
	if (!v->made)
		return;
	o->order[o->count++] = v->to;
	plan_create_code(o->p, PHASE_VIEWS, v->to, v->replaces);
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
	struct ordering o = { .p = p, .by_name = by_name };
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
		if (wanted[i].made && !wanted[i].visited)
			visit(&o, &wanted[i]);
	}
	plan_stand_ins(p, o.order, o.count);
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
