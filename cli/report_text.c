/* SPDX-License-Identifier: MIT */
/* report_text: the report for a terminal or a mail. */
#include <inttypes.h>
#include <string.h>

#include "cli/report.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"
#include "engine/base/number.h"

#define BAR_WIDTH 30

static void add_size(struct buf *out, const char *what, const struct json *v, const char *key)
{
	char text[NUMBER_TEXT_MAX];

	number_format_size(text, (uint64_t)json_get_int(v, key, 0));
	buf_addf(out, "  %-18s %s\n", what, text);
}

static void add_summary(struct buf *out, const struct json *report)
{
	const struct json *u = json_get(report, "usage");

	buf_addf(out, "Backups of %s\n%s to %s\n\nUsage\n", json_get_str(report, "storage", ""),
	         json_get_str(report, "from", ""), json_get_str(report, "to", ""));
	buf_addf(out, "  %-18s %" PRId64 "\n", "Backups", json_get_int(u, "backup_count", 0));
	add_size(out, "Size", u, "total_size");
	add_size(out, "Stored size", u, "total_compressed_size");
	buf_addf(out, "  %-18s %s\n", "Newest", json_get_str(u, "newest_backup", "none"));
	buf_addf(out, "  %-18s %s\n", "Oldest", json_get_str(u, "oldest_backup", "none"));
}

static void add_databases(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(json_get(report, "usage"), "storage_by_database");
	const struct json *one;
	const char *name;

	if (json_count(all) == 0)
		return;
	buf_addf(out, "\nDatabases\n  %-28s %8s %10s  %s\n", "", "BACKUPS", "STORED", "NEWEST");
	for (size_t i = 0; (name = json_member(all, i, &one)); i++) {
		char stored[NUMBER_TEXT_MAX];

		number_format_size(stored, (uint64_t)json_get_int(one, "compressed_size", 0));
		buf_addf(out, "  %-28s %8" PRId64 " %10s  %s\n", name,
		         json_get_int(one, "backup_count", 0), stored,
		         json_get_str(one, "newest_backup", "-"));
	}
}

static int64_t most(const struct json *days, const char *key)
{
	int64_t m = 0;

	for (size_t i = 0; i < json_count(days); i++) {
		int64_t v = json_get_int(json_at(days, i), key, 0);

		m = v > m ? v : m;
	}
	return m;
}

/* Days on which something happened, with a bar of # for backups and ! for failed ones. */
static void add_days(struct buf *out, const struct json *report)
{
	const struct json *days = json_get(report, "days");
	int64_t top = most(days, "backup_count") + most(days, "failed_count");

	if (top == 0)
		return;

	buf_adds(out, "\nDays (# backups, ! failed attempts)\n");
	for (size_t i = 0; i < json_count(days); i++) {
		const struct json *d = json_at(days, i);
		int64_t good = json_get_int(d, "backup_count", 0);
		int64_t bad = json_get_int(d, "failed_count", 0);

		if (good + bad == 0)
			continue;
		buf_addf(out, "  %s %5" PRId64 " ", json_get_str(d, "date", ""), good + bad);
		for (int64_t n = 0; n < (good * BAR_WIDTH + top - 1) / top; n++)
			buf_addc(out, '#');
		for (int64_t n = 0; n < (bad * BAR_WIDTH + top - 1) / top; n++)
			buf_addc(out, '!');
		buf_addc(out, '\n');
	}
}

static void add_operations(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(report, "operations");

	if (json_count(all) == 0)
		return;
	buf_addf(out, "\nOperations on this host\n  %-24s %7s %7s %10s %10s\n", "", "RUNS",
	         "NOT OK", "MEDIAN MS", "P95 MS");
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *one = json_at(all, i);

		buf_addf(out, "  %-24s %7" PRId64 " %7" PRId64 " %10" PRId64 " %10" PRId64 "\n",
		         json_get_str(one, "operation", ""), json_get_int(one, "count", 0),
		         json_get_int(one, "failed_count", 0),
		         json_get_int(one, "median_duration_ms", 0),
		         json_get_int(one, "p95_duration_ms", 0));
	}
}

static void add_failures(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(report, "failures");

	if (json_count(all) > 0)
		buf_adds(out, "\nFailed attempts\n");
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *one = json_at(all, i);

		buf_addf(out, "  %s %s: %s\n", json_get_str(one, "created_at", ""),
		         json_get_str(one, "database_name", ""),
		         json_get_str(one, "error", ""));
	}
}

void report_text(struct buf *out, const struct json *report)
{
	const struct json *retention = json_get(report, "retention");

	add_summary(out, report);
	add_databases(out, report);
	add_days(out, report);
	add_operations(out, report);
	add_failures(out, report);
	buf_addf(out, "\nRetention\n  %" PRId64 " backups are kept, %" PRId64 " could go now",
	         json_get_int(retention, "kept", 0), json_get_int(retention, "expired", 0));
	buf_adds(out, ": mysql-schema-sync backup cleanup --dry-run\n");
}
