/* SPDX-License-Identifier: MIT */
/* cmd_migrate: the command that brings the live schema to a wanted one. */
#include <stdio.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rollback.h"
#include "cli/out.h"
#include "cli/prompt.h"
#include "cli/setup.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/migrate.h"
#include "engine/schema/model.h"

struct migrate_opts {
	struct opt_list renames;
	const char *schema, *from, *backup_id;
	const char *database;
	int64_t preflight_timeout, parallel;
	bool auto_backup, no_backup, dry_run, force, show_sql, disable_fk_checks, no_proof;
	bool allow_untrusted;
	bool no_icons, no_progress, no_interactive;
};

#define T struct migrate_opts

/* clang-format off */
#define SERVER(role, option, name, value, complete, help) \
	OPT_CONFIG(0, role "-" option, role "." name, value, complete, help)
#define SERVER_ALIAS(role, option, other, name, complete, help) \
	OPT_CONFIG_ALIAS(0, role "-" option, other, role "." name, "NAME", complete, help)
/* clang-format on */

static const struct opt opts[] = {
	{ .type = OPT_TYPE_STRING,
	  .name = "schema",
	  .alias = "file",
	  .value = "PATH",
	  .complete = COMPLETE_FILE,
	  .offset = OPT_FIELD(T, schema, const char *),
	  .help = "wanted is what this SQL file, or the SQL files of this directory, make" },
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP,
	           "wanted is what this backup holds"),
	OPT_STRING(0, "from", T, from, "SCHEMA", COMPLETE_BACKUP,
	           "wanted is a backup, a path, live:DB, source or source:DB"),
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "the database to change; the configuration's unless given"),
	OPTS_BEFORE_RUN(T),
	OPT_FLAG(0, "show-sql", T, show_sql,
	         "print the plan as a script for the stock client, and change nothing"),
	OPT_FLAG(0, "auto-backup", T, auto_backup,
	         "take a backup first, whatever the configuration says; the default"),
	OPT_FLAG(0, "no-backup", T, no_backup, "take no backup first (not recommended)"),
	OPTS_OF_RUN(T),
	SERVER("source", "host", "host", "HOST", COMPLETE_NOTHING,
	       "server of the wanted schema; the target's when only --source-db is given"),
	SERVER("source", "port", "port", "PORT", COMPLETE_NOTHING, "its TCP port"),
	SERVER("source", "socket", "socket", "FILE", COMPLETE_FILE, "its Unix socket"),
	SERVER_ALIAS("source", "user", "source-username", "username", COMPLETE_NOTHING,
	             "account there"),
	SERVER_ALIAS("source", "db", "source-database", "database", COMPLETE_NOTHING,
	             "database whose schema is wanted"),
	SERVER("source", "password", "password", "PASSWORD", COMPLETE_NOTHING,
	       "seen by every user of this machine: better source.password in the configuration"),
	SERVER("target", "host", "host", "HOST", COMPLETE_NOTHING,
	       "server of the database to change"),
	SERVER("target", "port", "port", "PORT", COMPLETE_NOTHING, "its TCP port"),
	SERVER("target", "socket", "socket", "FILE", COMPLETE_FILE, "its Unix socket"),
	SERVER_ALIAS("target", "user", "target-username", "username", COMPLETE_NOTHING,
	             "account there"),
	SERVER_ALIAS("target", "db", "target-database", "database", COMPLETE_DATABASE,
	             "the database to change"),
	SERVER("target", "password", "password", "PASSWORD", COMPLETE_NOTHING,
	       "seen by every user of this machine: better --password-file"),
	OPT_CONFIG(0, "theme", "display.theme", "NAME", COMPLETE_NOTHING,
	           "colours for a dark, light or high-contrast terminal"),
	OPT_CONFIG(0, "table-style", "display.table_style", "NAME", COMPLETE_NOTHING,
	           "lines around tables: default, rounded, border, minimal"),
	OPT_CONFIG(0, "max-table-width", "display.max_table_width", "N", COMPLETE_NOTHING,
	           "widest table on a terminal"),
	OPT_FLAG(0, "no-icons", T, no_icons, "no symbols before results"),
	OPT_FLAG(0, "no-progress", T, no_progress, "do not show each step"),
	OPT_FLAG(0, "no-interactive", T, no_interactive, "ask nothing"),
	OPT_CONFIG_BEFORE_FLAG("backup-enabled", "backup.enabled"),
	OPT_CONFIG_BEFORE("backup-storage-provider", "backup.storage.provider"),
	OPT_CONFIG_BEFORE("backup-local-path", "backup.storage.local.base_path"),
	OPT_CONFIG_BEFORE("backup-max-backups", "backup.retention.max_backups"),
	OPT_CONFIG_BEFORE("backup-max-age", "backup.retention.max_age"),
	OPT_CONFIG_BEFORE_FLAG("backup-compression-enabled", "backup.compression.enabled"),
	OPT_CONFIG_BEFORE("backup-compression-algorithm", "backup.compression.algorithm"),
	OPT_CONFIG_BEFORE_FLAG("backup-encryption-enabled", "backup.encryption.enabled"),
	OPT_CONFIG_BEFORE("backup-encryption-key-source", "backup.encryption.key_source"),
	OPT_END,
};

