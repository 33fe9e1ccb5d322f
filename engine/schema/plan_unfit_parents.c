/* SPDX-License-Identifier: MIT */
/*
 * plan_unfit_parents: foreign keys that are there although their parent is not fit for them.
 *
 * With the checks off a parent can be replaced by a table that has no index for the foreign
 * key, or that is partitioned. To make such a foreign key, the parent is made fit for a
 * moment, or out of the way: nobody misses a parent while the checks are off. One of another
 * type nobody can help.
 */
#include "engine/base/arena.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"

static void add_key(struct planner *p, const struct plan_table *t, const struct foreign_key *f)
{
	autoalter x = ALTER_INIT;
	struct plan_step *step;

	buf_addf(alter_clause(&x), "ADD %.*s", STR_ARG(f->text));
	alter_say(&x, "add foreign key %s", f->name);
	step = alter_step(p, &x, PHASE_ADD_FOREIGN_KEYS, "ADD_FOREIGN_KEY", t->to->name);
	step->foreign_key_checks_off = true;
	step->risk = PLAN_RISK_REBUILD;
}

static const char *name_aside(struct planner *p)
{
	return arena_printf(p->work, "set aside %zu", p->phases[PHASE_ADD_FOREIGN_KEYS].count);
}

static void lend_index(struct planner *p, const struct plan_table *t,
                       const struct foreign_key *f)
{
	const char *name = name_aside(p);
	autoalter x = ALTER_INIT;
	struct plan_step *step;

	buf_adds(alter_clause(&x), "ADD INDEX ");
	quote_name(&x.clauses, name);
	for (size_t i = 0; i < f->parent_column_count; i++) {
		buf_adds(&x.clauses, i > 0 ? ", " : " (");
		quote_name(&x.clauses, f->parent_columns[i]);
	}
	buf_addc(&x.clauses, ')');
	alter_say(&x, "lend an index, which the parent of foreign key %s has lost", f->name);
	alter_risk(&x, PLAN_RISK_REBUILD);
	alter_step(p, &x, PHASE_ADD_FOREIGN_KEYS, "ALTER_TABLE", f->parent_table);
	add_key(p, t, f);
	buf_adds(alter_clause(&x), "DROP INDEX ");
	quote_name(&x.clauses, name);
	alter_say(&x, "take the index back");
	step = alter_step(p, &x, PHASE_ADD_FOREIGN_KEYS, "ALTER_TABLE", f->parent_table);
	step->foreign_key_checks_off = true;
}

static void rename_parent(struct planner *p, const char *from, const char *to, const char *why)
{
	struct plan_step *step =
		planner_step(p, PHASE_ADD_FOREIGN_KEYS, "RENAME_TABLE", OBJECT_TABLE, from);
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "RENAME TABLE ");
	quote_name(&sql, from);
	buf_adds(&sql, " TO ");
	quote_name(&sql, to);
	planner_sql(p, step, &sql);
	planner_say(p, step, "%s", why);
	step->foreign_key_checks_off = true;
}

static void put_aside(struct planner *p, const struct plan_table *t,
                      const struct foreign_key *f)
{
	const char *name = name_aside(p);

	rename_parent(p, f->parent_table, name,
	              "out of the way of a foreign key that a partitioned table cannot have");
	add_key(p, t, f);
	rename_parent(p, name, f->parent_table, "back to its name");
}

static void warn(struct planner *p, const struct plan_table *t, const struct foreign_key *f)
{
	planner_warn(p,
	             "CRITICAL: foreign key %s of table %s cannot be made again: the columns "
	             "of its parent %s do not fit, or its own are generated",
	             f->name, t->to->name, f->parent_table);
}

void plan_unfit_parents(struct planner *p, const struct plan_table *t)
{
	typedef void add_fn(struct planner * p, const struct plan_table *t,
	                    const struct foreign_key *f);
	static add_fn *const ways[] = {
		[PARENT_KEYLESS] = lend_index,
		[PARENT_PARTITIONED] = put_aside,
		[PARENT_UNFIT] = warn,
	};
	const struct table *b = t->to->parsed;

	for (size_t i = 0; i < b->foreign_key_count; i++) {
		const struct foreign_key *f = &b->foreign_keys[i];
		enum plan_parent parent = plan_parent_of(p, b, f);

		if (t->to_keys_added[i] && parent >= PARENT_KEYLESS)
			ways[parent](p, t, f);
	}
}
