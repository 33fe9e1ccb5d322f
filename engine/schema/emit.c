/* SPDX-License-Identifier: MIT */
/*
 * A script that makes a schema is the plan that leads there from nothing, so
 * order, stand-ins for broken views and session settings are the planner's.
 */
#include "engine/schema/emit.h"

#include <assert.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/schema/client.h"
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"
#include "engine/schema/script.h"

/* Settings of the session that the script changes, and gives back at its end. */
static const struct {
	const char *name;
	const char *since; /* the mark of a version comment: what other servers must not read */
} settings[] = {
	{ "sql_mode", NULL },
	{ "time_zone", NULL },
	{ "foreign_key_checks", NULL },
	{ "unique_checks", NULL },
	{ "explicit_defaults_for_timestamp", "/*M!100802" },
	{ "old_mode", "/*M!100301" },
	{ "check_constraint_checks", "/*M!100201" },
	{ "system_versioning_alter_history", "/*M!100304" },
	{ "innodb_strict_mode", "/*M!100000" },
	{ "sql_generate_invisible_primary_key", "/*!80030" },
	{ "restrict_fk_on_non_standard_key", "/*!80400" },
	/* Last, since all of the above is read in them. */
	{ "character_set_results", NULL },
	{ "collation_connection", NULL },
	{ "character_set_client", NULL },
};

static void add_setting(struct buf *out, size_t i, const char *format)
{
	const char *since = settings[i].since;

	if (since)
		buf_addf(out, "%s ", since);
	for (const char *c = format; *c; c++) {
		if (*c == '?')
			buf_adds(out, settings[i].name);
		else
			buf_addc(out, *c);
	}
	buf_adds(out, since ? " */;\n" : ";\n");
}

static void add_settings(struct buf *out, const char *format)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		add_setting(out, i, format);
}

/* What is there before the script runs: nothing, with unknown defaults of the database. */
static struct schema *nothing_like(const struct schema *s)
{
	struct schema *empty = schema_new(s->name);

	empty->family = s->family;
	empty->server_version = s->server_version;
	empty->version_number = s->version_number;
	empty->visible = OBJECT_KINDS_ALL;
	empty->lower_case_table_names = s->lower_case_table_names;
	return empty;
}

/* Tells whoever loads the script; the object's name may hold anything. */
static void add_warning(struct buf *out, enum object_kind kind, const char *name,
                        const char *what)
{
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s %s %s", object_kind_info(kind)->word, name, what);
	buf_adds(out, "SELECT ");
	quote_string(out, text.data);
	buf_adds(out, " AS warning;\n");
}

/* What has no text has no step in the plan either. */
static void add_unread(struct buf *out, const struct schema *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];

		if (o->sql.n == 0)
			add_warning(out, o->kind, o->name,
			            "could not be read, and is not made");
	}
}

/* One broken object must not keep the rest of the schema away. */
static void add_attempt(struct buf *out, const struct plan_step *previous,
                        const struct plan_step *step)
{
	struct error never = ERROR_INIT;

	if (previous)
		plan_session_end(previous, script_setting, out, &never);
	buf_adds(out, "SET @statement = ");
	quote_text(out, str_of(step->sql));
	buf_adds(out, ";\n");
	plan_session_step(NULL, step, script_setting, out, &never);
	buf_adds(out, "DELIMITER ;;\n"
	              "BEGIN NOT ATOMIC\n"
	              "  DECLARE EXIT HANDLER FOR SQLEXCEPTION\n  ");
	add_warning(out, step->kind, step->name, "is broken, and could not be made");
	buf_adds(out, "  EXECUTE IMMEDIATE @statement;\n"
	              "END;;\n"
	              "DELIMITER ;\n");
}

/* A broken view, and a table that we do not understand: does the server itself? */
static bool may_fail(const struct object *o)
{
	return (o->kind == OBJECT_VIEW && o->problem) ||
	       (o->kind == OBJECT_TABLE && !o->parsed);
}

/* Adds a step; the one that last changed the session. */
static const struct plan_step *add_step(struct buf *out, const struct schema *s,
                                        const struct plan_step *previous,
                                        const struct plan_step *step)
{
	const struct object *o = schema_find(s, step->kind, step->name);
	bool creates = strncmp(step->type, "CREATE_", 7) == 0;

	buf_addc(out, '\n');
	if (o && creates && memchr(o->sql.p, '\0', o->sql.n)) {
		add_warning(out, step->kind, step->name, "holds a NUL byte, and is not made");
		return previous;
	}
	if (s->family == SERVER_MARIADB && o && may_fail(o))
		add_attempt(out, previous, step);
	else
		plan_script_step(out, s->family, previous, step);
	return step;
}

static void add_steps(struct buf *out, const struct schema *s, const struct plan *p)
{
	const struct plan_step *previous = NULL;
	struct error never = ERROR_INIT;

	for (size_t i = 0; i < p->count; i++)
		previous = add_step(out, s, previous, &p->steps[i]);
	buf_addc(out, '\n');
	plan_session_end(previous, script_setting, out, &never);
	add_unread(out, s);
}

void emit_script(struct buf *out, const struct schema *s)
{
	/* Tables come with their foreign keys: nothing is there that they could be checked on.
	 */
	const struct plan_options options = { .foreign_key_checks_off = true,
		                              .any_database = true };
	DEFER(schema) *empty = nothing_like(s);
	DEFER(plan) *p = NULL;
	autobuf steps = BUF_INIT;
	struct error never = ERROR_INIT;
	struct schema whole = *s;
	int result;

	/* What is in the schema belongs into the script, whatever else could not be seen. */
	whole.visible = OBJECT_KINDS_ALL;
	result = plan_make(&p, empty, &whole, &options, &never);
	assert(result == 0); /* only schemas of two families have no plan */
	add_steps(&steps, s, p);
	buf_adds(out, "-- The schema of a database. Load it into an empty one:\n");
	buf_adds(out, s->family == SERVER_MARIADB ? "--   mariadb DATABASE < schema.sql\n\n"
	                                          : "--   mysql --comments DATABASE < "
	                                            "schema.sql\n\n");
	script_client_settings(out, (struct str){ steps.data, steps.len });
	add_settings(out, "SET @old_? = @@?");
	plan_session_begin(script_setting, out, &never);
	buf_add(out, steps.data, steps.len);
	add_settings(out, "SET SESSION ? = @old_?");
}

static void add_context(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(out, "SET SESSION %s = ", name);
	quote_string(out, value);
	buf_adds(out, ";\n");
}

static void add_title(struct buf *out, const struct object *o)
{
	autobuf title = BUF_INIT;

	buf_addf(&title, "%s ", object_kind_info(o->kind)->word);
	quote_name(&title, o->name);
	if (o->order)
		buf_addf(&title, ", number %u of its table, time and event", o->order);
	if (o->problem)
		buf_addf(&title, "\n%s", o->problem);
	if (o->context.database_collation)
		buf_addf(&title, "\nthe database's collation: %s",
		         o->context.database_collation);
	script_comment(out, title.data);
}

size_t emit_object(struct buf *out, const struct object *o)
{
	add_title(out, o);
	add_context(out, "sql_mode", o->context.sql_mode);
	add_context(out, "character_set_client", o->context.client_charset);
	add_context(out, "collation_connection", o->context.connection_collation);
	add_context(out, "time_zone", o->context.time_zone);
	return script_statement(out, o->sql, script_is_code(o->kind));
}
