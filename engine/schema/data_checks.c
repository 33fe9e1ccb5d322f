/* SPDX-License-Identifier: MIT */
#include "engine/schema/data_checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/mem.h"
#include "engine/schema/data_checker.h"
#include "engine/schema/diff.h"
#include "engine/schema/lexer.h"
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"
#include "engine/schema/renames.h"
#include "engine/schema/table.h"

bool data_check_blocks(enum data_check_kind kind)
{
	return kind >= DATA_NULLS;
}

void data_checks_free(struct data_checks *c)
{
	if (!c)
		return;
	arena_free(c->arena);
	free(c->items);
	free(c->unchecked);
	free(c);
}

static __attribute__((format(printf, 2, 0))) char *format(struct arena *a, const char *fmt,
                                                          va_list args)
{
	autofree char *text = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		abort();
	return arena_strdup(a, text);
}

static struct data_check *add(struct data_checker *k, enum data_check_kind kind)
{
	struct data_checks *c = k->checks;

	MEM_GROW(c->items, c->count, c->capacity);
	c->items[c->count] = (struct data_check){
		.kind = kind,
		.table = arena_strdup(c->arena, k->table),
		.step = k->step,
	};
	return &c->items[c->count++];
}

void data_checker_rows(struct data_checker *k, enum data_check_kind kind, const char *condition,
                       const char *fmt, ...)
{
	struct arena *a = k->checks->arena;
	struct data_check *check = add(k, kind);
	va_list args;

	va_start(args, fmt);
	check->text = format(a, fmt, args);
	va_end(args);
	check->condition = arena_strdup(a, condition);
	check->source = arena_strdup(a, k->quoted);
	check->count =
		arena_printf(a, "SELECT COUNT(*) FROM %s WHERE %s", k->quoted, condition);
	check->sample =
		arena_printf(a, "SELECT * FROM %s WHERE %s LIMIT 10", k->quoted, condition);
}

void data_checker_query(struct data_checker *k, enum data_check_kind kind, const char *count,
                        const char *sample, const char *fmt, ...)
{
	struct arena *a = k->checks->arena;
	struct data_check *check = add(k, kind);
	va_list args;

	va_start(args, fmt);
	check->text = format(a, fmt, args);
	va_end(args);
	check->count = arena_strdup(a, count);
	check->sample = arena_strdup(a, sample);
}

void data_checker_give_up(struct data_checker *k, const char *fmt, ...)
{
	struct data_checks *c = k->checks;
	va_list args;

	MEM_GROW(c->unchecked, c->unchecked_count, c->unchecked_capacity);
	va_start(args, fmt);
	c->unchecked[c->unchecked_count++] = format(c->arena, fmt, args);
	va_end(args);
}

/* Does the database see renames? */
static bool is_renamed_in(const struct data_checker *k, const char *database)
{
	return k->plan->renamed && strcmp(database, k->live->name) == 0;
}

/* What a table is called until the plan runs. */
static const char *live_name(const struct data_checker *k, const char *table)
{
	for (size_t i = 0; i < k->plan->rename_count; i++) {
		const struct rename *r = &k->plan->renames[i];

		if (!r->column && strcmp(r->to, table) == 0)
			return r->table;
	}
	return table;
}

static const char *live_column(const struct data_checker *k, const char *live_table,
                               const char *column)
{
	for (size_t i = 0; i < k->plan->rename_count; i++) {
		const struct rename *r = &k->plan->renames[i];

		if (r->column && strcmp(r->table, live_table) == 0 &&
		    strcmp(r->to, column) == 0)
			return r->column;
	}
	return column;
}

/* The table as it will be behind the renames: "SELECT `total` AS `sum`, ..." */
static void add_renamed(struct buf *out, const struct data_checker *k,
                        const struct object *table)
{
	const char *live = live_name(k, table->name);

	for (size_t i = 0; i < table->parsed->column_count; i++) {
		const char *name = table->parsed->columns[i].name;

		buf_adds(out, i > 0 ? ", " : "(SELECT ");
		quote_name(out, live_column(k, live, name));
		buf_adds(out, " AS ");
		quote_name(out, name);
	}
	buf_adds(out, " FROM ");
	quote_name(out, k->live->name);
	buf_addc(out, '.');
	quote_name(out, live);
	buf_addc(out, ')');
}

static bool is_touched(const struct data_checker *k, const char *table)
{
	const char *live = live_name(k, table);

	for (size_t i = 0; i < k->plan->rename_count; i++) {
		if (strcmp(k->plan->renames[i].table, live) == 0)
			return true;
	}
	return false;
}

const char *data_checker_source(const struct data_checker *k, const char *database,
                                const char *table)
{
	const struct object *o = schema_find(k->live, OBJECT_TABLE, table);
	autobuf text = BUF_INIT;

	if (is_renamed_in(k, database) && o && o->parsed && is_touched(k, table)) {
		add_renamed(&text, k, o);
	} else {
		quote_name(&text, database);
		buf_addc(&text, '.');
		quote_name(&text, table);
	}
	return arena_strdup(k->checks->arena, text.data);
}

static bool is_of(const struct plan_step *s, const char *type, const char *table)
{
	return s->kind == OBJECT_TABLE && strcmp(s->name, table) == 0 &&
	       (!type || strcmp(s->type, type) == 0);
}

