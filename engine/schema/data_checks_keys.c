/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/arena.h"
#include "engine/schema/data_checker.h"
#include "engine/schema/lexer.h"
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"

/* What a column will hold, said of the rows that are there now. */
enum future {
	FUTURE_VALUE,    /* an expression of what is there */
	FUTURE_CONSTANT, /* one value for all rows */
	FUTURE_NULL,
	FUTURE_DISTINCT, /* AUTO_INCREMENT */
};

static bool is_computed(const struct column *c)
{
	return c->generated == COLUMN_VIRTUAL || c->generated == COLUMN_STORED;
}

/* Appends the expression for FUTURE_VALUE. */
static enum future future_of(struct buf *out, const struct table_delta *d, const char *name)
{
	const struct column_delta *c = delta_column(d, name);

	if (!c || c->action == COLUMN_KEEP || c->action == COLUMN_MODIFY) {
		quote_name(out, c && c->from ? c->from->name : name);
		return FUTURE_VALUE;
	}
	if (is_computed(c->to)) {
		buf_addf(out, "(%.*s)", STR_ARG(c->to->expression));
		return FUTURE_VALUE;
	}
	if (c->to->auto_increment)
		return FUTURE_DISTINCT;
	if (!c->to->not_null &&
	    (c->to->default_text.n == 0 || str_is_nocase(c->to->default_text, "NULL")))
		return FUTURE_NULL;
	return FUTURE_CONSTANT;
}

/* "`a`(10) DESC" gives 10; 0: the whole column. */
static unsigned long prefix_of(const struct index_part *part)
{
	unsigned long length = 0;
	struct lexer l;
	struct token t;

	lexer_init(&l, part->text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_NUMBER)
			length = strtoul(t.text.p, NULL, 10); /* ends at the ')' */
	}
	return length;
}

/* Values are compared as the wanted column does, which may ignore more than now. */
static void add_collation(struct buf *out, const struct table_delta *d, const char *column)
{
	const struct column_delta *c = delta_column(d, column);
	struct str charset;
	struct str collation;
	autobuf inner = BUF_INIT;

	if (!c || !c->to || !column_is_text(c->to))
		return;
	charset = c->to->charset.n ? c->to->charset : delta_option(d->b, "DEFAULT CHARSET");
	collation = c->to->collation;
	if (collation.n == 0 && c->to->charset.n == 0)
		collation = delta_option(d->b, "COLLATE");
	if (charset.n == 0 || collation.n == 0)
		return;
	buf_add(&inner, out->data, out->len);
	buf_truncate(out, 0);
	buf_addf(out, "CONVERT(%s USING %.*s) COLLATE %.*s", inner.data, STR_ARG(charset),
	         STR_ARG(collation));
}

/* The columns of a unique key, as lists for a query. */
struct key {
	struct buf columns;  /* "`a`, LEFT(`b`, 10)" */
	struct buf not_null; /* "`a` IS NOT NULL AND ..." */
	bool harmless;       /* it cannot have duplicates */
};

static void add_part(struct key *key, const struct table_delta *d,
                     const struct index_part *part)
{
	unsigned long prefix = part->column ? prefix_of(part) : 0;
	autobuf value = BUF_INIT;
	autobuf whole = BUF_INIT;
	enum future future = FUTURE_VALUE;

	if (part->column)
		future = future_of(&value, d, part->column);
	else
		buf_add(&value, part->text.p, part->text.n);
	if (future == FUTURE_NULL || future == FUTURE_DISTINCT || part->without_overlaps)
		key->harmless = true;
	if (future != FUTURE_VALUE)
		return;
	if (part->column)
		add_collation(&value, d, part->column);
	if (prefix > 0)
		buf_addf(&whole, "LEFT(%s, %lu)", value.data, prefix);
	else
		buf_add(&whole, value.data, value.len);
	buf_addf(&key->columns, "%s%s", key->columns.len > 0 ? ", " : "", whole.data);
	buf_addf(&key->not_null, "%s%s IS NOT NULL", key->not_null.len > 0 ? " AND " : "",
	         whole.data);
}