static int choose_wanted(struct wanted_spec *out, const struct migrate_opts *o,
                         struct error *err)
{
	if (!!o->schema + !!o->from + !!o->backup_id > 1) {
		error_set(err, ERR_USAGE, "more than one wanted schema");
		return error_hint(err, "Give one of --schema PATH, --backup-id ID and --from "
		                       "SCHEMA, or none for the configured source.");
	}
	*out = (struct wanted_spec){ .kind = WANTED_SOURCE };
	if (o->schema)
		*out = (struct wanted_spec){ .kind = WANTED_FILE, .name = o->schema };
	if (o->backup_id)
		*out = (struct wanted_spec){ .kind = WANTED_BACKUP, .name = o->backup_id };
	if (o->from)
		wanted_parse(out, o->from);
	return 0;
}

/* The words that show the plan again. */
static void command_again(struct buf *out, const struct migrate_opts *o)
{
	buf_adds(out, "migrate");
	if (o->schema)
		buf_addf(out, " --schema %s", o->schema);
	if (o->backup_id)
		buf_addf(out, " --backup-id %s", o->backup_id);
	if (o->from)
		buf_addf(out, " --from %s", o->from);
	if (o->database)
		buf_addf(out, " --database %s", o->database);
	for (size_t i = 0; i < o->renames.count; i++)
		buf_addf(out, " --rename '%s'", o->renames.items[i]);
	buf_adds(out, " --dry-run");
}

static int failed(struct error *err)
{
	return err->code == ERR_DIFFERS ? error_wrap(err, "migration failed")
	                                : cli_wrap(err, "migration failed");
}

/* Is a backup to be taken? What turned it off is said. */
static int choose_backup(struct cli *cli, const struct migrate_opts *o, bool *none,
                         struct error *err)
{
	static const char *const keys[] = { "migration.auto_backup", "backup.enabled" };

	if (o->auto_backup && o->no_backup)
		return error_set(err, ERR_USAGE,
		                 "--auto-backup and --no-backup exclude each other");
	*none = o->no_backup;
	for (size_t i = 0; i < ARRAY_SIZE(keys) && !*none && !o->auto_backup; i++) {
		if (config_bool(cli->config, keys[i]))
			continue;
		*none = true;
		out_warning(cli->out, "no backup is taken before the migration: %s is false",
		            keys[i]);
	}
	return 0;
}

/* How far a run came: steps of one round, and of the rounds before. */
struct progress {
	struct cli *cli;
	size_t round; /* from 1 */
	size_t done;  /* in this round */
	size_t count; /* of this round */
	bool begun;   /* the step behind `done` */
};

static int on_step(void *arg, size_t i, size_t count, const struct plan_step *step, bool done,
                   struct error *err)
{
	struct progress *p = arg;

	(void)err;
	if (i == 0 && !done)
		p->round++;
	p->count = count;
	p->done = done ? i + 1 : i;
	p->begun = !done;
	if (!done)
		out_step(p->cli->out, i + 1, count, "%s %s: %s", step->type, step->name,
		         step->description);
	return 0;
}

/* What became of a step of the plan. */
static const char *step_state(const struct progress *p, size_t i)
{
	if (p->round > 1 || i < p->done)
		return "done";
	return p->round == 1 && i == p->done && p->begun ? "failed" : "not run";
}

static void show_steps(struct cli *cli, const struct rollback *run, const struct progress *p)
{
	for (size_t i = 0; i < run->plan->count; i++) {
		const struct plan_step *s = &run->plan->steps[i];

		out_note(cli->out, "  %-7s %zu %s %s: %s", step_state(p, i), i + 1, s->type,
		         s->name, s->description);
	}
	if (p->round > 1)
		out_note(cli->out, "  and %zu of %zu steps of what was left after them",
		         p->done, p->count);
}

