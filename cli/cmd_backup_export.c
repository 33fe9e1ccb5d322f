/* SPDX-License-Identifier: MIT */
/* cmd_backup_export: the command that writes a backup as files that need none of us. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/repo/export.h"

struct export_opts {
	const char *backup_id;
	const char *output;
	bool encrypted, force;
};

#define T struct export_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	{ .type = OPT_TYPE_STRING,
	  .name = "output",
	  .alias = "destination",
	  .value = "FILE",
	  .complete = COMPLETE_FILE,
	  .help = "FILE.tar.gz, FILE.tar or FILE.tar.zst; a directory; - for standard output",
	  .offset = OPT_FIELD(T, output, const char *) },
	OPT_FLAG(0, "encrypted", T, encrypted,
	         "the two stored files as they are: readable only with the secret"),
	OPT_FLAG(0, "force", T, force, "replace a file that is there"),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static int choose_form(enum export_form *out, const char *output, struct error *err)
{
	size_t n = strlen(output);
	struct stat st;

	*out = export_form_of(output);
	if ((stat(output, &st) == 0 && S_ISDIR(st.st_mode)) || (n > 0 && output[n - 1] == '/'))
		*out = EXPORT_DIRECTORY;
	if (*out != EXPORT_NONE)
		return 0;
	error_set(err, ERR_USAGE, "--output %s: neither a directory nor the name of an archive",
	          output);
	return error_hint(err, "Name a file .tar.gz, .tar or .tar.zst, end a new directory "
	                       "with a slash, or write to standard output with -.");
}

static int write_out(void *arg, const void *data, size_t len, struct error *err)
{
	(void)arg;
	if (fd_write_all(STDOUT_FILENO, data, len, err) < 0)
		return error_wrap(err, "standard output");
	return 0;
}

static int export_to_stdout(struct cli *cli, const struct backup *b,
                            const struct export_options *o, struct error *err)
{
	if (isatty(STDOUT_FILENO)) {
		error_set(err, ERR_USAGE, "an archive is not for a terminal");
		return error_hint(err, "Send it to a file or a pipe.");
	}
	return repo_export(cli->repo, b->id, o, write_out, NULL, err);
}

static void show(struct cli *cli, const struct backup *b, const struct export_options *o,
                 const struct export_result *res)
{
	DEFER(json) *v = json_object();
	char size[NUMBER_TEXT_MAX];

	if (!out_is_data(cli->out)) {
		number_format_size(size, res->size);
		out_success(cli->out, "Backup %s exported to %s (%s).", b->id, res->path, size);
		return;
	}
	json_set_str(v, "backup_id", b->id);
	json_set_str(v, "database", b->database);
	json_set_str(v, "path", res->path);
	json_set_str(v, "form", export_form_name(o->form));
	json_set_bool(v, "encrypted", o->encrypted);
	json_set_int(v, "size", (int64_t)res->size);
	json_set_int(v, "files", (int64_t)res->files);
	json_set_str(v, "sha256", *res->sha256 ? res->sha256 : NULL);
	out_value(cli->out, v);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct export_opts *given = options;
	struct export_options o = { .form = EXPORT_TAR_GZ,
		                    .encrypted = given->encrypted,
		                    .force = given->force };
	struct export_result res = { 0 };
	DEFER(backup) *b = NULL;

	if (!given->output) {
		error_set(err, ERR_USAGE, "nowhere to export to");
		return error_hint(err, "Give --output FILE.tar.gz.");
	}
	if (cli_find_backup(cli, given->backup_id, &b, err) < 0)
		return -1;
	if (strcmp(given->output, "-") == 0)
		return export_to_stdout(cli, b, &o, err);
	if (choose_form(&o.form, given->output, err) < 0 ||
	    repo_export_file(&res, cli->repo, b->id, &o, given->output, err) < 0)
		return -1;
	show(cli, b, &o, &res);
	free(res.path);
	return 0;
}

const struct command cmd_backup_export = {
	.name = "backup export",
	.summary = "write a backup as an archive or a directory",
	.details =
		"The archive holds ID/schema.sql, ID/metadata.json, ID/model.json, a file for "
		"each object below ID/objects and ID/SHA256SUMS. It can be read without this "
		"program: tar -xf it, sha256sum -c SHA256SUMS, mariadb DATABASE < schema.sql. "
		"The same backup always gives the same bytes, mode 0600.\n"
		"\n"
		"An export is not encrypted unless --encrypted is given. `backup import` takes "
		"all forms back. What is there already is not replaced without --force.",
	.examples = "backup export --backup-id latest:shop --output backup.tar.gz\n"
		    "backup export latest:shop --output exports/\n"
		    "backup export latest --output -",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct export_opts),
	.run = run,
};
