/* SPDX-License-Identifier: MIT */
/* cmd_config: the commands about the configuration, and backup validate-config. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/config/connection.h"
#include "engine/config/nearest.h"
#include "engine/repo/repo.h"

static int sample_run(struct cli *cli, const void *options, struct error *err)
{
	autobuf text = BUF_INIT;

	(void)options;
	(void)err;
	config_sample(&text);
	out_raw(cli->out, text.data, text.len);
	return 0;
}

const struct command cmd_config = {
	.name = "config",
	.summary = "print a commented sample configuration",
	.details =
		"Every key stands in it with what it means and what it is when it is not given.",
	.examples = "config > ~/.mysql-schema-sync.yaml",
	.run = sample_run,
};

struct show_opts {
	const char *key;
	bool changed;
};

static const struct opt show_options[] = {
	OPT_FLAG(0, "changed", struct show_opts, changed, "only what is not the default"),
	OPT_END,
};

static const struct arg show_args[] = {
	ARG_OPTIONAL("KEY", struct show_opts, key, COMPLETE_CONFIG_KEY,
	             "only this key and those below it, such as backup.retention"),
	ARG_END,
};

static const struct out_column show_columns[] = {
	{ "key", "KEY", "key", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "value", "VALUE", "value", OUT_KIND_TEXT, true, OUT_CUT },
	{ "origin", "ORIGIN", "origin", OUT_KIND_TEXT, true, OUT_CUT },
	{ "default", "DEFAULT", "default", OUT_KIND_TEXT, false, OUT_CUT },
	{ "help", "HELP", "help", OUT_KIND_TEXT, false, OUT_CUT },
	{ NULL },
};

static bool is_below(const char *name, const char *key)
{
	size_t n = key ? strlen(key) : 0;

	return n == 0 || (strncmp(name, key, n) == 0 && (name[n] == '\0' || name[n] == '.'));
}

static struct json *key_row(const struct config *c, const struct config_key *k)
{
	struct json *row = json_object();
	autobuf value = BUF_INIT;
	autobuf origin = BUF_INIT;

	config_show(&value, c, k->name);
	config_describe_origin(&origin, c, k->name);
	json_set_str(row, "key", k->name);
	json_set_str(row, "value", value.data);
	json_set_str(row, "origin", origin.data);
	json_set_str(row, "default", k->fallback);
	json_set_str(row, "help", k->help);
	return row;
}

static int unknown_key(const char *key, struct error *err)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	struct nearest near = NEAREST_INIT(str_of(key));

	for (size_t i = 0; i < count; i++)
		nearest_offer(&near, str_of(keys[i].name));
	error_set(err, ERR_USAGE, "unknown configuration key: %s", key);
	if (near.word.p)
		return error_hint(err, "Did you mean %.*s?", STR_ARG(near.word));
	return error_hint(err, "`mysql-schema-sync config keys` shows all of them.");
}

typedef struct json *key_row_fn(const struct config *c, const struct config_key *k);

/* The keys at and below o->key; with o->changed only those that c sets. */
static int list_keys(struct cli *cli, const struct show_opts *o,
                     const struct out_column *columns, key_row_fn *row, const struct config *c,
                     struct error *err)
{
	const struct config_key *alias = o->key ? config_key_find(o->key) : NULL;
	const char *wanted = alias ? alias->name : o->key;
	DEFER(out_list) *l = NULL;
	size_t count, shown = 0;
	const struct config_key *keys = config_keys(&count);

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!is_below(keys[i].name, wanted))
			continue;
		shown++;
		if (!o->changed || config_is_set(c, keys[i].name))
			out_list_add(l, row(c, &keys[i]));
	}
	if (shown == 0)
		return unknown_key(o->key, err);
	out_list_end(l);
	return 0;
}

static int show_run(struct cli *cli, const void *options, struct error *err)
{
	return list_keys(cli, options, show_columns, key_row, cli->config, err);
}

const struct command cmd_config_show = {
	.name = "config show",
	.summary = "show every value in force, and where it is from",
	.details = "A value comes from an option, else from the environment, else from the "
		   "configuration file, else it is the default. Secrets are not shown.",
	.examples = "config show --changed\n"
		    "config show backup.retention",
	.opts = show_options,
	.args = show_args,
	.traits = NEED_CONFIG | HAS_FORMAT | HAS_LIST,
	.options_size = sizeof(struct show_opts),
	.run = show_run,
};

static const struct arg keys_args[] = {
	ARG_OPTIONAL("KEY", struct show_opts, key, COMPLETE_CONFIG_KEY,
	             "only this key and those below it, such as backup.retention"),
	ARG_END,
};

