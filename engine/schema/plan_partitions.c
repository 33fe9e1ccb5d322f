/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

/* How the partitions of one table become those of another. */
enum partition_way {
	WAY_NONE,
	WAY_REMOVE,     /* REMOVE PARTITIONING */
	WAY_ANEW,       /* PARTITION BY ...: copies every row */
	WAY_COUNT,      /* hash and key: more or fewer of them */
	WAY_ADD,        /* at the end */
	WAY_DROP,       /* with their rows: no other partition can take them */
	WAY_REORGANIZE, /* a run of partitions becomes another run; rows move */
};

struct partition_change {
	enum partition_way way;
	size_t first;      /* of both lists */
	size_t from_count; /* partitions of a that are dropped or reorganized */
	size_t to_count;   /* partitions of b that are added or take their place */
	long count;        /* WAY_COUNT: how many more; negative: fewer */
};

static bool head_has(struct str head, const char *word)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, head);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is(t, '('))
			return false;
		if (token_is_word(t, word))
			return true;
	}
	return false;
}

/* The head without "PARTITIONS n", and n. Not so with sub-partitions: their number stands there
 * too. */
static struct str without_count(struct str head, long *count)
{
	struct lexer l;
	struct token t;

	*count = 0;
	lexer_init(&l, head);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (!token_is_word(t, "PARTITIONS"))
			continue;
		*count = strtol(lexer_peek(&l).text.p, NULL, 10);
		return str_trim(str_slice(head, 0, (size_t)(t.text.p - head.p)));
	}
	return head;
}

static bool needs_changed_column(const struct table_delta *d, struct str head)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		if (d->columns[i].reshaped && names_mentioned(head, d->columns[i].to->name))
			return true;
	}
	for (size_t i = 0; i < d->dropped_count; i++) {
		if (names_mentioned(head, d->dropped[i]->name))
			return true;
	}
	return false;
}

/* "VALUES LESS THAN (10)" without name, engine and comment */
static struct str bound_of(const struct partition *p)
{
	struct lexer l;
	struct token t;
	const char *from = NULL;

	lexer_init(&l, p->text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is_word(t, "VALUES"))
			from = t.text.p;
		if (from && (token_is_word(t, "ENGINE") || token_is_word(t, "COMMENT")))
			return str_trim((struct str){ from, (size_t)(t.text.p - from) });
	}
	if (!from)
		return (struct str){ "", 0 };
	return str_slice(p->text, (size_t)(from - p->text.p), p->text.n);
}

static bool is_maxvalue(struct str bound)
{
	return names_mentioned(bound, "MAXVALUE");
}

static bool same_partition(const struct partition *a, const struct partition *b)
{
	return str_equal(a->text, b->text);
}

static struct partition_change compare_lists(const struct partitioning *a,
                                             const struct partitioning *b, bool range)
{
	struct partition_change c = { .way = WAY_REORGANIZE };
	size_t shorter = a->count < b->count ? a->count : b->count;
	size_t tail = 0;
	bool same_end;

	while (c.first < shorter &&
	       same_partition(&a->partitions[c.first], &b->partitions[c.first]))
		c.first++;
	while (range && tail < shorter - c.first &&
	       same_partition(&a->partitions[a->count - 1 - tail],
	                      &b->partitions[b->count - 1 - tail]))
		tail++;
	c.from_count = a->count - c.first - tail;
	c.to_count = b->count - c.first - tail;
	if (c.from_count == 0 && c.to_count == 0) {
		c.way = WAY_NONE;
		return c;
	}
	if (tail == 0 && c.from_count == 0) {
		c.way = WAY_ADD;
		return c;
	}
	if (tail == 0 && c.to_count == 0) {
		c.way = c.first > 0 ? WAY_DROP : WAY_ANEW;
		return c;
	}
	same_end = c.from_count > 0 && c.to_count > 0 &&
	           str_equal(bound_of(&a->partitions[c.first + c.from_count - 1]),
	                     bound_of(&b->partitions[c.first + c.to_count - 1]));
	if (same_end)
		return c;
	if (tail > 0) { /* the rows in between move to the next one that both have */
		c.from_count++;
		c.to_count++;
	} else if (!range || !is_maxvalue(bound_of(&b->partitions[b->count - 1]))) {
		c.way = WAY_ANEW;
	}
	return c;
}

static struct partition_change compare(const struct table_delta *d)
{
	const struct partitioning *a = &d->a->partitioning;
	const struct partitioning *b = &d->b->partitioning;
	struct partition_change c = { .way = WAY_ANEW };
	long had;
	long has;
	struct str head = without_count(a->head, &had);

	if (b->text.n == 0)
		c.way = a->text.n > 0 ? WAY_REMOVE : WAY_NONE;
	if (b->text.n == 0 || a->text.n == 0 || d->engine_changed ||
	    needs_changed_column(d, b->head))
		return c;
	if (str_equal(a->text, b->text)) {
		c.way = WAY_NONE;
		return c;
	}
	if (a->count == 0 && b->count == 0 && had > 0 &&
	    (head_has(head, "HASH") || head_has(head, "KEY")) &&
	    str_equal(head, without_count(b->head, &has)) && has > 0) {
		c.way = WAY_COUNT;
		c.count = has - had;
		return c;
	}
	if (!str_equal(a->head, b->head) || a->count == 0 || b->count == 0 ||
	    !(head_has(head, "RANGE") || head_has(head, "LIST")))
		return c;
	return compare_lists(a, b, head_has(head, "RANGE"));
}

static bool is_by_system_time(const struct table *t)
{
	return head_has(t->partitioning.head, "SYSTEM_TIME");
}

