/* SPDX-License-Identifier: MIT */
/* cmd_backup_recovery_scan: the command that compares the store with the catalog. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/repo/scan.h"

struct scan_opts {
	bool rebuild, fix, all;
};

#define T struct scan_opts

static const struct opt opts[] = {
	OPT_FLAG(0, "rebuild", T, rebuild,
	         "make the catalog anew from the store: reads every envelope"),
	OPT_FLAG(0, "fix", T, fix,
	         "bring the catalog up to date, and remove payloads that have been without "
	         "envelope for a day"),
	OPT_FLAG('a', "all", T, all,
	         "list also files that are not ours, and every backup that was new to the "
	         "catalog"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "kind", "FOUND", "kind", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "name", "NAME", "name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "age", "AGE", "age", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "modified", "MODIFIED", "modified_at", OUT_KIND_TIME, false, OUT_WHOLE },
	{ "size", "STORED", "size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "mended", "MENDED", "mended", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "text", "WHAT IT IS", "text", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

static const struct out_column summary_fields[] = {
	{ "backups", "Backups stored", "backups", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "bytes", "Their size", "bytes", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "listed", "In the catalog", "listed", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "findings", "Findings", "findings", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "mended", "Mended", "mended", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "freed", "Freed", "freed_bytes", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "foreign", "Files not ours", "foreign", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "duration", "Duration (ms)", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ NULL },
};

struct scanning {
	struct json *rows;
	bool all;
};

static int on_finding(void *arg, const struct scan_finding *f, struct error *err)
{
	struct scanning *s = arg;
	char modified[CLOCK_TEXT_MAX], age[CLOCK_TEXT_MAX];
	struct json *row;

	(void)err;
	/* A rebuild finds everything, and nobody wants to read that. */
	if (!s->all && (f->kind == SCAN_FOREIGN || (f->kind == SCAN_UNLISTED && f->mended)))
		return 0;
	row = json_object();
	json_set_str(row, "kind", scan_kind_name(f->kind));
	json_set_str(row, "name", f->name);
	json_set_str(row, "database_name", f->database);
	json_set_bool(row, "damage", scan_kind_is_damage(f->kind));
	json_set_bool(row, "mended", f->mended);
	json_set_str(row, "text", f->text);
	if (f->modified > 0) {
		int64_t seconds = clock_now() - f->modified;

		clock_format_utc(modified, f->modified);
		/* Largest unit first: seconds of something that is days old say nothing. */
		if (seconds >= 86400)
			seconds -= seconds % 3600;
		else if (seconds >= 3600)
			seconds -= seconds % 60;
		clock_format_duration(age, seconds > 0 ? seconds : 0);
		json_set_str(row, "modified_at", modified);
		json_set_str(row, "age", age);
	}
	json_set_int(row, "size", (int64_t)f->size);
	json_append(s->rows, row);
	return 0;
}

static int show(struct cli *cli, const struct scanning *s, const struct scan_result *r,
                struct error *err)
{
	DEFER(json) *v = json_object();
	DEFER(out_list) *l = NULL;

	json_set_int(v, "backups", (int64_t)r->backups);
	json_set_int(v, "bytes", (int64_t)r->bytes);
	json_set_int(v, "listed", (int64_t)r->listed);
	json_set_int(v, "findings", (int64_t)r->findings);
	json_set_int(v, "damaged", (int64_t)r->damaged);
	json_set_int(v, "mended", (int64_t)r->mended);
	json_set_int(v, "freed_bytes", (int64_t)r->freed);
	json_set_int(v, "foreign", (int64_t)r->foreign);
	json_set_int(v, "duration_ms", r->duration_ms);
	if (out_is_data(cli->out)) {
		json_set(v, "found", json_share(s->rows));
		out_value(cli->out, v);
		return 0;
	}
	if (json_count(s->rows) > 0) {
		if (out_list_begin(&l, cli->out, columns, err) < 0)
			return -1;
		for (size_t i = 0; i < json_count(s->rows); i++)
			out_list_add(l, json_share(json_at(s->rows, i)));
		out_list_end(l);
	}
	if (out_setup(cli->out)->format == OUT_TABLE)
		out_record(cli->out, summary_fields, v);
	return 0;
}

/* What to do next. */
static int judge(struct cli *cli, const struct scan_opts *o, const struct scan_result *r,
                 struct error *err)
{
	if (r->damaged > 0) {
		error_set(err, ERR_CORRUPT, "recovery scan: %zu of %zu findings are damage",
		          r->damaged, r->findings);
		return error_hint(err, "Save what can be saved of a backup with: "
		                       "mysql-schema-sync backup partial-recovery --backup-id "
		                       "ID");
	}
	if (r->findings == 0)
		out_success(cli->out, "Store and catalog agree.");
	else if (r->findings > r->mended && !o->fix)
		out_note(cli->out, "backup recovery-scan --fix brings the catalog up to date "
		                   "and removes what has been unfinished for a day.");
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct scan_opts *o = options;
	const struct scan_options how = { .rebuild = o->rebuild, .fix = o->fix };
	DEFER(json) *rows = json_array();
	struct scanning s = { .rows = rows, .all = o->all };
	struct scan_result result;

	if (!o->rebuild && !o->fix)
		cli->outcome = "looked";
	if (repo_scan(&result, cli->repo, &how, on_finding, &s, err) < 0 ||
	    show(cli, &s, &result, err) < 0)
		return -1;
	return judge(cli, o, &result, err);
}

const struct command cmd_backup_recovery_scan = {
	.name = "backup recovery-scan",
	.summary = "compare the store with the catalog, and mend that",
	.details =
		"Lists the store once and tells of backups that the catalog does not know, rows "
		"whose backup is gone, payloads without envelope, envelopes without payload, "
		"lengths that differ, envelopes that cannot be opened, and temporary files. Other "
		"files are counted and left alone. Reads no payload: `backup validate-all` does.\n"
		"\n"
		"The catalog is an index and may be deleted at any time; --rebuild makes it anew, "
		"also when its file is damaged (it is kept as FILE.old). Nothing is removed from "
		"the store but, with --fix, payloads that have been without envelope for a day. "
		"Exit status 1 when something is damaged.",
	.examples = "backup recovery-scan\n"
		    "backup recovery-scan --rebuild\n"
		    "backup recovery-scan --fix --format json",
	.opts = opts,
	.traits = NEED_REPO | HAS_FORMAT | HAS_LIST | CHANGES,
	.options_size = sizeof(struct scan_opts),
	.run = run,
};
