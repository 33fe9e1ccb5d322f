/* SPDX-License-Identifier: MIT */
/* cmd_backup_health_check: the command that tells whether backups can be taken and brought
 * back. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/health.h"
#include "engine/repo/repo.h"

#define NEWEST_USUAL 50

struct health_opts {
	const char *max_age;
	int64_t newest;
	bool no_server;
};

#define T struct health_opts

static const struct opt opts[] = {
	OPT_STRING(0, "max-age", T, max_age, "DURATION", COMPLETE_NOTHING,
	           "also complain when a database's newest backup is older, such as 26h"),
	OPT_INT(0, "newest", T, newest, 0, 1000000, NEWEST_USUAL,
	        "read and hash the newest backup of at most so many databases"),
	OPT_FLAG(0, "no-server", T, no_server, "do not ask the database server"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "component", "COMPONENT", "component", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "state", "STATE", "state", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "details", "DETAILS", "details", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

/* Configuration and store may be what is wrong: that is an answer, not an error. */
static int examine(struct health *h, struct cli *cli, const struct health_options *o,
                   struct error *err)
{
	struct error problem = ERROR_INIT;

	if (cli_provide(cli, NEED_CONFIG | SHOWS_WARNINGS, &problem) < 0) {
		health_fail(h, HEALTH_CONFIGURATION, &problem);
		return 0;
	}
	health_good(h, HEALTH_CONFIGURATION, "%s",
	            config_file(cli->config) ? config_file(cli->config) : "defaults");
	for (size_t i = 0; i < config_warning_count(cli->config); i++)
		health_add(h, HEALTH_CONFIGURATION, HEALTH_HEALTHY,
		           config_warning(cli->config, i), NULL);
	if (repo_open(&cli->repo, cli->config, &problem) < 0) {
		health_fail(h, HEALTH_STORAGE, &problem);
		return 0;
	}
	return repo_health(h, cli->repo, o, err);
}

/* cron jobs look for ERROR and FAIL in what is written here, and for nothing else. */
static const struct {
	const char *word;
	enum out_style style;
} words[HEALTH_STATE_COUNT] = {
	[HEALTH_UNKNOWN] = { "NOTE", OUT_DIM },
	[HEALTH_HEALTHY] = { "NOTE", OUT_DIM },
	[HEALTH_DEGRADED] = { "WARNING", OUT_NOTICE },
	[HEALTH_UNHEALTHY] = { "ERROR", OUT_BAD },
};

static void show_issues(struct cli *cli, const struct health *h)
{
	for (size_t i = 0; i < h->issue_count; i++) {
		const struct health_issue *issue = &h->issues[i];

		out_text(cli->out, words[issue->state].style, "%s%s: ", i == 0 ? "\n" : "",
		         words[issue->state].word);
		out_text(cli->out, OUT_PLAIN, "%s: %s\n", health_part_name(issue->part),
		         issue->what);
		if (issue->advice)
			out_text(cli->out, OUT_DIM, "  %s\n", issue->advice);
	}
}

static int show_parts(struct cli *cli, const struct health *h, struct error *err)
{
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < HEALTH_PART_COUNT; i++) {
		struct json *row = json_object();

		json_set_str(row, "component", health_part_name((enum health_part)i));
		json_set_str(row, "state", health_state_name(h->states[i]));
		json_set_str(row, "details", h->details[i]);
		out_list_add(l, row);
	}
	out_list_end(l);
	return 0;
}

static int show(struct cli *cli, const struct health *h, struct error *err)
{
	DEFER(json) *v = health_json(h);
	const char *overall = health_state_name(health_overall(h));

	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	if (show_parts(cli, h, err) < 0)
		return -1;
	show_issues(cli, h);
	if (out_setup(cli->out)->format != OUT_COMPACT)
		out_text(cli->out, out_status_style(overall), "\nOverall: %s\n", overall);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct health_opts *o = options;
	struct health_options how = { .verify = (size_t)o->newest,
		                      .without_server = o->no_server };
	DEFER(health) *h = health_new();

	if (o->max_age && clock_parse_duration(&how.max_age, o->max_age, err) < 0) {
		err->code = ERR_USAGE;
		return error_wrap(err, "--max-age");
	}
	if (examine(h, cli, &how, err) < 0 || show(cli, h, err) < 0)
		return -1;
	cli->status = health_overall(h) == HEALTH_UNHEALTHY;
	return 0;
}

const struct command cmd_backup_health_check = {
	.name = "backup health-check",
	.summary = "tell whether backups can be taken and brought back",
	.details =
		"Looks at the configuration, the storage, the secret for encryption, the database "
		"server and the backups: failed attempts, corrupted ones, and the stored bytes of "
		"the newest of each database. Exit status 1 when something does not work; then, "
		"and only then, the text has the word ERROR in it.",
	.examples = "backup health-check\n"
		    "backup health-check --max-age 26h --format json\n"
		    "backup health-check --no-server",
	.opts = opts,
	.traits = HAS_FORMAT | WATCHES,
	.options_size = sizeof(struct health_opts),
	.run = run,
};
