/* SPDX-License-Identifier: MIT */
/* view_create: how a backup that was not taken is shown. */
#include "catalog/backup.h"
#include "cli/view.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/repo/create.h"
#include "engine/schema/model.h"

#define USUAL true

/* clang-format off */
const struct out_column view_preview_fields[] = {
	{ "database",    "Database",        "database_name",      OUT_KIND_TEXT,   USUAL, OUT_WHOLE },
	{ "status",      "Status",          "status",             OUT_KIND_STATUS, USUAL, OUT_WHOLE },
	{ "error",       "Error",           "error",              OUT_KIND_TEXT,   USUAL, OUT_WRAP },
	{ "description", "Description",     "description",        OUT_KIND_TEXT,   false, OUT_CUT },
	{ "tags",        "Tags",            "tags",               OUT_KIND_PAIRS,  false, OUT_CUT },
	{ "objects",     "Objects",         "object_count",       OUT_KIND_NUMBER, USUAL, OUT_WHOLE },
	{ "counts",      "Of these",        "objects",            OUT_KIND_PAIRS,  USUAL, OUT_CUT },
	{ "kinds",       "Visible kinds",   "visible_kinds",      OUT_KIND_LIST,   false, OUT_CUT },
	{ "size",        "Size",            "size",               OUT_KIND_SIZE,   USUAL, OUT_WHOLE },
	{ "compression", "Compression",     "compression_type",   OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "encrypted",   "Encrypted",       "encryption_enabled", OUT_KIND_BOOL,   false, OUT_WHOLE },
	{ "location",    "Location",        "storage_location",   OUT_KIND_TEXT,   USUAL, OUT_WHOLE },
	{ "same-as",     "Unchanged since", "unchanged_since",    OUT_KIND_TEXT,   USUAL, OUT_WHOLE },
	{ "server",      "Server",          "server_version",     OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ NULL },
};
/* clang-format on */

struct json *view_preview(const struct create_preview *p)
{
	/* What is true of the backup before there is one. */
	static const char *const known[] = {
		"database_name",
		"description",
		"tags",
		"size",
		"compression_type",
		"encryption_enabled",
		"storage_location",
		"schema_hash",
		"server_family",
		"server_version",
		"visible_kinds",
		"object_count",
	};
	DEFER(json) *all = view_backup(p->backup);
	struct json *v = json_object(), *counts = json_object();

	json_set_bool(v, "dry_run", true);
	json_set_str(v, "status", "NOT TAKEN");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		json_set(v, known[i], json_share(json_get(all, known[i])));
	for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (p->counts[kind] > 0)
			json_set_int(counts, object_kind_info((enum object_kind)kind)->folder,
			             (int64_t)p->counts[kind]);
	}
	json_set(v, "objects", counts);
	json_set_str(v, "unchanged_since", p->same_as ? p->same_as->id : NULL);
	return v;
}
