/* SPDX-License-Identifier: MIT */
/* cmd_backup_recalculate: the command that sets a wrong stored checksum right. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/recalculate.h"

struct recalculate_opts {
	const char *backup_id;
};

#define T struct recalculate_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static const struct out_column fields[] = {
	{ "id", "Backup", "backup_id", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "changed", "Changed", "changed", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "before", "Checksum in the envelope", "checksum_before", OUT_KIND_TEXT, false,
	  OUT_WHOLE },
	{ "after", "Checksum of the payload", "checksum_after", OUT_KIND_TEXT, false,
	  OUT_WHOLE },
	{ "size_before", "Size in the envelope", "size_before", OUT_KIND_NUMBER, false,
	  OUT_WHOLE },
	{ "size_after", "Size of the payload", "size_after", OUT_KIND_NUMBER, false,
	  OUT_WHOLE },
	{ NULL },
};

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct recalculate_opts *o = options;
	DEFER(backup) *b = NULL;
	DEFER(json) *v = json_object();
	struct recalculation r;

	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	if (b->status == BACKUP_FAILED)
		return error_set(err, ERR_INVALID, "backup %s was never completed: %s", b->id,
		                 b->error);
	if (repo_recalculate(&r, cli->repo, b->id, err) < 0)
		return cli_wrap(err, "backup validation failed");
	json_set_str(v, "backup_id", b->id);
	json_set_bool(v, "changed", r.changed);
	json_set_str(v, "checksum_before", r.before);
	json_set_str(v, "checksum_after", r.after);
	json_set_int(v, "size_before", (int64_t)r.size_before);
	json_set_int(v, "size_after", (int64_t)r.size_after);
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		out_record(cli->out, fields, v);
	if (r.changed)
		out_success(cli->out, "The envelope of backup %s has the right checksum now.",
		            b->id);
	else
		out_success(cli->out, "The checksum of backup %s was right.", b->id);
	return 0;
}

const struct command cmd_backup_recalculate_checksum = {
	.name = "backup recalculate-checksum",
	.summary = "set a wrong stored checksum right, if the backup is whole",
	.details =
		"Decrypts and decodes the whole payload first. Only when every part is authentic "
		"and is the one that was stored does the envelope get the payload's true length "
		"and checksum; damage is never blessed. Says both values.",
	.examples = "backup recalculate-checksum --backup-id latest:shop",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | CHANGES,
	.options_size = sizeof(struct recalculate_opts),
	.run = run,
};
