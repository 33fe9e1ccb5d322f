/* SPDX-License-Identifier: MIT */
#include "catalog/backup.h"
#include "cli/view.h"
#include "engine/base/json.h"
#include "engine/repo/metadata.h"

#define USUAL true
#define CUT   true

/* clang-format off */
const struct out_column view_backup_columns[] = {
	{ "id",          "ID",          "id",                 OUT_KIND_TEXT,   USUAL, false },
	{ "database",    "DATABASE",    "database_name",      OUT_KIND_TEXT,   USUAL, false },
	{ "created",     "CREATED",     "created_at",         OUT_KIND_TIME,   USUAL, false },
	{ "status",      "STATUS",      "status",             OUT_KIND_STATUS, USUAL, false },
	{ "size",        "SIZE",        "size",               OUT_KIND_SIZE,   USUAL, false },
	{ "stored",      "STORED",      "compressed_size",    OUT_KIND_SIZE,   false, false },
	{ "description", "DESCRIPTION", "description",        OUT_KIND_TEXT,   USUAL, CUT },
	{ "tags",        "TAGS",        "tags",               OUT_KIND_PAIRS,  false, CUT },
	{ "objects",     "OBJECTS",     "object_count",       OUT_KIND_NUMBER, false, false },
	{ "compression", "COMPRESSION", "compression_type",   OUT_KIND_TEXT,   false, false },
	{ "encrypted",   "ENCRYPTED",   "encryption_enabled", OUT_KIND_BOOL,   false, false },
	{ "secret",      "SECRET",      "secret_fingerprint", OUT_KIND_TEXT,   false, false },
	{ "by",          "BY",          "created_by",         OUT_KIND_TEXT,   false, false },
	{ "host",        "HOST",        "host",               OUT_KIND_TEXT,   false, false },
	{ "server",      "SERVER",      "server_version",     OUT_KIND_TEXT,   false, false },
	{ "duration",    "MILLISECONDS", "duration_ms",       OUT_KIND_NUMBER, false, false },
	{ "checksum",    "CHECKSUM",    "checksum",           OUT_KIND_TEXT,   false, false },
	{ "schema-hash", "SCHEMA HASH", "schema_hash",        OUT_KIND_TEXT,   false, false },
	{ "location",    "LOCATION",    "storage_location",   OUT_KIND_TEXT,   false, false },
	{ "origin",      "ORIGIN",      "origin",             OUT_KIND_TEXT,   false, CUT },
	{ "error",       "ERROR",       "error",              OUT_KIND_TEXT,   false, CUT },
	{ NULL },
};

const struct out_column view_backup_fields[] = {
	{ "id",          "ID",              "id",                 OUT_KIND_TEXT,   false, false },
	{ "database",    "Database",        "database_name",      OUT_KIND_TEXT,   false, false },
	{ "created",     "Created",         "created_at",         OUT_KIND_TIME,   false, false },
	{ "by",          "Created by",      "created_by",         OUT_KIND_TEXT,   false, false },
	{ "host",        "On host",         "host",               OUT_KIND_TEXT,   false, false },
	{ "status",      "Status",          "status",             OUT_KIND_STATUS, false, false },
	{ "error",       "Error",           "error",              OUT_KIND_TEXT,   false, false },
	{ "description", "Description",     "description",        OUT_KIND_TEXT,   false, false },
	{ "tags",        "Tags",            "tags",               OUT_KIND_PAIRS,  false, false },
	{ "objects",     "Objects",         "object_count",       OUT_KIND_NUMBER, false, false },
	{ "kinds",       "Visible kinds",   "visible_kinds",      OUT_KIND_LIST,   false, false },
	{ "size",        "Size",            "size",               OUT_KIND_SIZE,   false, false },
	{ "stored",      "Stored size",     "compressed_size",    OUT_KIND_SIZE,   false, false },
	{ "compression", "Compression",     "compression_type",   OUT_KIND_TEXT,   false, false },
	{ "encrypted",   "Encrypted",       "encryption_enabled", OUT_KIND_BOOL,   false, false },
	{ "secret",      "Needs secret",    "secret_fingerprint", OUT_KIND_TEXT,   false, false },
	{ "available",   "Secret is here",  "secret_available",   OUT_KIND_BOOL,   false, false },
	{ "readable",    "Readable",        "readable",           OUT_KIND_BOOL,   false, false },
	{ "problem",     "Problem",         "problem",            OUT_KIND_TEXT,   false, false },
	{ "location",    "Location",        "storage_location",   OUT_KIND_TEXT,   false, false },
	{ "checksum",    "Checksum",        "checksum",           OUT_KIND_TEXT,   false, false },
	{ "schema-hash", "Schema hash",     "schema_hash",        OUT_KIND_TEXT,   false, false },
	{ "server",      "Server",          "server_version",     OUT_KIND_TEXT,   false, false },
	{ "tool",        "Made with",       "tool_version",       OUT_KIND_TEXT,   false, false },
	{ "origin",      "Origin",          "origin",             OUT_KIND_TEXT,   false, false },
	{ NULL },
};
/* clang-format on */

struct json *view_backup(const struct backup *b)
{
	struct json *o = metadata_public(b);

	json_set_int(o, "duration_ms", b->duration_ms);
	return o;
}
