/* SPDX-License-Identifier: MIT */
/* cmd_backup_edit: the command that changes a backup's description and tags. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/tags.h"
#include "cli/view.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/edit.h"

struct edit_opts {
	const char *backup_id;
	const char *description;
	struct opt_list tags, removed;
};

#define T struct edit_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_STRING(0, "description", T, description, "TEXT", COMPLETE_NOTHING,
	           "why it was taken, at most 500 characters; '' for none"),
	OPT_LIST('t', "tag", T, tags, "KEY=VALUE", COMPLETE_TAG,
	         "set this tag, in place of its value before; may be given again and again"),
	OPT_CSV(0, "tags", T, tags, "KEY=VALUE,..", COMPLETE_TAG, "the same, several at once"),
	OPT_LIST(0, "remove-tag", T, removed, "KEY", COMPLETE_TAG,
	         "take this tag away; may be given again and again"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "which backup"),
	ARG_END,
};

static int check(const struct edit_opts *o, struct error *err)
{
	if (o->description || o->tags.count > 0 || o->removed.count > 0)
		return 0;
	error_set(err, ERR_USAGE, "nothing to change was named");
	return error_hint(err, "Say what: --description TEXT, --tag KEY=VALUE or --remove-tag "
	                       "KEY.");
}

static void show(struct cli *cli, const struct backup *b, int changed)
{
	DEFER(json) *v = view_backup(b);

	if (out_is_data(cli->out)) {
		json_set_str(v, "backup_id", b->id);
		json_set_bool(v, "changed", changed > 0);
		out_value(cli->out, v);
		return;
	}
	out_record(cli->out, view_backup_fields, v);
	if (cli->outcome)
		out_note(cli->out, "Would change backup %s (dry run).", b->id);
	else if (changed > 0)
		out_success(cli->out, "Backup %s changed.", b->id);
	else
		out_note(cli->out, "Backup %s was so already: nothing was changed.", b->id);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct edit_opts *o = options;
	autotags struct tags tags = { 0 };
	DEFER(backup) *b = NULL;
	DEFER(backup) *now = NULL;
	struct edit_options how = { .description = o->description,
		                    .removed = o->removed.items,
		                    .removed_count = o->removed.count };
	int changed;

	if (check(o, err) < 0 || tags_parse(&tags, &o->tags, err) < 0 ||
	    cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	how.tags = tags.items;
	how.tag_count = tags.count;
	if (config_bool(cli->config, "dry_run")) {
		cli->outcome = "dry run";
		show(cli, b, 0);
		return 0;
	}
	changed = repo_edit(&now, cli->repo, b, &how, err);
	if (changed < 0)
		return -1;
	show(cli, now, changed);
	return 0;
}

const struct command cmd_backup_edit = {
	.name = "backup edit",
	.summary = "change a backup's description and tags",
	.details =
		"Only what people wrote on the backup changes; its content stays as it is, and so "
		"do its checksum and its age. Protected backups may be edited: --remove-tag "
		"protected takes the protection off, --tag protected=true puts it on.",
	.examples = "backup edit latest:shop --tag release=2 --tag protected=true\n"
		    "backup edit latest:shop --remove-tag protected\n"
		    "backup edit latest --description \"Before the move\"",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | CHANGES,
	.options_size = sizeof(struct edit_opts),
	.run = run,
};
