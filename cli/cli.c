/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "catalog/catalog.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/override.h"
#include "cli/prompt.h"
#include "cli/setup.h"
#include "engine/base/arena.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"
#include "engine/repo/audit.h"
#include "engine/repo/notify.h"
#include "engine/repo/repo.h"
#include "engine/repo/suggest.h"

#define LOG_MODULE "cli"

#define TABLES_MAX     8
#define WARNINGS_SHOWN 5

void cli_note(struct cli *cli, const char *backup_id, const char *database)
{
	if (backup_id)
		snprintf(cli->backup_id, sizeof(cli->backup_id), "%s", backup_id);
	if (database)
		snprintf(cli->database, sizeof(cli->database), "%s", database);
}

int cli_find_backup(struct cli *cli, const char *spec, struct backup **out, struct error *err)
{
	if (repo_find(cli->repo, spec, out, err) < 0)
		return -1;
	cli_note(cli, (*out)->id, (*out)->database);
	return 0;
}

void cli_check_database(struct cli *cli, const char *database)
{
	const struct catalog_filter of = { .database = database, .limit = 1 };
	struct error ignored = ERROR_INIT;
	autobuf near = BUF_INIT;

	if (!database || catalog_backup_count(repo_catalog(cli->repo), &of, &ignored) != 0)
		return;
	if (suggest_database(&near, cli->repo, database))
		out_warning(cli->out, "there are no backups of database %s; did you mean %s?",
		            database, near.data);
	else
		out_warning(cli->out, "there are no backups of database %s", database);
}

int cli_time(struct cli *cli, const char *text, int64_t *out, struct error *err)
{
	*out = 0;
	return text ? clock_parse(out, text, clock_now(), out_setup(cli->out)->zone, err) : 0;
}

int cli_wrap(struct error *err, const char *what)
{
	static const enum error_code own[] = { ERR_USAGE,     ERR_CONFIG,  ERR_CANCELLED,
		                               ERR_CONNECT,   ERR_REFUSED, ERR_BUSY,
		                               ERR_NOT_FOUND, ERR_DIFFERS };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (err->code == own[i])
			return -1;
	}
	if (strncmp(err->text, "failed to ", 10) == 0 ||
	    strncmp(err->text, "access denied for user", 22) == 0 ||
	    strncmp(err->text, what, strlen(what)) == 0)
		return -1;
	return error_wrap(err, "%s", what);
}

/* The tables that a command's line is read by: its own first. */
static size_t collect_tables(struct opt_table tables[TABLES_MAX], struct cli *cli,
                             void *options)
{
	size_t count, n = 0;
	const struct common_group *groups = common_groups(&count);
	unsigned int traits = cli->command ? cli->command->traits : 0;

	if (cli->command)
		tables[n++] = (struct opt_table){ cli->command->opts, options };
	for (size_t i = 0; i < count; i++) {
		if (common_is_taken(&groups[i], traits))
			tables[n++] = (struct opt_table){ groups[i].opts, &cli->set };
	}
	return n;
}

static int provide_config(struct cli *cli, struct error *err)
{
	const struct prompt asking = { .in = STDIN_FILENO, .out = stderr };

	if (config_load(&cli->config, cli->set.config_path, err) < 0 ||
	    override_apply(cli->config, cli->parse, err) < 0)
		return -1;
	if (cli->set.password_file &&
	    override_password_file(cli->config, cli->set.password_file, err) < 0)
		return -1;
	if (cli->set.ask_password && override_password_prompt(cli->config, &asking, err) < 0)
		return -1;
	setup_output(cli);
	return setup_log(cli, err);
}

/* A file with many is not to drown what the command says. */
static void show_config_warnings(struct cli *cli)
{
	size_t count = config_warning_count(cli->config);
	size_t shown = count > WARNINGS_SHOWN && !cli->set.verbose ? WARNINGS_SHOWN - 1 : count;

	if (out_setup(cli->out)->quiet)
		return;
	for (size_t i = 0; i < shown; i++)
		out_warning(cli->out, "%s", config_warning(cli->config, i));
	if (shown < count)
		out_warning(cli->out,
		            "%zu more about the configuration: `mysql-schema-sync config "
		            "check` shows them all",
		            count - shown);
}

int cli_provide(struct cli *cli, unsigned int traits, struct error *err)
{
	if (!(traits & NEED_CONFIG))
		return setup_log(cli, err);
	if (provide_config(cli, err) < 0)
		return -1;
	if (!(traits & SHOWS_WARNINGS))
		show_config_warnings(cli);
	if ((traits & CHANGES) && audit_open(&cli->audit, cli->config, err) < 0)
		return -1;
	if ((traits & NEED_REPO) == NEED_REPO && repo_open(&cli->repo, cli->config, err) < 0)
		return -1;
	if ((traits & NEED_FRESH) == NEED_FRESH)
		return repo_refresh(cli->repo, REPO_REFRESH_STALE, err);
	return 0;
}

void cli_prompt(struct prompt *out, const struct cli *cli)
{
	*out = (struct prompt){
		.in = STDIN_FILENO,
		.out = stderr,
		.yes = cli->set.yes || config_bool(cli->config, "auto_approve"),
		.forbidden = !config_bool(cli->config, "display.interactive"),
	};
}

