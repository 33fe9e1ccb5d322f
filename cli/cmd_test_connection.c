/* SPDX-License-Identifier: MIT */
/* cmd_test_connection: asks the database server, or the store. */
#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/connection.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"

struct server_opts {
	const char *database;
};

static const struct opt server_options[] = {
	OPT_STRING('d', "database", struct server_opts, database, "NAME", COMPLETE_DATABASE,
	           "also read the schema of this database; the configuration's unless given"),
	OPT_END,
};

static const struct out_column server_fields[] = {
	{ "connected", "Connected", "connected", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "host", "Host", "host", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "socket", "Socket", "socket", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "user", "User", "user", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "databases", "Databases", "database_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "database", "Database", "database", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "server", "Server", "server_version", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "objects", "Objects", "object_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "kinds", "Visible kinds", "visible_kinds", OUT_KIND_LIST, false, OUT_WHOLE },
	{ "hidden", "Hidden kinds", "hidden_kinds", OUT_KIND_LIST, false, OUT_WHOLE },
	{ "milliseconds", "Milliseconds", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ NULL },
};

static int count_name(void *arg, const char *name, struct error *err)
{
	(void)name;
	(void)err;
	++*(int64_t *)arg;
	return 0;
}

static void show(struct cli *cli, const struct out_column *fields, const struct json *v)
{
	if (out_is_data(cli->out))
		out_value(cli->out, v);
	else
		out_record(cli->out, fields, v);
}

/* What the account may see of a database is what a backup of it would hold. */
static int look_at_database(struct json *v, struct cli *cli, const char *database,
                            struct error *err)
{
	struct json *visible = json_array(), *hidden = json_array();
	DEFER(schema) *s = NULL;
	int found = repo_live(&s, cli->repo, database, err);

	for (size_t kind = 0; s && kind < OBJECT_KIND_COUNT; kind++) {
		struct json *list = s->visible & OBJECT_KIND_BIT(kind) ? visible : hidden;

		json_append(list, json_str(object_kind_info((enum object_kind)kind)->word));
	}
	json_set(v, "visible_kinds", visible);
	json_set(v, "hidden_kinds", hidden);
	if (found < 0)
		return -1;
	if (!s)
		return error_set(err, ERR_NOT_FOUND, "unknown database: %s", database);
	json_set_str(v, "database", database);
	json_set_str(v, "server_version", s->server_version);
	json_set_int(v, "object_count", (int64_t)s->count);
	return 0;
}

static int server_run(struct cli *cli, const void *options, struct error *err)
{
	const struct server_opts *o = options;
	struct connection connection;
	int64_t began = clock_mono_ms(), databases = 0;
	DEFER(json) *v = json_object();
	const char *database;

	/* The store has nothing to do with it: a broken one must not hide the answer. */
	if (connection_from_config(&connection, cli->config, CONNECTION_TARGET, err) < 0 ||
	    repo_open_server(&cli->repo, cli->config, err) < 0 ||
	    repo_live_databases(cli->repo, count_name, &databases, err) < 0)
		return cli_wrap(err, "failed to connect to database");
	database = o->database ? o->database : connection.database;
	json_set_bool(v, "connected", true);
	json_set_str(v, "host", connection.host);
	json_set_str(v, "socket", connection.socket);
	json_set_str(v, "user", connection.user);
	json_set_int(v, "database_count", databases);
	if (database && look_at_database(v, cli, database, err) < 0)
		return -1;
	json_set_int(v, "duration_ms", clock_mono_ms() - began);
	show(cli, server_fields, v);
	out_success(cli->out, "The database server answers.");
	return 0;
}

const struct command cmd_test_connection = {
	.name = "test-connection",
	.summary = "ask the database server, and what it lets us see",
	.details =
		"With a database it also reads its schema and tells which kinds of objects the "
		"account may see: what it may not see no backup holds.",
	.examples = "test-connection --config config.yaml\n"
		    "test-connection --host db1 --user backup --password",
	.opts = server_options,
	.traits = NEED_SERVER | HAS_FORMAT,
	.options_size = sizeof(struct server_opts),
	.run = server_run,
};

static const struct out_column store_fields[] = {
	{ "connected", "Connected", "connected", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "storage", "Storage", "storage", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "backups", "Backups", "backup_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "milliseconds", "Milliseconds", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ NULL },
};

static int store_run(struct cli *cli, const void *options, struct error *err)
{
	const struct catalog_filter stored = {
		.statuses = 1U << BACKUP_COMPLETED | 1U << BACKUP_CORRUPTED |
		            1U << BACKUP_VALIDATING,
	};
	int64_t began = clock_mono_ms(), count;
	DEFER(json) *v = json_object();

	(void)options;
	if (repo_refresh(cli->repo, REPO_REFRESH_NOW, err) < 0)
		return cli_wrap(err, "failed to connect to storage");
	count = catalog_backup_count(repo_catalog(cli->repo), &stored, err);
	if (count < 0)
		return -1;
	json_set_bool(v, "connected", true);
	json_set_str(v, "storage", repo_location(cli->repo));
	json_set_int(v, "backup_count", count);
	json_set_int(v, "duration_ms", clock_mono_ms() - began);
	show(cli, store_fields, v);
	out_success(cli->out, "The storage answers.");
	return 0;
}

const struct command cmd_backup_test_connection = {
	.name = "backup test-connection",
	.summary = "ask the storage for what it holds",
	.examples = "backup test-connection",
	.traits = NEED_REPO | HAS_FORMAT,
	.run = store_run,
};