static void show_way_back(struct cli *cli, const struct rollback_result *r)
{
	if (r->safety_backup[0])
		out_note(cli->out,
		         "Pre-migration backup: %s\n"
		         "Roll back with: mysql-schema-sync rollback execute --backup-id %s",
		         r->safety_backup, r->safety_backup);
	else
		out_note(cli->out, "There is no pre-migration backup.");
}

static void show_outcome(struct cli *cli, const struct migration *m,
                         const struct rollback_result *r, const struct progress *p, int result)
{
	if (out_is_data(cli->out))
		return;
	if (result == 0) {
		if (r->safety_backup[0])
			out_note(cli->out, "Pre-migration backup: %s", r->safety_backup);
		out_success(cli->out, "Database %s equals %s: %zu steps.", m->run->database,
		            m->source, r->steps_done);
		return;
	}
	if (p->round == 0) {
		out_note(cli->out, "Nothing was changed.");
		return;
	}
	out_note(cli->out, "The migration stopped:");
	show_steps(cli, m->run, p);
	if (r->left)
		view_differences(cli->out, r->left);
	show_way_back(cli, r);
}

static void show_data(struct cli *cli, const struct migration *m,
                      const struct rollback_result *r, const char *status)
{
	DEFER(json) *v = NULL;

	if (!out_is_data(cli->out))
		return;
	v = view_migration(m, r);
	json_set_str(v, "status", status);
	out_value(cli->out, v);
}

static int execute(struct cli *cli, const struct migration *m,
                   const struct rollback_options *how, struct error *err)
{
	struct progress p = { .cli = cli };
	const struct rollback_watch watch = { .step = on_step, .arg = &p };
	struct rollback_result r = { 0 };
	int result = rollback_execute(&r, cli->repo, m->run, how, &watch, err);

	show_data(cli, m, &r, result == 0 ? "completed" : "failed");
	show_outcome(cli, m, &r, &p, result);
	rollback_result_finish(&r);
	return result < 0 ? failed(err) : 0;
}

static int show_dry_run(struct cli *cli, const struct migration *m,
                        const struct rollback_options *how, struct error *err)
{
	cli->outcome = "dry run";
	if (out_is_data(cli->out)) {
		show_data(cli, m, NULL, "ready_to_apply");
	} else {
		view_plan_text(cli->out, m->run, true);
		out_note(cli->out, "Nothing was changed (dry run).");
	}
	return rollback_judge(m->run, how, err) < 0 ? failed(err) : 0;
}

static void show_script(struct cli *cli, const struct migration *m)
{
	autobuf header = BUF_INIT;
	autobuf script = BUF_INIT;

	cli->outcome = "dry run";
	buf_addf(&header, "migration of database %s to %s", m->run->database, m->source);
	if (m->run->database_missing)
		buf_adds(&header, "\nthe database is not there: create it first");
	plan_script(&script, m->run->plan, header.data);
	out_raw(cli->out, script.data, script.len);
}

/* Before a question is asked, and for the log of a pipeline. */
static void show_plan(struct cli *cli, const struct migration *m)
{
	struct out_setup s = *out_setup(cli->out);
	DEFER(out) *talk = NULL;

	if (s.quiet)
		return;
	s.data = s.talk;
	s.format = OUT_TABLE;
	talk = out_new(&s);
	view_plan_text(talk, m->run, false);
	out_note(cli->out, "%s", "");
}

/*
 * 1 go on, 0 not, -1. A script's standard input is not ours to read: without a terminal
 * nobody is asked, and what loses data needs to be approved beforehand.
 */
static int ask(struct cli *cli, const struct migration *m, bool force, struct error *err)
{
	bool loses = plan_worst(m->run->plan) == PLAN_RISK_LOSS;
	autobuf question = BUF_INIT;
	struct prompt p;

	cli_prompt(&p, cli);
	if (p.yes || force)
		return 1;
	if ((!isatty(p.in) || p.forbidden) && !loses)
		return 1;
	if (!isatty(p.in) || p.forbidden) {
		error_set(err, ERR_REFUSED,
		          "the migration loses data, and nobody is there to be asked");
		return error_hint(err,
		                  "Look at it with --dry-run; --yes, or auto_approve: true "
		                  "in the configuration, goes on.");
	}
	if (rollback_loses_data(m->run)) {
		buf_addf(&question,
		         "Data will be lost. Type the name of the database (%s) to go on:",
		         m->run->database);
		return prompt_word(&p, question.data, m->run->database, err);
	}
	buf_addf(&question, "Migrate database %s?", m->run->database);
	return prompt_confirm(&p, question.data, err);
}

