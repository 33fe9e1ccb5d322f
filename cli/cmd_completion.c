/* SPDX-License-Identifier: MIT */
/* cmd_completion: completion for shells, and the hidden __complete that its scripts call. */
#include <string.h>

#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/complete.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"

#define IDS_MAX 200

struct completion_opts {
	const char *shell;
};

static const struct arg completion_args[] = {
	ARG("SHELL", struct completion_opts, shell, COMPLETE_SHELL, "bash, zsh or fish"),
	ARG_END,
};

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} shells[] = {
	{ "bash", complete_bash },
	{ "zsh", complete_zsh },
	{ "fish", complete_fish },
};

static int completion_run(struct cli *cli, const void *options, struct error *err)
{
	const struct completion_opts *o = options;
	autobuf script = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, o->shell) != 0)
			continue;
		shells[i].write(&script);
		out_raw(cli->out, script.data, script.len);
		return 0;
	}
	return error_set(err, ERR_USAGE, "completion: \"%s\" is not one of bash, zsh, fish",
	                 o->shell);
}

const struct command cmd_completion = {
	.name = "completion",
	.summary = "print a script that teaches a shell to complete",
	.details =
		"The Debian package installs the scripts. Elsewhere a line in the shell's start "
		"file does: source <(mysql-schema-sync completion bash)",
	.examples = "completion bash",
	.args = completion_args,
	.options_size = sizeof(struct completion_opts),
	.run = completion_run,
};

struct complete_opts {
	const char *kind;
	const char *prefix;
};

static const struct arg complete_args[] = {
	ARG("KIND", struct complete_opts, kind, COMPLETE_NOTHING, "what to complete"),
	ARG_OPTIONAL("PREFIX", struct complete_opts, prefix, COMPLETE_NOTHING, "what is typed"),
	ARG_END,
};

/* Words that begin with the prefix, each once. */
struct offer {
	struct out *out;
	const char *prefix;
	struct map *seen;
};

static void offer(struct offer *f, const char *word)
{
	if (strncmp(word, f->prefix, strlen(f->prefix)) != 0 || map_has(f->seen, word))
		return;
	map_set(f->seen, word, f);
	out_text(f->out, OUT_PLAIN, "%s\n", word);
}

static int offer_backup(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	offer(arg, b->id);
	return 0;
}

static int offer_text(void *arg, const char *text, struct error *err)
{
	(void)err;
	offer(arg, text);
	return 0;
}

static void offer_backups(struct cli *cli, struct offer *f, struct error *err)
{
	const struct catalog_filter newest = {
		.statuses = 1U << BACKUP_COMPLETED | 1U << BACKUP_CORRUPTED,
		.limit = IDS_MAX,
	};

	offer(f, "latest");
	if (cli_provide(cli, NEED_REPO, err) == 0)
		(void)catalog_backup_each(repo_catalog(cli->repo), &newest, offer_backup, f,
		                          err);
}

/* Those with backups, and those of the server when it answers soon. */
static void offer_databases(struct cli *cli, struct offer *f, struct error *err)
{
	static const char *const timeouts[] = { "target.timeout", "database.timeout",
		                                "source.timeout" };

	if (cli_provide(cli, NEED_REPO, err) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		if (config_set(cli->config, timeouts[i], "2s", err) < 0)
			return;
	}
	if (catalog_databases(repo_catalog(cli->repo), offer_text, f, err) < 0)
		return;
	(void)repo_live_databases(cli->repo, offer_text, f, err);
}

struct tag_values {
	struct offer *offer;
	const char *key;
};

static int offer_tag(void *arg, const char *value, struct error *err)
{
	const struct tag_values *t = arg;
	autobuf tag = BUF_INIT;

	(void)err;
	buf_addf(&tag, "%s=%s", t->key, value);
	offer(t->offer, tag.data);
	return 0;
}

struct tag_keys {
	struct offer *offer;
	struct catalog *catalog;
};

static int offer_tags_of_key(void *arg, const char *key, struct error *err)
{
	const struct tag_keys *k = arg;
	struct tag_values values = { k->offer, key };

	return catalog_tag_values(k->catalog, key, offer_tag, &values, err);
}

static void offer_tags(struct cli *cli, struct offer *f, struct error *err)
{
	struct tag_keys keys = { .offer = f };

	if (cli_provide(cli, NEED_REPO, err) < 0)
		return;
	keys.catalog = repo_catalog(cli->repo);
	(void)catalog_tag_keys(keys.catalog, offer_tags_of_key, &keys, err);
}

static void offer_config_keys(struct cli *cli, struct offer *f, struct error *err)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)cli;
	(void)err;
	for (size_t i = 0; i < count; i++)
		offer(f, keys[i].name);
}

static void offer_word(void *arg, const char *word, const char *summary)
{
	(void)summary;
	offer(arg, word);
}

static void offer_commands(struct cli *cli, struct offer *f, struct error *err)
{
	(void)cli;
	(void)err;
	complete_each_word("", offer_word, f);
}

static void offer_shells(struct cli *cli, struct offer *f, struct error *err)
{
	(void)cli;
	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		offer(f, shells[i].name);
}

static void (*const offers[COMPLETE_KIND_COUNT])(struct cli *, struct offer *,
                                                 struct error *) = {
	[COMPLETE_BACKUP] = offer_backups,   [COMPLETE_DATABASE] = offer_databases,
	[COMPLETE_TAG] = offer_tags,         [COMPLETE_CONFIG_KEY] = offer_config_keys,
	[COMPLETE_COMMAND] = offer_commands, [COMPLETE_SHELL] = offer_shells,
};

static int complete_run(struct cli *cli, const void *options, struct error *err)
{
	const struct complete_opts *o = options;
	DEFER(map) *seen = map_new();
	struct offer f = {
		.out = cli->out,
		.prefix = o->prefix ? o->prefix : "",
		.seen = seen,
	};
	struct error ignored = ERROR_INIT;
	enum complete_kind kind;

	if (!complete_kind_from_name(&kind, o->kind))
		return error_set(err, ERR_USAGE, "nothing is known of kind %s", o->kind);
	/* Tab must not complain: what cannot be asked is not offered. */
	offers[kind](cli, &f, &ignored);
	return 0;
}

const struct command cmd_complete = {
	.name = "__complete",
	.summary = "print the words that Tab offers",
	.examples = "__complete backup latest",
	.args = complete_args,
	.hidden = true,
	.options_size = sizeof(struct complete_opts),
	.run = complete_run,
};