void plan_partitions_first(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;
	bool unversioned =
		d->a->system_versioned && (!d->b->system_versioned || d->engine_changed);

	/* 4131: versioning cannot go while the partitions need it. */
	if (!unversioned || !is_by_system_time(d->a))
		return;
	buf_adds(&x.tail, "REMOVE PARTITIONING");
	alter_say(&x, "remove partitioning");
	alter_risk(&x, PLAN_RISK_REBUILD);
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}

/* Does a column get another case that the partitions do not follow? In one statement they
 * would. */
static bool respells_column(const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if (c->from && strcmp(c->from->name, c->to->name) != 0 &&
		    names_mentioned(d->b->partitioning.head, c->to->name))
			return true;
	}
	return false;
}

/* In a statement of its own. */
static bool stands_apart(const struct table_delta *d, const struct partition_change *c)
{
	return c->way == WAY_ANEW && (is_by_system_time(d->b) || respells_column(d));
}

static void partition_anew(struct alter *x, const struct table_delta *d)
{
	buf_addf(&x->tail, "%.*s", STR_ARG(d->b->partitioning.text));
	alter_say(x, "partition anew");
	alter_risk(x, PLAN_RISK_NARROW); /* rows may fit in none of the partitions */
}

void plan_partitions_change(struct alter *x, const struct table_delta *d)
{
	struct partition_change c = compare(d);
	bool gone = is_by_system_time(d->a) && d->a->system_versioned &&
	            (!d->b->system_versioned || d->engine_changed);
	bool apart = stands_apart(d, &c);

	if ((c.way == WAY_REMOVE || (apart && d->a->partitioning.text.n > 0)) && !gone) {
		buf_adds(&x->tail, "REMOVE PARTITIONING");
		alter_say(x, "remove partitioning");
		alter_risk(x, PLAN_RISK_REBUILD);
	} else if (c.way == WAY_ANEW && !apart) {
		partition_anew(x, d);
	}
}

static void add_partitions(struct buf *sql, const struct partitioning *part, size_t first,
                           size_t count)
{
	buf_addc(sql, '(');
	for (size_t i = first; i < first + count; i++)
		buf_addf(sql, "%s%.*s", i > first ? ",\n   " : "",
		         STR_ARG(part->partitions[i].text));
	buf_addc(sql, ')');
}

static void add_names(struct buf *sql, const struct partitioning *part, size_t first,
                      size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		buf_adds(sql, i > first ? ", " : " ");
		quote_name(sql, part->partitions[i].name);
	}
}

static void drop_partitions(struct alter *x, const struct table_delta *d,
                            const struct partition_change *c)
{
	buf_adds(alter_clause(x), "DROP PARTITION");
	add_names(&x->clauses, &d->a->partitioning, c->first, c->from_count);
	for (size_t i = c->first; i < c->first + c->from_count; i++) {
		const char *name = d->a->partitioning.partitions[i].name;

		alter_say(x, "drop partition %s", name);
		alter_loses(x, "partition %s of table %s and its rows", name, d->from->name);
	}
}

static void change_count(struct alter *x, long count)
{
	struct buf *sql = alter_clause(x);

	if (count > 0)
		buf_addf(sql, "ADD PARTITION PARTITIONS %ld", count);
	else
		buf_addf(sql, "COALESCE PARTITION %ld", -count);
	alter_say(x, "%ld %s partition%s", labs(count), count > 0 ? "more" : "fewer",
	          labs(count) == 1 ? "" : "s");
	alter_risk(x, PLAN_RISK_REBUILD);
}

void plan_partitions_last(struct planner *p, const struct table_delta *d)
{
	struct partition_change c = compare(d);
	struct plan_step *step;
	autoalter x = ALTER_INIT;

	if (stands_apart(d, &c)) {
		partition_anew(&x, d);
	} else if (c.way == WAY_COUNT) {
		change_count(&x, c.count);
	} else if (c.way == WAY_ADD) {
		buf_adds(alter_clause(&x), "ADD PARTITION ");
		add_partitions(&x.clauses, &d->b->partitioning, c.first, c.to_count);
		alter_say(&x, "add %zu partition%s", c.to_count, c.to_count == 1 ? "" : "s");
	} else if (c.way == WAY_DROP) {
		drop_partitions(&x, d, &c);
	} else if (c.way == WAY_REORGANIZE) {
		buf_adds(alter_clause(&x), "REORGANIZE PARTITION");
		add_names(&x.clauses, &d->a->partitioning, c.first, c.from_count);
		buf_adds(&x.clauses, " INTO ");
		add_partitions(&x.clauses, &d->b->partitioning, c.first, c.to_count);
		alter_say(&x, "reorganize %zu partition%s into %zu", c.from_count,
		          c.from_count == 1 ? "" : "s", c.to_count);
		alter_risk(&x, PLAN_RISK_NARROW);
	}
	step = alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_PARTITIONS", d->from->name);
	/*
	 * To have more than one partition of history and no rule for their rotation is worth a
	 * warning to the server, which a strict mode makes an error. No value can be cut there.
	 */
	if (step && c.way == WAY_ANEW && is_by_system_time(d->b))
		step->context.sql_mode = PLAN_LENIENT_MODE;
}

/* One partition of history wants no rule; a rule is INTERVAL or LIMIT. */
bool plan_partitions_need_leniency(const struct table *t)
{
	return is_by_system_time(t) && t->partitioning.count > 2 &&
	       !names_mentioned(t->partitioning.head, "INTERVAL") &&
	       !names_mentioned(t->partitioning.head, "LIMIT");
}
