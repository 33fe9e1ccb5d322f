/* SPDX-License-Identifier: MIT */
/*
 * plan_spellings: a view that spells a column otherwise than its table does.
 *
 * It was made before the column changed the case of its name, and prints the name as it was.
 * So the column has its old name again while that view is made, and only then: another view
 * may spell it as the table does.
 */
#include <string.h>

#include "engine/base/mem.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

struct spellings {
	struct planner *p;
	const struct spelling *items;
	size_t count;
};

/* Is it the first that says this of this view, or at all of one of its tables? */
static bool is_first(const struct spellings *all, size_t i, bool of_table)
{
	const struct spelling *s = &all->items[i];

	for (size_t k = 0; k < i; k++) {
		const struct spelling *before = &all->items[k];

		if (strcmp(before->view, s->view) == 0 &&
		    strcmp(before->table, s->table) == 0 &&
		    (of_table || strcmp(before->have, s->have) == 0))
			return false;
	}
	return true;
}

static void rename_column(struct alter *x, const char *from, const char *to)
{
	buf_adds(alter_clause(x), "RENAME COLUMN ");
	quote_name(&x->clauses, from);
	buf_adds(&x->clauses, " TO ");
	quote_name(&x->clauses, to);
}

static void rename_columns(const struct spellings *all, const struct spelling *first, bool back,
                           enum plan_phase phase)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < all->count; i++) {
		const struct spelling *s = &all->items[i];

		if (strcmp(s->view, first->view) != 0 || strcmp(s->table, first->table) != 0 ||
		    !is_first(all, i, false))
			continue;
		rename_column(&x, back ? s->want : s->have, back ? s->have : s->want);
		alter_say(&x, "%s column %s, as view %s spells it", back ? "respell" : "spell",
		          s->want, s->view);
	}
	alter_step(all->p, &x, phase, "ALTER_TABLE", first->table);
}

static void rename_for(const struct spellings *all, const char *view, bool back,
                       enum plan_phase phase)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->items[i].view, view) == 0 && is_first(all, i, true))
			rename_columns(all, &all->items[i], back, phase);
	}
}

static void around_phase(const struct spellings *all, enum plan_phase phase)
{
	struct step_list old = all->p->phases[phase];
	struct step_list *list = &all->p->phases[phase];

	*list = (struct step_list){ 0 };
	for (size_t i = 0; i < old.count; i++) {
		const char *view = old.items[i].kind == OBJECT_VIEW ? old.items[i].name : "";

		rename_for(all, view, false, phase);
		MEM_GROW(list->items, list->count, list->capacity);
		list->items[list->count++] = old.items[i];
		rename_for(all, view, true, phase);
	}
	free(old.items);
}

void plan_spellings(struct planner *p, const struct spelling *items, size_t count)
{
	static const enum plan_phase phases[] = { PHASE_VIEWS, PHASE_RESTORE_VIEWS };
	const struct spellings all = { p, items, count };

	for (size_t i = 0; count > 0 && i < ARRAY_SIZE(phases); i++)
		around_phase(&all, phases[i]);
}
