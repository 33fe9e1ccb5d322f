/* SPDX-License-Identifier: MIT */
/* cmd_backup_validate_all: the commands that check many backups, backup validate-all and
 * backup integrity-check. */
#include "catalog/backup.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/validation.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/repo/verify.h"

#define STEP_EVERY_MS 500

struct all_opts {
	const char *backup_id; /* integrity-check only */
	const char *database, *sample, *max_age;
	int level;
	int64_t parallel;
};

#define T struct all_opts

/* clang-format off */
#define COMMON_OPTS                                                                         \
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,                 \
	           "only backups of this database"),                                        \
	OPT_STRING(0, "sample", T, sample, "SHARE", COMPLETE_NOTHING,                       \
	           "only so many of them, picked by chance: 10% or a number"),              \
	OPT_STRING(0, "max-age", T, max_age, "DURATION", COMPLETE_NOTHING,                  \
	           "only backups younger than that, such as 7d"),                           \
	OPT_INT_BARE('j', "parallel", T, parallel, 0, 64, 0, 0,                             \
	             "so many at the same time; 0: backup.max_workers")
/* clang-format on */

static const struct opt all_opts[] = {
	OPT_CHOICE('l', "level", NULL, T, level, validation_levels,
	           "how deep to look, as backup validate does; decode unless given"),
	COMMON_OPTS,
	OPT_END,
};

static const struct opt integrity_opts[] = {
	OPT_STRING(0, "backup-id", T, backup_id, "ID", COMPLETE_BACKUP, "only this backup"),
	OPT_CHOICE('l', "level", NULL, T, level, validation_levels,
	           "how deep to look, as backup validate does; stored unless given"),
	COMMON_OPTS,
	OPT_END,
};

static const struct arg integrity_args[] = {
	ARG_OPTIONAL("BACKUP-ID", T, backup_id, COMPLETE_BACKUP, "only this backup"),
	ARG_END,
};