static const struct out_column keys_columns[] = {
	{ "key", "KEY", "key", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "allowed", "ALLOWED", "allowed", OUT_KIND_TEXT, true, OUT_WRAP },
	{ "default", "DEFAULT", "default", OUT_KIND_TEXT, true, OUT_WRAP },
	{ "help", "MEANING", "help", OUT_KIND_TEXT, true, OUT_WRAP },
	{ "environment", "ENVIRONMENT", "environment", OUT_KIND_LIST, false, OUT_WRAP },
	{ "secret", "SECRET", "secret", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ NULL },
};

static struct json *keys_row(const struct config *c, const struct config_key *k)
{
	struct json *row = json_object(), *variables = json_array();
	autobuf allowed = BUF_INIT;
	autobuf variable = BUF_INIT;
	size_t step = 0;

	(void)c;
	config_key_allowed(&allowed, k);
	for (; config_key_variable(&variable, k, &step); buf_truncate(&variable, 0))
		json_append(variables, json_str(variable.data));
	json_set_str(row, "key", k->name);
	json_set_str(row, "allowed", allowed.data);
	json_set_str(row, "default", k->fallback);
	json_set_str(row, "help", k->help);
	json_set(row, "environment", variables);
	json_set_bool(row, "secret", k->secret);
	return row;
}

static int keys_run(struct cli *cli, const void *options, struct error *err)
{
	return list_keys(cli, options, keys_columns, keys_row, NULL, err);
}

const struct command cmd_config_keys = {
	.name = "config keys",
	.summary = "list every key, what it takes and what it means",
	.details = "Needs no configuration. `config show` shows the values in force.",
	.examples = "config keys\n"
		    "config keys backup.retention\n"
		    "config keys backup.storage.s3.region -o key,environment",
	.args = keys_args,
	.traits = HAS_FORMAT | HAS_LIST,
	.options_size = sizeof(struct show_opts),
	.run = keys_run,
};

static const struct out_column check_fields[] = {
	{ "file", "File", "file", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "valid", "Valid", "valid", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "storage", "Storage", "storage", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "encryption", "Encryption", "encryption", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ NULL },
};

/* What loading alone cannot tell: the server's description, the store, the secret. */
static int look_deeper(struct cli *cli, struct error *err)
{
	struct connection connection;

	if (connection_from_config(&connection, cli->config, CONNECTION_TARGET, err) < 0)
		return -1;
	return repo_open(&cli->repo, cli->config, err);
}

static struct json *check_view(const struct cli *cli, const struct error *failure)
{
	struct json *v = json_object(), *warnings = json_array(), *errors = json_array();
	const struct config *c = cli->config;
	const char *file = c ? config_file(c) : cli->set.config_path;

	for (size_t i = 0; c && i < config_warning_count(c); i++)
		json_append(warnings, json_str(config_warning(c, i)));
	if (failure)
		json_append(errors, json_str(failure->text));
	json_set_bool(v, "valid", !failure);
	json_set_str(v, "file", file);
	json_set(v, "errors", errors);
	json_set(v, "warnings", warnings);
	json_set_str(v, "storage", cli->repo ? repo_location(cli->repo) : NULL);
	json_set(v, "encryption",
	         c ? json_bool(config_bool(c, "backup.encryption.enabled")) : NULL);
	return v;
}

static void show_check(struct cli *cli, const struct json *v)
{
	const struct json *warnings = json_get(v, "warnings");

	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return;
	}
	out_record(cli->out, check_fields, v);
	for (size_t i = 0; i < json_count(warnings); i++)
		out_text(cli->out, OUT_NOTICE, "Warning: %s\n",
		         json_text(json_at(warnings, i), NULL));
}

static int check_run(struct cli *cli, const void *options, struct error *err)
{
	DEFER(json) *v = NULL;
	int result;

	(void)options;
	result = cli_provide(cli, NEED_CONFIG | SHOWS_WARNINGS, err);
	if (result == 0)
		result = look_deeper(cli, err);
	v = check_view(cli, result < 0 ? err : NULL);
	show_check(cli, v);
	return result;
}

#define CHECK_DETAILS                                                                           \
	"Reads the configuration as every command does, then looks at what it describes: the "  \
	"server, the store and the secret for encryption. Keys that are unknown are warnings. " \
	"Exit status 1 when it cannot be used."

const struct command cmd_config_check = {
	.name = "config check",
	.summary = "check the configuration",
	.details = CHECK_DETAILS,
	.examples = "config check\n"
		    "config check --config config-prod.yaml --format json",
	.traits = HAS_FORMAT,
	.run = check_run,
};

const struct command cmd_backup_validate_config = {
	.name = "backup validate-config",
	.summary = "check the configuration",
	.details = CHECK_DETAILS,
	.examples = "backup validate-config",
	.traits = HAS_FORMAT,
	.run = check_run,
};
