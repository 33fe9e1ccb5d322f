/* SPDX-License-Identifier: MIT */
/*
 * plan_defaults: defaults that need a statement of their own.
 *
 * Columns have none where the server gives one to all that say none: DEFAULT NULL, and on
 * MariaDB DEFAULT '' to a COMPRESSED column that is NOT NULL. Only ALTER COLUMN ... DROP
 * DEFAULT makes them.
 *
 * MySQL adds no column when the statement says a default that differs from call to call, as
 * uuid() does (1674, with or without a binary log): such a default comes afterwards.
 */
#include <strings.h>

#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"

/* The types for which MySQL never prints DEFAULT NULL. */
static bool prints_no_default(struct str type)
{
	enum type_family family = column_type_family(type);

	return family == TYPE_JSON || family == TYPE_GEOMETRY || str_has_suffix(type, "text") ||
	       str_has_suffix(type, "blob");
}

static bool lacks_default(const struct planner *p, const struct column *c)
{
	if (c->default_text.n > 0 || c->generated != COLUMN_PLAIN || c->auto_increment)
		return false;
	if (!planner_is_mariadb(p))
		return !c->not_null && !prints_no_default(c->type);
	if (c->not_null)
		return names_mentioned(c->text, "COMPRESSED");
	/* 10.6 and later say DEFAULT NULL in any case */
	return p->to->version_number > 0 && p->to->version_number < 100600;
}

static const char *const unsafe_functions[] = {
	"current_user", "rand", "random_bytes", "session_user", "sysdate",
	"system_user",  "user", "uuid",         "uuid_short",
};

static bool is_unsafe(struct str expression)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, expression);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		for (size_t i = 0; i < ARRAY_SIZE(unsafe_functions); i++) {
			if (token_is_word(t, unsafe_functions[i]))
				return true;
		}
	}
	return false;
}

/* MySQL then evaluates all defaults that the statement says. */
static bool adds_columns(const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		if (d->columns[i].action >= COLUMN_ADD)
			return true;
	}
	return false;
}

struct str plan_default_later(const struct planner *p, const struct table_delta *d,
                              const struct column *c)
{
	static const char word[] = " DEFAULT ";
	const size_t n = sizeof(word) - 1;

	if (planner_is_mariadb(p) || !str_has_prefix(c->default_text, "(") ||
	    !is_unsafe(c->default_text) || c->default_text.p < c->text.p + n ||
	    !adds_columns(d))
		return (struct str){ c->text.p, 0 };
	return (struct str){ c->default_text.p - n, n + c->default_text.n };
}

static void drop_default(struct alter *x, const struct column *c)
{
	buf_adds(alter_clause(x), "ALTER COLUMN ");
	quote_name(&x->clauses, c->name);
	buf_adds(&x->clauses, " DROP DEFAULT");
	alter_say(x, "column %s has no default", c->name);
}

static void set_default(struct alter *x, const struct column_delta *delta)
{
	const struct column *c = delta->to;

	buf_adds(alter_clause(x), "ALTER COLUMN ");
	quote_name(&x->clauses, c->name);
	buf_addf(&x->clauses, " SET DEFAULT %.*s", STR_ARG(c->default_text));
	alter_say(x, "default of column %s%s", c->name,
	          delta->action >= COLUMN_ADD ? ", which rows that are there do not get" : "");
}

void plan_defaults_created(struct planner *p, const struct object *to)
{
	const struct table *t = to->parsed;
	autoalter x = ALTER_INIT;

	for (size_t i = 0; t && i < t->column_count; i++) {
		if (lacks_default(p, &t->columns[i]))
			drop_default(&x, &t->columns[i]);
	}
	alter_step(p, &x, PHASE_CREATE_TABLES, "ALTER_TABLE", to->name);
}

void plan_defaults_altered(struct planner *p, const struct table_delta *d)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if ((c->action != COLUMN_KEEP || c->moved) && lacks_default(p, c->to))
			drop_default(&x, c->to);
		if ((c->action != COLUMN_KEEP || c->moved) &&
		    plan_default_later(p, d, c->to).n > 0)
			set_default(&x, c);
	}
	alter_step(p, &x, PHASE_ALTER_TABLES, "ALTER_TABLE", d->from->name);
}
