/* SPDX-License-Identifier: MIT */
/* cmd_backup_delete: the command that deletes one backup, after asking. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/prompt.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/repo/remove.h"

struct delete_opts {
	const char *backup_id;
	bool force, dry_run;
};

#define T struct delete_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_FLAG(
		0, "force", T, force,
		"do not ask, and delete also what is protected or the only one of its database"),
	OPT_FLAG(0, "dry-run", T, dry_run, "show what would be deleted and delete nothing"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "which backup"),
	ARG_END,
};

static void show(struct cli *cli, const struct backup *b, bool deleted)
{
	DEFER(json) *v = json_object();

	if (!out_is_data(cli->out))
		return;
	json_set_str(v, "backup_id", b->id);
	json_set_bool(v, "deleted", deleted);
	json_set_int(v, "freed_bytes", deleted ? (int64_t)b->stored_size : 0);
	out_value(cli->out, v);
}

/* 1 delete, 0 not, -1. */
static int ask(struct cli *cli, const struct backup *b, const struct delete_opts *o,
               struct error *err)
{
	DEFER(json) *v = view_backup(b);
	autobuf question = BUF_INIT;
	autobuf created = BUF_INIT;
	char size[NUMBER_TEXT_MAX];
	struct prompt p;

	cli_prompt(&p, cli);
	p.yes = p.yes || o->force;
	number_format_size(size, b->stored_size);
	out_render(&created, cli->out, &view_backup_columns[2], v);
	buf_addf(&question, "Delete backup %s of database %s, taken %s, %s stored?", b->id,
	         b->database, created.data, size);
	return prompt_confirm(&p, question.data, err);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct delete_opts *o = options;
	DEFER(backup) *b = NULL;
	int answer;

	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	if (o->dry_run || config_bool(cli->config, "dry_run")) {
		cli->outcome = "dry run";
		show(cli, b, false);
		out_note(cli->out, "Would delete backup %s of database %s (dry run).", b->id,
		         b->database);
		return 0;
	}
	answer = ask(cli, b, o, err);
	if (answer < 0)
		return -1;
	if (!answer) {
		cli->outcome = "cancelled";
		show(cli, b, false);
		out_note(cli->out, "Cancelled: nothing was deleted.");
		return 0;
	}
	if (repo_remove(cli->repo, b, o->force, err) < 0)
		return -1;
	show(cli, b, true);
	out_success(cli->out, "Backup %s deleted.", b->id);
	return 0;
}

const struct command cmd_backup_delete = {
	.name = "backup delete",
	.summary = "delete a backup",
	.details =
		"Asks first. A backup with the tag protected=true and the only completed one of "
		"its database stay unless --force is given.",
	.examples = "backup delete --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "backup delete backup_20261121_090311_a1b2c3d4 --yes",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | ASKS | CHANGES,
	.options_size = sizeof(struct delete_opts),
	.run = run,
};
