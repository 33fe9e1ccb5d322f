/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

static const struct table *parts(const struct object *o)
{
	return o ? o->parsed : NULL;
}

static bool has_index_on(const struct table *t, const char **columns, size_t count)
{
	for (size_t i = 0; i < t->index_count; i++) {
		if (index_serves(&t->indexes[i], columns, count))
			return true;
	}
	return false;
}

/*
 * An index of InnoDB goes on with the columns of the primary key, which serve a foreign key's
 * parent as its own do.
 */
static bool is_served(const struct index *x, const struct index *primary, const char *column,
                      size_t at)
{
	const struct index_part *part = NULL;

	if (at < x->part_count)
		part = &x->parts[at];
	else if (primary && at - x->part_count < primary->part_count)
		part = &primary->parts[at - x->part_count];
	return part && part->column && strcasecmp(part->column, column) == 0;
}

static bool is_parent_key(const struct table *t, const struct foreign_key *f)
{
	const struct index *primary = table_index(t, "PRIMARY");

	for (size_t i = 0; i < t->index_count; i++) {
		const struct index *x = &t->indexes[i];
		size_t n = 0;

		if (x->kind > INDEX_PLAIN)
			continue;
		while (n < f->parent_column_count &&
		       is_served(x, primary, f->parent_columns[n], n))
			n++;
		if (n == f->parent_column_count &&
		    index_serves(x, f->parent_columns, n < x->part_count ? n : x->part_count))
			return true;
	}
	return false;
}

/* Does the change of a table touch what a foreign key from or to these columns rests on? */
static bool is_touched(const struct table_delta *d, const char **columns, size_t count)
{
	return d && (d->engine_changed || delta_reshapes(d, columns, count) ||
	             !str_equal(d->a->partitioning.head, d->b->partitioning.head));
}

static bool loses_index(const struct table_delta *d, const char **columns, size_t count)
{
	return d && has_index_on(d->a, columns, count) && !has_index_on(d->b, columns, count);
}

static bool loses_parent_key(const struct table_delta *d, const struct foreign_key *f)
{
	return d && is_parent_key(d->a, f) && !is_parent_key(d->b, f);
}

static const struct plan_table *parent_of(const struct planner *p, const struct foreign_key *f)
{
	return f->parent_database ? NULL : planner_table(p, f->parent_table);
}

/* Of another type for sure: the server takes char for varchar, and one width for another. */
static bool is_other_type(const struct column *c, const struct column *parent)
{
	enum type_family family;

	if (!c || !parent)
		return true;
	family = column_type_family(c->type);
	if (family != column_type_family(parent->type))
		return true;
	return family == TYPE_NUMBER && !column_type_same_but_width(c->type, parent->type);
}

/* What was made before its column became a generated one. */
static bool is_on_generated(const struct table *child, const struct foreign_key *f)
{
	bool writes = names_mentioned(f->text, "NULL") || names_mentioned(f->text, "UPDATE");

	for (size_t i = 0; writes && i < f->column_count; i++) {
		const struct column *c = table_column(child, f->columns[i]);

		if (c && (c->generated == COLUMN_VIRTUAL || c->generated == COLUMN_STORED))
			return true;
	}
	return false;
}

static enum plan_parent fitness_of(const struct table *child, const struct foreign_key *f,
                                   const struct table *parent)
{
	for (size_t i = 0; i < f->column_count && i < f->parent_column_count; i++) {
		if (is_other_type(table_column(child, f->columns[i]),
		                  table_column(parent, f->parent_columns[i])))
			return PARENT_UNFIT;
	}
	if (is_on_generated(child, f))
		return PARENT_UNFIT;
	if (parent->partitioning.text.n > 0)
		return PARENT_PARTITIONED;
	return is_parent_key(parent, f) ? PARENT_FIT : PARENT_KEYLESS;
}

enum plan_parent plan_parent_of(const struct planner *p, const struct table *child,
                                const struct foreign_key *f)
{
	const struct object *parent;

	if (f->parent_database)
		return PARENT_FIT;
	if (schema_find(p->to, OBJECT_SEQUENCE, f->parent_table))
		return PARENT_UNFIT;
	parent = schema_find(p->to, OBJECT_TABLE, f->parent_table);
	if (!parent)
		return PARENT_GONE;
	if (!parent->parsed)
		return PARENT_FIT; /* as far as anybody knows */
	if (!str_is_nocase(delta_option(parent->parsed, "ENGINE"), "InnoDB"))
		return PARENT_GONE; /* for an engine that has no foreign keys it is not there */
	return fitness_of(child, f, parent->parsed);
}

static bool must_go(const struct planner *p, const struct plan_table *t,
                    const struct foreign_key *f)
{
	const struct foreign_key *now = table_foreign_key(t->to->parsed, f->name);
	const struct plan_table *parent = parent_of(p, f);
	const struct table_delta *d = parent && !parent->rebuilt ? parent->delta : NULL;

	if (!now || strcmp(now->name, f->name) != 0 || !str_equal(now->text, f->text))
		return true;
	return is_touched(t->delta, f->columns, f->column_count) ||
	       loses_index(t->delta, f->columns, f->column_count) ||
	       is_touched(d, f->parent_columns, f->parent_column_count) ||
	       (loses_parent_key(d, f) &&
	        plan_parent_of(p, t->to->parsed, f) != PARENT_KEYLESS);
}

