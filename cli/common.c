/* SPDX-License-Identifier: MIT */
#include "cli/common.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/out.h"
#include "engine/base/cleanup.h"

static const struct opt_choice formats[] = {
	{ "table", OUT_TABLE },
	{ "json", OUT_JSON },
	{ "yaml", OUT_YAML },
	{ "compact", OUT_COMPACT },
	{ NULL },
};

#define S struct cli_settings

static const struct opt format_opts[] = {
	OPT_CHOICE('f', "format", "output-format", S, format, formats,
	           "form of the output; json and yaml are for programs, compact is one line "
	           "per record"),
	OPT_END,
};

static const struct opt list_opts[] = {
	OPT_STRING('o', "columns", S, columns, "NAME,..", COMPLETE_NOTHING,
	           "columns to show, in this order; +NAME,.. adds to the usual ones"),
	OPT_END,
};

static const struct opt ask_opts[] = {
	OPT_FLAG_ALIAS('y', "yes", "auto-approve", S, yes,
	               "take every question as answered with yes"),
	OPT_END,
};

static const struct opt connection_opts[] = {
	OPT_CONFIG(0, "host", "target.host", "HOST", COMPLETE_NOTHING,
	           "database server; localhost means its socket"),
	OPT_CONFIG(0, "port", "target.port", "PORT", COMPLETE_NOTHING, "its TCP port"),
	OPT_CONFIG(0, "socket", "target.socket", "FILE", COMPLETE_FILE,
	           "its Unix socket instead of host and port"),
	OPT_CONFIG(0, "user", "target.username", "NAME", COMPLETE_NOTHING,
	           "account to log in with"),
	OPT_STRING(0, "password-file", S, password_file, "FILE", COMPLETE_FILE,
	           "read the password from the first line of a file that others cannot read"),
	OPT_FLAG(0, "password", S, ask_password, "ask for the password"),
	OPT_CONFIG(0, "timeout", "target.timeout", "DURATION", COMPLETE_NOTHING,
	           "how long to wait for the connection, such as 30s"),
	OPT_END,
};

static const struct opt global_opts[] = {
	OPT_STRING(0, "config", S, config_path, "FILE", COMPLETE_FILE,
	           "configuration to use instead of the first that is found"),
	OPT_FLAG('v', "verbose", S, verbose, "say more about what is done"),
	OPT_FLAG('q', "quiet", S, quiet, "say only what went wrong"),
	OPT_FLAG(0, "debug", S, debug, "log everything to standard error"),
	OPT_STRING(0, "log-file", S, log_file, "FILE", COMPLETE_FILE,
	           "append the log to this file"),
	OPT_FLAG(0, "color", S, color, "use colours also where there is no terminal"),
	OPT_FLAG(0, "no-color", S, no_color, "use no colours"),
	OPT_FLAG('h', "help", S, help, "show what a command does and takes"),
	OPT_END,
};

static const struct opt version_opts[] = {
	OPT_FLAG(0, "version", S, version, "show the version"),
	OPT_END,
};

/* No command has all traits: --version stands without a command. */
#define NO_COMMAND (~0U)

static const struct common_group groups[] = {
	{ "Output options", format_opts, HAS_FORMAT, HAS_FORMAT },
	{ NULL, list_opts, HAS_LIST, HAS_LIST },
	{ "Questions", ask_opts, ASKS, ASKS },
	{ "Connection options", connection_opts, NEED_CONFIG, NEED_SERVER },
	{ "Global options", global_opts, 0, 0 },
	{ NULL, version_opts, NO_COMMAND, NO_COMMAND },
};

const struct common_group *common_groups(size_t *count)
{
	*count = ARRAY_SIZE(groups);
	return groups;
}

bool common_is_taken(const struct common_group *g, unsigned int traits)
{
	if (traits == 0 && g->taken_by == NO_COMMAND)
		return true;
	return (traits & g->taken_by) == g->taken_by;
}

bool common_is_shown(const struct common_group *g, unsigned int traits)
{
	if (traits == 0 && g->shown_by == NO_COMMAND)
		return true;
	return (traits & g->shown_by) == g->shown_by;
}

void common_each_option(const struct command *c, common_opt_fn *fn, void *arg)
{
	const struct opt *own = c ? c->opts : NULL;

	for (const struct opt *o = own; o && o->name; o++) {
		if (!o->hidden)
			fn(arg, o);
	}
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!common_is_taken(&groups[i], c ? c->traits : 0))
			continue;
		for (const struct opt *o = groups[i].opts; o->name; o++) {
			if (!options_find(own, o->name, strlen(o->name)))
				fn(arg, o);
		}
	}
}

const struct opt *common_find(const char *name, size_t len)
{
	const struct opt *o = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(groups) && !o; i++)
		o = options_find(groups[i].opts, name, len);
	return o;
}

const struct opt *common_find_letter(char letter)
{
	const struct opt *o = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(groups) && !o; i++)
		o = options_find_letter(groups[i].opts, letter);
	return o;
}
