/* SPDX-License-Identifier: MIT */
/* cmd_rollback_recovery: what a rollback that stopped left, and how to go on. */
#include <stdarg.h>
#include <stdio.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rollback.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/recovery.h"
#include "engine/schema/model.h"
#include "engine/schema/quote.h"

struct recovery_opts {
	const char *backup_id;
	const char *database;
};

#define T struct recovery_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "the database that was rolled back, instead of the backup's own"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

/* What is known: of the last run, and of what is left to do. */
struct story {
	struct recovery *last; /* NULL: none ran on this host */
	struct rollback *now;  /* NULL: the server cannot be asked */
	struct error why;      /* then */
	char id[NAME_BACKUP_ID_MAX + 1];
};

static void story_finish(struct story *s)
{
	recovery_close(s->last);
	rollback_close(s->now);
}

static int story_open(struct story *s, struct cli *cli, const struct recovery_opts *o,
                      struct error *err)
{
	const struct rollback_options how = { .database = o->database };
	DEFER(backup) *b = NULL;

	s->why = ERROR_INIT;
	if (cli_find_backup(cli, o->backup_id, &b, err) < 0 ||
	    recovery_open(&s->last, cli->repo, b->id, err) < 0)
		return -1;
	snprintf(s->id, sizeof(s->id), "%s", b->id);
	if (rollback_prepare(&s->now, cli, b->id, &how, &s->why) < 0 &&
	    s->why.code == ERR_CANCELLED) {
		*err = s->why;
		return -1;
	}
	return 0;
}

static struct json *journal(const struct recovery *rc)
{
	struct json *steps = json_array();

	for (size_t i = 0; i < rc->count; i++) {
		const struct recovery_step *s = &rc->steps[i];
		struct json *o = json_object();

		json_set_int(o, "number", (int64_t)i + 1);
		json_set_str(o, "status", s->status);
		json_set_str(o, "type", s->type);
		json_set_str(o, "object_name", s->object);
		json_set_str(o, "sql", s->sql);
		json_set_str(o, "error", *s->error ? s->error : NULL);
		json_append(steps, o);
	}
	return steps;
}

static void advise(struct json *steps, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void advise(struct json *steps, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, fmt);
	if (vasprintf(&text, fmt, arguments) >= 0)
		json_append(steps, json_str(text));
	va_end(arguments);
}

/* What to do, by what is known; commands are given as they are typed. */
static struct json *advice(const struct story *s)
{
	const struct recovery *last = s->last;
	struct json *steps = json_array();

	if (last && last->state == RECOVERY_RUNNING) {
		advise(steps, "A rollback of database %s is running: wait until it is done.",
		       last->database);
		return steps;
	}
	if (!s->now) {
		advise(steps, "Make the server reachable: %s", s->why.text);
	} else if (rollback_is_done(s->now)) {
		advise(steps, "Nothing: database %s equals backup %s.", s->now->database,
		       s->id);
		return steps;
	}
	advise(steps,
	       "See what is left: mysql-schema-sync rollback plan --backup-id %s "
	       "--preflight --prove",
	       s->id);
	advise(steps,
	       "Go on from the schema as it is now: mysql-schema-sync rollback execute "
	       "--backup-id %s",
	       s->id);
	if (last && last->safety_backup)
		advise(steps,
		       "Or go back to what was there before: mysql-schema-sync rollback "
		       "execute --backup-id %s",
		       last->safety_backup);
	return steps;
}

/* A step that did not end, or not well; several when they ran at the same time. */
static void advise_step(struct json *steps, const struct story *s, size_t i)
{
	const struct recovery_step *step = &s->last->steps[i];

	if (*step->error)
		advise(steps, "Step %zu (%s %s) failed: %s", i + 1, step->type, step->object,
		       step->error);
	else if (s->now && !rollback_is_done(s->now))
		advise(steps,
		       "Step %zu (%s %s) was under way: the server may have finished it, or undone "
		       "it. The plan that is made now knows.",
		       i + 1, step->type, step->object);
}

/* What no further run mends by itself. */
static struct json *interventions(const struct story *s)
{
	struct json *steps = json_array();

	for (size_t i = s->last ? s->last->stopped_at : 0; s->last && i < s->last->count; i++)
		if (recovery_step_stopped(&s->last->steps[i]))
			advise_step(steps, s, i);
	return steps;
}

