/* SPDX-License-Identifier: MIT */
/* view_backup: how backups are shown. */
#include "catalog/backup.h"
#include "cli/view.h"
#include "engine/base/json.h"
#include "engine/repo/metadata.h"

#define USUAL true

/* clang-format off */
const struct out_column view_backup_columns[] = {
	{ "id",          "ID",          "id",                 OUT_KIND_TEXT,   USUAL, OUT_WHOLE },
	{ "database",    "DATABASE",    "database_name",      OUT_KIND_TEXT,   USUAL, OUT_WHOLE },
	{ "created",     "CREATED",     "created_at",         OUT_KIND_TIME,   USUAL, OUT_WHOLE },
	{ "status",      "STATUS",      "status",             OUT_KIND_STATUS, USUAL, OUT_WHOLE },
	{ "size",        "SIZE",        "size",               OUT_KIND_SIZE,   USUAL, OUT_WHOLE },
	{ "stored",      "STORED",      "compressed_size",    OUT_KIND_SIZE,   false, OUT_WHOLE },
	{ "description", "DESCRIPTION", "description",        OUT_KIND_TEXT,   USUAL, OUT_CUT },
	{ "tags",        "TAGS",        "tags",               OUT_KIND_PAIRS,  false, OUT_CUT },
	{ "objects",     "OBJECTS",     "object_count",       OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "compression", "COMPRESSION", "compression_type",   OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "encrypted",   "ENCRYPTED",   "encryption_enabled", OUT_KIND_BOOL,   false, OUT_WHOLE },
	{ "secret",      "SECRET",      "secret_fingerprint", OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "by",          "BY",          "created_by",         OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "host",        "HOST",        "host",               OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "server",      "SERVER",      "server_version",     OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "duration",    "MILLISECONDS", "duration_ms",       OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "checksum",    "CHECKSUM",    "checksum",           OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "schema-hash", "SCHEMA HASH", "schema_hash",        OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "location",    "LOCATION",    "storage_location",   OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "origin",      "ORIGIN",      "origin",             OUT_KIND_TEXT,   false, OUT_CUT },
	{ "error",       "ERROR",       "error",              OUT_KIND_TEXT,   false, OUT_WRAP },
	{ NULL },
};

const struct out_column view_backup_fields[] = {
	{ "id",          "ID",              "id",                 OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "database",    "Database",        "database_name",      OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "created",     "Created",         "created_at",         OUT_KIND_TIME,   false, OUT_WHOLE },
	{ "by",          "Created by",      "created_by",         OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "host",        "On host",         "host",               OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "status",      "Status",          "status",             OUT_KIND_STATUS, false, OUT_WHOLE },
	{ "error",       "Error",           "error",              OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "description", "Description",     "description",        OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "tags",        "Tags",            "tags",               OUT_KIND_PAIRS,  false, OUT_WHOLE },
	{ "objects",     "Objects",         "object_count",       OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "kinds",       "Visible kinds",   "visible_kinds",      OUT_KIND_LIST,   false, OUT_WHOLE },
	{ "doubtful",    "Doubtful",        "object_problems",    OUT_KIND_LIST,   false, OUT_WHOLE },
	{ "size",        "Size",            "size",               OUT_KIND_SIZE,   false, OUT_WHOLE },
	{ "stored",      "Stored size",     "compressed_size",    OUT_KIND_SIZE,   false, OUT_WHOLE },
	{ "compression", "Compression",     "compression_type",   OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "encrypted",   "Encrypted",       "encryption_enabled", OUT_KIND_BOOL,   false, OUT_WHOLE },
	{ "secret",      "Needs secret",    "secret_fingerprint", OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "available",   "Secret is here",  "secret_available",   OUT_KIND_BOOL,   false, OUT_WHOLE },
	{ "secret-from", "Secret from",     "secret_source",      OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "readable",    "Readable",        "readable",           OUT_KIND_BOOL,   false, OUT_WHOLE },
	{ "problem",     "Problem",         "problem",            OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "location",    "Location",        "storage_location",   OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "checksum",    "Checksum",        "checksum",           OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "schema-hash", "Schema hash",     "schema_hash",        OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "server",      "Server",          "server_version",     OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "tool",        "Made with",       "tool_version",       OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ "origin",      "Origin",          "origin",             OUT_KIND_TEXT,   false, OUT_WHOLE },
	{ NULL },
};
/* clang-format on */

struct json *view_backup(const struct backup *b)
{
	struct json *o = metadata_public(b);

	json_set_int(o, "duration_ms", b->duration_ms);
	return o;
}
