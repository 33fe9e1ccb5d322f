/* SPDX-License-Identifier: MIT */
/* cmd_rollback_plan: the command that shows what a rollback would do. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rollback.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"

struct plan_opts {
	struct opt_list renames;
	const char *backup_id;
	const char *database;
	bool show_sql, show_differences, show_warnings, disable_fk_checks, prove, preflight,
		preserve_data, allow_untrusted;
	int64_t preflight_timeout;
};

#define T struct plan_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "roll this database back instead of the backup's own"),
	OPT_FLAG(0, "show-sql", T, show_sql,
	         "print the plan as a script for the stock client instead"),
	OPT_FLAG(0, "show-differences", T, show_differences,
	         "also what differs; in a script, as comments"),
	OPT_FLAG(0, "show-warnings", T, show_warnings,
	         "repeat the warnings on standard error, beside a script or compact output"),
	OPT_FLAG(0, "prove", T, prove,
	         "try the plan on an empty scratch copy: does it lead there, and how does the "
	         "server run each step"),
	OPT_FLAG(0, "preflight", T, preflight,
	         "ask the rows: how many each step would lose, and which stand in its way"),
	OPT_INT(0, "preflight-timeout", T, preflight_timeout, 0, 86400, PREFLIGHT_SECONDS,
	        "seconds for that; 0: no limit"),
	OPT_FLAG(0, "allow-untrusted", T, allow_untrusted,
	         "with --prove: try an imported backup, too"),
	OPT_FLAG(0, "preserve-data", T, preserve_data,
	         "plan to lose nothing: what would go moves to a quarantine database"),
	OPT_LIST(0, "rename", T, renames, "OLD=NEW", COMPLETE_NOTHING, RENAME_HELP),
	OPT_FLAG(0, "disable-fk-checks", T, disable_fk_checks,
	         "plan with foreign key checks turned off for all steps"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static void add_header(struct buf *header, const struct rollback *rb, const struct plan_opts *o)
{
	buf_addf(header, "rollback of database %s to backup %s", rb->database, rb->backup->id);
	if (rb->database_missing)
		buf_adds(header, "\nthe database is not there: create it first");
	if (rb->plan->preserved_count > 0)
		buf_addf(header, "\nrows are kept in database %s: create it first",
		         rb->plan->quarantine);
	for (size_t i = 0; o->show_differences && i < rb->diff->count; i++) {
		buf_adds(header, "\ndifference: ");
		change_describe(header, &rb->diff->changes[i]);
	}
}

static void show(struct cli *cli, const struct rollback *rb, const struct plan_opts *o)
{
	DEFER(json) *v = NULL;
	autobuf header = BUF_INIT;
	autobuf script = BUF_INIT;

	if (o->show_sql) {
		add_header(&header, rb, o);
		plan_script(&script, rb->plan, header.data);
	}
	if (out_is_data(cli->out)) {
		v = view_plan(rb);
		if (o->show_sql)
			json_set_str(v, "script", script.data);
		out_value(cli->out, v);
	} else if (o->show_sql) {
		out_raw(cli->out, script.data, script.len);
	} else if (rb->plan->count > 0 || rb->database_missing) {
		view_plan_text(cli->out, rb, o->show_differences);
	} else {
		view_not_compared(cli->out, rb->diff);
		out_text(cli->out, OUT_PLAIN, "Database %s already matches backup %s.\n",
		         rb->database, rb->backup->id);
	}
}

/* What a script or a listing does not tell by itself. */
static void repeat_warnings(struct cli *cli, const struct rollback *rb,
                            const struct plan_opts *o)
{
	bool told = !o->show_sql && out_setup(cli->out)->format == OUT_TABLE;

	for (size_t i = 0; o->show_warnings && !told && i < rb->plan->warning_count; i++)
		out_warning(cli->out, "%s", rb->plan->warnings[i]);
}

/* Where to go from here. */
static void show_next(struct cli *cli, const struct rollback *rb, const struct plan_opts *o)
{
	if (rb->plan->count == 0 && !rb->database_missing)
		return;
	out_note(cli->out, "%s", "");
	if (!o->preflight && !o->prove)
		out_note(cli->out, "--preflight counts the rows, --prove tries the plan on an "
		                   "empty copy, --show-sql prints it.");
	out_note(cli->out, "To carry it out: mysql-schema-sync rollback execute --backup-id %s",
	         rb->backup->id);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct plan_opts *o = options;
	const struct rollback_options how = {
		.database = o->database,
		.foreign_key_checks_off = o->disable_fk_checks,
		.renames = o->renames.items,
		.rename_count = o->renames.count,
		.preserve_data = o->preserve_data,
		.allow_untrusted = o->allow_untrusted,
		.preflight_seconds = o->preflight_timeout,
		.no_preflight = !o->preflight,
		.no_proof = !o->prove,
	};
	DEFER(rollback) *rb = NULL;

	if (rollback_prepare(&rb, cli, o->backup_id, &how, err) < 0)
		return cli_wrap(err, "failed to plan rollback");
	if (rollback_check(rb, cli->repo, &how, err) < 0)
		return cli_wrap(err, "failed to plan rollback");
	show(cli, rb, o);
	repeat_warnings(cli, rb, o);
	if (!o->show_sql && out_setup(cli->out)->format == OUT_TABLE)
		show_next(cli, rb, o);
	return 0;
}

const struct command cmd_rollback_plan = {
	.name = "rollback plan",
	.summary = "show what a rollback would do, and change nothing",
	.details = "Each step comes with its risk: none, rebuild (rows are copied or checked), "
		   "narrowing (rows may not fit) or data loss.",
	.examples = "rollback plan --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "rollback plan latest:shop --show-sql\n"
		    "rollback plan latest --format json",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct plan_opts),
	.run = run,
};
