/* SPDX-License-Identifier: MIT */
/*
 * cli: one run of the command: from argv to an exit status.
 *
 * A command's run function gets the cli with everything that its traits ask for
 * (configuration, repo), writes data to cli->out, talks through talk.h, and
 * returns 0, or -1 with an error that is printed once, here. A result that is
 * neither (a comparison that found differences) sets cli->status.
 *
 * Not thread-safe.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/name.h"

struct arena;
struct audit;
struct backup;
struct command;
struct config;
struct error;
struct out;
struct parse;
struct prompt;
struct repo;

/* The common options: what each of them may mean is in common.c. */
struct cli_settings {
	const char *config_path;
	const char *log_file;
	const char *columns;
	const char *password_file;
	int format; /* enum out_format; 0: not given */
	bool ask_password;
	bool debug, verbose, quiet;
	bool color, no_color;
	bool yes;
	bool help, version;
};

struct cli {
	struct cli_settings set;
	const struct command *command; /* NULL: none */
	const struct parse *parse;     /* what was read of the command line */
	struct arena *arena;           /* lives as long as the run */
	struct config *config;         /* NULL unless needed */
	struct repo *repo;             /* NULL unless needed */
	struct out *out;
	struct audit *audit; /* NULL: no audit log */
	int status;          /* exit status of a run that did not fail */
	/* What the command worked on, for log and audit log. */
	char backup_id[NAME_BACKUP_ID_MAX + 1];
	char database[256];
	const char *outcome; /* "cancelled", "dry run"; NULL: what was asked for is done */
};

int cli_main(int argc, char **argv); /* the exit status */

/*
 * Makes ready what these traits (command.h) ask for. The run functions find it
 * done; those that want to go on without call it themselves.
 */
int cli_provide(struct cli *cli, unsigned int traits, struct error *err);

/* Finds the backup that the user means; caller frees. Notes it for the audit log. */
int cli_find_backup(struct cli *cli, const char *spec, struct backup **out, struct error *err);
void cli_note(struct cli *cli, const char *backup_id, const char *database);

/* Warns when there are no backups of a database (NULL: of any is meant): it may be mistyped. */
void cli_check_database(struct cli *cli, const char *database);

/* How to ask, by --yes and the configuration. */
void cli_prompt(struct prompt *out, const struct cli *cli);

/* A date of the command line, in the configured zone. text NULL: 0. */
int cli_time(struct cli *cli, const char *text, int64_t *out, struct error *err);

/*
 * Puts "what: " before an error, but for those that the guides show with a text
 * of their own at the front (connections, "failed to ..."), and for those that
 * are about the command line rather than about the work.
 */
int cli_wrap(struct error *err, const char *what);

#endif
