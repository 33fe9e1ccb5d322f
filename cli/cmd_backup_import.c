/* SPDX-License-Identifier: MIT */
/* cmd_backup_import: the command that makes a backup of files. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/setup.h"
#include "cli/view.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/repo/import.h"

struct import_opts {
	const char *file;
	const char *database;
	int format;
};

#define T struct import_opts

/* What --format says: of the file, or, as everywhere, of the output. */
#define FORM_OF_FILE 100

static const struct opt_choice formats[] = {
	{ "native", FORM_OF_FILE + IMPORT_NATIVE },
	{ "mysqldump", FORM_OF_FILE + IMPORT_SCRIPT },
	{ "table", OUT_TABLE },
	{ "json", OUT_JSON },
	{ "yaml", OUT_YAML },
	{ "compact", OUT_COMPACT },
	{ NULL, 0 },
};

static const struct opt opts[] = {
	OPT_STRING(0, "file", T, file, "FILE", COMPLETE_FILE,
	           "archive, directory or script; - for standard input"),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "whose schema it is, when the file does not say"),
	OPT_CHOICE('f', "format", "output-format", T, format, formats,
	           "what the file is, native or mysqldump, found out unless given; or the form "
	           "of the output"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("FILE", T, file, COMPLETE_FILE, "archive, directory or script"),
	ARG_END,
};

static int import(struct import_result **out, struct cli *cli, const char *file,
                  const struct import_options *o, struct error *err)
{
	autoclose int fd = -1;
	struct stat st;

	if (strcmp(file, "-") == 0)
		return repo_import(out, cli->repo, STDIN_FILENO, o, err);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "open %s", file);
	if (S_ISDIR(st.st_mode))
		return repo_import_directory(out, cli->repo, file, o, err);
	return repo_import(out, cli->repo, fd, o, err);
}

/* "orders.tar.gz" of "/home/me/orders.tar.gz": no paths of this machine in a backup. */
static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (strcmp(file, "-") == 0)
		return "standard input";
	return slash && slash[1] ? slash + 1 : file;
}

static struct json *definers(const struct import_result *res)
{
	struct json *list = json_array();

	for (size_t i = 0; i < res->definer_count; i++)
		json_append(list, json_str(res->definers[i]));
	return list;
}

static void show_data(struct cli *cli, const struct import_result *res)
{
	DEFER(json) *v = view_backup(res->backup);

	json_set_str(v, "backup_id", res->backup->id);
	json_set_bool(v, "existed", res->existed);
	json_set(v, "definers", definers(res));
	json_set_int(v, "data_statements", (int64_t)res->data_statements);
	json_set_int(v, "other_statements", (int64_t)res->other_statements);
	json_set_int(v, "opaque_tables", (int64_t)res->opaque_tables);
	out_value(cli->out, v);
}

/* What somebody should know who is about to trust it. */
static void show_notes(struct cli *cli, const struct import_result *res)
{
	if (res->data_statements > 0)
		out_note(cli->out, "Rows are no part of a backup: %zu statements left out.",
		         res->data_statements);
	if (res->other_statements > 0)
		out_note(cli->out, "%zu statements about accounts and the server left out.",
		         res->other_statements);
	if (res->opaque_tables > 0)
		out_warning(cli->out,
		            "%zu tables are not written as a server writes them: they are "
		            "kept as they are, and a comparison will show them as different",
		            res->opaque_tables);
	for (size_t i = 0; i < res->definer_count; i++)
		out_note(cli->out, "Code or views in it run in the name of %s.",
		         res->definers[i]);
}

static void show(struct cli *cli, const struct import_result *res)
{
	const struct backup *b = res->backup;
	DEFER(json) *v = NULL;

	if (out_is_data(cli->out)) {
		show_data(cli, res);
		return;
	}
	v = view_backup(b);
	out_record(cli->out, view_backup_fields, v);
	show_notes(cli, res);
	if (res->existed)
		out_success(cli->out, "Backup %s was there already, with the same content.",
		            b->id);
	else
		out_success(cli->out, "Backup %s of database %s imported.", b->id, b->database);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct import_opts *given = options;
	struct import_options o = { .name = base_name(given->file),
		                    .database = given->database };
	DEFER(import_result) *res = NULL;

	if (given->format > FORM_OF_FILE) {
		o.form = (enum import_form)(given->format - FORM_OF_FILE);
	} else if (given->format) {
		cli->set.format = given->format;
		setup_output(cli);
	}
	cli_note(cli, NULL, given->database);
	if (import(&res, cli, given->file, &o, err) < 0)
		return -1;
	assert(res);
	cli_note(cli, res->backup->id, res->backup->database);
	if (res->existed)
		cli->outcome = "there already";
	show(cli, res);
	return 0;
}

const struct command cmd_backup_import = {
	.name = "backup import",
	.summary = "make a backup of an archive, a directory or a dump",
	.details =
		"Takes what `backup export` writes, in every form (an encrypted one when its "
		"secret is configured), a directory with schema.sql, and a script such as "
		"mysqldump and mariadb-dump write, plain or compressed by gzip or zstd. Rows in "
		"a script are left out. No server is needed and nothing is executed.\n"
		"\n"
		"The backup keeps its id when that is free. The same backup again changes "
		"nothing; another one of the same id is refused. An imported backup is marked as "
		"such (origin): look at `rollback plan` before you run it.",
	.examples = "backup import --file backup.tar.gz\n"
		    "backup import --file backup.sql --format mysqldump\n"
		    "backup import --file - --database shop",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT | CHANGES,
	.options_size = sizeof(struct import_opts),
	.run = run,
};
