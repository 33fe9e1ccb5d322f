/* SPDX-License-Identifier: MIT */
/* cmd_compare: schema compare, rollback compare, rollback validate. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/compare.h"
#include "engine/repo/verify.h"

struct compare_opts {
	const char *backup_id;
	const char *file;
	const char *from, *to;
	const char *database;
	bool source, brief, exit_code, verify;
};

#define T struct compare_opts

/* clang-format off */
#define OPT_WHICH \
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "which backup")
#define OPT_AGAINST \
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE, \
	           "compare this database instead of the backup's own")
#define OPT_HOW \
	OPT_FLAG(0, "brief", T, brief, "what differs, without the texts"), \
	OPT_FLAG(0, "exit-code", T, exit_code, \
	         "tell by the exit status alone: 0 equal, 4 different")
/* clang-format on */

static const struct opt schema_options[] = {
	OPT_WHICH,
	OPT_STRING(0, "file", T, file, "PATH", COMPLETE_FILE,
	           "compare with an SQL file, or a directory of SQL files"),
	OPT_FLAG(0, "source", T, source, "compare with the source server's database"),
	OPT_STRING(0, "from", T, from, "SCHEMA", COMPLETE_BACKUP,
	           "the one that counts: a backup, a path, live, live:DB, source or source:DB"),
	OPT_STRING(0, "to", T, to, "SCHEMA", COMPLETE_BACKUP,
	           "what is held against it; the live schema unless given"),
	OPT_AGAINST,
	OPT_HOW,
	OPT_END,
};

static const struct opt compare_options[] = { OPT_WHICH, OPT_AGAINST, OPT_HOW, OPT_END };

static const struct opt validate_options[] = {
	OPT_WHICH,
	OPT_AGAINST,
	OPT_FLAG(0, "verify", T, verify, "check the stored backup first"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static const struct arg schema_args[] = {
	ARG_OPTIONAL("BACKUP-ID", T, backup_id, COMPLETE_BACKUP,
	             "which backup; latest is the newest"),
	ARG_END,
};

/* The side that counts: exactly one way of saying it. */
static int choose_from(struct wanted_spec *out, const struct compare_opts *o, struct error *err)
{
	int given = !!o->backup_id + !!o->file + !!o->from + o->source;

	if (given != 1) {
		error_set(err, ERR_USAGE,
		          given ? "more than one schema to compare with"
		                : "no schema to compare with");
		return error_hint(err, "Give one of --backup-id ID, --file PATH, --source and "
		                       "--from SCHEMA.");
	}
	*out = (struct wanted_spec){ .kind = WANTED_BACKUP, .name = o->backup_id };
	if (o->file)
		*out = (struct wanted_spec){ .kind = WANTED_FILE, .name = o->file };
	if (o->source)
		*out = (struct wanted_spec){ .kind = WANTED_SOURCE };
	if (o->from)
		wanted_parse(out, o->from);
	return 0;
}

static int choose_to(struct wanted_spec *out, const struct compare_opts *o, struct error *err)
{
	if (o->to && o->database)
		return error_set(err, ERR_USAGE, "--to and --database exclude each other");
	*out = (struct wanted_spec){ .kind = WANTED_LIVE, .name = o->database };
	if (o->to)
		wanted_parse(out, o->to);
	return 0;
}

static int open_comparison(struct comparison **out, struct cli *cli,
                           const struct compare_opts *o, struct error *err)
{
	struct wanted_spec from, to;

	if (choose_from(&from, o, err) < 0 || choose_to(&to, o, err) < 0 ||
	    compare_open(out, cli->repo, &from, &to, err) < 0)
		return -1;
	cli_note(cli, (*out)->from->backup ? (*out)->from->backup->id : NULL,
	         (*out)->to->database);
	return 0;
}

static void show(struct cli *cli, const struct comparison *c, const struct compare_opts *o,
                 bool brief)
{
	DEFER(json) *v = NULL;

	if (o->exit_code)
		return;
	if (!out_is_data(cli->out)) {
		view_compared_text(cli->out, c, brief);
		return;
	}
	v = view_compared(c);
	out_value(cli->out, v);
}

static int compare_run(struct cli *cli, const void *options, struct error *err)
{
	const struct compare_opts *o = options;
	DEFER(comparison) *c = NULL;

	if (open_comparison(&c, cli, o, err) < 0)
		return cli_wrap(err, "failed to compare");
	show(cli, c, o, o->brief);
	cli->status = c->counts.all > 0 ? error_exit_status(ERR_DIFFERS) : 0;
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
	DEFER(comparison) *c = NULL;

	if ((o->verify && verify_stored(cli, o->backup_id, err) < 0) ||
	    open_comparison(&c, cli, o, err) < 0)
		return cli_wrap(err, "rollback validation failed");
	show(cli, c, o, true);
	if (c->counts.all == 0)
		return 0;
	error_set(err, ERR_INVALID,
	          "rollback validation failed: %zu differences between the live schema and the "
	          "backup",
	          c->counts.all);
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
	.details = "What differs, object by object, and then the objects' texts as unified "
		   "diffs: - is the backup's line, + the live schema's.\n"
		   "\n"
		   "Exit status 0 when nothing differs, 4 when something does.",
	.examples = "rollback compare --backup-id latest:shop\n"
		    "rollback compare latest:shop --brief",
	.opts = compare_options,
	.args = args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct compare_opts),
	.run = compare_run,
};

const struct command cmd_schema_compare = {
	.name = "schema compare",
	.summary = "show what differs between two schemas",
	.details =
		"Compares the live schema, or what --to says, with a backup, an SQL file, a "
		"directory of SQL files, another database or the source server's. Shows what "
		"differs, object by object, and then the objects' texts as unified diffs: - is the "
		"line of the one that counts, + the line of the one that is held against it.\n"
		"\n"
		"SQL files are run in a scratch database of the target server, named "
		"_mss_scratch_..., which is dropped again: so they may be written in any way that "
		"the server understands. They may make objects of one database and nothing else; "
		"rows are left out.\n"
		"\n"
		"Exit status 0 when nothing differs, 4 when something does.",
	.examples = "schema compare --backup-id latest:shop\n"
		    "schema compare --file schema.sql --database shop\n"
		    "schema compare --from latest:shop --to ./schema.sql",
	.opts = schema_options,
	.args = schema_args,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct compare_opts),
	.run = compare_run,
};