static void find_duplicates(struct data_checker *k, const struct index *x,
                            const struct key *key)
{
	bool all = key->columns.len == 0; /* all rows are alike */
	autobuf count = BUF_INIT;
	autobuf sample = BUF_INIT;

	buf_addf(&count,
	         "SELECT COALESCE(SUM(n), 0) FROM (SELECT COUNT(*) AS n FROM %s WHERE %s%s%s "
	         "HAVING COUNT(*) > 1) AS duplicates",
	         k->quoted, all ? "TRUE" : key->not_null.data, all ? "" : " GROUP BY ",
	         key->columns.data);
	buf_addf(&sample,
	         "SELECT %s%sCOUNT(*) FROM %s WHERE %s%s%s HAVING COUNT(*) > 1 LIMIT 10",
	         key->columns.data, all ? "" : ", ", k->quoted,
	         all ? "TRUE" : key->not_null.data, all ? "" : " GROUP BY ", key->columns.data);
	data_checker_query(k, DATA_DUPLICATES, count.data, sample.data,
	                   "rows of table %s share their %s %s", k->table,
	                   x->kind == INDEX_PRIMARY ? "primary key" : "unique key",
	                   x->kind == INDEX_PRIMARY ? "" : x->name);
}

/* Is there, now, an index that keeps these columns from having duplicates? */
static bool is_unique_now(const struct table_delta *d, const struct index *x)
{
	for (size_t i = 0; i < d->a->index_count; i++) {
		const struct index *y = &d->a->indexes[i];
		bool same = (y->kind == INDEX_PRIMARY || y->kind == INDEX_UNIQUE) &&
		            y->part_count == x->part_count;

		for (size_t p = 0; same && p < x->part_count; p++) {
			const struct column_delta *c =
				x->parts[p].column ? delta_column(d, x->parts[p].column) : NULL;

			same = str_equal(x->parts[p].text, y->parts[p].text) && c &&
			       c->action <= COLUMN_MODIFY && !c->reshaped;
		}
		if (same)
			return true;
	}
	return false;
}

static void check_unique(struct data_checker *k)
{
	const struct table *b = k->d->b;

	for (size_t i = 0; i < b->index_count; i++) {
		const struct index *x = &b->indexes[i];
		struct key key = { .columns = BUF_INIT, .not_null = BUF_INIT };

		if ((x->kind != INDEX_PRIMARY && x->kind != INDEX_UNIQUE) ||
		    is_unique_now(k->d, x))
			continue;
		for (size_t p = 0; p < x->part_count; p++)
			add_part(&key, k->d, &x->parts[p]);
		if (!key.harmless)
			find_duplicates(k, x, &key);
		buf_finish(&key.columns);
		buf_finish(&key.not_null);
	}
}

/* The parent as it is now; NULL: made by the plan, and so without rows. */
static const struct table *parent_now(const struct data_checker *k, const struct foreign_key *f)
{
	const struct object *o = schema_find(k->live, OBJECT_TABLE, f->parent_table);

	if (!o || data_checker_is_dropped(k, f->parent_table))
		return NULL;
	return o->parsed;
}

static bool has_columns(const struct table *t, const char **columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!table_column(t, columns[i]))
			return false;
	}
	return true;
}

/* Appends the rows that refer to something at all; false: none will. */
static bool add_referring(struct buf *where, struct data_checker *k,
                          const struct foreign_key *f)
{
	for (size_t i = 0; i < f->column_count; i++) {
		autobuf value = BUF_INIT;
		enum future future = future_of(&value, k->d, f->columns[i]);

		if (future == FUTURE_NULL)
			return false;
		if (future != FUTURE_VALUE || value.data[0] == '(') {
			data_checker_give_up(
				k, "foreign key %s of table %s, whose columns are new", f->name,
				k->table);
			return false;
		}
		buf_addf(where, "%sc.%s IS NOT NULL", i > 0 ? " AND " : "", value.data);
	}
	return true;
}

