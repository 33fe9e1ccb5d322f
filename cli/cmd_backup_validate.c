/* SPDX-License-Identifier: MIT */
/* cmd_backup_validate: the command that checks a stored backup. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/verify.h"

struct validate_opts {
	const char *backup_id;
	bool integrity, completeness, restorability;
};

#define T struct validate_opts

static const struct opt opts[] = {
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "which backup"),
	OPT_FLAG(0, "integrity", T, integrity,
	         "only the length and checksum of the stored bytes; needs no secret"),
	OPT_FLAG(0, "completeness", T, completeness,
	         "also that every part can be decoded and is the one that was stored"),
	OPT_FLAG(0, "restorability", T, restorability,
	         "also that the stored schema can be read; all three unless given"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "which backup; latest is the newest"),
	ARG_END,
};

static const struct out_column fields[] = {
	{ "id", "Backup", "backup_id", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "valid", "Valid", "valid", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "checksum", "Checksum valid", "checksum_valid", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "checked", "Checked", "checked_at", OUT_KIND_TIME, false, OUT_WHOLE },
	{ "errors", "Errors", "errors", OUT_KIND_LIST, false, OUT_WHOLE },
	{ "warnings", "Warnings", "warnings", OUT_KIND_LIST, false, OUT_WHOLE },
	{ NULL },
};

static struct json *lines(char *const *texts, size_t count)
{
	struct json *a = json_array();

	for (size_t i = 0; i < count; i++)
		json_append(a, json_str(texts[i]));
	return a;
}

static void show(struct cli *cli, const char *id, const struct verify_result *r)
{
	DEFER(json) *v = json_object();
	char checked[CLOCK_TEXT_MAX];

	clock_format_utc(checked, r->checked_at);
	json_set_str(v, "backup_id", id);
	json_set_bool(v, "valid", r->valid);
	json_set_bool(v, "checksum_valid", r->checksum_valid);
	json_set_str(v, "checked_at", checked);
	json_set(v, "errors", lines(r->errors, r->error_count));
	json_set(v, "warnings", lines(r->warnings, r->warning_count));
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		out_record(cli->out, fields, v);
}

static int validate(struct cli *cli, const struct backup *b, enum verify_level level,
                    struct error *err)
{
	DEFER(verify_result) *r = NULL;

	if (b->status == BACKUP_FAILED)
		return error_set(err, ERR_INVALID, "backup %s was never completed: %s", b->id,
		                 b->error);
	if (repo_verify(&r, cli->repo, b->id, level, err) < 0)
		return -1;
	show(cli, b->id, r);
	if (r->valid)
		return 0;
	error_set(err, ERR_CORRUPT, "%s", r->error_count > 0 ? r->errors[0] : "not valid");
	return error_hint(err,
	                  "Take another with: mysql-schema-sync backup create --database %s",
	                  b->database);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct validate_opts *o = options;
	bool stored_only = o->integrity && !o->completeness && !o->restorability;
	DEFER(backup) *b = NULL;

	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	if (validate(cli, b, stored_only ? VERIFY_STORED : VERIFY_DECODE, err) < 0)
		return cli_wrap(err, "backup validation failed");
	out_success(cli->out, "Backup %s is valid.", b->id);
	return 0;
}

const struct command cmd_backup_validate = {
	.name = "backup validate",
	.summary = "check that a stored backup is whole",
	.details =
		"Looks at what is stored, never at the live schema: `rollback validate` compares "
		"with that. Exit status 1 when the backup is not valid.",
	.examples = "backup validate --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "backup validate latest --integrity",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct validate_opts),
	.run = run,
};
