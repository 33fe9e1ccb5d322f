/* SPDX-License-Identifier: MIT */
#include "cli/cmd_rollback.h"

#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/metadata.h"
#include "engine/repo/repo.h"

int rollback_prepare(struct rollback **out, struct cli *cli, const char *spec,
                     const struct rollback_options *o, struct error *err)
{
	DEFER(backup) *b = NULL;

	if (cli_find_backup(cli, spec, &b, err) < 0)
		return -1;
	if (b->status == BACKUP_FAILED || b->status == BACKUP_CREATING)
		return error_set(err, ERR_INVALID, "backup %s was never completed", b->id);
	if (rollback_open(out, cli->repo, b->id, o, err) < 0)
		return -1;
	cli_note(cli, NULL, (*out)->database);
	return 0;
}

struct list_opts {
	const char *database;
	int64_t limit;
};

static const struct opt list_options[] = {
	OPT_STRING('d', "database", struct list_opts, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_INT('n', "limit", struct list_opts, limit, 0, 1000000000, 50,
	        "at most so many, the newest; 0: all"),
	OPT_END,
};

static const struct out_column points[] = {
	{ "id", "BACKUP", "backup_id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "created", "CREATED", "created_at", OUT_KIND_TIME, true, OUT_WHOLE },
	{ "description", "DESCRIPTION", "description", OUT_KIND_TEXT, true, OUT_CUT },
	{ "schema-hash", "SCHEMA HASH", "schema_hash", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "tags", "TAGS", "tags", OUT_KIND_PAIRS, false, OUT_CUT },
	{ NULL },
};

static int add_point(void *arg, const struct backup *b, struct error *err)
{
	DEFER(json) *public = metadata_public(b);
	struct json *row = json_object();

	(void)err;
	json_set_str(row, "backup_id", b->id);
	json_set_str(row, "database_name", b->database);
	json_set(row, "created_at", json_share(json_get(public, "created_at")));
	json_set_str(row, "description", b->description);
	json_set_str(row, "schema_hash", b->schema_hash);
	json_set(row, "tags", json_share(json_get(public, "tags")));
	out_list_add(arg, row);
	return 0;
}

static int list_run(struct cli *cli, const void *options, struct error *err)
{
	const struct list_opts *o = options;
	const struct catalog_filter f = {
		.database = o->database,
		.statuses = 1U << BACKUP_COMPLETED,
		.limit = (size_t)o->limit,
	};
	DEFER(out_list) *l = NULL;
	int64_t count;

	cli_check_database(cli, o->database);
	if (out_list_begin(&l, cli->out, points, err) < 0 ||
	    catalog_backup_each(repo_catalog(cli->repo), &f, add_point, l, err) < 0)
		return -1;
	out_list_end(l);
	if (out_setup(cli->out)->format != OUT_TABLE)
		return 0;
	count = catalog_backup_count(repo_catalog(cli->repo), &f, err);
	if (count == 0)
		out_note(cli->out, "No rollback points found.");
	return count < 0 ? -1 : 0;
}

const struct command cmd_rollback_list = {
	.name = "rollback list",
	.summary = "list the backups that a rollback can go to",
	.examples = "rollback list --database shop",
	.opts = list_options,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST,
	.options_size = sizeof(struct list_opts),
	.run = list_run,
};

const struct command cmd_rollback = {
	.name = "rollback",
	.summary = "bring the live schema back to a backup",
	.details = "The same as `rollback execute`.",
	.examples = "rollback --backup-id backup_20261121_090311_a1b2c3d4",
	.opts = execute_options,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT | ASKS | CHANGES,
	.options_size = sizeof(struct execute_opts),
	.run = rollback_run,
};
