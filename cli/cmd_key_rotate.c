/* SPDX-License-Identifier: MIT */
/* cmd_key_rotate: the command that brings every backup under the present secret. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/config/config.h"
#include "engine/repo/keys.h"
#include "engine/repo/rotate.h"

struct rotate_opts {
	bool dry_run;
};

#define T struct rotate_opts

static const struct opt opts[] = {
	OPT_FLAG(0, "dry-run", T, dry_run, "open every backup and say what would be done"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "id", "ID", "backup_id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "outcome", "OUTCOME", "outcome", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "reason", "REASON", "reason", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

struct showing {
	struct cli *cli;
	struct json *rows;
};

static int collect(void *arg, const struct rotate_progress *p, struct error *err)
{
	struct showing *s = arg;
	struct json *row = json_object();

	(void)err;
	out_step(s->cli->out, p->number, p->total, "%s: %s", p->id,
	         rotate_outcome_name(p->outcome));
	json_set_str(row, "backup_id", p->id);
	json_set_str(row, "outcome", rotate_outcome_name(p->outcome));
	json_set_str(row, "reason", *p->reason ? p->reason : NULL);
	json_append(s->rows, row);
	return 0;
}

/* Previous secrets: those that some backup needs, or those that none needs. */
static struct json *previous(const struct key_report *k, bool needed)
{
	struct json *a = json_array();

	for (size_t i = 0; i < k->count; i++) {
		const struct key_info *info = &k->keys[i];

		if (info->role == KEY_PREVIOUS && *info->fingerprint &&
		    (info->backups > 0) == needed)
			json_append(a, json_str(info->source));
	}
	return a;
}

/* For people only what is not as it should be: ten thousand lines of "rotated" help nobody. */
static int show_rows(struct cli *cli, const struct json *rows, struct error *err)
{
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(rows); i++) {
		if (json_get_str(json_at(rows, i), "reason", NULL))
			out_list_add(l, json_share(json_at(rows, i)));
	}
	out_list_end(l);
	return 0;
}

static void advise(struct out *o, const struct key_report *k)
{
	DEFER(json) *needed = previous(k, true);
	DEFER(json) *idle = previous(k, false);

	for (size_t i = 0; i < json_count(needed); i++)
		out_note(o, "Still needed in previous_keys: %s.",
		         json_text(json_at(needed, i), NULL));
	for (size_t i = 0; i < json_count(idle); i++)
		out_note(o,
		         "No backup in this store needs %s any more: it may leave "
		         "previous_keys.",
		         json_text(json_at(idle, i), NULL));
}

static int show(struct cli *cli, const struct showing *s, const struct rotate_result *r,
                bool dry_run, struct error *err)
{
	DEFER(json) *v = json_object();
	DEFER(key_report) *k = NULL;

	if (repo_keys(&k, cli->repo, err) < 0)
		return -1;
	if (out_is_data(cli->out)) {
		json_set_bool(v, "dry_run", dry_run);
		json_set_int(v, "total", (int64_t)r->total);
		json_set_int(v, "rotated", (int64_t)r->counts[ROTATE_DONE]);
		json_set_int(v, "already_new", (int64_t)r->counts[ROTATE_ALREADY]);
		json_set_int(v, "not_encrypted", (int64_t)r->counts[ROTATE_PLAIN]);
		json_set_int(v, "failed", (int64_t)r->counts[ROTATE_FAILED]);
		json_set(v, "previous_needed", previous(k, true));
		json_set(v, "previous_not_needed", previous(k, false));
		json_set(v, "backups", json_share(s->rows));
		out_value(cli->out, v);
		return 0;
	}
	if (r->counts[ROTATE_FAILED] > 0 && show_rows(cli, s->rows, err) < 0)
		return -1;
	if (dry_run)
		out_note(cli->out, "Would rotate %zu of %zu backups (dry run).",
		         r->counts[ROTATE_DONE], r->total);
	else
		out_success(cli->out,
		            "Rotated %zu of %zu backups; %zu were under this secret "
		            "already, %zu are not encrypted.",
		            r->counts[ROTATE_DONE], r->total, r->counts[ROTATE_ALREADY],
		            r->counts[ROTATE_PLAIN]);
	if (!dry_run)
		advise(cli->out, k);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct rotate_opts *o = options;
	bool dry_run = o->dry_run || config_bool(cli->config, "dry_run");
	DEFER(json) *rows = json_array();
	struct showing s = { cli, rows };
	struct rotate_result r;

	cli->outcome = dry_run ? "dry run" : NULL;
	if (repo_rotate(&r, cli->repo, dry_run, collect, &s, err) < 0)
		return cli_wrap(err, "key rotation failed");
	if (show(cli, &s, &r, dry_run, err) < 0)
		return -1;
	if (r.counts[ROTATE_FAILED] == 0)
		return 0;
	error_set(err, ERR_DENIED, "key rotation: %zu of %zu backups could not be rotated",
	          r.counts[ROTATE_FAILED], r.total);
	return error_hint(err, "They are as they were. Keep the secrets they need in "
	                       "backup.encryption.previous_keys, mend what the reasons say, "
	                       "and run it again.");
}

const struct command cmd_key_rotate = {
	.name = "key rotate",
	.summary = "bring every backup under the current secret",
	.details =
		"First configure the new secret as the current one and name the old one in "
		"backup.encryption.previous_keys. Only the small envelopes are rewritten, each "
		"in place of exactly the version that was read; payloads stay as they are. An "
		"interrupted rotation leaves every backup readable with the old or the new "
		"secret, and the next run does what is left. One host at a time can rotate or "
		"clean up. The configuration is never changed: the end says which previous "
		"secrets no backup needs any more.\n"
		"\n"
		"Whoever has the old secret and an old copy of an envelope can still open that "
		"backup: after a leak, take new backups and delete the old ones.",
	.examples = "key rotate --dry-run\n"
		    "key rotate",
	.opts = opts,
	.traits = NEED_REPO | HAS_FORMAT | HAS_LIST | CHANGES,
	.options_size = sizeof(struct rotate_opts),
	.run = run,
};
