/* SPDX-License-Identifier: MIT */
/* cmd_backup_move: the command that takes backups to another directory or store. */
#include <errno.h>
#include <sys/stat.h>

#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/move.h"
#include "engine/repo/repo.h"

struct move_opts {
	const char *backup_id, *destination, *to_config;
	const char *database, *created_after, *created_before;
	bool copy, dry_run;
};

#define T struct move_opts

static const struct opt opts[] = {
	OPT_STRING(0, "destination", T, destination, "DIR", COMPLETE_DIRECTORY,
	           "directory to take them to; made if need be"),
	OPT_STRING(0, "to-config", T, to_config, "FILE", COMPLETE_FILE,
	           "configuration that describes the store to take them to"),
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "only this backup"),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_TIME(0, "created-after", "start-date", T, created_after,
	         "only backups from then on"),
	OPT_TIME(0, "created-before", "end-date", T, created_before,
	         "only backups before then"),
	OPT_FLAG(0, "copy", T, copy, "leave them where they are, too"),
	OPT_FLAG(0, "dry-run", T, dry_run, "show which backups, move nothing"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_OPTIONAL("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "only this backup"),
	ARG_END,
};

static const struct out_column columns[] = {
	{ "outcome", "OUTCOME", "outcome", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "id", "ID", "backup_id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "stored", "STORED", "compressed_size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "error", "REASON", "error", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

static int choose(struct backup_list *list, struct cli *cli, const struct move_opts *o,
                  struct error *err)
{
	struct catalog_filter f = {
		.database = o->database,
		.statuses = 1U << BACKUP_COMPLETED | 1U << BACKUP_CORRUPTED |
		            1U << BACKUP_VALIDATING,
		.oldest_first = true,
	};
	DEFER(backup) *b = NULL;

	if (!o->backup_id) {
		cli_check_database(cli, o->database);
		if (cli_time(cli, o->created_after, &f.created_from, err) < 0 ||
		    cli_time(cli, o->created_before, &f.created_before, err) < 0)
			return -1;
		return catalog_backup_each(repo_catalog(cli->repo), &f, backup_list_add, list,
		                           err);
	}
	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	if (b->status == BACKUP_FAILED)
		return error_set(err, ERR_INVALID, "backup %s was never completed: %s", b->id,
		                 b->error);
	return backup_list_add(list, b, err);
}

struct moving {
	struct cli *cli;
	const struct move_opts *o;
	struct json *rows;
	size_t moved, failed;
};

static void add_row(struct moving *m, const struct backup *b, const char *outcome,
                    const char *error)
{
	struct json *row = json_object();

	json_set_str(row, "outcome", outcome);
	json_set_str(row, "backup_id", b->id);
	json_set_str(row, "database_name", b->database);
	json_set_int(row, "compressed_size", (int64_t)b->stored_size);
	json_set_str(row, "error", error);
	json_append(m->rows, row);
}

static int move_all(struct moving *m, struct move *to, const struct backup_list *list,
                    struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct backup *b = list->items[i];
		struct error why = ERROR_INIT;
		enum move_outcome outcome;
		const char *word;

		out_step(m->cli->out, i + 1, list->count, "%s", b->id);
		if (move_one(&outcome, to, b, &why) < 0) {
			*err = why;
			return -1;
		}
		word = outcome == MOVE_DONE && m->o->copy ? "copied"
		                                          : move_outcome_name(outcome);
		add_row(m, b, outcome == MOVE_FAILED ? "FAILED" : word,
		        outcome == MOVE_FAILED ? why.text : NULL);
		m->moved += outcome == MOVE_DONE;
		m->failed += outcome == MOVE_FAILED;
	}
	return 0;
}

static int show(struct moving *m, const char *location, size_t count, struct error *err)
{
	struct out *out = m->cli->out;
	DEFER(json) *v = json_object();
	DEFER(out_list) *l = NULL;

	if (out_is_data(out)) {
		json_set_str(v, "destination", location);
		json_set_bool(v, "dry_run", m->o->dry_run);
		json_set_int(v, m->o->copy ? "copied" : "moved", (int64_t)m->moved);
		json_set_int(v, "failed", (int64_t)m->failed);
		json_set_int(v, "total", (int64_t)count);
		json_set(v, "backups", json_share(m->rows));
		out_value(out, v);
		return 0;
	}
	if (out_list_begin(&l, out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(m->rows); i++)
		out_list_add(l, json_share(json_at(m->rows, i)));
	if (json_count(m->rows) > 0)
		out_list_end(l);
	return 0;
}

static int judge(const struct moving *m, const char *location, size_t count, struct error *err)
{
	struct out *out = m->cli->out;
	const char *did = m->o->copy ? "copied" : "moved";

	if (m->failed > 0) {
		error_set(err, ERR_STORE, "%zu of %zu backups could not be %s", m->failed,
		          count, did);
		return error_hint(err, "They are where they were. Run it again when the reason "
		                       "is mended: it goes on with the rest.");
	}
	if (m->o->dry_run)
		out_note(out, "Would have %s %zu backups to %s (dry run).", did, count,
		         location);
	else
		out_success(out, "%zu of %zu backups %s to %s.", m->moved, count, did,
		            location);
	if (m->moved > 0 && !m->o->copy)
		out_note(out,
		         "New backups still go to %s. To change that, set backup.storage; "
		         "to find these even without a catalog, name the destination in "
		         "backup.storage.also.",
		         repo_location(m->cli->repo));
	return 0;
}

static int run_with(struct moving *m, const char *place, const struct backup_list *list,
                    struct error *err)
{
	const struct move_options how = { .place = place, .copy = m->o->copy };
	const char *location = place;
	struct move *to = NULL;
	int result = 0;

	if (m->o->dry_run) {
		for (size_t i = 0; i < list->count; i++)
			add_row(m, list->items[i], "would go", NULL);
	} else {
		if (move_begin(&to, m->cli->repo, &how, err) < 0)
			return -1;
		location = move_location(to);
		result = move_all(m, to, list, err);
	}
	if (result == 0)
		result = show(m, location, list->count, err);
	if (result == 0)
		result = judge(m, location, list->count, err);
	move_end(to);
	return result;
}

static int check_place(const struct move_opts *o, const char **place, struct error *err)
{
	struct stat st;

	*place = o->to_config ? o->to_config : o->destination;
	if (!*place || (o->to_config && o->destination))
		return error_set(err, ERR_USAGE,
		                 "where to? give either --destination or --to-config");
	if (o->to_config && stat(*place, &st) < 0)
		return error_sys(err, errno, "--to-config: open %s", *place);
	if (o->destination && stat(*place, &st) == 0 && !S_ISDIR(st.st_mode))
		return error_set(err, ERR_USAGE, "--destination: %s is not a directory",
		                 *place);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	struct move_opts o = *(const struct move_opts *)options;
	DEFER(json) *rows = json_array();
	struct moving m = { .cli = cli, .o = &o, .rows = rows };
	struct backup_list list = { 0 };
	const char *place;
	int result;

	o.dry_run |= config_bool(cli->config, "dry_run");
	if (check_place(&o, &place, err) < 0)
		return -1;
	cli_note(cli, NULL, o.database);
	cli->outcome = o.dry_run ? "dry run" : NULL;
	result = choose(&list, cli, &o, err);
	if (result == 0)
		result = run_with(&m, place, &list, err);
	backup_list_finish(&list);
	return result;
}

const struct command cmd_backup_move = {
	.name = "backup move",
	.summary = "take backups to another directory or store",
	.details =
		"Copies each backup, reads it back and compares its checksum, and only then "
		"removes it from where it was. Interrupted anywhere nothing is lost, and running "
		"it again goes on. Moved backups keep their ids, and every command finds them: "
		"the catalog remembers where they went; backup.storage.also names such places for "
		"good. A backup whose payload is damaged stays where it is.\n"
		"\n"
		"All backups, unless an id, a database or dates choose some.",
	.examples = "backup move --destination /mnt/big/backups\n"
		    "backup move --destination /mnt/old --created-before 90d\n"
		    "backup move latest:shop --to-config s3.yaml --copy",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST | CHANGES,
	.options_size = sizeof(struct move_opts),
	.run = run,
};
