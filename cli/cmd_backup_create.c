/* SPDX-License-Identifier: MIT */
/* cmd_backup_create: the command that takes a backup. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/tags.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/repo.h"

struct create_opts {
	const char *database;
	const char *description;
	struct opt_list tags;
	bool force, full;
};

#define T struct create_opts

static const struct opt opts[] = {
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "database to back up; the configuration's unless given"),
	OPT_TEXT(0, "description", T, description, "TEXT",
	         "why it is taken, at most 500 characters"),
	OPT_LIST('t', "tag", T, tags, "KEY=VALUE", COMPLETE_TAG,
	         "mark it; may be given again and again"),
	OPT_CSV(0, "tags", T, tags, "KEY=VALUE,..", COMPLETE_TAG, "the same, several at once"),
	OPT_CONFIG_ALSO(0, "compression", "backup.compression.algorithm",
	                "backup.compression.enabled=true", "ALGORITHM", COMPLETE_NOTHING,
	                "compress with zstd, gzip, lz4 or none instead of what is configured"),
	OPT_CONFIG_ALSO(0, "encryption-key", "backup.encryption.key_file",
	                "backup.encryption.key_source=file backup.encryption.enabled=true",
	                "FILE", COMPLETE_FILE,
	                "encrypt with the secret in this file: 32 bytes or 64 hex digits"),
	OPT_CONFIG(0, "storage", "backup.storage.provider", "PROVIDER", COMPLETE_NOTHING,
	           "store in local, s3, azure or gcs instead of what is configured"),
	OPT_FLAG(0, "full", T, full,
	         "capture everything, also when one query tells that nothing changed"),
	OPT_FLAG(0, "force", T, force, "also when backup.enabled is false"),
	OPT_END,
};

static int check_enabled(const struct cli *cli, const struct create_opts *o, struct error *err)
{
	autobuf place = BUF_INIT;

	if (config_bool(cli->config, "backup.enabled") || o->force)
		return 0;
	config_describe_origin(&place, cli->config, "backup.enabled");
	error_set(err, ERR_REFUSED, "backups are turned off: backup.enabled is false (%s)",
	          place.data);
	return error_hint(err, "--force takes one all the same.");
}

static int create(struct backup **out, struct cli *cli, const struct create_opts *o,
                  struct error *err)
{
	autotags struct tags tags = { 0 };
	struct create_options options = {
		.database = o->database,
		.description = o->description,
		.full = o->full,
	};

	if (tags_parse(&tags, &o->tags, err) < 0)
		return -1;
	options.tags = tags.items;
	options.tag_count = tags.count;
	return repo_create(out, cli->repo, &options, err);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct create_opts *o = options;
	DEFER(backup) *b = NULL;
	DEFER(json) *v = NULL;

	cli_note(cli, NULL, o->database);
	if (check_enabled(cli, o, err) < 0)
		return -1;
	if (create(&b, cli, o, err) < 0)
		return cli_wrap(err, "failed to create backup");
	cli_note(cli, b->id, b->database);
	v = view_backup(b);
	json_set_str(v, "backup_id", b->id);
	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	out_record(cli->out, view_backup_fields, v);
	out_success(cli->out, "Backup of database %s taken.", b->database);
	return 0;
}

const struct command cmd_backup_create = {
	.name = "backup create",
	.summary = "take a backup of a database's schema",
	.details =
		"Captures every object of the database that the account may see, as the server "
		"itself writes it, and stores it compressed and, when configured, encrypted. A "
		"backup that is acknowledged has been read back and checked. When one query tells "
		"that nothing changed since the database's newest backup, its content is copied "
		"instead of captured; the result is as complete and independent.\n"
		"\n"
		"A failed attempt leaves nothing in the store; `backup list --status failed` "
		"remembers it.",
	.examples = "backup create --database shop\n"
		    "backup create --description \"Release 2\" --tag release=2\n"
		    "backup create --output-format json",
	.opts = opts,
	.traits = NEED_REPO | NEED_SERVER | HAS_FORMAT | CHANGES,
	.options_size = sizeof(struct create_opts),
	.run = run,
};
