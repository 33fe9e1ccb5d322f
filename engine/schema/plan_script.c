/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/client.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"
#include "engine/schema/script.h"

/* Of a routine only CREATE holds a body; DROP and ALTER are plain statements. */
static bool is_code(const struct plan_step *s)
{
	return script_is_code(s->kind) && strncmp(s->type, "CREATE_", strlen("CREATE_")) == 0;
}

/* MySQL cannot execute stored code from a string. */
static bool goes_as_string(enum server_family family, const struct plan_step *s)
{
	return (family == SERVER_MARIADB || !is_code(s)) &&
	       client_alters(str_of(s->sql), &s->context);
}

/*
 * The client sends the bytes of a script as they are: code of a latin1 connection would be read
 * wrongly. Better that its text is right, and only its character set another.
 */
static struct plan_step as_sent(enum server_family family, const struct plan_step *s)
{
	struct plan_step sent = *s;

	if (family == SERVER_MYSQL && is_code(s) && client_recodes(str_of(s->sql), &s->context))
		sent.context.client_charset = NULL;
	return sent;
}

static void add_step(struct buf *out, enum server_family family,
                     const struct plan_step *previous, const struct plan_step *step)
{
	struct error never = ERROR_INIT;

	if (!goes_as_string(family, step)) {
		plan_session_step(previous, step, script_setting, out, &never);
		script_statement(out, str_of(step->sql), is_code(step));
		return;
	}
	/* The string is read under the standard settings, what is in it under its own. */
	plan_session_end(previous, script_setting, out, &never);
	buf_adds(out, "SET @statement = ");
	quote_text(out, str_of(step->sql));
	buf_adds(out, ";\n");
	plan_session_step(NULL, step, script_setting, out, &never);
	if (family == SERVER_MARIADB)
		buf_adds(out, "EXECUTE IMMEDIATE @statement;\n");
	else
		buf_adds(out, "PREPARE statement FROM @statement;\n"
		              "EXECUTE statement;\n"
		              "DEALLOCATE PREPARE statement;\n");
}

void plan_script_step(struct buf *out, enum server_family family,
                      const struct plan_step *previous, const struct plan_step *step)
{
	struct plan_step sent = as_sent(family, step);
	struct plan_step before = { 0 };

	if (previous)
		before = as_sent(family, previous);
	add_step(out, family, previous ? &before : NULL, &sent);
}

static void add_title(struct buf *out, const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i];
	autobuf title = BUF_INIT;

	buf_addf(&title, "step %zu of %zu: %s%s%s", i + 1, p->count, s->type,
	         *s->name ? " " : "", s->name);
	if (*s->description)
		buf_addf(&title, ": %s", s->description);
	buf_addf(&title, "\nrisk: %s", plan_risk_name(s->risk));
	if (s->loses)
		buf_addf(&title, ": loses %s", s->loses);
	buf_addc(out, '\n');
	script_comment(out, title.data);
}

void plan_script(struct buf *out, const struct plan *p, const char *header)
{
	const struct plan_step *previous = NULL;
	struct error never = ERROR_INIT;

	if (header)
		script_comment(out, header);
	if (p->family == SERVER_MYSQL)
		script_comment(out,
		               "Load with mysql --comments: stored code may hold comments.");
	for (size_t i = 0; i < p->warning_count; i++)
		script_comment(out, p->warnings[i]);
	if (p->count == 0) {
		buf_adds(out, "-- nothing to do: the live schema equals the backup\n");
		return;
	}
	buf_adds(out, "USE ");
	quote_name(out, p->database);
	buf_adds(out, ";\n");
	plan_session_begin(script_setting, out, &never);
	for (size_t i = 0; i < p->count; i++) {
		add_title(out, p, i);
		plan_script_step(out, p->family, previous, &p->steps[i]);
		previous = &p->steps[i];
	}
	buf_addc(out, '\n');
	plan_session_end(previous, script_setting, out, &never);
}
