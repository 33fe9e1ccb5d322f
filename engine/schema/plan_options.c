/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/mem.h"
#include "engine/schema/delta.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

#define PAGE_CHECKSUM "PAGE_CHECKSUM"

/* What takes an option away; everything else goes with NAME=DEFAULT. */
static const struct {
	const char *name;
	const char *without;
} withouts[] = {
	{ "COMMENT", "COMMENT=''" },
	{ "KEY_BLOCK_SIZE", "KEY_BLOCK_SIZE=0" },
	{ "CHECKSUM", "CHECKSUM=0" },
	{ "DELAY_KEY_WRITE", "DELAY_KEY_WRITE=0" },
	{ "MAX_ROWS", "MAX_ROWS=0" },
	{ "MIN_ROWS", "MIN_ROWS=0" },
	{ "AVG_ROW_LENGTH", "AVG_ROW_LENGTH=0" },
	{ "CONNECTION", "CONNECTION=''" },
	{ "COMPRESSION", "COMPRESSION=''" },
	{ "ENGINE_ATTRIBUTE", "ENGINE_ATTRIBUTE=''" },
	{ "SECONDARY_ENGINE", "SECONDARY_ENGINE=NULL" },
	{ "SECONDARY_ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE=''" },
	{ "AUTOEXTEND_SIZE", "AUTOEXTEND_SIZE=0" },
	{ "ENCRYPTION", "ENCRYPTION='N'" },
	{ "INSERT_METHOD", "INSERT_METHOD=NO" },
	{ "UNION", "UNION=()" },
	{ "TABLESPACE", "TABLESPACE=`innodb_file_per_table`" },
};

/* Said by the other clauses, or never compared. */
static bool is_aside(struct str name)
{
	return str_is_nocase(name, "WITH SYSTEM VERSIONING") ||
	       str_is_nocase(name, "COLLATE") || str_is_nocase(name, "DEFAULT CHARSET");
}

/* Printed as a comment: the table keeps it for another engine. */
static bool is_unknown(const struct table_option *o)
{
	return o->name.n == 0;
}

/*
 * What its engine does not know of an option is printed as a comment, and kept:
 * a comment around TRANSACTIONAL=1
 */
static struct table_option bare(const struct table_option *o)
{
	struct table_option inside = *o;
	const char *equals;

	if (o->name.n > 0 || o->text.n < strlen("/**/"))
		return inside;
	inside.text = str_trim(str_slice(o->text, 2, o->text.n - 2));
	equals = memchr(inside.text.p, '=', inside.text.n);
	if (!equals)
		return *o;
	inside.name = str_slice(inside.text, 0, (size_t)(equals - inside.text.p));
	inside.value = str_slice(inside.text, inside.name.n + 1, inside.text.n);
	return inside;
}

/* False when there is none of this name. */
static bool find(struct table_option *out, const struct table *t, struct str name)
{
	for (size_t i = 0; i < t->option_count; i++) {
		*out = bare(&t->options[i]);
		if (str_equal(out->name, name))
			return true;
	}
	return false;
}

static void take_away(struct alter *x, struct str name)
{
	struct buf *sql = alter_clause(x);

	alter_say(x, "take option %.*s away", STR_ARG(name));
	for (size_t i = 0; i < ARRAY_SIZE(withouts); i++) {
		if (str_is_nocase(name, withouts[i].name)) {
			buf_adds(sql, withouts[i].without);
			return;
		}
	}
	buf_addf(sql, "%.*s=DEFAULT", STR_ARG(name));
}

static void change_charset(struct alter *x, const struct table_delta *d)
{
	struct str charset = delta_option(d->b, "DEFAULT CHARSET");
	struct str collation = delta_option(d->b, "COLLATE");

	if (!d->charset_changed || charset.n == 0)
		return;
	buf_addf(alter_clause(x), "DEFAULT CHARACTER SET %.*s", STR_ARG(charset));
	if (collation.n > 0)
		buf_addf(&x->clauses, " COLLATE %.*s", STR_ARG(collation));
	alter_say(x, "default character set %.*s %.*s", STR_ARG(charset), STR_ARG(collation));
}

static bool has_clause(const struct table *t, struct str text)
{
	for (size_t i = 0; i < t->clause_count; i++) {
		if (str_equal(t->clauses[i].text, text))
			return true;
	}
	return false;
}

/* "PERIOD FOR `p` (`s`,`e`)" gives "PERIOD FOR `p` ". */
static struct str without_columns(struct str period)
{
	size_t n = period.n;

	while (n > 0 && period.p[n - 1] != '(')
		n--;
	return str_slice(period, 0, n > 0 ? n - 1 : 0);
}

static bool leaves_columns_out(const struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		if (plan_column_is_unversioned(&t->columns[i]))
			return true;
	}
	return false;
}

