/* SPDX-License-Identifier: MIT */
/* cmd_key: the commands that make, show and check secrets. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/repo/keys.h"

#define SECRET_SIZE 32

static int new_run(struct cli *cli, const void *options, struct error *err)
{
	unsigned char bytes[SECRET_SIZE];
	char hex[2 * SECRET_SIZE + 1];
	int result = random_bytes(bytes, sizeof(bytes), err);

	(void)options;
	if (result == 0) {
		number_format_hex(hex, bytes, sizeof(bytes));
		out_text(cli->out, OUT_PLAIN, "%s\n", hex);
	}
	secret_wipe(bytes, sizeof(bytes));
	secret_wipe(hex, sizeof(hex));
	return result;
}

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "print a fresh secret for encryption",
	.details =
		"64 hex digits from the kernel's random numbers, for the environment variable "
		"or the key file that the configuration names. Without its secret an encrypted "
		"backup cannot be read by anybody: keep a copy elsewhere.",
	.examples = "key new",
	.run = new_run,
};

static const struct out_column columns[] = {
	{ "role", "ROLE", "role", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "fingerprint", "FINGERPRINT", "fingerprint", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "backups", "BACKUPS", "backups", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "since", "IN USE SINCE", "in_use_since", OUT_KIND_TIME, true, OUT_WHOLE },
	{ "source", "SOURCE", "source", OUT_KIND_TEXT, true, OUT_WRAP },
	{ "problem", "PROBLEM", "problem", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

static struct json *key_json(const struct key_info *k)
{
	struct json *o = json_object();
	char since[CLOCK_TEXT_MAX];

	clock_format_utc(since, k->since);
	json_set_str(o, "role", key_role_name(k->role));
	json_set_str(o, "source", *k->source ? k->source : NULL);
	json_set_str(o, "fingerprint", *k->fingerprint ? k->fingerprint : NULL);
	json_set_int(o, "backups", (int64_t)k->backups);
	json_set_str(o, "in_use_since", k->since ? since : NULL);
	json_set_str(o, "problem", *k->problem ? k->problem : NULL);
	return o;
}

static struct json *report_json(const struct key_report *k)
{
	struct json *keys = json_array();

	for (size_t i = 0; i < k->count; i++)
		json_append(keys, key_json(&k->keys[i]));
	return keys;
}

static int show_table(struct cli *cli, const struct json *keys, struct error *err)
{
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(keys); i++)
		out_list_add(l, json_share(json_at(keys, i)));
	out_list_end(l);
	return 0;
}

static int list_run(struct cli *cli, const void *options, struct error *err)
{
	DEFER(key_report) *k = NULL;
	DEFER(json) *keys = NULL;

	(void)options;
	if (repo_keys(&k, cli->repo, err) < 0)
		return -1;
	keys = report_json(k);
	if (out_is_data(cli->out)) {
		out_value(cli->out, keys);
		return 0;
	}
	if (show_table(cli, keys, err) < 0)
		return -1;
	if (!k->enabled)
		out_note(cli->out, "New backups are not encrypted: backup.encryption.enabled "
		                   "is off.");
	if (k->plain > 0)
		out_note(cli->out, "%zu backups are not encrypted.", k->plain);
	return 0;
}

const struct command cmd_key_list = {
	.name = "key list",
	.summary = "show which secrets are configured and needed",
	.details =
		"Each with where it comes from, its fingerprint, how many backups need it and "
		"since when it is in use; never the secret itself. The current one encrypts "
		"new backups, previous ones only open, and a missing one is needed by backups "
		"although nothing configures it. A previous secret that no backup needs may "
		"leave the configuration. `key check` opens the backups.",
	.examples = "key list\n"
		    "key list --format json",
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST,
	.run = list_run,
};

static int note_closed(void *arg, const char *id, const char *reason, struct error *err)
{
	struct json *o = json_object();

	(void)err;
	json_set_str(o, "backup_id", id);
	json_set_str(o, "problem", reason);
	json_append(arg, o);
	return 0;
}

static void show_check(struct cli *cli, const struct key_check *c, const struct key_report *k,
                       struct json *closed)
{
	DEFER(json) *v = json_object();

	if (out_is_data(cli->out)) {
		json_set_int(v, "total", (int64_t)c->total);
		json_set_int(v, "opened", (int64_t)c->opened);
		json_set_int(v, "not_encrypted", (int64_t)c->plain);
		json_set(v, "closed", json_share(closed));
		json_set(v, "secrets", report_json(k));
		out_value(cli->out, v);
		return;
	}
	for (size_t i = 0; i < json_count(closed); i++) {
		const struct json *o = json_at(closed, i);

		out_text(cli->out, OUT_PLAIN, "%s: %s\n", json_get_str(o, "backup_id", ""),
		         json_get_str(o, "problem", ""));
	}
	if (k->enabled && c->plain > 0)
		out_warning(cli->out,
		            "%zu backups are not encrypted: whoever can write to the store "
		            "could have made them",
		            c->plain);
}

static int check_run(struct cli *cli, const void *options, struct error *err)
{
	DEFER(key_report) *k = NULL;
	DEFER(json) *closed = json_array();
	struct key_check c;
	size_t bad = 0;

	(void)options;
	if (repo_keys(&k, cli->repo, err) < 0 ||
	    repo_key_check(&c, cli->repo, note_closed, closed, err) < 0)
		return -1;
	show_check(cli, &c, k, closed);
	for (size_t i = 0; i < k->count; i++) {
		const struct key_info *info = &k->keys[i];

		if (!*info->problem || info->role == KEY_MISSING)
			continue;
		if (!out_is_data(cli->out))
			out_text(cli->out, OUT_PLAIN, "%s secret, %s: %s\n",
			         key_role_name(info->role), info->source, info->problem);
		bad++;
	}
	if (c.failed > 0)
		return error_set(err, ERR_DENIED, "key check: %zu of %zu backups do not open",
		                 c.failed, c.total);
	if (bad > 0)
		return error_set(err, ERR_INVALID,
		                 "key check: %zu of the configured secrets "
		                 "cannot be relied on",
		                 bad);
	out_success(cli->out, "%zu backups open, %zu are not encrypted.", c.opened, c.plain);
	return 0;
}

const struct command cmd_key_check = {
	.name = "key check",
	.summary = "check that every backup opens with what is configured",
	.details =
		"Reads and opens the envelope of every stored backup, and names configured "
		"secrets that cannot be used (missing, of a wrong length, in a file that others "
		"may read) or can be guessed. `backup validate` reads a backup's contents, "
		"too. Exit status 1 when something does not open or a secret is bad.",
	.examples = "key check\n"
		    "key check --format json",
	.traits = NEED_FRESH | HAS_FORMAT,
	.run = check_run,
};
