/* SPDX-License-Identifier: MIT */
#include "engine/repo/metadata.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/schema/model.h"

/* Limits of what is believed from an envelope. */
#define TAGS_MAX   1000
#define FILES_MAX  2000000
#define MOMENT_MAX INT64_C(253402300799) /* the last second of the year 9999 */

#define SECRET_SINCE "secret_since"

static struct json *tags_json(const struct backup *b)
{
	struct json *tags = json_object();

	for (size_t i = 0; i < b->tag_count; i++)
		json_set_str(tags, b->tags[i].key, b->tags[i].value);
	return tags;
}

static struct json *visible_json(unsigned int visible)
{
	struct json *kinds = json_array();

	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (visible & OBJECT_KIND_BIT(kind))
			json_append(kinds, json_str(object_kind_info(kind)->word));
	}
	return kinds;
}

/* "zstd" as "ZSTD": what the guides' readers of JSON expect. */
static void set_upper(struct json *o, const char *key, const char *text)
{
	autofree char *upper = mem_strdup(text);

	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	json_set_str(o, key, upper);
}

/* The migration context was JSON when it came in; what does not parse is kept as text. */
static void set_migration(struct json *o, const struct backup *b)
{
	struct error err = ERROR_INIT;
	struct json *context = NULL;

	if (!*b->migration)
		return;
	if (json_parse(&context, b->migration, strlen(b->migration), &err) < 0)
		context = json_str(b->migration);
	json_set(o, "migration_context", context);
}

struct json *metadata_public(const struct backup *b)
{
	struct json *o = json_object();
	char created[CLOCK_TEXT_MAX];

	clock_format_utc(created, b->created_at);
	json_set_str(o, "id", b->id);
	json_set_str(o, "database_name", b->database);
	json_set_str(o, "created_at", created);
	json_set_str(o, "created_by", b->created_by);
	json_set_str(o, "host", b->host);
	json_set_str(o, "description", b->description);
	json_set(o, "tags", tags_json(b));
	json_set_int(o, "size", (int64_t)b->size);
	json_set_int(o, "compressed_size", (int64_t)b->stored_size);
	set_upper(o, "compression_type", b->compression);
	json_set_bool(o, "encryption_enabled", b->encrypted);
	json_set_str(o, "secret_fingerprint", b->secret);
	set_migration(o, b);
	json_set_str(o, "storage_location", b->location);
	json_set_str(o, "checksum", b->checksum);
	json_set_str(o, "schema_hash", b->schema_hash);
	json_set_str(o, "status", backup_status_name(b->status));
	if (*b->error)
		json_set_str(o, "error", b->error);
	json_set_str(o, "server_family", b->server_family);
	json_set_str(o, "server_version", b->server_version);
	json_set(o, "visible_kinds", visible_json(b->visible));
	json_set_int(o, "object_count", (int64_t)b->object_count);
	json_set_str(o, "tool_version", b->tool_version);
	if (*b->origin)
		json_set_str(o, "origin", b->origin);
	return o;
}

void metadata_file(struct buf *out, const struct backup *b)
{
	DEFER(json) *o = metadata_public(b);

	json_write(out, o, JSON_PRETTY);
}

