/* SPDX-License-Identifier: MIT */
/*
 * plan_definers: views over views whose definer does not exist.
 *
 * No view can be made on one whose definer is gone (1449), but there they are: the account
 * was dropped later. So such a view is made without its definer first, and with it when all
 * that stand on it are there.
 */
#include <string.h>

#include "engine/base/map.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/view.h"

/* Names of tables and views that these views read. */
static struct map *read_by(struct planner *p, const struct object **views, size_t count)
{
	struct map *names = map_new();

	for (size_t i = 0; i < count; i++) {
		const struct view *v = view_parse(p->work, views[i]);

		for (size_t k = 0; k < v->table_count; k++) {
			const struct view_table *t = &v->tables[k];

			if (!t->database || strcmp(t->database, p->to->name) == 0)
				map_set(names, t->name, NULL);
		}
	}
	return names;
}

/* CREATE OR REPLACE, without "DEFINER=`u`@`h` ": who makes it is its definer. */
static void add_text(struct buf *out, const struct object *view)
{
	autobuf replace = BUF_INIT;
	struct object o = *view;
	struct lexer l;
	struct token t;
	size_t from = 0;

	plan_or_replace(&replace, view);
	o.sql = (struct str){ replace.data, replace.len };
	object_lexer(&l, &o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "VIEW")) {
		if (token_is_word(t, "DEFINER") && from == 0)
			from = (size_t)(t.text.p - replace.data);
		if (!token_is_word(t, "SQL") || from == 0)
			continue;
		buf_add(out, replace.data, from);
		buf_adds(out, t.text.p);
		return;
	}
	buf_add(out, replace.data, replace.len);
}

static struct plan_step *find_step(struct planner *p, enum plan_phase phase, const char *name)
{
	struct step_list *list = &p->phases[phase];

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	}
	return NULL;
}

/* The step that makes the view, or one before that makes again the view that is there. */
static struct plan_step *step_of(struct planner *p, const struct object *view)
{
	struct plan_step *step = find_step(p, PHASE_VIEWS, view->name);

	return step ? step : plan_create_code(p, PHASE_STAND_INS, view, true);
}

static bool is_handled(struct planner *p, const struct object *view)
{
	return find_step(p, PHASE_STAND_INS, view->name) ||
	       find_step(p, PHASE_RESTORE_VIEWS, view->name);
}

void plan_definers(struct planner *p, const struct object **views, size_t count)
{
	DEFER(map) *read = read_by(p, views, count);

	/* Those that stand on others come back first, while the others have a definer. */
	for (size_t i = count; i-- > 0;) {
		const struct object *view = views[i];
		autobuf sql = BUF_INIT;
		struct plan_step *step;

		if (!view->problem || !map_has(read, view->name) || is_handled(p, view))
			continue;
		step = step_of(p, view);
		add_text(&sql, view);
		planner_sql(p, step, &sql);
		planner_say(p, step, "view %s with another definer, for those that stand on it",
		            view->name);
		plan_create_code(p, PHASE_DEFINERS, view, true);
	}
}
