/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/mem.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

/* The name of a character set or collation; in quotes when it is none, as a backup may claim.
 */
static void add_charset(struct buf *sql, const char *name)
{
	size_t plain =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	if (name[plain] == '\0')
		buf_adds(sql, name);
	else
		quote_string(sql, name);
}

static void set_step(struct planner *p, struct plan_step *step, const char *collation)
{
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "ALTER DATABASE ");
	if (collation == p->to->collation && p->to->charset && *p->to->charset) {
		buf_adds(&sql, "CHARACTER SET ");
		add_charset(&sql, p->to->charset);
		buf_addc(&sql, ' ');
	}
	buf_adds(&sql, "COLLATE ");
	add_charset(&sql, collation);
	step->sql = arena_strdup(p->arena, sql.data);
}

void plan_database(struct planner *p)
{
	struct plan_step *step;

	if (!p->diff->database_changed || !p->to->collation || !*p->to->collation)
		return;
	step = planner_step(p, PHASE_DATABASE, "ALTER_DATABASE", OBJECT_TABLE, "");
	set_step(p, step, p->to->collation);
	planner_say(p, step, "default character set and collation (%s, want %s)",
	            p->from->collation, p->to->collation);
}

/* Stored code keeps the collation that the database had when it was made. */
static const char *collation_of(const struct planner *p, const struct plan_step *step)
{
	const char *own = step->context.database_collation;

	return own && *own ? own : p->to->collation;
}

static void add_copy(struct step_list *list, const struct plan_step *step)
{
	MEM_GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = *step;
}

static void around_phase(struct planner *p, enum plan_phase phase)
{
	struct step_list old = p->phases[phase];
	const char *now = p->to->collation;
	size_t i = 0;

	p->phases[phase] = (struct step_list){ 0 };
	while (i <= old.count) {
		const char *want =
			i < old.count ? collation_of(p, &old.items[i]) : p->to->collation;

		if (strcmp(want, now) != 0) {
			struct plan_step *step =
				planner_step(p, phase, "ALTER_DATABASE", OBJECT_TABLE, "");

			set_step(p, step, want);
			planner_say(p, step,
			            i < old.count
			                    ? "the collation under which the next was made"
			                    : "the database's own collation again");
			now = want;
		}
		if (i < old.count)
			add_copy(&p->phases[phase], &old.items[i]);
		i++;
	}
	free(old.items);
}

void plan_database_around_code(struct planner *p)
{
	static const enum plan_phase phases[] = { PHASE_ROUTINES, PHASE_TRIGGERS,
		                                  PHASE_EVENTS };

	if (!p->to->collation || !*p->to->collation)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		around_phase(p, phases[i]);
}