/* Columns can be left out of versioning only when it is there already (4124). */
static bool comes_first(const struct table_delta *d)
{
	return !d->a->system_versioned && d->b->system_versioned &&
	       !table_has_row_bounds(d->b) && !d->engine_changed && leaves_columns_out(d->b);
}

/* The period of the rows' bounds goes and comes with versioning. */
static bool is_of_versioning(struct str clause)
{
	return names_mentioned(clause, "SYSTEM_TIME");
}

void plan_options_decide(struct table_delta *d)
{
	bool comes = !d->a->system_versioned || d->versioning_goes_first;

	d->unversioned_last =
		comes && d->b->system_versioned && !comes_first(d) && leaves_columns_out(d->b);
}

static void drop_row_bounds(struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; i < d->a->column_count; i++) {
		if (!column_is_row_bound(&d->a->columns[i]))
			continue;
		buf_adds(alter_clause(x), "DROP COLUMN ");
		quote_name(&x->clauses, d->a->columns[i].name);
	}
}

static void drop_versioning(struct alter *x, const struct table_delta *d)
{
	buf_adds(alter_clause(x), "DROP SYSTEM VERSIONING");
	alter_say(x, "drop system versioning");
	alter_loses(x, "the history of table %s", d->from->name);
}

static void add_versioning(struct alter *x)
{
	buf_adds(alter_clause(x), "ADD SYSTEM VERSIONING");
	alter_say(x, "add system versioning");
	alter_risk(x, PLAN_RISK_REBUILD);
}

/* In a statement of its own, before. */
static bool is_engine_set(const struct table_delta *d)
{
	return d->engine_changed && d->b->system_versioned;
}

/* An option of the engine's own, `page_compressed`: only that one can take it away. */
static bool goes_with_engine(const struct table_delta *d, const struct table_option *o)
{
	struct table_option other;

	return d->engine_changed && o->name.n > 0 && o->name.p[0] == '`' &&
	       !find(&other, d->b, o->name);
}

static void leave_engine(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < d->a->option_count; i++) {
		if (goes_with_engine(d, &d->a->options[i]))
			take_away(&x, d->a->options[i].name);
	}
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}

void plan_options_first(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	leave_engine(p, d);

	if (d->versioning_goes_first) {
		drop_versioning(&x, d);
		drop_row_bounds(&x, d);
	} else if (comes_first(d)) {
		add_versioning(&x);
	}
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
	if (!is_engine_set(d))
		return;
	/* Nor does a table change its engine and become versioned in one. */
	buf_addf(alter_clause(&x), "%.*s", STR_ARG(table_option(d->b, "ENGINE")->text));
	alter_say(&x, "%.*s", STR_ARG(table_option(d->b, "ENGINE")->text));
	alter_risk(&x, PLAN_RISK_REBUILD);
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}

void plan_options_drop(struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; i < d->a->clause_count; i++) {
		struct str text = d->a->clauses[i].text;

		if (has_clause(d->b, text) ||
		    (d->versioning_goes_first && is_of_versioning(text)))
			continue;
		buf_addf(alter_clause(x), "DROP %.*s", STR_ARG(without_columns(text)));
		alter_say(x, "drop %.*s", STR_ARG(text));
	}
	if (d->a->system_versioned && !d->b->system_versioned && !d->versioning_goes_first)
		drop_versioning(x, d);
}

static void add_periods(struct alter *x, const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->clause_count; i++) {
		struct str text = d->b->clauses[i].text;

		if (has_clause(d->a, text) &&
		    !(d->versioning_goes_first && is_of_versioning(text)))
			continue;
		buf_addf(alter_clause(x), "ADD %.*s", STR_ARG(text));
		alter_say(x, "add %.*s", STR_ARG(text));
		alter_risk(x, PLAN_RISK_REBUILD);
	}
	if (d->b->system_versioned && (!d->a->system_versioned || d->versioning_goes_first) &&
	    !comes_first(d))
		add_versioning(x);
}

static bool is_of_engine(const struct table_option *o)
{
	return o->name.n > 0 && o->name.p[0] == '`';
}

/*
 * Options of the engine's own stand in the order in which they were said, and one that is said
 * again is the last: is this one of b where it shall be, when those behind it are said again?
 */
static bool keeps_place(const struct table_delta *d, size_t i)
{
	const struct table *a = d->a;
	struct table_option other;
	size_t k = 0;

	for (size_t j = 0; j <= i; j++) {
		const struct table_option *to = &d->b->options[j];

		if (!is_of_engine(to))
			continue;
		while (k < a->option_count && !(is_of_engine(&a->options[k]) &&
		                                find(&other, d->b, a->options[k].name)))
			k++;
		if (k == a->option_count || !str_equal(a->options[k].text, to->text))
			return false;
		k++;
	}
	return true;
}