static const struct out_column columns[] = {
	{ "status", "STATUS", "status", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "id", "ID", "backup_id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "database", "DATABASE", "database_name", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "errors", "REASON", "errors", OUT_KIND_LIST, true, OUT_WRAP },
	{ "warnings", "WARNINGS", "warnings", OUT_KIND_LIST, false, OUT_WRAP },
	{ NULL },
};

static const struct out_column summary_fields[] = {
	{ "level", "Level", "level", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "checked", "Checked", "checked", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "valid", "Valid", "valid", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "invalid", "Not valid", "invalid", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "unchecked", "Not checked", "unchecked", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "bytes", "Read", "bytes", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "duration", "Duration (ms)", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ NULL },
};

struct watching {
	struct cli *cli;
	struct json *backups;  /* for JSON and YAML: every one */
	struct out_list *list; /* for people: what is wrong */
	int64_t began, told;   /* milliseconds */
};

static struct json *row_of(const struct verify_item *item)
{
	struct json *row = json_object();

	json_set_str(row, "backup_id", item->backup->id);
	json_set_str(row, "database_name", item->backup->database);
	if (item->result) {
		json_set_str(row, "status", item->result->valid ? "VALID" : "FAILED");
		validation_add(row, item->result);
	} else {
		struct json *errors = json_array();

		json_append(errors, json_str(item->why->text));
		json_set_str(row, "status", "ERROR");
		json_set_bool(row, "valid", false);
		json_set(row, "errors", errors);
	}
	return row;
}

/* How fast it goes and when it may end, now and then. */
static void tell_progress(struct watching *w, const struct verify_item *item)
{
	int64_t now = clock_mono_ms(), passed = now - w->began;
	char left[CLOCK_TEXT_MAX], rate[NUMBER_TEXT_MAX];

	if (passed <= 0 || (now - w->told < STEP_EVERY_MS && item->number < item->count))
		return;
	w->told = now;
	clock_format_duration(left, passed * (int64_t)(item->count - item->number) /
	                                    (int64_t)item->number / 1000);
	number_format_size(rate, item->bytes_done * 1000 / (uint64_t)passed);
	out_step(w->cli->out, item->number, item->count, "%lld backups/s, %s/s, %s left",
	         (long long)((int64_t)item->number * 1000 / passed), rate, left);
}

static int on_item(void *arg, const struct verify_item *item, struct error *err)
{
	struct watching *w = arg;

	(void)err;
	if (w->backups)
		json_append(w->backups, row_of(item));
	else if (!item->result || !item->result->valid)
		out_list_add(w->list, row_of(item));
	tell_progress(w, item);
	return 0;
}

static void show_summary(struct watching *w, const struct verify_summary *s,
                         enum verify_level level)
{
	DEFER(json) *v = json_object();
	struct out *out = w->cli->out;

	json_set_str(v, "level", verify_level_name(level));
	json_set_int(v, "candidates", (int64_t)s->candidates);
	json_set_int(v, "checked", (int64_t)s->checked);
	json_set_int(v, "valid", (int64_t)s->valid);
	json_set_int(v, "invalid", (int64_t)s->invalid);
	json_set_int(v, "unchecked", (int64_t)s->unchecked);
	json_set_int(v, "bytes", (int64_t)s->bytes);
	json_set_int(v, "duration_ms", s->duration_ms);
	if (w->backups) {
		json_set(v, "backups", json_share(w->backups));
		out_value(out, v);
	} else if (out_setup(out)->format == OUT_TABLE) {
		out_record(out, summary_fields, v);
	}
}

static int judge(struct cli *cli, const struct verify_summary *s, struct error *err)
{
	size_t bad = s->invalid + s->unchecked;

	if (s->candidates == 0) {
		out_note(cli->out, "No backups found.");
		return 0;
	}
	if (bad == 0) {
		out_success(cli->out, "All %zu backups are valid.", s->checked);
		return 0;
	}
	if (s->invalid == 0)
		error_set(err, ERR_INVALID,
		          "backup validation failed: %zu of %zu backups could not be checked",
		          s->unchecked, bad + s->valid);
	else
		error_set(err, ERR_CORRUPT,
		          "backup validation failed: %zu of %zu backups are not valid", bad,
		          bad + s->valid);
	return error_hint(err, "What can be saved of one is saved by: mysql-schema-sync backup "
	                       "partial-recovery --backup-id ID");
}

static int check_many(struct cli *cli, const struct verify_options *o, struct error *err)
{
	DEFER(out_list) *list = NULL;
	DEFER(json) *backups = out_is_data(cli->out) ? json_array() : NULL;
	struct watching w = { .cli = cli, .backups = backups, .began = clock_mono_ms() };
	struct verify_summary summary;
	int result;

	if (!backups && out_list_begin(&list, cli->out, columns, err) < 0)
		return -1;
	w.list = list;
	cli_note(cli, NULL, o->database);
	cli_check_database(cli, o->database);
	result = repo_verify_many(&summary, cli->repo, o, on_item, &w, err);
	if (list && summary.invalid + summary.unchecked > 0)
		out_list_end(list);
	if (result < 0)
		return -1;
	show_summary(&w, &summary, o->level);
	return judge(cli, &summary, err);
}

static int run(struct cli *cli, const struct all_opts *o, enum verify_level usual,
               struct error *err)
{
	struct verify_options how = {
		.level = o->level ? (enum verify_level)(o->level - 1) : usual,
		.database = o->database,
		.sample = o->sample,
		.parallel = (size_t)o->parallel,
	};

	if (o->max_age && clock_parse_duration(&how.max_age, o->max_age, err) < 0) {
		err->code = ERR_USAGE;
		return error_wrap(err, "--max-age");
	}
	if (!o->backup_id)
		return check_many(cli, &how, err);
	if (o->sample || o->max_age || o->database)
		return error_set(err, ERR_USAGE,
		                 "--backup-id and --database, --sample or --max-age: a backup "
		                 "that is named needs no choosing");
	return validation_of_one(cli, o->backup_id, how.level, err);
}

static int run_all(struct cli *cli, const void *options, struct error *err)
{
	return run(cli, options, VERIFY_DECODE, err);
}

static int run_integrity(struct cli *cli, const void *options, struct error *err)
{
	return run(cli, options, VERIFY_STORED, err);
}

const struct command cmd_backup_validate_all = {
	.name = "backup validate-all",
	.summary = "check that all stored backups are whole",
	.details =
		"Checks every completed backup as `backup validate` does, several at a time, and "
		"prints a line for each that is not valid, then a summary. JSON and YAML have every "
		"backup. A backup that could not be checked, because its secret is missing or the "
		"store does not answer, counts against the result. Exit status 1 unless all are "
		"valid.",
	.examples = "backup validate-all\n"
		    "backup validate-all --sample 10% --max-age 7d\n"
		    "backup validate-all --level load --format json",
	.opts = all_opts,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST | WATCHES,
	.options_size = sizeof(struct all_opts),
	.run = run_all,
};

const struct command cmd_backup_integrity_check = {
	.name = "backup integrity-check",
	.summary = "check the stored bytes of backups; needs no secret",
	.details =
		"The scrub for a timer: reads every stored payload and compares its checksum with "
		"the envelope's. The same as `backup validate-all --level stored`, or for one "
		"backup `backup validate --integrity`.",
	.examples = "backup integrity-check\n"
		    "backup integrity-check --backup-id latest:shop",
	.opts = integrity_opts,
	.args = integrity_args,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST | WATCHES,
	.options_size = sizeof(struct all_opts),
	.run = run_integrity,
};
