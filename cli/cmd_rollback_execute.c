/* SPDX-License-Identifier: MIT */
/* cmd_rollback_execute: the command that brings the live schema back. */
#include <string.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rollback.h"
#include "cli/out.h"
#include "cli/prompt.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/proof.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"

#define T struct execute_opts

const struct opt execute_options[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "roll this database back instead of the backup's own"),
	OPTS_BEFORE_RUN(T),
	OPT_FLAG(0, "no-backup", T, no_backup, "take no safety backup before the first step"),
	OPT_FLAG(0, "skip-validation", T, skip_validation,
	         "do not check the stored backup before the first step"),
	OPT_FLAG(
		0, "preserve-data", T, preserve_data,
		"lose nothing: tables that go move to the database NAME_mss_quarantine, values "
		"that go are copied there first"),
	OPT_INT(0, "batch-size", T, batch_size, 0, 1000000000, 10000,
	        "with --preserve-data, so many rows are copied per transaction (tables with a key); "
	        "0: all at once"),
	OPTS_OF_RUN(T),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static int failed(struct error *err)
{
	static const char foreign_key[] = "foreign key constraint violation";

	/* The guides show both with our words in front of the server's. */
	if (err->code == ERR_DIFFERS ||
	    strncmp(err->text, foreign_key, strlen(foreign_key)) == 0)
		return error_wrap(err, "rollback failed");
	return cli_wrap(err, "rollback failed");
}

static void show_result(struct cli *cli, const struct rollback *rb,
                        const struct rollback_result *r, const char *status)
{
	DEFER(json) *v = NULL;
	char hash[65];

	if (!out_is_data(cli->out))
		return;
	v = view_comparison(rb, r->left ? r->left : rb->diff);
	json_set_str(v, "status", status);
	if (r->live) {
		repo_schema_hash(hash, r->live);
		json_set_str(v, "live_hash", hash);
	}
	json_set_bool(v, "equal", r->equal);
	if (r->equal)
		json_set(v, "differences", json_array());
	json_set_int(v, "steps", (int64_t)r->steps);
	json_set_int(v, "steps_done", (int64_t)r->steps_done);
	json_set_int(v, "rounds", (int64_t)r->rounds);
	json_set(v, "preserved", view_preserved(rb->plan));
	json_set_str(v, "safety_backup_id", r->safety_backup[0] ? r->safety_backup : NULL);
	out_value(cli->out, v);
}

/* What somebody may want to know before it runs, also where nobody is asked. */
static void warn_unproven(struct cli *cli, const struct rollback *rb)
{
	const struct proof *p = rb->proof;

	if (!p || p->outcome != PROOF_NOT_MADE)
		return;
	out_warning(cli->out, "the plan was not proven: %s", p->why);
	if (*p->hint)
		out_note(cli->out, "%s", p->hint);
}

/* Shown to the person who is asked, on standard error: data is only the result. */
static void show_plan(struct cli *cli, const struct rollback *rb)
{
	struct out_setup s = *out_setup(cli->out);
	DEFER(out) *talk = NULL;

	if (s.quiet)
		return;
	s.data = s.talk;
	s.format = OUT_TABLE;
	talk = out_new(&s);
	view_plan_text(talk, rb, false);
	out_note(cli->out, "%s", "");
}

/* 1 go on, 0 not, -1. */
static int ask(struct cli *cli, const struct rollback *rb, const struct execute_opts *o,
               struct error *err)
{
	autobuf question = BUF_INIT;
	struct prompt p;

	cli_prompt(&p, cli);
	p.yes = p.yes || o->force;
	if (rollback_loses_data(rb)) {
		buf_addf(&question,
		         "Data will be lost. Type the name of the database (%s) to go on:",
		         rb->database);
		return prompt_word(&p, question.data, rb->database, err);
	}
	buf_addf(&question, "Roll database %s back?", rb->database);
	return prompt_confirm(&p, question.data, err);
}

static int on_step(void *arg, size_t i, size_t count, const struct plan_step *step, bool done,
                   struct error *err)
{
	struct cli *cli = arg;

	(void)err;
	if (!done)
		out_step(cli->out, i + 1, count, "%s %s: %s", step->type, step->name,
		         step->description);
	return 0;
}

static void note_preserved(struct cli *cli, const struct rollback *rb)
{
	for (size_t i = 0; i < rb->plan->preserved_count; i++) {
		const struct plan_preserved *p = &rb->plan->preserved[i];

		out_note(cli->out, "Kept %s in %s. To bring it back: %s;", p->what, p->place,
		         p->restore);
	}
}

