/* SPDX-License-Identifier: MIT */
/* cmd_backup_info: the command that shows everything that is known of a backup. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/keys.h"
#include "engine/repo/reader.h"

struct info_opts {
	const char *backup_id;
};

#define T struct info_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static void add_problem(void *arg, const char *problem)
{
	json_append(arg, json_str(problem));
}

/* Opens the backup: whether its secret is here and its index is whole. */
static void add_readable(struct json *v, struct cli *cli, const struct backup *b)
{
	DEFER(reader) *rd = NULL;
	struct error why = ERROR_INIT;
	struct json *doubtful = json_array();
	bool readable = b->status != BACKUP_FAILED && b->status != BACKUP_CREATING &&
	                reader_open(&rd, cli->repo, b->id, &why) == 0;

	if (b->encrypted) {
		const char *source = repo_key_source(cli->repo, b->secret);

		json_set_bool(v, "secret_available", source != NULL);
		json_set_str(v, "secret_source", source);
	}
	if (readable)
		readable = reader_problems(rd, add_problem, doubtful, &why) == 0;
	json_set_bool(v, "readable", readable);
	json_set(v, "object_problems", doubtful);
	json_set_str(v, "problem", why.code == ERR_NONE ? NULL : why.text);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct info_opts *o = options;
	DEFER(backup) *b = NULL;
	DEFER(json) *v = NULL;

	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	v = view_backup(b);
	json_set_str(v, "backup_id", b->id);
	add_readable(v, cli, b);
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		out_record(cli->out, view_backup_fields, v);
	return 0;
}

const struct command cmd_backup_info = {
	.name = "backup info",
	.summary = "show everything that is known of a backup",
	.details =
		"Also tells which secret an encrypted backup needs and whether it is here, and "
		"whether the stored index can be read. `backup validate` reads all of it.",
	.examples = "backup info --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "backup info latest:shop --format json",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct info_opts),
	.run = run,
};
