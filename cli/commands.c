/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <string.h>

#include "cli/cmd.h"
#include "cli/common.h"
#include "cli/elsewhere.h"
#include "cli/options.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/nearest.h"

static const struct command *const commands[] = {
	&cmd_backup_create,
	&cmd_backup_list,
	&cmd_backup_info,
	&cmd_backup_validate,
	&cmd_backup_validate_all,
	&cmd_backup_integrity_check,
	&cmd_backup_recovery_scan,
	&cmd_backup_recalculate_checksum,
	&cmd_backup_move,
	&cmd_backup_partial_recovery,
	&cmd_backup_stats,
	&cmd_backup_export,
	&cmd_backup_import,
	&cmd_backup_edit,
	&cmd_backup_delete,
	&cmd_backup_cleanup,
	&cmd_backup_storage_usage,
	&cmd_backup_report,
	&cmd_backup_storage_health,
	&cmd_backup_storage_optimize,
	&cmd_backup_health_check,
	&cmd_backup_test_encryption,
	&cmd_backup_test_connection,
	&cmd_backup_validate_config,

	&cmd_rollback,
	&cmd_rollback_list,
	&cmd_rollback_plan,
	&cmd_rollback_execute,
	&cmd_rollback_validate,
	&cmd_rollback_compare,
	&cmd_rollback_recovery_info,
	&cmd_rollback_manual_steps,

	&cmd_schema_compare,
	&cmd_migrate,

	&cmd_config,
	&cmd_config_show,
	&cmd_config_keys,
	&cmd_config_check,

	&cmd_key_list,
	&cmd_key_new,
	&cmd_key_rotate,
	&cmd_key_check,

	&cmd_test_connection,
	&cmd_mount,
	&cmd_umount,
	&cmd_completion,
	&cmd_version,
	&cmd_help,
	&cmd_man,
	&cmd_complete,
	&cmd_commands,
};

static const struct command_group groups[] = {
	{ "backup", "take, look at and look after backups",
	  "A backup holds one database's schema at one moment: tables, views, triggers, "
	  "procedures, functions, events, sequences and packages, each as the server's own "
	  "text. It holds no rows.\n"
	  "\n"
	  "Where a command takes a backup's id, any beginning of it that is unique will do, and "
	  "so will latest, latest:DATABASE and DATABASE@DATE, the newest of that day or "
	  "before." },
	{ "rollback", "bring a live schema back to a backup",
	  "A rollback compares the live schema with a backup and runs what makes them equal, "
	  "after a safety backup of what is there." },
	{ "schema", "compare schemas", NULL },
	{ "config", "begin, show and check a configuration", NULL },
	{ "key", "make, show, rotate and check secrets for encryption",
	  "Each backup is encrypted under a key of its own, and the secret that the "
	  "configuration names opens that key. A secret is known by its fingerprint and is "
	  "never shown. Without its secret nobody can read a backup." },
	{ "", "everything else", NULL },
};

const struct command *const *commands_all(size_t *count)
{
	*count = ARRAY_SIZE(commands);
	return commands;
}

const struct command_group *commands_groups(size_t *count)
{
	*count = ARRAY_SIZE(groups);
	return groups;
}

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *alias = commands[i]->alias;

		if (strcmp(commands[i]->name, name) == 0 || (alias && strcmp(alias, name) == 0))
			return commands[i];
	}
	return NULL;
}

const struct command_group *commands_find_group(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].name[0] && strcmp(groups[i].name, name) == 0)
			return &groups[i];
	}
	return NULL;
}

static bool begins_with_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	return strncmp(name, word, n) == 0 && (name[n] == '\0' || name[n] == ' ');
}

bool commands_in_group(const struct command *c, const struct command_group *g)
{
	if (g->name[0])
		return begins_with_word(c->name, g->name);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].name[0] && begins_with_word(c->name, groups[i].name))
			return false;
	}
	return true;
}

/* Is this a command, or the beginning of the names of some? */
static bool leads_somewhere(const char *words)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (begins_with_word(commands[i]->name, words) ||
		    (commands[i]->alias && begins_with_word(commands[i]->alias, words)))
			return true;
	}
	return false;
}