static struct json *story_json(const struct story *s)
{
	const struct recovery *last = s->last;
	struct json *v = json_object(), *plan = json_object();
	char started[CLOCK_TEXT_MAX];

	json_set_str(v, "backup_id", s->id);
	json_set_str(v, "database", last ? last->database : s->now ? s->now->database : NULL);
	json_set_str(v, "state", last ? recovery_state_name(last->state) : "never ran");
	if (last)
		clock_format_utc(started, last->started_at);
	json_set_str(v, "started_at", last ? started : NULL);
	json_set_int(v, "steps", last ? (int64_t)last->count : 0);
	json_set_int(v, "steps_done", last ? (int64_t)last->done : 0);
	json_set(v, "failed_statement_index",
	         last && last->stopped_at < last->count ? json_int((int64_t)last->stopped_at)
	                                                : NULL);
	json_set_str(v, "failure_reason", last && *last->error ? last->error : NULL);
	json_set_str(v, "safety_backup_id", last ? last->safety_backup : NULL);
	json_set_str(plan, "backup_id", s->id);
	json_set(plan, "statements", last ? journal(last) : json_array());
	json_set(v, "original_plan", plan);
	json_set(v, "steps_left", s->now ? json_int((int64_t)s->now->plan->count) : NULL);
	json_set(v, "recovery_steps", advice(s));
	json_set(v, "manual_interventions", interventions(s));
	return v;
}

static void show_lines(struct out *o, const char *title, const struct json *lines)
{
	if (json_count(lines) > 0)
		out_text(o, OUT_STRONG, "\n%s\n", title);
	for (size_t i = 0; i < json_count(lines); i++)
		out_text(o, OUT_PLAIN, "  %zu. %s\n", i + 1,
		         json_text(json_at(lines, i), NULL));
}