static int execute(struct cli *cli, struct rollback *rb, const struct rollback_options *how,
                   struct error *err)
{
	const struct rollback_watch watch = { .step = on_step, .arg = cli };
	struct rollback_result r = { 0 };
	int result = rollback_execute(&r, cli->repo, rb, how, &watch, err);

	show_result(cli, rb, &r, result == 0 ? "completed" : "failed");
	if (r.safety_backup[0])
		out_note(cli->out, "Safety backup: %s", r.safety_backup);
	if (result < 0 && r.left && !out_is_data(cli->out))
		view_differences(cli->out, r.left);
	if (result == 0) {
		note_preserved(cli, rb);
		view_not_compared(cli->out, rb->diff);
		out_success(cli->out, "Database %s equals backup %s: %zu steps.", rb->database,
		            rb->backup->id, r.steps_done);
	}
	rollback_result_finish(&r);
	return result;
}

/* What a run would come to: refused, where it would be. */
static int show_dry_run(struct cli *cli, const struct rollback *rb,
                        const struct rollback_options *how, struct error *err)
{
	DEFER(json) *v = NULL;

	cli->outcome = "dry run";
	if (out_is_data(cli->out)) {
		v = view_plan(rb);
		json_set_str(v, "status", "dry_run");
		json_set_bool(v, "dry_run", true);
		out_value(cli->out, v);
	} else {
		view_plan_text(cli->out, rb, false);
		out_note(cli->out, "Nothing was changed (dry run).");
	}
	return rollback_judge(rb, how, err) < 0 ? failed(err) : 0;
}

int rollback_run(struct cli *cli, const void *options, struct error *err)
{
	const struct execute_opts *o = options;
	const struct rollback_options how = {
		.database = o->database,
		.foreign_key_checks_off = o->disable_fk_checks,
		.renames = o->renames.items,
		.rename_count = o->renames.count,
		.no_backup = o->no_backup,
		.validate = !o->skip_validation,
		.no_proof = o->no_proof,
		.allow_untrusted = o->allow_untrusted,
		.preserve_data = o->preserve_data,
		.batch_size = (size_t)o->batch_size,
		.parallel = (size_t)o->parallel,
		.preflight_seconds = o->preflight_timeout,
		.force = o->force,
	};
	const struct rollback_result nothing = { .equal = true }, undone = { .equal = false };
	DEFER(rollback) *rb = NULL;
	int answer;

	if (!o->backup_id) {
		error_set(err, ERR_USAGE, "rollback: BACKUP-ID is missing");
		return error_hint(err,
		                  "Give it as --backup-id; `mysql-schema-sync rollback list` "
		                  "shows the ids.");
	}
	if (rollback_prepare(&rb, cli, o->backup_id, &how, err) < 0)
		return failed(err);
	if (rollback_is_done(rb)) {
		show_result(cli, rb, &nothing, "already_matches");
		view_not_compared(cli->out, rb->diff);
		out_success(cli->out, "Database %s already matches backup %s.", rb->database,
		            rb->backup->id);
		return 0;
	}
	if (rollback_ready(cli->repo, err) < 0 || rollback_check(rb, cli->repo, &how, err) < 0)
		return failed(err);
	if (o->dry_run || config_bool(cli->config, "dry_run"))
		return show_dry_run(cli, rb, &how, err);
	show_plan(cli, rb);
	warn_unproven(cli, rb);
	if (rollback_judge(rb, &how, err) < 0)
		return failed(err);
	answer = ask(cli, rb, o, err);
	if (answer < 0)
		return -1;
	if (!answer) {
		cli->outcome = "cancelled";
		show_result(cli, rb, &undone, "cancelled");
		out_note(cli->out, "Cancelled: nothing was changed.");
		return 0;
	}
	return execute(cli, rb, &how, err) < 0 ? failed(err) : 0;
}

const struct command cmd_rollback_execute = {
	.name = "rollback execute",
	.summary = "bring the live schema back to a backup",
	.details =
		"Shows the plan and asks; where rows or values would be lost it wants the name of "
		"the database typed out. Takes a safety backup of what is there, runs the steps with a "
		"journal, and compares every object with the backup at the end. After a failure "
		"or an interruption it can be run again: it goes on from the live schema.",
	.examples = "rollback execute --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "rollback execute latest:shop --dry-run\n"
		    "rollback execute latest:shop --force\n"
		    "rollback execute latest:shop --parallel=8",
	.opts = execute_options,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT | ASKS | CHANGES,
	.options_size = sizeof(struct execute_opts),
	.run = rollback_run,
};