static void decide_keys(struct planner *p, struct plan_table *t)
{
	const struct table *a = parts(t->from);
	const struct table *b = parts(t->to);

	assert(a && b);
	for (size_t i = 0; i < a->foreign_key_count; i++)
		t->from_keys_dropped[i] = must_go(p, t, &a->foreign_keys[i]);
	for (size_t i = 0; i < b->foreign_key_count; i++) {
		const struct foreign_key *old = table_foreign_key(a, b->foreign_keys[i].name);

		t->to_keys_added[i] = !old || t->from_keys_dropped[old - a->foreign_keys];
	}
}

static bool adds_any(const struct plan_table *t)
{
	const struct table *b = parts(t->to);

	for (size_t i = 0; b && i < b->foreign_key_count; i++) {
		if (t->to_keys_added[i])
			return true;
	}
	return false;
}

/* Adding a foreign key may need indexes made again, so also an equal table gets a delta then.
 */
static void decide_table(struct planner *p, struct plan_table *t)
{
	if (!parts(t->from) || !parts(t->to) || t->rebuilt)
		return;
	decide_keys(p, t);
	if (!t->delta && adds_any(t))
		t->delta = delta_new(p->work, t->from, t->to, delta_renames_indexes(p->from));
	if (t->delta)
		plan_indexes_decide(p, t);
}

/* The checks would hold an index of a parent that has outgrown its foreign keys. */
static void find_outgrown(struct planner *p, const struct object *child)
{
	const struct table *b = parts(child);

	for (size_t i = 0; b && i < b->foreign_key_count; i++) {
		const struct foreign_key *f = &b->foreign_keys[i];
		struct plan_table *parent = map_get(p->table_of, f->parent_table);

		if (parent && plan_parent_of(p, b, f) >= PARENT_KEYLESS)
			parent->outgrown = true;
	}
}

void plan_foreign_keys_decide(struct planner *p)
{
	for (size_t i = 0; i < p->table_count; i++) {
		struct plan_table *t = &p->tables[i];
		const struct table *a = parts(t->from);
		const struct table *b = parts(t->to);

		t->from_keys_dropped =
			arena_array(p->work, (a ? a->foreign_key_count : 0) + 1, sizeof(bool));
		t->to_keys_added =
			arena_array(p->work, (b ? b->foreign_key_count : 0) + 1, sizeof(bool));
		decide_table(p, t);
		find_outgrown(p, t->to);
	}
}

static void drop_keys(struct planner *p, const struct plan_table *t)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < t->from->parsed->foreign_key_count; i++) {
		const struct foreign_key *f = &t->from->parsed->foreign_keys[i];
		struct buf *sql;

		if (!t->from_keys_dropped[i])
			continue;
		sql = alter_clause(&x);
		buf_adds(sql, "DROP FOREIGN KEY ");
		quote_name(sql, f->name);
		alter_say(&x, "drop foreign key %s", f->name);
	}
	alter_step(p, &x, PHASE_DROP_FOREIGN_KEYS, "DROP_FOREIGN_KEY", t->from->name);
}

static void add_keys(struct planner *p, const struct plan_table *t, enum plan_parent parent)
{
	autoalter x = ALTER_INIT;
	struct plan_step *step;

	for (size_t i = 0; i < t->to->parsed->foreign_key_count; i++) {
		const struct foreign_key *f = &t->to->parsed->foreign_keys[i];

		if (!t->to_keys_added[i] || plan_parent_of(p, t->to->parsed, f) != parent)
			continue;
		buf_addf(alter_clause(&x), "ADD %.*s", STR_ARG(f->text));
		alter_say(&x, "add foreign key %s", f->name);
		alter_risk(&x, PLAN_RISK_NARROW); /* rows may have no parent */
	}
	step = alter_step(p, &x, PHASE_ADD_FOREIGN_KEYS, "ADD_FOREIGN_KEY", t->to->name);
	if (step && parent == PARENT_GONE) {
		step->foreign_key_checks_off = true;
		step->risk = PLAN_RISK_REBUILD;
	}
}

/* Has the server what it needs for a foreign key, so that it makes no index of its own? */
static bool is_carried(const struct table *t, const struct foreign_key *f)
{
	for (size_t i = 0; i < t->index_count; i++) {
		if (index_serves(&t->indexes[i], f->columns, f->column_count) &&
		    !index_is_hash(&t->indexes[i]))
			return true;
	}
	return false;
}

/*
 * MariaDB has foreign keys with no index below them, and makes one whenever such
 * a foreign key is added: it has to go again.
 */
static void drop_made_indexes(struct planner *p, const struct plan_table *t)
{
	const struct table *b = t->to->parsed;
	autoalter x = ALTER_INIT;
	struct plan_step *step;

	for (size_t i = 0; i < b->foreign_key_count; i++) {
		const struct foreign_key *f = &b->foreign_keys[i];
		struct buf *sql;

		if ((t->from && !t->rebuilt && !t->to_keys_added[i]) || is_carried(b, f) ||
		    plan_parent_of(p, b, f) == PARENT_UNFIT || table_index(b, f->name))
			continue;
		sql = alter_clause(&x);
		buf_adds(sql, "DROP INDEX ");
		quote_name(sql, f->name);
		alter_say(&x, "drop index %s, which the foreign key brought", f->name);
	}
	step = alter_step(p, &x, PHASE_ADD_FOREIGN_KEYS, "DROP_INDEX", t->to->name);
	if (step)
		step->foreign_key_checks_off = true;
}

void plan_foreign_keys(struct planner *p)
{
	for (size_t i = 0; i < p->table_count; i++) {
		const struct plan_table *t = &p->tables[i];

		if (parts(t->from))
			drop_keys(p, t);
		if (!parts(t->to))
			continue;
		add_keys(p, t, PARENT_FIT);
		add_keys(p, t, PARENT_GONE);
		plan_unfit_parents(p, t);
		drop_made_indexes(p, t);
	}
}