/* The text members that are sealed. One table serves writing and reading. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "database", offsetof(struct backup, database) },
	{ "created_by", offsetof(struct backup, created_by) },
	{ "host", offsetof(struct backup, host) },
	{ "description", offsetof(struct backup, description) },
	{ "compression", offsetof(struct backup, compression) },
	{ "schema_hash", offsetof(struct backup, schema_hash) },
	{ "fingerprint", offsetof(struct backup, fingerprint) },
	{ "server_family", offsetof(struct backup, server_family) },
	{ "server_version", offsetof(struct backup, server_version) },
	{ "tool_version", offsetof(struct backup, tool_version) },
	{ "migration", offsetof(struct backup, migration) },
	{ "origin", offsetof(struct backup, origin) },
};

static const char *text_of(const struct backup *b, size_t i)
{
	return *(char *const *)((const char *)b + texts[i].offset);
}

static char **text_member(struct backup *b, size_t i)
{
	return (char **)((char *)b + texts[i].offset);
}

void metadata_seal(struct buf *out, const struct backup *b)
{
	DEFER(json) *o = json_object();
	struct json *files = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_set_str(o, texts[i].key, text_of(b, i));
	json_set_int(o, "created_at", b->created_at);
	json_set_int(o, "created_ms", b->created_ms);
	json_set(o, "tags", tags_json(b));
	json_set_int(o, "size", (int64_t)b->size);
	json_set_int(o, "visible", b->visible);
	json_set_int(o, "object_count", (int64_t)b->object_count);
	if (b->secret_since)
		json_set_int(o, SECRET_SINCE, b->secret_since);
	for (size_t i = 0; i < b->file_count; i++) {
		struct json *file = json_array();

		json_append(file, json_str(b->files[i].name));
		json_append(file, json_int((int64_t)b->files[i].size));
		json_append(file, json_str(b->files[i].sha256));
		json_append(files, file);
	}
	json_set(o, "files", files);
	json_write(out, o, JSON_COMPACT);
}

static int unseal_tags(struct backup *b, const struct json *tags, struct error *err)
{
	if (json_count(tags) > TAGS_MAX)
		return error_set(err, ERR_CORRUPT, "metadata: %zu tags, limit %d",
		                 json_count(tags), TAGS_MAX);
	for (size_t i = 0; i < json_count(tags); i++) {
		const struct json *value;
		const char *key = json_member(tags, i, &value);

		if (!json_text(value, NULL))
			return error_set(err, ERR_CORRUPT, "metadata: tag %s is not text", key);
		backup_tag_set(b, key, json_text(value, NULL));
	}
	return 0;
}

static int unseal_files(struct backup *b, const struct json *files, struct error *err)
{
	if (json_count(files) > FILES_MAX)
		return error_set(err, ERR_CORRUPT, "metadata: %zu files, limit %d",
		                 json_count(files), FILES_MAX);
	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *file = json_at(files, i);
		const char *name = json_text(json_at(file, 0), NULL);
		int64_t size = json_int_value(json_at(file, 1), -1);
		const char *sha256 = json_text(json_at(file, 2), NULL);

		if (!name || size < 0 || !sha256 || strlen(sha256) != 64)
			return error_set(err, ERR_CORRUPT, "metadata: file %zu is damaged", i);
		backup_file_add(b, name, (uint64_t)size, sha256);
	}
	return 0;
}

static int parse(struct json **out, const char *text, size_t len, struct error *err)
{
	if (json_parse(out, text, len, err) == 0)
		return 0;
	err->code = ERR_CORRUPT;
	return error_wrap(err, "metadata");
}

int metadata_unseal(struct backup *b, const char *text, size_t len, struct error *err)
{
	static const char *const counts[] = { "created_at", "created_ms", "size",
		                              "object_count", SECRET_SINCE };
	DEFER(json) *o = NULL;

	if (parse(&o, text, len, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		backup_set(text_member(b, i), json_get_str(o, texts[i].key, ""));
	b->created_at = json_get_int(o, "created_at", 0);
	b->secret_since = json_get_int(o, SECRET_SINCE, 0);
	b->created_ms = (int)(json_get_int(o, "created_ms", 0) % 1000);
	b->size = (uint64_t)json_get_int(o, "size", 0);
	b->visible = (unsigned int)json_get_int(o, "visible", 0) & OBJECT_KINDS_ALL;
	b->object_count = (size_t)json_get_int(o, "object_count", 0);
	b->status = BACKUP_COMPLETED;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (json_get_int(o, counts[i], 0) < 0)
			return error_set(err, ERR_CORRUPT, "metadata: %s is negative",
			                 counts[i]);
	}
	if (b->created_at > MOMENT_MAX || b->secret_since > MOMENT_MAX)
		return error_set(err, ERR_CORRUPT, "metadata: a time after the year 9999");
	if (!*b->database)
		return error_set(err, ERR_CORRUPT, "metadata: no database named");
	if (unseal_tags(b, json_get(o, "tags"), err) < 0)
		return -1;
	return unseal_files(b, json_get(o, "files"), err);
}

int metadata_reseal(struct buf *out, const char *text, size_t len, int64_t secret_since,
                    struct error *err)
{
	DEFER(json) *o = NULL;

	if (parse(&o, text, len, err) < 0)
		return -1;
	json_set_int(o, SECRET_SINCE, secret_since);
	json_write(out, o, JSON_COMPACT);
	return 0;
}

int metadata_reword(struct buf *out, const char *text, size_t len, const struct backup *b,
                    struct error *err)
{
	DEFER(json) *o = NULL;

	if (parse(&o, text, len, err) < 0)
		return -1;
	json_set_str(o, "description", b->description);
	json_set(o, "tags", tags_json(b));
	json_write(out, o, JSON_COMPACT);
	return 0;
}
