/* SPDX-License-Identifier: MIT */
/* cmd_backup_storage_optimize: the command that measures what would make the store smaller. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/repo/optimize.h"

#define SAMPLE_USUAL 10

struct optimize_opts {
	int64_t sample;
};

#define T struct optimize_opts

static const struct opt opts[] = {
	OPT_INT(0, "sample", T, sample, 0, 1000000, SAMPLE_USUAL,
	        "read so many backups, spread over all, and compress them anew in memory; 0: none"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "algorithm", "ALGORITHM", "algorithm", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "level", "LEVEL", "level", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "size", "SAMPLE TAKES", "size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "ratio", "STORED/SIZE", "compression_ratio", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "speed", "MB/S", "mb_per_second", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "saves", "SAVES OF ALL", "estimated_savings", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ NULL },
};

static const struct out_column fields[] = {
	{ "backups", "Backups", "backup_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "stored", "Stored size", "total_compressed_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "savings", "Could be saved", "total_potential_savings", OUT_KIND_SIZE, false,
	  OUT_WHOLE },
	{ NULL },
};

static int show_codecs(struct cli *cli, const struct json *v, struct error *err)
{
	const struct json *a = json_get(v, "compression_analysis");
	const struct json *all = json_get(a, "candidates");
	DEFER(out_list) *l = NULL;
	char now[NUMBER_TEXT_MAX];

	if (json_count(all) == 0)
		return 0;
	number_format_size(now, (uint64_t)json_get_int(a, "sampled_stored_size", 0));
	out_text(cli->out, OUT_PLAIN, "\nMeasured on %lld backups, which now take %s:\n",
	         (long long)json_get_int(a, "sampled_backups", 0), now);
	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(all); i++)
		out_list_add(l, json_share(json_at(all, i)));
	out_list_end(l);
	return 0;
}

static void show_recommendations(struct cli *cli, const struct json *v)
{
	const struct json *all = json_get(v, "recommendations");
	char saves[NUMBER_TEXT_MAX];

	if (json_count(all) == 0)
		out_text(cli->out, OUT_GOOD, "\nNothing to recommend.\n");
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *one = json_at(all, i);

		number_format_size(saves, (uint64_t)json_get_int(one, "estimated_savings", 0));
		out_text(cli->out, OUT_STRONG, "%s%zu. %s: ", i == 0 ? "\n" : "", i + 1,
		         json_get_str(one, "type", ""));
		out_text(cli->out, OUT_PLAIN, "%s (%s)\n", json_get_str(one, "description", ""),
		         saves);
		out_text(cli->out, OUT_DIM, "   %s\n",
		         json_get_str(one, "action_required", ""));
	}
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct optimize_opts *o = options;
	DEFER(optimize) *result = NULL;
	DEFER(json) *v = NULL;

	if (repo_optimize(&result, cli->repo, (size_t)o->sample, err) < 0)
		return -1;
	v = optimize_json(result);
	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	out_record(cli->out, fields, v);
	if (out_setup(cli->out)->format == OUT_COMPACT)
		return 0;
	if (show_codecs(cli, v, err) < 0)
		return -1;
	show_recommendations(cli, v);
	return 0;
}

const struct command cmd_backup_storage_optimize = {
	.name = "backup storage-optimize",
	.summary = "measure what would make the storage smaller",
	.details =
		"Compresses a sample of the stored backups anew, in memory, by every algorithm; "
		"counts what the retention policy no longer keeps and which backups hold the same "
		"schema. Changes nothing.",
	.examples = "backup storage-optimize\n"
		    "backup storage-optimize --sample 100 --format json",
	.opts = opts,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct optimize_opts),
	.run = run,
};
