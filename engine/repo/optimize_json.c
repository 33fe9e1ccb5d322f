/* SPDX-License-Identifier: MIT */
/* optimize_json: what was measured, and what follows from it. */
#include <inttypes.h>
#include <math.h>

#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/repo/optimize.h"

/* What saves less than so many percent is not worth a change. */
#define WORTHWHILE_PERCENT 5

static double three_decimals(double v)
{
	return round(v * 1000) / 1000;
}

/* Of all that is stored, were it compressed so, going by the sample. */
static uint64_t codec_savings(const struct optimize *o, const struct optimize_codec *c)
{
	if (o->sample_stored == 0 || c->size >= o->sample_stored)
		return 0;
	return (uint64_t)((double)o->stored * (double)(o->sample_stored - c->size) /
	                  (double)o->sample_stored);
}

static struct json *codec_json(const struct optimize *o, const struct optimize_codec *c)
{
	struct json *v = json_object();

	json_set_str(v, "algorithm", c->algorithm);
	json_set_int(v, "level", c->level);
	json_set_int(v, "size", (int64_t)c->size);
	json_set_real(v, "compression_ratio",
	              o->sample_size ? three_decimals((double)c->size / (double)o->sample_size)
	                             : 0);
	/* A byte per microsecond is a megabyte per second. */
	json_set_real(v, "mb_per_second",
	              c->micros ? three_decimals((double)o->sample_size / (double)c->micros)
	                        : 0);
	json_set_int(v, "estimated_savings", (int64_t)codec_savings(o, c));
	return v;
}

static struct json *compression_json(const struct optimize *o)
{
	struct json *v = json_object(), *all = json_array();

	json_set_int(v, "sampled_backups", (int64_t)o->sampled);
	json_set_int(v, "unreadable_backups", (int64_t)o->unreadable);
	json_set_int(v, "sampled_size", (int64_t)o->sample_size);
	json_set_int(v, "sampled_stored_size", (int64_t)o->sample_stored);
	for (size_t i = 0; o->sampled > 0 && i < o->codec_count; i++)
		json_append(all, codec_json(o, &o->codecs[i]));
	json_set(v, "candidates", all);
	return v;
}

static struct json *retention_json(const struct optimize *o)
{
	struct json *v = json_object();

	json_set_int(v, "backups_to_delete", (int64_t)o->expired);
	json_set_int(v, "potential_savings", (int64_t)o->expired_stored);
	return v;
}

static struct json *twins_json(const struct optimize *o)
{
	struct json *v = json_object(), *all = json_array();
	uint64_t spare = 0;

	for (size_t i = 0; i < o->twin_count; i++) {
		const struct optimize_twins *t = &o->twins[i];
		struct json *one = json_object();

		json_set_str(one, "database_name", t->database);
		json_set_str(one, "schema_hash", t->schema_hash);
		json_set_int(one, "backup_count", (int64_t)t->count);
		json_set_int(one, "total_size", (int64_t)t->stored);
		json_set_int(one, "potential_savings", (int64_t)t->spare);
		json_append(all, one);
		spare += t->spare;
	}
	json_set(v, "duplicate_backups", all);
	json_set_int(v, "potential_savings", (int64_t)spare);
	return v;
}

static void recommend(struct json *all, const char *type, uint64_t savings,
                      const char *description, const char *action)
{
	struct json *v = json_object();

	json_set_str(v, "type", type);
	json_set_int(v, "estimated_savings", (int64_t)savings);
	json_set_str(v, "description", description);
	json_set_str(v, "action_required", action);
	json_append(all, v);
}

static bool is_worthwhile(const struct optimize *o, uint64_t savings)
{
	return savings > 0 && savings * 100 >= o->stored * WORTHWHILE_PERCENT;
}

static void recommend_retention(const struct optimize *o, struct json *all)
{
	autofree char *what = mem_printf(
		"%" PRIu64 " backups are no longer kept by the retention policy", o->expired);

	if (o->expired > 0)
		recommend(all, "retention", o->expired_stored, what,
		          "mysql-schema-sync backup cleanup");
}

static void recommend_compression(const struct optimize *o, struct json *all, uint64_t savings)
{
	const struct optimize_codec *best = &o->codecs[0];
	autofree char *what = NULL, *action = NULL;

	if (o->sampled == 0 || !is_worthwhile(o, savings))
		return;
	what = mem_printf("%s level %d makes new backups %.0f %% smaller, measured on %zu "
	                  "backups",
	                  best->algorithm, best->level,
	                  100.0 * (double)(o->sample_stored - best->size) /
	                          (double)o->sample_stored,
	                  o->sampled);
	action = mem_printf("Set backup.compression.algorithm: %s and level: %d; backups that "
	                    "are there stay as they are.",
	                    best->algorithm, best->level);
	recommend(all, "compression", savings, what, action);
}

static void recommend_fewer(const struct optimize *o, struct json *all)
{
	uint64_t spare = 0, count = 0;
	autofree char *what = NULL;

	for (size_t i = 0; i < o->twin_count; i++) {
		spare += o->twins[i].spare;
		count += o->twins[i].count - 1;
	}
	if (!is_worthwhile(o, spare))
		return;
	what = mem_printf("%" PRIu64 " backups hold the same schema as a newer one of the same "
	                  "database",
	                  count);
	recommend(all, "deduplication", spare, what,
	          "Lower max_backups or the keep_ counts of backup.retention, or take backups "
	          "less often.");
}

/* They overlap: no more is promised than the best of them saves alone. */
static int64_t most_savings(const struct json *recommendations)
{
	int64_t most = 0;

	for (size_t i = 0; i < json_count(recommendations); i++) {
		int64_t savings =
			json_get_int(json_at(recommendations, i), "estimated_savings", 0);

		most = savings > most ? savings : most;
	}
	return most;
}

struct json *optimize_json(const struct optimize *o)
{
	uint64_t compression = o->codec_count ? codec_savings(o, &o->codecs[0]) : 0;
	struct json *v = json_object(), *all = json_array();
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, o->generated_at);
	json_set_int(v, "backup_count", (int64_t)o->count);
	json_set_int(v, "total_compressed_size", (int64_t)o->stored);
	recommend_retention(o, all);
	recommend_compression(o, all, compression);
	recommend_fewer(o, all);
	json_set_int(v, "total_potential_savings", most_savings(all));
	json_set(v, "recommendations", all);
	json_set(v, "compression_analysis", compression_json(o));
	json_set(v, "retention_analysis", retention_json(o));
	json_set(v, "duplication_analysis", twins_json(o));
	json_set_str(v, "generated_at", at);
	return v;
}