/* How many words of argv a common option takes: 1 or 2; 0: it is none of them. */
static int common_words(const char *word)
{
	size_t n = strcspn(word, "=");
	const struct opt *o;

	if (word[0] != '-' || word[1] == '\0' || strcmp(word, "--") == 0)
		return 0;
	if (word[1] == '-') {
		o = common_find(word + 2, n - 2);
		/* Commands have a --database of their own. */
		if (!o && strncmp(word, "--database", n) == 0 && n == strlen("--database"))
			return word[n] ? 1 : 2;
		if (!o)
			return 0;
		return opt_needs_value(o) && word[n] == '\0' ? 2 : 1;
	}
	for (const char *p = word + 1; *p; p++) {
		o = common_find_letter(*p);
		if (!o)
			return 0;
		if (opt_needs_value(o))
			return p[1] ? 1 : 2;
	}
	return 1;
}

/* "list" was meant to be "backup list" or "rollback list". */
static void offer_by_verb(struct buf *out, const char *verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *blank = strrchr(commands[i]->name, ' ');

		if (blank && strcmp(blank + 1, verb) == 0)
			buf_addf(out, "%s%s", out->len > 0 ? " or " : "", commands[i]->name);
	}
}

int commands_unknown(const char *words, struct error *err)
{
	struct nearest near = NEAREST_INIT(str_of(words));
	const char *known = elsewhere_command(words);
	autobuf verbs = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i]->hidden || begins_with_word(words, commands[i]->name))
			continue; /* "rollback" is not what "rollback x" was meant to be */
		nearest_offer(&near, str_of(commands[i]->name));
		if (commands[i]->alias)
			nearest_offer(&near, str_of(commands[i]->alias));
	}
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].name[0] && !begins_with_word(words, groups[i].name))
			nearest_offer(&near, str_of(groups[i].name));
	}
	offer_by_verb(&verbs, words);
	error_set(err, ERR_USAGE, "unknown command: %s", words);
	if (known)
		return error_hint(err, "%s", known);
	if (verbs.len > 0)
		return error_hint(err, "Did you mean %s?", verbs.data);
	if (near.word.p)
		return error_hint(err, "Did you mean %.*s?", STR_ARG(near.word));
	return error_hint(err, "`mysql-schema-sync help` shows the commands.");
}

/* A word behind a command's name that leads nowhere: an argument, or a mistyped part of a name?
 */
static bool is_argument(const char *words)
{
	const struct command *c = commands_find(words);

	return c && (c->args || !commands_find_group(words));
}

/* Takes the command's words out of argv. */
static int collect_words(struct buf *words, struct found *out, int argc, char **argv,
                         struct error *err)
{
	int i = 1;

	while (i < argc) {
		int common = common_words(argv[i]);
		autobuf longer = BUF_INIT;

		if (common > 0) {
			for (; common > 0 && i < argc; common--)
				out->argv[out->argc++] = argv[i++];
			continue;
		}
		if (argv[i][0] == '-')
			break; /* an option of the command, or an unknown one */
		buf_addf(&longer, "%s%s%s", words->data, words->len > 0 ? " " : "", argv[i]);
		if (leads_somewhere(longer.data)) {
			buf_move(words, &longer);
			i++;
			continue;
		}
		if (!is_argument(words->data))
			return commands_unknown(longer.data, err);
		break;
	}
	while (i < argc)
		out->argv[out->argc++] = argv[i++];
	return 0;
}

/*
 * The program of before migrated when it was called without a command. Options that show
 * something do not.
 */
static bool is_migration(int argc, char **argv)
{
	static const char *const showing[] = { "--help", "-h", "--version" };
	bool found = false;

	for (int i = 1; i < argc; i++) {
		size_t n = strcspn(argv[i], "=");

		for (size_t k = 0; k < ARRAY_SIZE(showing); k++) {
			if (strcmp(argv[i], showing[k]) == 0)
				return false;
		}
		if (strncmp(argv[i], "--", 2) == 0 && n > 2)
			found = found || str_is((struct str){ argv[i], n }, "--config") ||
			        options_find(cmd_migrate.opts, argv[i] + 2, n - 2);
	}
	return found;
}

int commands_find_in(struct found *out, int argc, char **argv, struct error *err)
{
	autobuf words = BUF_INIT;
	struct found f = { 0 };
	autofree char **rest = mem_array((size_t)argc + 1, sizeof(*rest));

	f.argv = rest;
	if (argc > 0)
		f.argv[f.argc++] = argv[0];
	if (collect_words(&words, &f, argc, argv, err) < 0)
		return -1;
	f.command = commands_find(words.data);
	if (!f.command && !words.len && is_migration(argc, argv))
		f.command = &cmd_migrate;
	if (!f.command)
		f.group = commands_find_group(words.data);
	*out = f;
	out->argv = take(rest);
	return 0;
}
