/* SPDX-License-Identifier: MIT */
/* cmd_backup_cleanup: the command that deletes what the retention policy no longer keeps. */
#include <string.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/repo/cleanup_plan.h"
#include "engine/repo/metadata.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"

struct cleanup_opts {
	const char *database, *plan;
	bool dry_run, force;
};

#define T struct cleanup_opts

static const struct opt opts[] = {
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_FLAG(0, "dry-run", T, dry_run,
	         "show every decision with its reasons, delete nothing"),
	OPT_STRING(0, "plan", T, plan, "FILE", COMPLETE_FILE,
	           "delete exactly what this plan says, or nothing: the output of --dry-run "
	           "--format json"),
	OPT_FLAG(0, "force", T, force,
	         "also where the newest backup that is kept does not verify"),
	OPT_CONFIG(0, "max-backups", "backup.retention.max_backups", "N", COMPLETE_NOTHING,
	           "keep at most so many per database; 0: any number"),
	OPT_CONFIG(0, "max-age", "backup.retention.max_age", "DURATION", COMPLETE_NOTHING,
	           "older ones go, such as 30d; 0: any age"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "action", "ACTION", "action", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "id", "ID", "backup_id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "created", "CREATED", "created_at", OUT_KIND_TIME, true, OUT_WHOLE },
	{ "stored", "STORED", "compressed_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "status", "STATUS", "status", OUT_KIND_STATUS, false, OUT_WHOLE },
	{ "reasons", "REASONS", "reasons", OUT_KIND_LIST, true, OUT_WRAP },
	{ NULL },
};

/* "newest, daily 2026-11-21" as an array. */
static struct json *reasons(const struct buf *text)
{
	struct json *a = json_array();
	const char *p = text->data;

	while (*p) {
		const char *end = strstr(p, ", ");
		size_t n = end ? (size_t)(end - p) : strlen(p);

		json_append(a, json_strn(p, n));
		p += n + (end ? 2 : 0);
	}
	return a;
}

static int collect(void *arg, const struct retention_decision *d, struct error *err)
{
	DEFER(json) *public = metadata_public(d->backup);
	struct json *row = json_object();

	(void)err;
	json_set_str(row, "action", d->keep ? "keep" : "delete");
	json_set_str(row, "backup_id", d->backup->id);
	json_set_str(row, "database_name", d->backup->database);
	json_set_str(row, "created_at", json_get_str(public, "created_at", ""));
	json_set_str(row, "status", backup_status_name(d->backup->status));
	json_set_int(row, "compressed_size", (int64_t)d->backup->stored_size);
	json_set(row, "reasons", reasons(&d->reasons));
	json_append(arg, row);
	return 0;
}

static int show(struct cli *cli, struct json *rows, const struct cleanup_result *r,
                bool dry_run, struct error *err)
{
	DEFER(json) *v = json_object();
	DEFER(out_list) *l = NULL;
	char freed[NUMBER_TEXT_MAX];

	if (out_is_data(cli->out)) {
		json_set_bool(v, "dry_run", dry_run);
		json_set_str(v, "storage", repo_location(cli->repo));
		json_set_int(v, "processed", (int64_t)r->processed);
		json_set_int(v, "kept", (int64_t)r->kept);
		json_set_int(v, "deleted", (int64_t)r->deleted);
		json_set_int(v, "freed_bytes", (int64_t)r->freed);
		json_set(v, "backups", json_share(rows));
		out_value(cli->out, v);
		return 0;
	}
	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(rows); i++)
		out_list_add(l, json_share(json_at(rows, i)));
	out_list_end(l);
	number_format_size(freed, r->freed);
	if (dry_run)
		out_note(cli->out, "Would keep %zu and delete %zu, %s (dry run).", r->kept,
		         r->deleted, freed);
	else
		out_success(cli->out, "Kept %zu, deleted %zu, freed %s.", r->kept, r->deleted,
		            freed);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct cleanup_opts *o = options;
	DEFER(cleanup_plan) *plan = NULL;
	struct cleanup_options how = {
		.database = o->database,
		.dry_run = o->dry_run || config_bool(cli->config, "dry_run"),
		.force = o->force,
	};
	struct cleanup_result result;
	DEFER(json) *rows = json_array();

	if (o->plan && o->database)
		return error_set(err, ERR_USAGE, "--plan and --database exclude each other");
	if (o->plan && cleanup_plan_read(&plan, o->plan, repo_location(cli->repo), err) < 0)
		return -1;
	how.plan = plan;
	cli_note(cli, NULL, o->database);
	cli->outcome = how.dry_run ? "dry run" : NULL;
	if (repo_cleanup(&result, cli->repo, &how, collect, rows, err) < 0)
		return -1;
	if (result.processed == 0)
		cli_check_database(cli, o->database);
	return show(cli, rows, &result, how.dry_run, err);
}

const struct command cmd_backup_cleanup = {
	.name = "backup cleanup",
	.summary = "delete what the retention policy no longer keeps",
	.details =
		"Per database, newest first: max_backups and max_age are ceilings; keep_last, "
		"keep_hourly, keep_daily, keep_weekly, keep_monthly, keep_yearly and keep_within "
		"save the newest of each period from them. The newest completed backup, those "
		"tagged protected=true and those made before a migration in the last seven days "
		"always stay. Nothing is deleted before the newest backup that stays has been "
		"verified. Does not ask, so that cron can run it.\n"
		"\n"
		"To decide in two steps, keep what a dry run writes as JSON, look at it, and hand "
		"it back with --plan. When a backup of the plan was deleted or changed meanwhile, "
		"or must stay now, nothing is deleted; backups that are not in the plan stay.",
	.examples = "backup cleanup --dry-run\n"
		    "backup cleanup --dry-run --format json > plan.json\n"
		    "backup cleanup --plan plan.json\n"
		    "backup cleanup --database shop --max-age 30d",
	.opts = opts,
	.traits = NEED_REPO | HAS_FORMAT | HAS_LIST | CHANGES,
	.options_size = sizeof(struct cleanup_opts),
	.run = run,
};