static int show_steps(struct out *o, const struct json *steps, struct error *err)
{
	static const struct out_column columns[] = {
		{ "step", "#", "number", OUT_KIND_NUMBER, true, OUT_WHOLE },
		{ "status", "STATUS", "status", OUT_KIND_STATUS, true, OUT_WHOLE },
		{ "type", "TYPE", "type", OUT_KIND_TEXT, true, OUT_WHOLE },
		{ "object", "OBJECT", "object_name", OUT_KIND_TEXT, true, OUT_WHOLE },
		{ "error", "ERROR", "error", OUT_KIND_TEXT, true, OUT_WRAP },
		{ NULL },
	};
	DEFER(out_list) *l = NULL;

	if (json_count(steps) == 0)
		return 0;
	out_text(o, OUT_PLAIN, "\n");
	if (out_list_begin(&l, o, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(steps); i++)
		out_list_add(l, json_share(json_at(steps, i)));
	out_list_end(l);
	return 0;
}

static int show_story(struct cli *cli, const struct story *s, struct error *err)
{
	DEFER(json) *v = story_json(s);
	const char *reason = json_get_str(v, "failure_reason", NULL);

	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	out_text(cli->out, OUT_STRONG, "Last rollback to backup %s: ", s->id);
	out_text(cli->out, out_status_style(json_get_str(v, "state", "")), "%s\n",
	         json_get_str(v, "state", ""));
	if (s->last)
		out_text(cli->out, OUT_PLAIN, "Started %s, %zu of %zu steps ran.\n",
		         json_get_str(v, "started_at", ""), s->last->done, s->last->count);
	if (reason)
		out_text(cli->out, OUT_BAD, "It stopped: %s\n", reason);
	if (s->now)
		out_text(cli->out, OUT_PLAIN, "Left to do now: %zu steps.\n",
		         s->now->plan->count);
	if (show_steps(cli->out, json_get(json_get(v, "original_plan"), "statements"), err) < 0)
		return -1;
	show_lines(cli->out, "Look at:", json_get(v, "manual_interventions"));
	show_lines(cli->out, "What to do:", json_get(v, "recovery_steps"));
	return 0;
}

static int info_run(struct cli *cli, const void *options, struct error *err)
{
	struct story s = { 0 };
	int result = story_open(&s, cli, options, err);

	if (result == 0)
		result = show_story(cli, &s, err);
	story_finish(&s);
	return result < 0 ? cli_wrap(err, "failed to look at the last rollback") : 0;
}

/* A numbered step: words for people, and what to type. */
static void add_step(struct json *steps, const char *title, const char *text)
{
	struct json *o = json_object();

	json_set_int(o, "number", (int64_t)json_count(steps) + 1);
	json_set_str(o, "title", title);
	json_set_str(o, "text", text);
	json_append(steps, o);
}

static void add_statements(struct json *steps, const struct rollback *rb)
{
	const struct plan *p = rb->plan;

	for (size_t i = 0; i < p->count; i++) {
		const struct plan_step *step = &p->steps[i];
		autobuf title = BUF_INIT;
		autobuf sql = BUF_INIT;

		buf_addf(&title, "%s", step->description);
		if (step->loses)
			buf_addf(&title, " (loses %s)", step->loses);
		plan_script_step(&sql, p->family, i > 0 ? &p->steps[i - 1] : NULL, step);
		add_step(steps, title.data, sql.data);
	}
}

static int add_setting(void *arg, const char *statement, struct error *err)
{
	(void)err;
	buf_addf(arg, "\n%s;", statement);
	return 0;
}

/* What the steps rest on: the session that a run would have. */
static void add_session(struct buf *out, const char *database)
{
	struct error ignored = ERROR_INIT;

	buf_adds(out, "USE ");
	quote_name(out, database);
	buf_addc(out, ';');
	plan_session_begin(add_setting, out, &ignored);
}

static struct json *manual_steps(const struct rollback *rb)
{
	struct json *steps = json_array();
	autobuf text = BUF_INIT;

	buf_addf(&text, "mysql-schema-sync backup create --database %s", rb->database);
	add_step(steps, "take a backup of what is there", text.data);
	buf_truncate(&text, 0);
	add_session(&text, rb->database);
	add_step(steps, "open the stock client on the database, and prepare the session",
	         text.data);
	add_statements(steps, rb);
	buf_truncate(&text, 0);
	buf_addf(&text, "mysql-schema-sync rollback validate --backup-id %s",
	         rollback_backup_id(rb));
	add_step(steps, "see that it is done; when it is not, ask for these steps again",
	         text.data);
	return steps;
}

static void show_manual(struct cli *cli, const struct rollback *rb, const struct json *steps)
{
	out_text(cli->out, OUT_STRONG, "From database %s as it is now to %s, by hand:\n",
	         rb->database, rb->goal);
	for (size_t i = 0; i < json_count(steps); i++) {
		const struct json *s = json_at(steps, i);

		out_text(cli->out, OUT_STRONG, "\n%zu. %s\n\n", i + 1,
		         json_get_str(s, "title", ""));
		out_text(cli->out, OUT_PLAIN, "%s\n", json_get_str(s, "text", ""));
	}
}

static int manual_run(struct cli *cli, const void *options, struct error *err)
{
	const struct recovery_opts *o = options;
	const struct rollback_options how = { .database = o->database };
	DEFER(rollback) *rb = NULL;
	DEFER(json) *v = NULL;

	if (rollback_prepare(&rb, cli, o->backup_id, &how, err) < 0)
		return cli_wrap(err, "failed to plan rollback");
	v = json_object();
	json_set_str(v, "backup_id", rollback_backup_id(rb));
	json_set_str(v, "database", rb->database);
	json_set(v, "steps", rollback_is_done(rb) ? json_array() : manual_steps(rb));
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		view_not_compared(cli->out, rb->diff);
	if (!out_is_data(cli->out) && rollback_is_done(rb))
		out_text(cli->out, OUT_GOOD, "Database %s matches %s: nothing to do.\n",
		         rb->database, rb->goal);
	else if (!out_is_data(cli->out))
		show_manual(cli, rb, json_get(v, "steps"));
	return 0;
}

const struct command cmd_rollback_recovery_info = {
	.name = "rollback recovery-info",
	.summary = "tell how the last rollback went, and how to go on",
	.details = "Reads this host's journal of the last rollback to a backup: what ran, what "
		   "did not, where it stopped and why. Then it looks at the live schema and "
		   "says what is left to do. Changes nothing.",
	.examples = "rollback recovery-info --backup-id latest:shop",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct recovery_opts),
	.run = info_run,
};

const struct command cmd_rollback_manual_steps = {
	.name = "rollback manual-steps",
	.summary = "list what a person can do by hand instead",
	.details = "Numbered steps with the SQL for the stock client, from the live schema as "
		   "it is now to the backup. Changes nothing.",
	.examples = "rollback manual-steps --backup-id latest:shop",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct recovery_opts),
	.run = manual_run,
};
