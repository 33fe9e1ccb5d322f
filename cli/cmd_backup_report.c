/* SPDX-License-Identifier: MIT */
/* cmd_backup_report: the command that writes down how the backups are doing. */
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/out_yaml.h"
#include "cli/report.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/repo/report.h"

#define DAYS_USUAL 90

struct report_opts {
	const char *database, *output;
	int format; /* 1 + place in forms; 0: by the file's name */
	int64_t days;
};

static void report_json(struct buf *out, const struct json *report)
{
	json_write(out, report, JSON_PRETTY);
}

static const struct {
	const char *suffix; /* of files that are meant so */
	void (*write)(struct buf *out, const struct json *report);
} forms[] = {
	{ ".txt", report_text }, { ".json", report_json }, { ".yaml", yaml_write },
	{ ".csv", report_csv },  { ".html", report_html }, { ".prom", report_metrics },
};

static const struct opt_choice formats[] = {
	{ "text", 1 }, { "table", 1 }, { "json", 2 },       { "yaml", 3 },
	{ "csv", 4 },  { "html", 5 },  { "prometheus", 6 }, { NULL },
};

#define T struct report_opts

static const struct opt opts[] = {
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_CHOICE('f', "format", "output-format", T, format, formats,
	           "form of the report; by the name of --output unless given, else text"),
	OPT_STRING('o', "output", T, output, "FILE", COMPLETE_FILE,
	           "write it to a file, all or nothing, instead of to standard output"),
	OPT_INT(0, "days", T, days, 1, 3660, DAYS_USUAL, "how many days to look back"),
	OPT_END,
};

static size_t form_of(const struct report_opts *o)
{
	if (o->format)
		return (size_t)o->format - 1;
	for (size_t i = 0; o->output && i < ARRAY_SIZE(forms); i++) {
		if (str_has_suffix(str_of(o->output), forms[i].suffix))
			return i;
	}
	return 0;
}

/* Nothing secret is in a report: who may read it is for the umask to say. */
static int write_file(struct cli *cli, const char *path, const struct buf *text,
                      struct error *err)
{
	mode_t mask = umask(0);

	umask(mask);
	if (file_replace(path, text->data, text->len, 0666 & ~mask, err) < 0)
		return error_wrap(err, "failed to write report");
	out_success(cli->out, "Report written to %s.", path);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct report_opts *o = options;
	const struct report_options how = { .database = o->database, .days = (size_t)o->days };
	DEFER(json) *report = NULL;
	autobuf text = BUF_INIT;

	cli_check_database(cli, o->database);
	if (repo_report(&report, cli->repo, &how, err) < 0)
		return -1;
	forms[form_of(o)].write(&text, report);
	if (o->output && strcmp(o->output, "-") != 0)
		return write_file(cli, o->output, &text, err);
	out_raw(cli->out, text.data, text.len);
	return 0;
}

const struct command cmd_backup_report = {
	.name = "backup report",
	.summary = "write a report: growth, durations, failures, retention",
	.details =
		"Forms: text; json and yaml with everything in it; csv with a line per backup; "
		"html, one page with charts that needs no other file; prometheus, for the textfile "
		"collector of its node exporter. Durations and operations are those of this host.",
	.examples = "backup report --format json --output backup-report.json\n"
		    "backup report --output /var/www/backups.html --days 365\n"
		    "backup report --output /var/lib/node-exporter/backups.prom",
	.opts = opts,
	.traits = NEED_FRESH,
	.options_size = sizeof(struct report_opts),
	.run = run,
};
