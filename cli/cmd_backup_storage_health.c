/* SPDX-License-Identifier: MIT */
/* cmd_backup_storage_health: the command that tries and times the store. */
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/repo/probe.h"

#define ROUNDS_USUAL 3
#define SIZE_USUAL   65536
#define SIZE_MAX_MB  64

struct probe_opts {
	int64_t rounds;
	const char *size;
};

#define T struct probe_opts

static const struct opt opts[] = {
	OPT_INT(0, "rounds", T, rounds, 1, 1000, ROUNDS_USUAL,
	        "how often to write, read, list and delete"),
	OPT_STRING(0, "size", T, size, "SIZE", COMPLETE_NOTHING,
	           "size of what is written, such as 1MB; 64KB unless given"),
	OPT_END,
};

static const struct out_column columns[] = {
	{ "test", "TEST", "test_type", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "success", "SUCCESS", "success", OUT_KIND_BOOL, true, OUT_WHOLE },
	{ "requests", "REQUESTS", "requests", OUT_KIND_NUMBER, true, OUT_WHOLE },
	{ "milliseconds", "MILLISECONDS", "response_time_ms", OUT_KIND_NUMBER, true,
	  OUT_WHOLE },
	{ "error", "PROBLEM", "error", OUT_KIND_TEXT, true, OUT_WRAP },
	{ NULL },
};

static const struct out_column fields[] = {
	{ "size", "Object size", "object_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "throughput", "Mbit/s", "throughput_mbps", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "iops", "Requests/s", "iops", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ NULL },
};

static int show(struct cli *cli, const struct json *v, struct error *err)
{
	const struct json *tests = json_get(v, "connectivity_tests");
	const struct json *issues = json_get(v, "health_issues");
	const char *overall = json_get_str(v, "overall_health", "");
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(tests); i++)
		out_list_add(l, json_share(json_at(tests, i)));
	out_list_end(l);
	if (out_setup(cli->out)->format == OUT_COMPACT)
		return 0;
	out_text(cli->out, OUT_PLAIN, "\n");
	out_record(cli->out, fields, json_get(v, "performance_metrics"));
	for (size_t i = 0; i < json_count(issues); i++) {
		const struct json *issue = json_at(issues, i);
		const char *advice = json_get_str(issue, "resolution", NULL);
		bool bad = strcmp(json_get_str(issue, "severity", ""), "critical") == 0;

		out_text(cli->out, bad ? OUT_BAD : OUT_NOTICE, "%s%s: ", i == 0 ? "\n" : "",
		         bad ? "ERROR" : "WARNING");
		out_text(cli->out, OUT_PLAIN, "%s\n", json_get_str(issue, "description", ""));
		if (advice)
			out_text(cli->out, OUT_DIM, "  %s\n", advice);
	}
	out_text(cli->out, out_status_style(overall), "\nOverall: %s\n", overall);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct probe_opts *o = options;
	uint64_t size = SIZE_USUAL;
	DEFER(probe) *p = NULL;
	DEFER(json) *v = NULL;

	if (o->size && number_parse_size(&size, o->size, err) < 0) {
		err->code = ERR_USAGE;
		return error_wrap(err, "--size");
	}
	if (size < 1 || size > (uint64_t)SIZE_MAX_MB << 20)
		return error_set(err, ERR_USAGE, "--size: %s is not between 1 and %dMB",
		                 o->size, SIZE_MAX_MB);
	if (repo_probe(&p, cli->repo, (size_t)o->rounds, (size_t)size, err) < 0)
		return -1;
	v = probe_json(p);
	cli->status = !probe_is_good(p);
	if (!out_is_data(cli->out))
		return show(cli, v, err);
	out_value(cli->out, v);
	return 0;
}

const struct command cmd_backup_storage_health = {
	.name = "backup storage-health",
	.summary = "try the storage: write, read, list and delete",
	.details =
		"Writes an object of its own, reads it back, looks for it in a listing, sees to it "
		"that it cannot be written over, and deletes it; each request is timed. Exit "
		"status 1 when one of them fails.",
	.examples = "backup storage-health\n"
		    "backup storage-health --rounds 20 --size 1MB --format json",
	.opts = opts,
	.traits = NEED_REPO | HAS_FORMAT | WATCHES,
	.options_size = sizeof(struct probe_opts),
	.run = run,
};
