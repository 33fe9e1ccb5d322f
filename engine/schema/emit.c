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
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"
#include "engine/schema/script.h"

/* Settings of the session that the script changes, and gives back at its end. */
static const char *const settings[] = {
	"sql_mode",
	"time_zone",
	"character_set_client",
	"character_set_results",
	"collation_connection",
	"foreign_key_checks",
	"unique_checks",
};

static void add_saving(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		buf_addf(out, "SET @schemafs_%s = @@%s;\n", settings[i], settings[i]);
}

static void add_restoring(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		buf_addf(out, "SET SESSION %s = @schemafs_%s;\n", settings[i], settings[i]);
}

/* What is there before the script runs: nothing, with unknown defaults of the database. */
static struct schema *nothing_like(const struct schema *s)
{
	struct schema *empty = schema_new(s->name);

	empty->charset = "";
	empty->collation = "";
	empty->family = s->family;
	empty->server_version = s->server_version;
	empty->version_number = s->version_number;
	empty->visible = OBJECT_KINDS_ALL;
	empty->lower_case_table_names = s->lower_case_table_names;
	return empty;
}

/* Of a routine only CREATE holds a body; DROP and ALTER are plain statements. */
static bool is_code(const struct plan_step *step)
{
	return script_is_code(step->kind) && strncmp(step->type, "CREATE_", 7) == 0;
}

static void add_step(struct buf *out, const struct plan_step *previous,
                     const struct plan_step *step)
{
	struct error never = ERROR_INIT;

	buf_addc(out, '\n');
	plan_session_step(previous, step, script_setting, out, &never);
	script_statement(out, str_of(step->sql), is_code(step));
}

void emit_script(struct buf *out, const struct schema *s)
{
	/* Tables come with their foreign keys, in circles too; nothing is there to be checked.
	 */
	const struct plan_options options = { .foreign_key_checks_off = true };
	DEFER(schema) *empty = nothing_like(s);
	DEFER(plan) *p = NULL;
	struct error never = ERROR_INIT;
	int result = plan_make(&p, empty, s, &options, &never);

	assert(result == 0); /* only schemas of two families have no plan */
	buf_adds(out, "-- A database schema. Load it into an empty database:\n"
	              "--   mariadb DATABASE < schema.sql\n\n");
	add_saving(out);
	plan_session_begin(script_setting, out, &never);
	for (size_t i = 0; i < p->count; i++)
		add_step(out, i > 0 ? &p->steps[i - 1] : NULL, &p->steps[i]);
	buf_addc(out, '\n');
	plan_session_end(p->count > 0 ? &p->steps[p->count - 1] : NULL, script_setting, out,
	                 &never);
	add_restoring(out);
}

static void add_context(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(out, "SET SESSION %s = ", name);
	quote_string(out, value);
	buf_adds(out, ";\n");
}

size_t emit_object(struct buf *out, const struct object *o)
{
	autobuf title = BUF_INIT;

	buf_addf(&title, "%s ", object_kind_info(o->kind)->word);
	quote_name(&title, o->name);
	if (o->kind == OBJECT_TRIGGER)
		buf_addf(&title, ", number %u of its table, time and event", o->order);
	if (o->problem)
		buf_addf(&title, "\n%s", o->problem);
	script_comment(out, title.data);
	if (o->context.database_collation) {
		autobuf collation = BUF_INIT;

		buf_addf(&collation, "the database's collation: %s",
		         o->context.database_collation);
		script_comment(out, collation.data);
	}
	add_context(out, "sql_mode", o->context.sql_mode);
	add_context(out, "character_set_client", o->context.client_charset);
	add_context(out, "collation_connection", o->context.connection_collation);
	add_context(out, "time_zone", o->context.time_zone);
	return script_statement(out, o->sql, script_is_code(o->kind));
}