void plan_options_change(struct alter *x, const struct table_delta *d)
{
	struct table_option other;

	for (size_t i = 0; i < d->b->option_count; i++) {
		struct table_option to = bare(&d->b->options[i]);

		if (is_aside(to.name) || str_is_nocase(to.name, PAGE_CHECKSUM) ||
		    is_unknown(&d->b->options[i]) ||
		    (str_is_nocase(to.name, "ENGINE") && is_engine_set(d)) ||
		    (find(&other, d->a, to.name) && str_equal(other.value, to.value) &&
		     (!is_of_engine(&to) || keeps_place(d, i))))
			continue;
		buf_addf(alter_clause(x), "%.*s", STR_ARG(to.text));
		alter_say(x, "%.*s", STR_ARG(to.text));
		if (str_is_nocase(to.name, "ENGINE") || str_is_nocase(to.name, "ROW_FORMAT"))
			alter_risk(x, PLAN_RISK_REBUILD);
	}
	for (size_t i = 0; i < d->a->option_count; i++) {
		struct str name = d->a->options[i].name;

		if (!is_unknown(&d->a->options[i]) && !is_aside(name) &&
		    !str_is_nocase(name, PAGE_CHECKSUM) && !find(&other, d->b, name) &&
		    !goes_with_engine(d, &d->a->options[i]))
			take_away(x, name);
	}
	change_charset(x, d);
	add_periods(x, d);
}

/*
 * Options that the engine does not know: strict mode refuses them. There are only
 * options in the statement, so that strictness has nothing to guard.
 */
static void change_unknown(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;
	struct plan_step *step;

	for (size_t i = 0; i < d->b->option_count; i++) {
		struct table_option to = bare(&d->b->options[i]);
		struct table_option from;

		if (!is_unknown(&d->b->options[i]) ||
		    (find(&from, d->a, to.name) && str_equal(from.value, to.value)))
			continue;
		buf_addf(alter_clause(&x), "%.*s", STR_ARG(to.text));
		alter_say(&x, "%.*s", STR_ARG(to.text));
	}
	for (size_t i = 0; i < d->a->option_count; i++) {
		struct str name = bare(&d->a->options[i]).name;
		struct table_option to;

		if (is_unknown(&d->a->options[i]) && name.n > 0 && !find(&to, d->b, name))
			take_away(&x, name);
	}
	step = alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
	if (step)
		step->context.sql_mode = "IGNORE_BAD_TABLE_OPTIONS,NO_ENGINE_SUBSTITUTION";
}

/*
 * A statement that copies the table forgets what it or others say of this option:
 * Aria leaves PAGE_CHECKSUM=1 behind. So it comes when nothing is copied any more.
 */
static bool is_altered(const struct planner *p, const char *table)
{
	static const enum plan_phase phases[] = { PHASE_DROP_FOREIGN_KEYS, PHASE_ALTER_TABLES,
		                                  PHASE_ADD_FOREIGN_KEYS, PHASE_STAND_INS,
		                                  PHASE_VIEWS };

	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		const struct step_list *list = &p->phases[phases[i]];

		for (size_t k = 0; k < list->count; k++) {
			if (list->items[k].kind == OBJECT_TABLE &&
			    strcmp(list->items[k].name, table) == 0)
				return true;
		}
	}
	return false;
}

/* Does Aria leave it behind in a table that becomes one of Aria's, and then is copied? */
static bool leaves_page_checksum(const struct plan_table *t)
{
	return t->delta && is_engine_set(t->delta) &&
	       str_is_nocase(delta_option(t->delta->b, "ENGINE"), "Aria");
}

static void set_page_checksum(struct planner *p, const struct plan_table *t)
{
	const struct table_option *from =
		t->delta ? table_option(t->delta->a, PAGE_CHECKSUM) : NULL;
	const struct table_option *to = table_option(t->to->parsed, PAGE_CHECKSUM);
	autoalter x = ALTER_INIT;
	bool same = !t->delta || (from && to && str_equal(from->value, to->value));

	if (to && (!same || is_altered(p, t->to->name))) {
		buf_addf(alter_clause(&x), "%.*s", STR_ARG(to->text));
		alter_say(&x, "%.*s", STR_ARG(to->text));
	} else if (!to && (from || leaves_page_checksum(t))) {
		take_away(&x, str_of(PAGE_CHECKSUM));
	}
	alter_step(p, &x, PHASE_LAST_OPTIONS, "ALTER_TABLE", t->to->name);
}

void plan_last_options(struct planner *p)
{
	for (size_t i = 0; i < p->table_count; i++) {
		if (p->tables[i].to && p->tables[i].to->parsed)
			set_page_checksum(p, &p->tables[i]);
	}
}

static void leave_columns_out(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	plan_columns_unversion(&x, d);
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}

void plan_options_last(struct planner *p, const struct table_delta *d)
{
	leave_columns_out(p, d);
	change_unknown(p, d);
}
