/* SPDX-License-Identifier: MIT */
/* cmd_backup_create: the command that takes a backup. */
#include <string.h>

#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/tags.h"
#include "cli/view.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/repo.h"

struct create_opts {
	const char *description;
	struct opt_list databases, tags;
	bool all, dry_run, force, full;
};

#define T struct create_opts

static const struct opt opts[] = {
	OPT_CSV('d', "database", T, databases, "NAME,..", COMPLETE_DATABASE,
	        "databases to back up, one backup each; the configuration's unless given"),
	OPT_FLAG(0, "all-databases", T, all,
	         "every database that the account may see, but the server's own"),
	OPT_FLAG(0, "dry-run", T, dry_run,
	         "say what would be captured and where it would go, and write nothing"),
	OPT_TEXT(0, "description", T, description, "TEXT",
	         "why it is taken, at most 500 characters"),
	OPT_LIST('t', "tag", T, tags, "KEY=VALUE", COMPLETE_TAG,
	         "mark it; may be given again and again"),
	OPT_CSV(0, "tags", T, tags, "KEY=VALUE,..", COMPLETE_TAG, "the same, several at once"),
	OPT_CONFIG_ALSO(0, "compression", "backup.compression.algorithm",
	                "backup.compression.enabled=true", "ALGORITHM", COMPLETE_NOTHING,
	                "compress with zstd, gzip, lz4 or none instead of what is configured"),
	OPT_CONFIG_ALSO(0, "encryption-key", "backup.encryption.key_file",
	                "backup.encryption.key_source=file backup.encryption.enabled=true",
	                "FILE", COMPLETE_FILE,
	                "encrypt with the secret in this file: 32 bytes or 64 hex digits"),
	OPT_CONFIG(0, "storage", "backup.storage.provider", "PROVIDER", COMPLETE_NOTHING,
	           "store in local, s3, azure or gcs instead of what is configured"),
	OPT_FLAG(0, "full", T, full,
	         "capture everything, also when one query tells that nothing changed"),
	OPT_FLAG(0, "force", T, force, "also when backup.enabled is false"),
	OPT_END,
};

static int check_enabled(const struct cli *cli, const struct create_opts *o, struct error *err)
{
	autobuf place = BUF_INIT;

	if (config_bool(cli->config, "backup.enabled") || o->force)
		return 0;
	config_describe_origin(&place, cli->config, "backup.enabled");
	error_set(err, ERR_REFUSED, "backups are turned off: backup.enabled is false (%s)",
	          place.data);
	return error_hint(err, "--force takes one all the same.");
}

/* What one run makes: one backup, or one per database. */
struct making {
	struct cli *cli;
	const struct create_opts *o;
	struct create_options options;
	struct opt_list names;
	struct out_list *list; /* of several; NULL: one */
	size_t failed;
	struct error first; /* the first failure */
};

static int make_one(struct json **out, struct making *m, struct error *err)
{
	DEFER(create_preview) *preview = NULL;
	DEFER(backup) *b = NULL;

	if (m->o->dry_run) {
		if (repo_create_preview(&preview, m->cli->repo, &m->options, err) < 0)
			return -1;
		*out = view_preview(preview);
		return 0;
	}
	if (repo_create(&b, m->cli->repo, &m->options, err) < 0)
		return -1;
	cli_note(m->cli, m->list ? NULL : b->id, m->list ? NULL : b->database);
	*out = view_backup(b);
	json_set_str(*out, "backup_id", b->id);
	return 0;
}

static int show_one(struct making *m, struct error *err)
{
	struct out *out = m->cli->out;
	DEFER(json) *v = NULL;

	if (make_one(&v, m, err) < 0)
		return cli_wrap(err, "failed to create backup");
	if (out_is_data(out)) {
		out_value(out, v);
		return 0;
	}
	out_record(out, m->o->dry_run ? view_preview_fields : view_backup_fields, v);
	if (m->o->dry_run)
		out_note(out, "Nothing was written: this was a dry run.");
	else
		out_success(out, "Backup of database %s taken.",
		            json_get_str(v, "database_name", ""));
	return 0;
}

/* A row for what failed: whoever reads the list must not have to count. */
static struct json *failed_row(const char *database, const struct error *why)
{
	struct json *v = json_object();

	json_set_str(v, "database_name", database);
	json_set_str(v, "status", backup_status_name(BACKUP_FAILED));
	json_set_str(v, "error", why->text);
	return v;
}

static void add_database(struct making *m, const char *name)
{
	struct json *v = NULL;
	struct error why = ERROR_INIT;

	m->options.database = name;
	if (make_one(&v, m, &why) == 0) {
		out_list_add(m->list, v);
		return;
	}
	error_wrap(&why, "database %s", name);
	out_list_add(m->list, failed_row(name, &why));
	out_error(m->cli->out, &why);
	if (m->failed++ == 0)
		m->first = why;
}