static int approve_and_execute(struct cli *cli, const struct migration *m,
                               const struct rollback_options *how, struct error *err)
{
	int answer;

	show_plan(cli, m);
	if (rollback_judge(m->run, how, err) < 0)
		return failed(err);
	answer = ask(cli, m, how->force, err);
	if (answer < 0)
		return -1;
	if (answer)
		return execute(cli, m, how, err);
	/* A pipeline must not take this for a migration that was done. */
	cli->outcome = "cancelled";
	cli->status = error_exit_status(ERR_REFUSED);
	show_data(cli, m, NULL, "cancelled");
	out_note(cli->out, "Cancelled: nothing was changed.");
	return 0;
}

/* Flags of the root command of before. */
static int apply_display(struct cli *cli, const struct migrate_opts *o, struct error *err)
{
	const struct {
		bool given;
		const char *key;
	} flags[] = {
		{ o->no_icons, "display.use_icons" },
		{ o->no_progress, "display.show_progress" },
		{ o->no_interactive, "display.interactive" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].given && config_set(cli->config, flags[i].key, "false", err) < 0)
			return -1;
	}
	setup_output(cli);
	return 0;
}

static int run_migration(struct cli *cli, const struct migrate_opts *o,
                         const struct migration *m, const struct rollback_options *how,
                         struct error *err)
{
	if (m->rows_left_out)
		out_note(cli->out,
		         "%zu statements about rows were left out: a migration changes "
		         "schemas.",
		         m->rows_left_out);
	if (o->show_sql) {
		show_script(cli, m);
		return 0;
	}
	view_not_compared(cli->out, m->run->diff);
	if (rollback_is_done(m->run)) {
		show_data(cli, m, NULL, "already_matches");
		out_success(cli->out, "Database %s already matches %s.", m->run->database,
		            m->source);
		return 0;
	}
	if (rollback_check(m->run, cli->repo, how, err) < 0)
		return failed(err);
	if (o->dry_run || config_bool(cli->config, "dry_run"))
		return show_dry_run(cli, m, how, err);
	return approve_and_execute(cli, m, how, err);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct migrate_opts *o = options;
	struct rollback_options how = {
		.database = o->database,
		.foreign_key_checks_off = o->disable_fk_checks,
		.renames = o->renames.items,
		.rename_count = o->renames.count,
		.no_proof = o->no_proof,
		.preflight_seconds = o->preflight_timeout,
		.parallel = (size_t)o->parallel,
		.force = o->force,
		.allow_untrusted = o->allow_untrusted,
	};
	DEFER(migration) *m = NULL;
	struct wanted_spec wanted;
	autobuf again = BUF_INIT;

	command_again(&again, o);
	if (apply_display(cli, o, err) < 0 || choose_wanted(&wanted, o, err) < 0 ||
	    choose_backup(cli, o, &how.no_backup, err) < 0)
		return -1;
	if (migrate_open(&m, cli->repo, &wanted, &how, again.data, err) < 0)
		return failed(err);
	cli_note(cli, NULL, m->run->database);
	return run_migration(cli, o, m, &how, err);
}

const struct command cmd_migrate = {
	.name = "migrate",
	.summary = "bring the live schema to a wanted one",
	.details =
		"The wanted schema is that of the configured source (source: in the "
		"configuration, or --source-host and its like), of an SQL file, of a directory of "
		"SQL files or of a backup. What must change is planned, checked, tried on an empty "
		"scratch copy and, after a backup tagged type=pre-migration, run step by step with a "
		"journal; at the end every object is compared.\n"
		"\n"
		"On a terminal it asks. Without one it goes on, unless data would be lost: that "
		"needs --yes, or auto_approve: true in the configuration.\n"
		"\n"
		"Exit status 0 when the live schema equals the wanted one. Otherwise it says which "
		"steps ran, which did not, and how to roll back.\n"
		"\n"
		"The program without a command, but with --config or with options of this one, "
		"migrates from the source to the target.",
	.examples = "migrate --config config.yaml --auto-backup\n"
		    "migrate --schema schema.sql --database shop --dry-run\n"
		    "migrate --schema migrations/ --yes\n"
		    "migrate --source-db shop_new --target-db shop",
	.opts = opts,
	.traits = NEED_FRESH | NEED_SERVER | HAS_FORMAT | ASKS | CHANGES,
	.options_size = sizeof(struct migrate_opts),
	.run = run,
};
