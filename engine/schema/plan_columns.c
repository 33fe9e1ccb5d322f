/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

static bool is_computed(const struct column *c)
{
	return c->generated == COLUMN_VIRTUAL || c->generated == COLUMN_STORED;
}

void plan_columns_drop(struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; i < d->dropped_count; i++) {
		const struct column *c = d->dropped[i];
		const struct column_delta *now = delta_column(d, c->name);
		struct buf *sql;

		if (d->versioning_goes_first && column_is_row_bound(c))
			continue;
		sql = alter_clause(x);
		buf_adds(sql, "DROP COLUMN ");
		quote_name(sql, c->name);
		if (now)
			alter_say(x, "replace column %s (%.*s, want %.*s)", c->name,
			          STR_ARG(c->text), STR_ARG(now->to->text));
		else
			alter_say(x, "drop column %s", c->name);
		if (!is_computed(c) && !column_is_row_bound(c))
			alter_loses(x, "column %s and its values", c->name);
	}
}

/* AFTER the column that is before it in the end; nothing where the end of the table is meant.
 */
static void add_place(struct buf *sql, const struct table_delta *d, size_t i)
{
	if (i == 0) {
		buf_adds(sql, " FIRST");
		return;
	}
	buf_adds(sql, " AFTER ");
	quote_name(sql, d->columns[i - 1].to->name);
}

/* Do only new or moved columns follow? Then the end of the table is the right place. */
static bool is_tail(const struct table_delta *d, size_t i)
{
	for (; i < d->b->column_count; i++) {
		if (d->columns[i].action <= COLUMN_MODIFY && !d->columns[i].moved)
			return false;
	}
	return true;
}

/* "WITHOUT SYSTEM VERSIONING" in a column's text; empty: it is not there. */
static struct str without_versioning(const struct column *c)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, c->text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		const char *from = t.text.p;

		if (!token_is_word(t, "WITHOUT") || !token_is_word(lexer_peek(&l), "SYSTEM"))
			continue;
		lexer_next(&l);
		t = lexer_next(&l);
		return (struct str){ from, (size_t)(t.text.p + t.text.n - from) };
	}
	return (struct str){ c->text.p, 0 };
}

bool plan_column_is_unversioned(const struct column *c)
{
	return without_versioning(c).n > 0;
}

/* The text without a part of it that comes in a later statement. */
static void add_text(struct buf *sql, const struct table_delta *d, const struct column *c,
                     struct str later)
{
	struct column cut = *c;
	const char *behind = later.p + later.n;

	if (later.n == 0) {
		plan_column_text(sql, d->b, c);
		return;
	}
	cut.text = str_trim((struct str){ c->text.p, (size_t)(later.p - c->text.p) });
	plan_column_text(sql, d->b, &cut);
	buf_add(sql, behind, (size_t)(c->text.p + c->text.n - behind));
}

static struct str what_comes_later(const struct planner *p, const struct table_delta *d,
                                   const struct column_delta *c)
{
	struct str later = { c->to->text.p, 0 };

	if (d->unversioned_last)
		later = without_versioning(c->to);
	if (later.n == 0)
		later = plan_default_later(p, d, c->to);
	return later;
}

void plan_columns_unversion(struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; d->unversioned_last && i < d->b->column_count; i++) {
		const struct column *c = &d->b->columns[i];

		if (!plan_column_is_unversioned(c))
			continue;
		buf_adds(alter_clause(x), "MODIFY COLUMN ");
		quote_name(&x->clauses, c->name);
		buf_addc(&x->clauses, ' ');
		plan_column_text(&x->clauses, d->b, c);
		alter_say(x, "take column %s out of versioning", c->name);
	}
}

static void describe(struct alter *x, const struct column_delta *c)
{
	const char *name = c->to->name;

	if (c->action == COLUMN_ADD)
		alter_say(x, "add column %s", name);
	else if (c->action == COLUMN_MODIFY && !str_equal(c->from->text, c->to->text))
		alter_say(x, "change column %s (%.*s, want %.*s)%s", name,
		          STR_ARG(c->from->text), STR_ARG(c->to->text),
		          c->moved ? " and move it" : "");
	else if (c->action == COLUMN_MODIFY)
		alter_say(x, "restate column %s%s", name, c->moved ? " and move it" : "");
	else if (c->action == COLUMN_KEEP)
		alter_say(x, "move column %s", name);
}

static void change_column(const struct planner *p, struct alter *x, const struct table_delta *d,
                          size_t i)
{
	const struct column_delta *c = &d->columns[i];
	bool added = c->action >= COLUMN_ADD;
	struct buf *sql = alter_clause(x);

	if (added) {
		buf_adds(sql, "ADD COLUMN ");
	} else if (strcmp(c->from->name, c->to->name) != 0) {
		buf_adds(sql, "CHANGE COLUMN ");
		quote_name(sql, c->from->name);
		buf_addc(sql, ' ');
	} else {
		buf_adds(sql, "MODIFY COLUMN ");
	}
	quote_name(sql, c->to->name);
	buf_addc(sql, ' ');
	add_text(sql, d, c->to, what_comes_later(p, d, c));
	if (c->moved || (added && !is_tail(d, i)))
		add_place(sql, d, i);
	describe(x, c);
	alter_risk(x, plan_risk_of_column(d, i));
}

void plan_columns_change(const struct planner *p, struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		if (d->columns[i].action != COLUMN_KEEP || d->columns[i].moved)
			change_column(p, x, d, i);
	}
}
