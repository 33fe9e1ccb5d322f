/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "engine/schema/delta.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

void plan_indexes_drop(struct alter *x, const struct table_delta *d, bool mariadb)
{
	for (size_t i = 0; i < d->a->check_count; i++) {
		const struct check *c = &d->a->checks[i];
		const struct check *now = table_check(d->b, c->name);
		struct buf *sql;

		if (d->check_gone[i] || (now && d->check_kept[now - d->b->checks]))
			continue;
		sql = alter_clause(x);
		buf_adds(sql, mariadb ? "DROP CONSTRAINT " : "DROP CHECK ");
		quote_name(sql, c->name);
		alter_say(x, "%s check %s", now ? "replace" : "drop", c->name);
	}
	for (size_t i = 0; i < d->a->index_count; i++) {
		const struct index *from = &d->a->indexes[i];
		struct buf *sql;

		if (delta_index_stays(d, from))
			continue;
		sql = alter_clause(x);
		buf_adds(sql, from->kind == INDEX_PRIMARY ? "DROP PRIMARY KEY" : "DROP INDEX ");
		if (from->kind != INDEX_PRIMARY)
			quote_name(sql, from->name);
		if (!table_index(d->b, from->name))
			alter_say(x, "drop index %s", from->name);
	}
}

static void reorder(struct alter *x, const struct index *to)
{
	x->reordered += 2; /* dropped and added */
	alter_say(x, "put index %s in its place", to->name);
}

static void ignore(struct alter *x, const struct index *from, const struct index *to,
                   bool mariadb)
{
	static const char *const words[][2] = { { "VISIBLE", "INVISIBLE" },
		                                { "NOT IGNORED", "IGNORED" } };
	struct buf *sql;

	if (from->ignored == to->ignored)
		return;
	sql = alter_clause(x);
	buf_adds(sql, "ALTER INDEX ");
	quote_name(sql, to->name);
	buf_addf(sql, " %s", words[mariadb][to->ignored]);
	alter_say(x, "index %s %s", to->name, words[mariadb][to->ignored]);
}

static void rename_index(struct alter *x, const struct index *from, const struct index *to)
{
	struct buf *sql;

	if (strcmp(from->name, to->name) == 0)
		return;
	sql = alter_clause(x);
	buf_adds(sql, "RENAME INDEX ");
	quote_name(sql, from->name);
	buf_adds(sql, " TO ");
	quote_name(sql, to->name);
	alter_say(x, "rename index %s to %s", from->name, to->name);
}

void plan_indexes_add(struct alter *x, const struct table_delta *d, bool mariadb)
{
	for (size_t i = 0; i < d->b->index_count; i++) {
		const struct index *to = &d->b->indexes[i];
		const struct index *from = table_index(d->a, to->name);

		if (d->index_kept[i]) {
			rename_index(x, d->index_from[i], to);
			ignore(x, d->index_from[i], to, mariadb);
			continue;
		}
		buf_addf(alter_clause(x), "ADD %.*s", STR_ARG(to->text));
		alter_risk(x, PLAN_RISK_REBUILD);
		if (!from)
			alter_say(x, "add index %s", to->name);
		else if (index_same_but_ignored(from, to))
			reorder(x, to);
		else
			alter_say(x, "replace index %s", to->name);
		if (to->kind <= INDEX_UNIQUE && !(from && str_equal(from->text, to->text)))
			alter_risk(x, PLAN_RISK_NARROW); /* rows may not be unique */
	}
	for (size_t i = 0; i < d->b->check_count; i++) {
		const struct check *to = &d->b->checks[i];

		if (d->check_kept[i])
			continue;
		buf_addf(alter_clause(x), "ADD %.*s", STR_ARG(to->text));
		alter_risk(x, PLAN_RISK_NARROW);
		if (!table_check(d->a, to->name))
			alter_say(x, "add check %s", to->name);
	}
}

/*
 * Dropping and adding equal indexes, and nothing else, is nothing to the server:
 * the order stays. With the table's comment said again it does what it is told.
 */
void plan_indexes_insist(struct alter *x, const struct table_delta *d)
{
	const struct table_option *comment = table_option(d->b, "COMMENT");

	if (x->reordered == 0 || x->reordered < x->count || x->tail.len > 0)
		return;
	if (comment)
		buf_addf(alter_clause(x), "%.*s", STR_ARG(comment->text));
	else
		buf_adds(alter_clause(x), "COMMENT=''");
}

/* Only `KEY name (columns)`: what the server makes itself for a foreign key. */
static bool is_bare(const struct index *x)
{
	if (x->kind != INDEX_PLAIN || x->text.p[x->text.n - 1] != ')')
		return false;
	for (size_t i = 0; i < x->part_count; i++) {
		const struct str text = x->parts[i].text;

		if (!x->parts[i].column || text.p[text.n - 1] != '`')
			return false;
	}
	return true;
}

static bool has_key_on_exactly(const struct table *t, const struct index *x)
{
	for (size_t i = 0; i < t->foreign_key_count; i++) {
		const struct foreign_key *f = &t->foreign_keys[i];

		if (f->column_count == x->part_count &&
		    index_serves(x, f->columns, f->column_count))
			return true;
	}
	return false;
}

/* Would adding this index or foreign key make the server throw a generated x away? */
static bool is_replaced(const struct plan_table *t, const struct index *x)
{
	const struct table_delta *d = t->delta;

	for (size_t i = 0; i < d->b->index_count; i++) {
		const struct index *other = &d->b->indexes[i];
		bool covers = other->part_count >= x->part_count;

		for (size_t j = 0; covers && j < x->part_count; j++)
			covers = other->parts[j].column &&
			         strcasecmp(other->parts[j].column, x->parts[j].column) == 0;
		if (covers && !d->index_kept[i])
			return true;
	}
	for (size_t i = 0; i < d->b->foreign_key_count; i++) {
		const struct foreign_key *f = &d->b->foreign_keys[i];
		bool covers = t->to_keys_added[i] && f->column_count >= x->part_count;

		for (size_t j = 0; covers && j < x->part_count; j++)
			covers = strcasecmp(f->columns[j], x->parts[j].column) == 0;
		if (covers)
			return true;
	}
	return false;
}

/*
 * An index that the server made for a foreign key is its own: it vanishes without a
 * word when another index or a new foreign key covers the columns. Nothing tells
 * such an index from one that somebody asked for, so those that may be are made again, by name.
 */
void plan_indexes_decide(struct planner *p, struct plan_table *t)
{
	struct table_delta *d = t->delta;

	(void)p;
	for (size_t i = 0; i < d->b->index_count; i++) {
		const struct index *x = &d->b->indexes[i];

		if (!d->index_kept[i] || !is_bare(x))
			continue;
		if ((has_key_on_exactly(d->a, x) || has_key_on_exactly(d->b, x)) &&
		    is_replaced(t, x))
			delta_drop_index(d, i);
	}
}
