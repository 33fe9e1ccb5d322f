/* SPDX-License-Identifier: MIT */
/* cmd_commands: the hidden __commands, the tables of commands as data, for our own tests. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/options.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/json.h"

static const char *const type_names[] = {
	[OPT_TYPE_FLAG] = "flag", [OPT_TYPE_STRING] = "string", [OPT_TYPE_LIST] = "list",
	[OPT_TYPE_CSV] = "csv",   [OPT_TYPE_INT] = "int",       [OPT_TYPE_CHOICE] = "choice",
	[OPT_TYPE_TIME] = "time", [OPT_TYPE_CONFIG] = "config",
};

static const struct {
	unsigned int trait;
	const char *name;
} traits[] = {
	{ NEED_CONFIG, "needs_config" }, { NEED_REPO, "needs_repo" },
	{ NEED_SERVER, "needs_server" }, { HAS_FORMAT, "has_format" },
	{ HAS_LIST, "has_list" },        { ASKS, "asks" },
	{ CHANGES, "changes" },
};

static void add_option(void *arg, const struct opt *o)
{
	struct json *list = arg, *v = json_object(), *choices = json_array();
	const char letter[2] = { o->letter, '\0' };

	for (const struct opt_choice *c = o->choices; c && c->name; c++)
		json_append(choices, json_str(c->name));
	json_set_str(v, "name", o->name);
	json_set_str(v, "alias", o->alias);
	json_set_str(v, "letter", o->letter ? letter : NULL);
	json_set_str(v, "type", type_names[o->type]);
	json_set_str(v, "key", o->key);
	json_set_bool(v, "takes_value", opt_takes_value(o));
	json_set_bool(v, "needs_value", opt_needs_value(o));
	json_set(v, "choices", choices);
	json_set_int(v, "min", o->min);
	json_set_int(v, "max", o->max);
	json_append(list, v);
}

static struct json *command(const struct command *c)
{
	struct json *v = json_object(), *options = json_array(), *args = json_array();

	json_set_str(v, "name", c->name);
	json_set_str(v, "alias", c->alias);
	json_set_bool(v, "hidden", c->hidden);
	for (size_t i = 0; i < ARRAY_SIZE(traits); i++)
		json_set_bool(v, traits[i].name,
		              (c->traits & traits[i].trait) == traits[i].trait);
	common_each_option(c, add_option, options);
	json_set(v, "options", options);
	for (const struct arg *a = c->args; a && a->name; a++) {
		struct json *one = json_object();

		json_set_str(one, "name", a->name);
		json_set_bool(one, "optional", a->optional);
		json_set_bool(one, "rest", a->rest);
		json_append(args, one);
	}
	json_set(v, "args", args);
	return v;
}

static int commands_run(struct cli *cli, const void *options, struct error *err)
{
	size_t count;
	const struct command *const *all = commands_all(&count);
	DEFER(json) *list = json_array();
	autobuf text = BUF_INIT;

	(void)options;
	(void)err;
	for (size_t i = 0; i < count; i++)
		json_append(list, command(all[i]));
	json_write(&text, list, JSON_PRETTY);
	out_raw(cli->out, text.data, text.len);
	return 0;
}

const struct command cmd_commands = {
	.name = "__commands",
	.summary = "print the tables of commands as JSON",
	.examples = "__commands",
	.hidden = true,
	.run = commands_run,
};