bool data_checker_is_dropped(const struct data_checker *k, const char *table)
{
	for (size_t i = 0; i < k->plan->count; i++) {
		const struct plan_step *step = &k->plan->steps[i];

		if (is_of(step, "DROP_TABLE", table) || is_of(step, "PRESERVE_TABLE", table))
			return true;
	}
	return false;
}

/* The step that says most of a table: the one that loses data, or else the first ALTER. */
static size_t find_step(const struct plan *p, const char *table)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < p->count; i++) {
		if (!is_of(&p->steps[i], NULL, table))
			continue;
		if (p->steps[i].loses)
			return i;
		if (found == SIZE_MAX || strcmp(p->steps[i].type, "ALTER_TABLE") == 0)
			found = i;
	}
	return found;
}

static bool is_computed(const struct column *c)
{
	return c->generated == COLUMN_VIRTUAL || c->generated == COLUMN_STORED;
}

static void lose_column(struct data_checker *k, const struct column *c, const char *how)
{
	autobuf condition = BUF_INIT;

	if (is_computed(c) || column_is_row_bound(c))
		return;
	quote_name(&condition, c->name);
	buf_adds(&condition, " IS NOT NULL");
	data_checker_rows(k, DATA_VALUES_LOST, condition.data, "values of column %s.%s %s",
	                  k->table, c->name, how);
}

static void lose_columns(struct data_checker *k)
{
	const struct table_delta *d = k->d;

	if (k->plan->quarantine)
		return; /* they are copied first */

	for (size_t i = 0; i < d->dropped_count; i++)
		lose_column(k, d->dropped[i], "go away");
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if (c->action == COLUMN_MODIFY && !is_computed(c->from) && is_computed(c->to))
			lose_column(k, c->from, "give way to computed ones");
	}
}

static void lose_history(struct data_checker *k)
{
	autobuf sql = BUF_INIT;

	if (!k->d->a->system_versioned || k->d->b->system_versioned)
		return;
	if (k->source[0] == '(') {
		data_checker_give_up(k, "the history of table %s, which is renamed", k->table);
		return;
	}
	buf_addf(&sql,
	         "SELECT (SELECT COUNT(*) FROM %s FOR SYSTEM_TIME ALL) - (SELECT COUNT(*) FROM "
	         "%s)",
	         k->quoted, k->quoted);
	data_checker_query(k, DATA_ROWS_LOST, sql.data, NULL,
	                   "rows of the history of table %s go away", k->table);
}

/* "ALTER TABLE `t` DROP PARTITION `p0`, `p1`": the plan's own words. */
static void lose_partitions(struct data_checker *k, const struct plan_step *step)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, str_of(step->sql));
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "DROP"))
		;
	if (!token_is_word(lexer_next(&l), "PARTITION"))
		return;
	if (k->source[0] == '(') {
		data_checker_give_up(k, "the partitions of table %s, which is renamed",
		                     k->table);
		return;
	}
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		autobuf name = BUF_INIT;
		autobuf sql = BUF_INIT;

		if (t.kind != TOKEN_NAME)
			continue;
		token_name(&name, t);
		buf_addf(&sql, "SELECT COUNT(*) FROM %s PARTITION (%.*s)", k->quoted,
		         STR_ARG(t.text));
		data_checker_query(k, DATA_ROWS_LOST, sql.data, NULL,
		                   "rows of partition %s of table %s go away", name.data,
		                   k->table);
	}
}

static void check_changed(struct data_checker *k)
{
	lose_columns(k);
	lose_history(k);
	for (size_t i = 0; i < k->plan->count && !k->plan->quarantine; i++) {
		const struct plan_step *step = &k->plan->steps[i];

		if (is_of(step, "ALTER_PARTITIONS", k->table)) {
			k->step = i;
			lose_partitions(k, step);
		}
	}
	k->step = find_step(k->plan, k->table);
	data_checks_columns(k);
	data_checks_keys(k);
}

static void check_dropped(struct data_checker *k)
{
	if (k->plan->quarantine)
		return; /* it moves there */
	data_checker_rows(k, DATA_ROWS_LOST, "TRUE", "rows of table %s go away", k->table);
}

static void check_table(struct data_checker *k, const struct change *c)
{
	k->table = c->from->name;
	k->source = data_checker_source(k, k->live->name, k->table);
	k->quoted =
		k->source[0] == '(' ? arena_printf(k->work, "%s AS r", k->source) : k->source;
	k->step = find_step(k->plan, k->table);
	if (k->step == SIZE_MAX)
		return; /* it is left alone */
	k->d = c->to ? delta_new(k->work, c->from, c->to, delta_renames_indexes(k->live))
	             : NULL;
	if (data_checker_is_dropped(k, k->table))
		check_dropped(k);
	else if (k->d)
		check_changed(k);
}

struct data_checks *data_checks_make(const struct diff *d, const struct schema *live,
                                     const struct schema *wanted, const struct plan *p)
{
	struct data_checks *checks = mem_alloc(sizeof(*checks));
	struct data_checker k = {
		.checks = checks,
		.live = p->renamed ? p->renamed : live,
		.wanted = d->renamed ? d->renamed : wanted,
		.plan = p,
		.work = arena_new(),
	};

	if (p->renamed)
		d = p->renamed_diff;
	checks->arena = arena_new();
	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];

		if (c->object_kind == OBJECT_TABLE && c->from)
			check_table(&k, c);
	}
	arena_free(k.work);
	return checks;
}
