/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"

enum visit { VISIT_NONE, VISIT_OPEN, VISIT_DONE };

/* A view that must be made. */
struct wanted_view {
	const struct object *to;
	bool replaces;
	enum visit state;
};

struct ordering {
	struct planner *p;
	struct map *by_name;    /* to struct wanted_view */
	struct wanted_view *at; /* whose names are being looked at */
};

static void visit(struct ordering *o, struct wanted_view *v);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as views stand on each other */
static void visit_name(void *arg, const char *name)
{
	struct ordering *o = arg;
	struct wanted_view *v = map_get(o->by_name, name);
	struct wanted_view *at = o->at;

	if (v && v->state == VISIT_NONE) {
		visit(o, v);
		o->at = at;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as views stand on each other */
static void visit(struct ordering *o, struct wanted_view *v)
{
	v->state = VISIT_OPEN;
	o->at = v;
	names_each(v->to, visit_name, o);
	v->state = VISIT_DONE;
	plan_create_view(o->p, v->to, v->replaces);
}

static struct wanted_view *collect(struct planner *p, struct map *by_name, size_t *count)
{
	struct wanted_view *views = arena_array(p->work, p->diff->count + 1, sizeof(*views));

	*count = 0;
	for (size_t i = 0; i < p->diff->count; i++) {
		const struct change *c = &p->diff->changes[i];
		struct wanted_view *v = &views[*count];

		if (c->object_kind != OBJECT_VIEW)
			continue;
		if (c->kind == CHANGE_EXTRA) {
			plan_drop_code(p, PHASE_DROP_VIEWS, c->from);
			continue;
		}
		*v = (struct wanted_view){ .to = c->to, .replaces = c->from != NULL };
		map_set(by_name, c->to->name, v);
		(*count)++;
	}
	return views;
}

void plan_views(struct planner *p)
{
	DEFER(map) *by_name = map_new();
	struct ordering o = { .p = p, .by_name = by_name };
	size_t count;
	struct wanted_view *views = collect(p, by_name, &count);

	for (size_t i = 0; i < count; i++) {
		if (views[i].state == VISIT_NONE)
			visit(&o, &views[i]);
	}
}
