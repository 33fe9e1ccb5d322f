/* SPDX-License-Identifier: MIT */
/* cmd_backup_test_encryption: the command that shows whether encryption works and a backup
 * opens. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/keys.h"

struct test_opts {
	const char *backup_id;
};

#define T struct test_opts

static const struct opt opts[] = {
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP,
	           "which backup; the newest unless given"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_OPTIONAL("BACKUP-ID", T, backup_id, COMPLETE_BACKUP,
	             "which backup; the newest unless given"),
	ARG_END,
};

/* clang-format off */
static const struct out_column fields[] = {
	{ "algorithm", "Algorithm", "algorithm", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "secret", "Current secret", "secret_fingerprint", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "source", "From", "secret_source", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "sealed", "Sealed and opened", "sealed_bytes", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "milliseconds", "Milliseconds", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "id", "Backup", "backup_id", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "encrypted", "Encrypted", "encrypted", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "needs", "Needs secret", "needs_secret", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "opened-with", "Opened with", "opened_with", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "generation", "Generation", "generation", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "files", "Files", "file_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "problem", "Problem", "problem", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ NULL },
};
/* clang-format on */

static struct json *describe(const struct encryption_test *t, const struct backup *b)
{
	struct json *v = json_object();

	json_set_str(v, "algorithm", t->sealed ? "AES-256-GCM" : "NONE");
	json_set_str(v, "secret_fingerprint", *t->fingerprint ? t->fingerprint : NULL);
	json_set_str(v, "secret_source", t->source);
	json_set_int(v, "sealed_bytes", (int64_t)t->sealed);
	json_set_int(v, "duration_ms", t->duration_ms);
	if (!b)
		return v;
	json_set_str(v, "backup_id", b->id);
	json_set_bool(v, "encrypted", t->encrypted);
	json_set_str(v, "needs_secret", *t->backup_fingerprint ? t->backup_fingerprint : NULL);
	json_set_str(v, "opened_with", t->backup_source);
	json_set_int(v, "generation", (int64_t)t->generation);
	json_set_int(v, "file_count", (int64_t)t->files);
	return v;
}

/* The backup that was named, or the newest; NULL: there is none yet. */
static int choose(struct backup **out, struct cli *cli, const char *id, struct error *err)
{
	if (cli_find_backup(cli, id ? id : "latest", out, err) == 0)
		return 0;
	if (id || err->code != ERR_NOT_FOUND)
		return -1;
	error_clear(err);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct test_opts *o = options;
	DEFER(backup) *b = NULL;
	DEFER(json) *v = NULL;
	struct encryption_test t;
	int result;

	if (choose(&b, cli, o->backup_id, err) < 0)
		return -1;
	result = repo_test_encryption(&t, cli->repo, b ? b->id : NULL, err);
	v = describe(&t, b);
	json_set_bool(v, "success", result == 0);
	json_set_str(v, "problem", result < 0 ? err->text : NULL);
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		out_record(cli->out, fields, v);
	if (result < 0)
		return cli_wrap(err, "encryption test failed");
	if (!t.sealed)
		out_note(cli->out, "New backups are not encrypted: backup.encryption.enabled "
		                   "is off.");
	out_success(cli->out,
	            b ? "Encryption works, and backup %s opens."
	              : "Encryption works; there is no backup to open yet.%s",
	            b ? b->id : "");
	return 0;
}

const struct command cmd_backup_test_encryption = {
	.name = "backup test-encryption",
	.summary = "check that encryption works and a backup opens",
	.details =
		"Seals a megabyte of random data as a backup would be, with the current secret, "
		"opens it again and compares; then opens the envelope and the index of a stored "
		"backup and says which configured secret did it, or which one is wanted. "
		"Nothing is stored. Written also when it fails; the exit status is 1 then.",
	.examples = "backup test-encryption\n"
		    "backup test-encryption --backup-id backup_20261121_09",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct test_opts),
	.run = run,
};