static void add_parentless(struct buf *where, const struct foreign_key *f, const char *parent)
{
	buf_addf(where, " AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE ", parent);
	for (size_t i = 0; i < f->column_count && i < f->parent_column_count; i++) {
		buf_addf(where, "%sp.", i > 0 ? " AND " : "");
		quote_name(where, f->parent_columns[i]);
		buf_adds(where, " = c.");
		quote_name(where, f->columns[i]);
	}
	buf_addc(where, ')');
}

static void find_orphans(struct data_checker *k, const struct foreign_key *f)
{
	const char *database = f->parent_database ? f->parent_database : k->live->name;
	const struct table *parent = f->parent_database ? NULL : parent_now(k, f);
	autobuf where = BUF_INIT;
	autobuf count = BUF_INIT;
	autobuf sample = BUF_INIT;

	if (!add_referring(&where, k, f))
		return;
	if (parent && !has_columns(parent, f->parent_columns, f->parent_column_count)) {
		data_checker_give_up(k,
		                     "foreign key %s of table %s: columns of table %s are new",
		                     f->name, k->table, f->parent_table);
		return;
	}
	if (parent || f->parent_database)
		add_parentless(&where, f, data_checker_source(k, database, f->parent_table));
	buf_addf(&count, "SELECT COUNT(*) FROM %s AS c WHERE %s", k->source, where.data);
	buf_addf(&sample, "SELECT c.* FROM %s AS c WHERE %s LIMIT 10", k->source, where.data);
	data_checker_query(k, DATA_ORPHANS, count.data, sample.data,
	                   "rows of table %s have no parent in table %s (foreign key %s)",
	                   k->table, f->parent_table, f->name);
}

/* It holds now, and its columns stay as they are. */
static bool is_kept(const struct table_delta *d, const struct foreign_key *f)
{
	const struct foreign_key *now = table_foreign_key(d->a, f->name);

	return now && str_equal(now->text, f->text) &&
	       !delta_reshapes(d, f->columns, f->column_count);
}

/* It is mostly added by a step of its own. */
static size_t step_of_key(const struct data_checker *k)
{
	for (size_t i = 0; i < k->plan->count; i++) {
		if (strcmp(k->plan->steps[i].type, "ADD_FOREIGN_KEY") == 0 &&
		    strcmp(k->plan->steps[i].name, k->table) == 0)
			return i;
	}
	return k->step;
}

static void check_foreign_keys(struct data_checker *k)
{
	const struct table *b = k->d->b;
	size_t step = k->step;

	k->step = step_of_key(k);
	for (size_t i = 0; i < b->foreign_key_count; i++) {
		if (!is_kept(k->d, &b->foreign_keys[i]))
			find_orphans(k, &b->foreign_keys[i]);
	}
	k->step = step;
}

static void find_violations(struct data_checker *k, struct str expression, const char *name)
{
	autobuf condition = BUF_INIT;

	buf_addf(&condition, "NOT (%.*s)", STR_ARG(expression));
	data_checker_rows(k, DATA_VIOLATIONS, condition.data,
	                  "rows of table %s violate the check %s", k->table, name);
}

static void check_checks(struct data_checker *k)
{
	const struct table_delta *d = k->d;

	for (size_t i = 0; i < d->b->check_count; i++) {
		const struct check *c = &d->b->checks[i];

		if (!d->check_kept[i] && !memmem(c->text.p, c->text.n, "NOT ENFORCED", 12))
			find_violations(k, c->expression, c->name);
	}
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if (c->action == COLUMN_MODIFY && c->to->check.n > 0 &&
		    !str_equal(c->to->check, c->from->check))
			find_violations(k, c->to->check, c->to->name);
	}
}

void data_checks_keys(struct data_checker *k)
{
	check_unique(k);
	check_foreign_keys(k);
	check_checks(k);
}