/* What was done, for the log file and the audit log. failure is NULL when it was done. */
static int record(struct cli *cli, int64_t began, const struct error *failure,
                  struct error *err)
{
	const struct audit_record record = {
		.action = cli->command->name,
		.backup_id = cli->backup_id,
		.database = cli->database,
		.outcome = cli->outcome ? cli->outcome : "done",
		.failure = failure,
		.duration_ms = clock_mono_ms() - began,
	};

	if (failure && failure->code != ERR_USAGE)
		log_failure_quietly(LOG_MODULE, cli->command->name, failure);
	else if (!failure)
		log_debug("%s: done, duration %lld ms", cli->command->name,
		          (long long)record.duration_ms);
	return cli->audit ? audit_write(cli->audit, &record, err) : 0;
}

/*
 * Sends word where the configuration asks for it: of every change that was made or failed, and
 * of what a check found wrong. That it could not be sent changes nothing of what was done.
 */
static void tell(struct cli *cli, int64_t began, const struct error *failure)
{
	unsigned int traits = cli->command->traits;
	bool failed = failure || cli->status == 1;
	autofree char *event = mem_strdup(cli->command->name);
	const struct notice n = {
		.event = event,
		.failed = failed,
		.backup_id = cli->backup_id,
		.database = cli->database,
		.error = failure ? failure->text : "",
		.duration_ms = clock_mono_ms() - began,
	};
	struct error problem = ERROR_INIT;

	if (!cli->config || cli->outcome || (failure && failure->code == ERR_USAGE) ||
	    !(traits & CHANGES || (traits & WATCHES && failed)) ||
	    !notify_is_wanted(cli->config, &n))
		return;
	for (char *p = event; *p; p++) {
		if (*p == ' ' || *p == '-')
			*p = '_';
	}
	if (notify_send(cli->config, &n, &problem) < 0)
		out_warning(cli->out, "%s", problem.text);
}

static int run_command(struct cli *cli, const void *options, struct error *err)
{
	int64_t began = clock_mono_ms();
	struct error second = ERROR_INIT;

	if (cli_provide(cli, cli->command->traits, err) < 0 ||
	    cli->command->run(cli, options, err) < 0) {
		tell(cli, began, err);
		if (record(cli, began, err, &second) < 0)
			out_error(cli->out, &second);
		return -1;
	}
	tell(cli, began, NULL);
	return record(cli, began, NULL, err);
}

static void show_help(struct cli *cli, const struct found *f)
{
	if (f->command)
		help_command(cli->out, f->command);
	else if (f->group)
		help_group(cli->out, f->group);
	else
		help_overview(cli->out);
}

static int read_options(struct cli *cli, const struct found *f, void *options,
                        struct error *err)
{
	struct opt_table *tables = arena_array(cli->arena, TABLES_MAX, sizeof(*tables));
	struct parse *p = arena_alloc(cli->arena, sizeof(*p));

	cli->command = f->command;
	cli->parse = p;
	p->tables = tables;
	p->table_count = collect_tables(tables, cli, options);
	p->args = f->command ? f->command->args : NULL;
	p->args_base = options;
	p->arena = cli->arena;
	p->command = f->command ? f->command->name : f->group ? f->group->name : "";
	return options_parse(p, f->argc, f->argv, err) < 0 ? -1 : setup_check(cli, err);
}

/* options_parse() took them out of argv; what others read before that, they have. */
static void warn_of_passwords(struct cli *cli)
{
	for (size_t i = 0; i < cli->parse->override_count; i++) {
		const struct opt *o = cli->parse->overrides[i].opt;

		if (!opt_is_secret(o))
			continue;
		out_warning(cli->out,
		            "--%s: other users of this machine could read the password before "
		            "it was taken off the command line; safer are --password-file FILE "
		            "for the target and source.password in the configuration for the "
		            "source",
		            o->name);
		return;
	}
}

static int run(struct cli *cli, const struct found *f, struct error *err)
{
	size_t size = f->command && f->command->options_size ? f->command->options_size : 1;
	void *options = arena_alloc(cli->arena, size);

	if (read_options(cli, f, options, err) < 0)
		return -1;
	setup_output(cli);
	if (cli->set.version) {
		help_version(cli->out);
		return 0;
	}
	if (cli->set.help || !f->command) {
		show_help(cli, f);
		return 0;
	}
	if (options_check_args(cli->parse, err) < 0)
		return -1;
	if (!cli->set.quiet)
		warn_of_passwords(cli);
	return run_command(cli, options, err);
}

static void prepare_process(void)
{
	/* Only the characters: numbers must look the same everywhere. */
	setlocale(LC_CTYPE, "");
	/* A reader that goes away is an error, not the end in the middle of a rollback. */
	signal(SIGPIPE, SIG_IGN);
	cancel_install();
	secret_protect_process();
}

static void finish(struct cli *cli)
{
	audit_close(cli->audit);
	repo_close(cli->repo);
	config_free(cli->config);
	out_free(cli->out);
	arena_free(cli->arena);
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .arena = arena_new() };
	struct error err = ERROR_INIT;
	struct found f = { 0 };
	bool failed;
	int status;

	prepare_process();
	setup_output(&cli);
	failed = commands_find_in(&f, argc, argv, &err) < 0 || run(&cli, &f, &err) < 0;
	if (failed) {
		status = error_exit_status(err.code);
		out_error(cli.out, &err);
		error_clear(&err);
	} else {
		status = cli.status;
	}
	free(f.argv);
	if (out_finish(cli.out, &err) < 0) {
		out_error(cli.out, &err);
		status = failed ? status : error_exit_status(err.code);
	}
	finish(&cli);
	return status;
}
