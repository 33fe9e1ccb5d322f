/* SPDX-License-Identifier: MIT */
#include "cli/setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

#define LOG_MODULE "cli"

#define LOG_DIRECTORY "/var/log/mysql-schema-sync"
#define LOG_NAME      "backup.log"

int setup_check(const struct cli *cli, struct error *err)
{
	if (cli->set.verbose && cli->set.quiet)
		return error_set(err, ERR_USAGE, "--verbose and --quiet contradict each other");
	if (cli->set.color && cli->set.no_color)
		return error_set(err, ERR_USAGE,
		                 "--color and --no-color contradict each other");
	if (cli->set.password_file && cli->set.ask_password)
		return error_set(err, ERR_USAGE,
		                 "--password and --password-file contradict each other");
	return 0;
}

static bool has_text(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* Flags decide, then the environment, then the configuration, then the terminal. */
static bool wants_color(const struct cli *cli, bool terminal)
{
	const char *term = getenv("TERM");
	const char *force = getenv("FORCE_COLOR");

	if (cli->set.color || cli->set.no_color)
		return cli->set.color;
	if (has_text("NO_COLOR"))
		return false;
	if (force && strcmp(force, "0") != 0)
		return true;
	if (cli->config && !config_bool(cli->config, "display.color_enabled"))
		return false;
	return terminal && term && strcmp(term, "dumb") != 0;
}

/* What a word of the configuration means here. */
struct word {
	const char *word;
	int value;
};

static const struct word formats[] = {
	{ "table", OUT_TABLE },
	{ "json", OUT_JSON },
	{ "yaml", OUT_YAML },
	{ "compact", OUT_COMPACT },
	{ NULL },
};

/* "auto" is dark: a terminal does not tell its background. */
static const struct word themes[] = {
	{ "dark", OUT_THEME_DARK },
	{ "light", OUT_THEME_LIGHT },
	{ "high-contrast", OUT_THEME_HIGH_CONTRAST },
	{ NULL },
};

static const struct word frames[] = {
	{ "default", OUT_FRAME_NONE },
	{ "minimal", OUT_FRAME_MINIMAL },
	{ "border", OUT_FRAME_BORDER },
	{ "rounded", OUT_FRAME_ROUNDED },
	{ NULL },
};

/* The first row stands for what is not there. */
static int word_from(const struct config *c, const char *key, const struct word *words)
{
	for (const struct word *w = words; c && w->word; w++) {
		if (strcmp(w->word, config_text(c, key)) == 0)
			return w->value;
	}
	return words[0].value;
}

static bool bool_from(const struct config *c, const char *key, bool otherwise)
{
	return c ? config_bool(c, key) : otherwise;
}

void setup_output(struct cli *cli)
{
	const struct config *c = cli->config;
	bool data_terminal = isatty(STDOUT_FILENO), talk_terminal = isatty(STDERR_FILENO);
	bool verbose = cli->set.verbose || cli->set.debug || bool_from(c, "verbose", false);
	struct out_setup s = {
		.data = { stdout, data_terminal, wants_color(cli, data_terminal) },
		.talk = { stderr, talk_terminal, wants_color(cli, talk_terminal) },
		.format = (enum out_format)(
			cli->set.format ? cli->set.format
					: word_from(c, "display.output_format", formats)),
		.theme = (enum out_theme)word_from(c, "display.theme", themes),
		.frame = (enum out_frame)word_from(c, "display.table_style", frames),
		.quiet = cli->set.quiet || (!verbose && bool_from(c, "quiet", false)),
		.icons = bool_from(c, "display.use_icons", true),
		.progress = (talk_terminal && bool_from(c, "display.show_progress", true)) ||
		            verbose,
		.width = c ? (int)config_int(c, "display.max_table_width") : 0,
		.zone = c ? config_text(c, "timezone") : NULL,
		.columns = cli->set.columns,
	};

	/* Commands that do not take --format write text, whatever the configuration says. */
	if (cli->command && !(cli->command->traits & HAS_FORMAT))
		s.format = OUT_TABLE;
	if (cli->out)
		out_change(cli->out, &s);
	else
		cli->out = out_new(&s);
}

static enum log_level talk_level(const struct cli *cli)
{
	if (cli->set.debug || bool_from(cli->config, "debug", false))
		return LOG_LEVEL_DEBUG;
	if (cli->set.verbose || bool_from(cli->config, "verbose", false))
		return LOG_LEVEL_INFO;
	if (out_setup(cli->out)->quiet)
		return LOG_LEVEL_ERROR;
	return LOG_LEVEL_WARN;
}

static enum log_level file_level(const struct cli *cli)
{
	enum log_level level = LOG_LEVEL_INFO;

	if (cli->config)
		log_level_from_name(&level, config_text(cli->config, "logging.log_level"));
	return talk_level(cli) == LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : level;
}

static int open_file(const struct cli *cli, const char *path, struct error *err)
{
	autofree char *dir = path_parent(path);

	if (dir_create(dir, 0750, err) < 0)
		return error_wrap(err, "log file %s", path);
	return log_open_file(path, file_level(cli), err);
}

/* Where the log goes when nothing says so: as the catalog, root's below /var. */
static char *usual_path(void)
{
	autofree char *state = NULL;

	if (!has_text("XDG_STATE_HOME") &&
	    (geteuid() == 0 || access(LOG_DIRECTORY "/" LOG_NAME, W_OK) == 0))
		return mem_strdup(LOG_DIRECTORY "/" LOG_NAME);
	state = path_xdg("XDG_STATE_HOME", ".local/state");
	return mem_printf("%s/mysql-schema-sync/%s", state, LOG_NAME);
}

int setup_log(struct cli *cli, struct error *err)
{
	const char *configured =
		cli->config ? config_text(cli->config, "logging.log_file") : NULL;
	struct error warning = ERROR_INIT;
	autofree char *usual = NULL;
	bool json = cli->config &&
	            strcmp(config_text(cli->config, "logging.log_format"), "json") == 0;

	log_setup(talk_level(cli),
	          talk_level(cli) == LOG_LEVEL_DEBUG ? LOG_FORMAT_TEXT : LOG_FORMAT_PLAIN);
	log_setup_file(json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
	if (cli->set.log_file)
		return open_file(cli, cli->set.log_file, err);
	if (configured) {
		if (open_file(cli, configured, &warning) < 0)
			out_warning(cli->out, "%s", warning.text);
		return 0;
	}
	if (!cli->config) /* commands that do nothing worth a log */
		return 0;
	usual = usual_path();
	if (open_file(cli, usual, &warning) < 0)
		log_debug("%s", warning.text);
	return 0;
}
