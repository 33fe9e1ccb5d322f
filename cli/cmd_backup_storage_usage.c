/* SPDX-License-Identifier: MIT */
/* cmd_backup_storage_usage: the command that tells how much the store holds, and whose it is.
 */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/usage.h"

struct usage_opts {
	const char *database;
	bool detailed;
};

#define T struct usage_opts

static const struct opt opts[] = {
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_FLAG(0, "detailed", T, detailed, "also ages, states and growth of each database"),
	OPT_END,
};

static const struct out_column fields[] = {
	{ "backups", "Backups", "backup_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "size", "Size", "total_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "stored", "Stored size", "total_compressed_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "ratio", "Stored/size", "compression_ratio", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "average", "Average", "average_backup_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "oldest", "Oldest", "oldest_backup", OUT_KIND_TIME, false, OUT_WHOLE },
	{ "newest", "Newest", "newest_backup", OUT_KIND_TIME, false, OUT_WHOLE },
	{ NULL },
};

static const struct out_column databases[] = {
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "backups", "BACKUPS", "backup_count", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "size", "SIZE", "total_size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "stored", "STORED", "compressed_size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "ratio", "STORED/SIZE", "compression_ratio", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "oldest", "OLDEST", "oldest_backup", OUT_KIND_TIME, true, OUT_WHOLE },
	{ "newest", "NEWEST", "newest_backup", OUT_KIND_TIME, true, OUT_WHOLE },
	{ NULL },
};

static const struct out_column group_columns[] = {
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "age", "AGE", "age_group", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "backups", "BACKUPS", "backup_count", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "size", "SIZE", "total_size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "stored", "STORED", "compressed_size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ NULL },
};

static int show_databases(struct cli *cli, const struct json *v, struct error *err)
{
	const struct json *all = json_get(v, "storage_by_database"), *one;
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, databases, err) < 0)
		return -1;
	for (size_t i = 0; json_member(all, i, &one); i++)
		out_list_add(l, json_share(one));
	out_text(cli->out, OUT_PLAIN, "\n");
	out_list_end(l);
	return 0;
}

/* One database's rows: what came in the last day, week, month, and before. */
static void add_ages(struct out_list *l, const char *database, const struct json *v)
{
	const struct json *ages = json_get(v, "backups_by_age"), *age;

	for (size_t i = 0; json_member(ages, i, &age); i++) {
		struct json *row = json_object();

		json_set_str(row, "database_name", database);
		for (const struct out_column *c = group_columns + 1; c->name; c++)
			json_set(row, c->key, json_share(json_get(age, c->key)));
		out_list_add(l, row);
	}
}

static int show_ages(struct cli *cli, const struct json *v, struct error *err)
{
	const struct json *all = json_get(v, "storage_by_database"), *one;
	DEFER(out_list) *l = NULL;
	const char *name;

	if (out_list_begin(&l, cli->out, group_columns, err) < 0)
		return -1;
	for (size_t i = 0; (name = json_member(all, i, &one)); i++)
		add_ages(l, name, one);
	out_text(cli->out, OUT_PLAIN, "\n");
	out_list_end(l);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct usage_opts *o = options;
	DEFER(usage) *u = NULL;
	DEFER(json) *v = NULL;

	cli_check_database(cli, o->database);
	if (repo_usage(&u, cli->repo, o->database, err) < 0)
		return -1;
	v = usage_json(u, o->detailed);
	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	out_record(cli->out, fields, v);
	if (out_setup(cli->out)->format == OUT_COMPACT || u->database_count == 0)
		return 0;
	if (show_databases(cli, v, err) < 0)
		return -1;
	return o->detailed ? show_ages(cli, v, err) : 0;
}

const struct command cmd_backup_storage_usage = {
	.name = "backup storage-usage",
	.summary = "show how much the storage holds, and for which database",
	.details = "Sizes are those of the backups' contents and of what is stored of them. "
		   "Nothing is read from the storage but what other hosts added.",
	.examples = "backup storage-usage\n"
		    "backup storage-usage --detailed --database shop\n"
		    "backup storage-usage --format json",
	.opts = opts,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct usage_opts),
	.run = run,
};