static int sum_up(const struct making *m, size_t tried, struct error *err)
{
	if (m->first.code == ERR_CANCELLED) {
		*err = m->first;
		return -1;
	}
	if (m->failed > 0)
		return error_set(err, ERR_INVALID, "%zu of %zu backups failed", m->failed,
		                 tried);
	if (out_is_data(m->cli->out))
		return 0;
	if (m->o->dry_run)
		out_note(m->cli->out, "Nothing was written: this was a dry run.");
	else
		out_success(m->cli->out, "Backups of %zu databases taken.", tried);
	return 0;
}

static int show_several(struct making *m, struct error *err)
{
	DEFER(out_list) *list = NULL;
	size_t tried = 0;

	if (out_list_begin(&list, m->cli->out,
	                   m->o->dry_run ? view_preview_fields : view_backup_columns, err) < 0)
		return -1;
	m->list = list;
	while (tried < m->names.count && m->first.code != ERR_CANCELLED) {
		out_step(m->cli->out, tried + 1, m->names.count, "%s", m->names.items[tried]);
		add_database(m, m->names.items[tried++]);
	}
	out_list_end(list);
	return sum_up(m, tried, err);
}

/* Each name once: two backups of one database in one second would serve nobody. */
static int add_name(void *arg, const char *name, struct error *err)
{
	struct making *m = arg;
	struct opt_list *l = &m->names;

	(void)err;
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->items[i], name) == 0)
			return 0;
	}
	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 16;
		const char **items = arena_array(m->cli->arena, capacity, sizeof(*items));

		if (l->count > 0)
			memcpy(items, l->items, l->count * sizeof(*items));
		l->items = items;
		l->capacity = capacity;
	}
	l->items[l->count++] = arena_strdup(m->cli->arena, name);
	return 0;
}

static int find_names(struct making *m, struct error *err)
{
	if (m->o->all && m->o->databases.count > 0)
		return error_set(err, ERR_USAGE, "--all-databases and --database %s",
		                 m->o->databases.items[0]);
	for (size_t i = 0; i < m->o->databases.count; i++)
		add_name(m, m->o->databases.items[i], err);
	if (!m->o->all)
		return 0;
	if (repo_live_databases(m->cli->repo, add_name, m, err) < 0)
		return cli_wrap(err, "failed to create backup");
	if (m->names.count > 0)
		return 0;
	error_set(err, ERR_NOT_FOUND, "the account sees no database but the server's own");
	return error_hint(err, "Look at its rights with: SHOW GRANTS.");
}

/* For the log and the audit log; what does not fit is cut. */
static void note_names(struct making *m)
{
	autobuf names = BUF_INIT;

	for (size_t i = 0; i < m->names.count; i++)
		buf_addf(&names, "%s%s", i ? "," : "", m->names.items[i]);
	cli_note(m->cli, NULL, names.data);
}

static int make(struct making *m, struct error *err)
{
	if (find_names(m, err) < 0)
		return -1;
	note_names(m);
	if (m->o->all || m->names.count > 1)
		return show_several(m, err);
	m->options.database = m->names.count > 0 ? m->names.items[0] : NULL;
	return show_one(m, err);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct create_opts *o = options;
	autotags struct tags tags = { 0 };
	struct making m = {
		.cli = cli,
		.o = o,
		.options = { .description = o->description, .full = o->full },
	};

	cli->outcome = o->dry_run ? "dry run" : NULL;
	if (check_enabled(cli, o, err) < 0 || tags_parse(&tags, &o->tags, err) < 0)
		return -1;
	m.options.tags = tags.items;
	m.options.tag_count = tags.count;
	return make(&m, err);
}

const struct command cmd_backup_create = {
	.name = "backup create",
	.summary = "take a backup of a database's schema",
	.details =
		"Captures every object of the database that the account may see, as the server "
		"itself writes it, and stores it compressed and, when configured, encrypted. A "
		"backup that is acknowledged has been read back and checked. When one query tells "
		"that nothing changed since the database's newest backup, its content is copied "
		"instead of captured; the result is as complete and independent.\n"
		"\n"
		"Several databases (--database again and again, or a list; --all-databases) get a "
		"backup each, all with the same description and tags. One that fails is named, the "
		"others go on, and the exit status is 1.\n"
		"\n"
		"A failed attempt leaves nothing in the store; `backup list --status failed` "
		"remembers it.",
	.examples = "backup create --database shop\n"
		    "backup create --all-databases --dry-run\n"
		    "backup create --description \"Release 2\" --tag release=2\n"
		    "backup create --output-format json",
	.opts = opts,
	.traits = NEED_REPO | NEED_SERVER | HAS_FORMAT | CHANGES,
	.options_size = sizeof(struct create_opts),
	.run = run,
};
