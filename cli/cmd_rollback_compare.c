/* SPDX-License-Identifier: MIT */
/* cmd_rollback_compare: rollback compare, rollback validate, schema compare. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rollback.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/verify.h"

struct compare_opts {
	const char *backup_id;
	const char *database;
	bool verify;
};

#define T struct compare_opts

static const struct opt compare_options[] = {
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "which backup"),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "compare this database instead of the backup's own"),
	OPT_END,
};

static const struct opt validate_options[] = {
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "which backup"),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "compare this database instead of the backup's own"),
	OPT_FLAG(0, "verify", T, verify, "check the stored backup first"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "which backup; latest is the newest"),
	ARG_END,
};

/* The number of differences, or -1. */
static int64_t compare(struct cli *cli, const struct compare_opts *o, struct error *err)
{
	const struct rollback_options how = { .database = o->database };
	DEFER(rollback) *rb = NULL;
	DEFER(json) *v = NULL;
	size_t count;

	if (rollback_prepare(&rb, cli, o->backup_id, &how, err) < 0)
		return -1;
	count = view_difference_count(rb->diff);
	if (rb->database_missing && count == 0)
		count = 1;
	if (out_is_data(cli->out)) {
		v = view_comparison(rb, rb->diff);
		json_set_bool(v, "equal", count == 0);
		out_value(cli->out, v);
	} else if (count > 0) {
		if (rb->database_missing)
			out_text(cli->out, OUT_BAD, "- missing database: %s\n", rb->database);
		view_differences(cli->out, rb->diff);
	} else {
		out_text(cli->out, OUT_GOOD, "Database %s matches backup %s.\n", rb->database,
		         rb->backup->id);
	}
	return (int64_t)count;
}

static int compare_run(struct cli *cli, const void *options, struct error *err)
{
	int64_t count = compare(cli, options, err);

	if (count < 0)
		return cli_wrap(err, "failed to compare");
	cli->status = count > 0 ? error_exit_status(ERR_DIFFERS) : 0;
	return 0;
}

static int verify_stored(struct cli *cli, const char *spec, struct error *err)
{
	DEFER(backup) *b = NULL;
	DEFER(verify_result) *r = NULL;

	if (cli_find_backup(cli, spec, &b, err) < 0 ||
	    repo_verify(&r, cli->repo, b->id, VERIFY_DECODE, err) < 0)
		return -1;
	if (!r->valid)
		return error_set(err, ERR_CORRUPT, "backup validation failed: %s",
		                 r->errors[0]);
	return 0;
}

static int validate_run(struct cli *cli, const void *options, struct error *err)
{
	const struct compare_opts *o = options;
	int64_t count;

	if (o->verify && verify_stored(cli, o->backup_id, err) < 0)
		return cli_wrap(err, "rollback validation failed");
	count = compare(cli, o, err);
	if (count == 0)
		return 0;
	if (count < 0)
		return cli_wrap(err, "rollback validation failed");
	error_set(
		err, ERR_INVALID,
		"rollback validation failed: %lld differences between the live schema and the "
		"backup",
		(long long)count);
	return error_hint(err, "`rollback plan` shows what would make them equal.");
}

const struct command cmd_rollback_validate = {
	.name = "rollback validate",
	.alias = "rollback status",
	.summary = "check that the live schema equals a backup",
	.details = "Exit status 0 when every object is equal, 1 when something differs.",
	.examples = "rollback validate --backup-id latest:shop",
	.opts = validate_options,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct compare_opts),
	.run = validate_run,
};

const struct command cmd_rollback_compare = {
	.name = "rollback compare",
	.summary = "show what differs between the live schema and a backup",
	.details = "Exit status 0 when nothing differs, 4 when something does.",
	.examples = "rollback compare --backup-id latest:shop",
	.opts = compare_options,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct compare_opts),
	.run = compare_run,
};

const struct command cmd_schema_compare = {
	.name = "schema compare",
	.summary = "show what differs between the live schema and a backup",
	.details = "The same as `rollback compare`. Exit status 0 when nothing differs, 4 when "
		   "something does.",
	.examples = "schema compare --backup-id latest:shop",
	.opts = compare_options,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct compare_opts),
	.run = compare_run,
};
