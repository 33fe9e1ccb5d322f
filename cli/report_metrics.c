/* SPDX-License-Identifier: MIT */
/*
 * report_metrics: figures for Prometheus's textfile collector (text format
 * 0.0.4: prometheus.io/docs/instrumenting/exposition_formats).
 */
#include <inttypes.h>
#include <string.h>

#include "cli/report.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"

#define PREFIX "mysql_schema_sync_"

static void add_head(struct buf *out, const char *name, const char *help)
{
	buf_addf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n", name, help, name);
}

static void add_label(struct buf *out, const char *value)
{
	buf_addc(out, '"');
	for (; *value; value++) {
		if (*value == '\n') {
			buf_adds(out, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *value);
	}
	buf_addc(out, '"');
}

/* The beginning of a line; the figure comes next. */
static void begin_sample(struct buf *out, const char *name, const char *label,
                         const char *value)
{
	buf_addf(out, PREFIX "%s{%s=", name, label);
	add_label(out, value);
	buf_adds(out, "} ");
}

static void add_sample(struct buf *out, const char *name, const char *label, const char *value,
                       int64_t v)
{
	begin_sample(out, name, label, value);
	buf_addf(out, "%" PRId64 "\n", v);
}

/* Of one database, in seconds since the epoch; 0: there is none. */
static int64_t time_of(const struct json *v, const char *key)
{
	const char *text = json_get_str(v, key, NULL);
	struct error err = ERROR_INIT;
	int64_t t = 0;

	return text && clock_parse(&t, text, 0, NULL, &err) == 0 ? t : 0;
}

typedef int64_t figure_fn(const struct json *database, const char *key);

static int64_t number_of(const struct json *v, const char *key)
{
	return json_get_int(v, key, 0);
}

static const struct {
	const char *name, *help, *key;
	figure_fn *figure;
} figures[] = {
	{ "backups", "Backups in the storage.", "backup_count", number_of },
	{ "backup_stored_bytes", "Bytes that they take.", "compressed_size", number_of },
	{ "backup_plain_bytes", "Bytes of their contents.", "total_size", number_of },
	{ "backup_newest_timestamp_seconds", "When the newest was taken.", "newest_backup",
	  time_of },
	{ "backup_oldest_timestamp_seconds", "When the oldest was taken.", "oldest_backup",
	  time_of },
};

static void add_databases(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(json_get(report, "usage"), "storage_by_database");
	const struct json *one;
	const char *name;

	for (size_t f = 0; f < ARRAY_SIZE(figures); f++) {
		add_head(out, figures[f].name, figures[f].help);
		for (size_t i = 0; (name = json_member(all, i, &one)); i++)
			add_sample(out, figures[f].name, "database", name,
			           figures[f].figure(one, figures[f].key));
	}
}

static void add_statuses(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(json_get(report, "usage"), "backups_by_status");
	const struct json *count;
	const char *status;

	add_head(out, "backups_by_status", "Backups and attempts by status.");
	for (size_t i = 0; (status = json_member(all, i, &count)); i++)
		add_sample(out, "backups_by_status", "status", status,
		           json_int_value(count, 0));
}

static void add_operations(struct buf *out, const struct json *report)
{
	static const struct {
		const char *name, *help, *key;
		bool milliseconds; /* shown as seconds */
	} of[] = {
		{ "operations", "Runs of a verb on this host in the period.", "count" },
		{ "operations_failed", "Those that failed.", "failed_count" },
		{ "operation_median_seconds", "How long they took.", "median_duration_ms",
		  true },
		{ "operation_p95_seconds", "What 95 of 100 did not exceed.", "p95_duration_ms",
		  true },
	};
	const struct json *all = json_get(report, "operations");

	for (size_t f = 0; f < ARRAY_SIZE(of); f++) {
		add_head(out, of[f].name, of[f].help);
		for (size_t i = 0; i < json_count(all); i++) {
			const struct json *one = json_at(all, i);

			int64_t figure = json_get_int(one, of[f].key, 0);

			begin_sample(out, of[f].name, "operation",
			             json_get_str(one, "operation", ""));
			if (of[f].milliseconds)
				buf_addf(out, "%" PRId64 ".%03d\n", figure / 1000,
				         (int)(figure % 1000));
			else
				buf_addf(out, "%" PRId64 "\n", figure);
		}
	}
}

void report_metrics(struct buf *out, const struct json *report)
{
	add_databases(out, report);
	add_statuses(out, report);
	add_operations(out, report);
	add_head(out, "report_timestamp_seconds", "When these figures were collected.");
	buf_addf(out, PREFIX "report_timestamp_seconds %" PRId64 "\n",
	         time_of(report, "generated_at"));
}
