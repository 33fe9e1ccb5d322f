/* SPDX-License-Identifier: MIT */
/* cmd_help: the commands help and version, and the hidden __man. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/repo.h"

struct help_opts {
	struct opt_list words;
};

static const struct arg help_args[] = {
	ARG_REST("COMMAND", struct help_opts, words, COMPLETE_COMMAND, "which command"),
	ARG_END,
};

static int help_run(struct cli *cli, const void *options, struct error *err)
{
	const struct help_opts *o = options;
	autobuf words = BUF_INIT;

	for (size_t i = 0; i < o->words.count; i++)
		buf_addf(&words, "%s%s", i > 0 ? " " : "", o->words.items[i]);
	if (words.len == 0) {
		help_overview(cli->out);
		return 0;
	}
	if (commands_find(words.data))
		help_command(cli->out, commands_find(words.data));
	else if (commands_find_group(words.data))
		help_group(cli->out, commands_find_group(words.data));
	else
		return commands_unknown(words.data, err);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.summary = "show what a command does and takes",
	.examples = "help\n"
		    "help backup list",
	.args = help_args,
	.options_size = sizeof(struct help_opts),
	.run = help_run,
};

static int version_run(struct cli *cli, const void *options, struct error *err)
{
	const char *blank = strchr(REPO_TOOL_VERSION, ' ');
	DEFER(json) *v = json_object();

	(void)options;
	(void)err;
	if (!out_is_data(cli->out)) {
		help_version(cli->out);
		return 0;
	}
	json_set(v, "name", json_strn(REPO_TOOL_VERSION, (size_t)(blank - REPO_TOOL_VERSION)));
	json_set_str(v, "version", blank + 1);
	out_value(cli->out, v);
	return 0;
}

const struct command cmd_version = {
	.name = "version",
	.summary = "show the version",
	.examples = "version",
	.traits = HAS_FORMAT,
	.run = version_run,
};

struct man_opts {
	const char *page;
};

static const struct arg man_args[] = {
	ARG("PAGE", struct man_opts, page, COMPLETE_NOTHING, "which manual page"),
	ARG_END,
};

static int man_run(struct cli *cli, const void *options, struct error *err)
{
	const struct man_opts *o = options;
	autobuf text = BUF_INIT;

	if (man_page(&text, o->page, err) < 0)
		return -1;
	out_raw(cli->out, text.data, text.len);
	return 0;
}

const struct command cmd_man = {
	.name = "__man",
	.summary = "print the source of a manual page",
	.examples = "__man mysql-schema-sync-backup.1",
	.args = man_args,
	.hidden = true,
	.options_size = sizeof(struct man_opts),
	.run = man_run,
};
