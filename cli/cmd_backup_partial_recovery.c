/* SPDX-License-Identifier: MIT */
/* cmd_backup_partial_recovery: the command that saves what is left of a damaged backup. */
#include <stdio.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/name.h"
#include "engine/base/number.h"
#include "engine/repo/salvage.h"

struct recovery_opts {
	const char *backup_id, *output;
};

#define T struct recovery_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_STRING(0, "output", T, output, "DIR", COMPLETE_DIRECTORY,
	           "where to save; a new or empty directory; ID-recovered unless given"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "which backup"),
	ARG_END,
};

static const struct out_column columns[] = {
	{ "state", "STATE", "state", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "name", "NAME", "name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "size", "SIZE", "size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ NULL },
};

static const char *const scripts[] = {
	[SALVAGE_SCRIPT_WHOLE] = "whole",
	[SALVAGE_SCRIPT_MADE] = "made",
	[SALVAGE_SCRIPT_JOINED] = "joined",
};

static struct json *file_row(const struct salvage_file *f)
{
	struct json *row = json_object();

	json_set_str(row, "state", f->saved ? "saved" : "lost");
	json_set_str(row, "name", f->name);
	json_set_int(row, "size", (int64_t)f->size);
	return row;
}

static int show(struct cli *cli, const char *id, const struct salvage_report *r,
                struct error *err)
{
	DEFER(json) *v = json_object();
	struct json *files = json_array();
	DEFER(out_list) *l = NULL;

	for (size_t i = 0; i < r->count; i++)
		json_append(files, file_row(&r->files[i]));
	json_set_str(v, "backup_id", id);
	json_set_str(v, "directory", r->directory);
	json_set_bool(v, "envelope", r->envelope);
	json_set_str(v, "script", scripts[r->script]);
	json_set_int(v, "saved", (int64_t)r->saved);
	json_set_int(v, "lost", (int64_t)(r->count - r->saved));
	json_set_int(v, "bytes", (int64_t)r->bytes);
	json_set_int(v, "chunks", (int64_t)r->chunks);
	json_set_int(v, "chunks_damaged", (int64_t)r->chunks_damaged);
	json_set(v, "files", files);
	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(files); i++)
		out_list_add(l, json_share(json_at(files, i)));
	out_list_end(l);
	return 0;
}

static int judge(struct cli *cli, const struct salvage_report *r, struct error *err)
{
	size_t lost = r->count - r->saved;
	char size[NUMBER_TEXT_MAX];

	number_format_size(size, r->bytes);
	if (lost == 0) {
		out_success(cli->out, "All %zu files saved to %s, %s.", r->saved, r->directory,
		            size);
		return 0;
	}
	out_note(cli->out, "%zu of %zu files saved to %s, %s; schema.sql is %s.", r->saved,
	         r->count, r->directory, size,
	         r->script == SALVAGE_SCRIPT_WHOLE ? "whole, with every object in it"
	                                           : "made of what was saved");
	error_set(err, ERR_CORRUPT, "%zu of %zu files of the backup are lost", lost, r->count);
	return error_hint(err, "RECOVERY.txt names them. Take another backup with: "
	                       "mysql-schema-sync backup create");
}

/* A backup that nothing lists any more can be named by its whole id all the same. */
static int find_id(struct cli *cli, const char *spec, char id[NAME_BACKUP_ID_MAX + 1],
                   struct error *err)
{
	DEFER(backup) *b = NULL;

	if (cli_find_backup(cli, spec, &b, err) < 0) {
		if (err->code != ERR_NOT_FOUND || !name_is_backup_id(spec))
			return -1;
		error_clear(err);
	}
	snprintf(id, NAME_BACKUP_ID_MAX + 1, "%s", b ? b->id : spec);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct recovery_opts *o = options;
	DEFER(salvage_report) *r = NULL;
	char id[NAME_BACKUP_ID_MAX + 1];

	if (find_id(cli, o->backup_id, id, err) < 0 ||
	    repo_salvage(&r, cli->repo, id, o->output, err) < 0 || show(cli, id, r, err) < 0)
		return -1;
	return judge(cli, r, err);
}

const struct command cmd_backup_partial_recovery = {
	.name = "backup partial-recovery",
	.summary = "save what is left of a damaged backup",
	.details =
		"Writes every object whose stored bytes are authentic as a plain file, and a "
		"schema.sql: the backup's own when that is whole, else one made of what was "
		"saved. Never wrong bytes: each file has the checksum that was sealed when the "
		"backup was made. A damaged header, index or end, and a payload that was cut off "
		"cost no more than what lies there. Changes nothing in the store. Exit status 1 "
		"when something is lost.",
	.examples = "backup partial-recovery latest:shop --output saved",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST,
	.options_size = sizeof(struct recovery_opts),
	.run = run,
};
