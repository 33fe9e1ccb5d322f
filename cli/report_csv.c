/* SPDX-License-Identifier: MIT */
/* report_csv: a line per backup, for spreadsheets (RFC 4180). */
#include <inttypes.h>
#include <string.h>

#include "cli/report.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/json.h"

static const char *const members[] = {
	"id",
	"database_name",
	"created_at",
	"status",
	"size",
	"compressed_size",
	"compression_type",
	"encryption_enabled",
	"object_count",
	"duration_ms",
	"host",
	"created_by",
	"description",
};

/* A field that begins like a formula would be run by a spreadsheet: it gets an apostrophe. */
static void add_text(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	if (*text && strchr("=+-@\t\r", *text))
		buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static void add_value(struct buf *out, const struct json *v)
{
	if (json_is_string(v))
		add_text(out, json_text(v, NULL));
	else if (json_is_int(v))
		buf_addf(out, "%" PRId64, json_int_value(v, 0));
	else if (json_is_bool(v))
		buf_adds(out, json_bool_value(v, false) ? "true" : "false");
}

void report_csv(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(report, "backups");

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		buf_addf(out, "%s%s", i ? "," : "", members[i]);
	buf_adds(out, "\r\n");
	for (size_t row = 0; row < json_count(all); row++) {
		for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
			if (i > 0)
				buf_addc(out, ',');
			add_value(out, json_get(json_at(all, row), members[i]));
		}
		buf_adds(out, "\r\n");
	}
}
