/* SPDX-License-Identifier: MIT */
/* cmd_backup_validate: the command that checks a stored backup. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/validation.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/verify.h"

struct validate_opts {
	const char *backup_id;
	int level;
	bool integrity, completeness, restorability;
};

#define T struct validate_opts

const struct opt_choice validation_levels[] = {
	{ "listing", 1 + VERIFY_LISTING },
	{ "stored", 1 + VERIFY_STORED },
	{ "decode", 1 + VERIFY_DECODE },
	{ "load", 1 + VERIFY_LOAD },
	{ NULL },
};

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_CHOICE(
		'l', "level", NULL, T, level, validation_levels,
		"how deep to look; each level includes those before it; decode unless given"),
	OPT_FLAG(0, "integrity", T, integrity,
	         "level stored: the checksum of the stored bytes; needs no secret"),
	OPT_FLAG(0, "completeness", T, completeness,
	         "level decode: every part can be decoded and is the one that was stored"),
	OPT_FLAG(0, "restorability", T, restorability,
	         "level load: the schema comes back in a scratch database of the server"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static const struct out_column fields[] = {
	{ "id", "Backup", "backup_id", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "valid", "Valid", "valid", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "level", "Level", "level", OUT_KIND_TEXT, false, OUT_WHOLE },
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

void validation_add(struct json *v, const struct verify_result *r)
{
	char checked[CLOCK_TEXT_MAX];

	clock_format_utc(checked, r->checked_at);
	json_set_bool(v, "valid", r->valid);
	json_set_str(v, "level", verify_level_name(r->level));
	if (r->level == VERIFY_LISTING)
		json_set(v, "checksum_valid", json_null());
	else
		json_set_bool(v, "checksum_valid", r->checksum_valid);
	json_set_str(v, "checked_at", checked);
	json_set(v, "errors", lines(r->errors, r->error_count));
	json_set(v, "warnings", lines(r->warnings, r->warning_count));
}

static void show(struct cli *cli, const char *id, const struct verify_result *r)
{
	DEFER(json) *v = json_object();

	json_set_str(v, "backup_id", id);
	validation_add(v, r);
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
	error_set(err, r->damaged ? ERR_CORRUPT : ERR_INVALID, "%s", r->errors[0]);
	return error_hint(err,
	                  "Take another with: mysql-schema-sync backup create --database %s",
	                  b->database);
}

int validation_of_one(struct cli *cli, const char *spec, enum verify_level level,
                      struct error *err)
{
	DEFER(backup) *b = NULL;

	if (cli_find_backup(cli, spec, &b, err) < 0)
		return -1;
	if (validate(cli, b, level, err) < 0)
		return cli_wrap(err, "backup validation failed");
	out_success(cli->out, "Backup %s is valid.", b->id);
	return 0;
}

/* The deepest of what was asked for. */
static enum verify_level level_of(const struct validate_opts *o)
{
	if (o->level)
		return (enum verify_level)(o->level - 1);
	if (o->restorability)
		return VERIFY_LOAD;
	return o->integrity && !o->completeness ? VERIFY_STORED : VERIFY_DECODE;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct validate_opts *o = options;

	if (o->level && (o->integrity || o->completeness || o->restorability))
		return error_set(err, ERR_USAGE,
		                 "--level and --integrity, --completeness or --restorability: "
		                 "give one of them");
	return validation_of_one(cli, o->backup_id, level_of(o), err);
}

const struct command cmd_backup_validate = {
	.name = "backup validate",
	.summary = "check that a stored backup is whole",
	.details =
		"Looks at what is stored, never at the live schema: `rollback validate` compares "
		"with that. Exit status 1 when the backup is not valid.\n"
		"\n"
		"listing: both files are there, with the right length. stored: the checksum of the "
		"stored bytes, which needs no secret. decode: every part is decrypted, decoded and "
		"compared with its own checksum, and the schema is read. load: the schema is made "
		"in a scratch database of the configured server, captured again, compared, and "
		"dropped; the account must be allowed to create databases.\n"
		"\n"
		"A damaged backup is shown as CORRUPTED by `backup list` from then on, until a "
		"later check finds it whole.",
	.examples = "backup validate --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "backup validate latest --integrity\n"
		    "backup validate latest --level load",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | WATCHES,
	.options_size = sizeof(struct validate_opts),
	.run = run,
};
