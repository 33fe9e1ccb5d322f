/* SPDX-License-Identifier: MIT */
/* bundle_metadata: metadata.json as somebody hands it to us. */
#include <stdio.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/repo/bundle_files.h"
#include "engine/repo/create.h"
#include "engine/schema/model.h"

#define TAGS_MAX 50
#define TEXT_MAX ((size_t)64 << 10) /* of a text that has no limit of its own */

static int bad(struct error *err, const char *field)
{
	return error_set(err, ERR_INVALID, BUNDLE_METADATA ": %s is wrong", field);
}

static const struct {
	const char *key;
	size_t offset;
	size_t max;
} texts[] = {
	{ "database_name", offsetof(struct backup, database), 256 },
	{ "created_by", offsetof(struct backup, created_by), 256 },
	{ "host", offsetof(struct backup, host), 256 },
	{ "description", offsetof(struct backup, description), 500 },
	{ "server_family", offsetof(struct backup, server_family), 16 },
	{ "server_version", offsetof(struct backup, server_version), 256 },
};

static int read_texts(struct backup *b, const struct json *o, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value = json_get(o, texts[i].key);
		size_t len = 0;
		const char *text = json_text(value, &len);

		if (!value)
			continue;
		if (!text || strlen(text) != len || len > texts[i].max)
			return bad(err, texts[i].key);
		backup_set((char **)((char *)b + texts[i].offset), text);
	}
	return 0;
}

static int read_id(struct backup *b, const struct json *o, struct error *err)
{
	const struct json *value = json_get(o, "id");
	const char *id = json_text(value, NULL);

	if (!value)
		return 0;
	if (!id || !name_is_backup_id(id))
		return bad(err, "id");
	backup_set(&b->id, id);
	return 0;
}

static int read_time(struct backup *b, const struct json *o, struct error *err)
{
	const struct json *value = json_get(o, "created_at");
	const char *text = json_text(value, NULL);
	struct error why = ERROR_INIT;

	if (!value)
		return 0;
	/* A whole moment only: "7d" would be one, too. */
	if (!text || strlen(text) < strlen("2026-11-21T09:03:11Z") ||
	    clock_parse(&b->created_at, text, 0, NULL, &why) < 0 || b->created_at < 0)
		return bad(err, "created_at");
	b->created_ms = 0;
	return 0;
}

static int read_tags(struct backup *b, const struct json *o, struct error *err)
{
	const struct json *tags = json_get(o, "tags");

	if (json_count(tags) > TAGS_MAX || (tags && !json_is_object(tags)))
		return bad(err, "tags");
	for (size_t i = 0; i < json_count(tags); i++) {
		const struct json *value;
		const char *key = json_member(tags, i, &value);
		const char *text = json_text(value, NULL);
		autofree char *pair = text ? mem_printf("%s=%s", key, text) : NULL;
		struct backup_tag tag = { 0 };

		if (!pair)
			return bad(err, "a tag");
		if (create_parse_tag(&tag, pair, err) < 0) {
			err->code = ERR_INVALID;
			return error_wrap(err, BUNDLE_METADATA);
		}
		backup_tag_set(b, tag.key, tag.value);
		free(tag.key);
		free(tag.value);
	}
	return 0;
}

static int read_migration(struct backup *b, const struct json *o, struct error *err)
{
	const struct json *context = json_get(o, "migration_context");
	autobuf text = BUF_INIT;

	if (!context)
		return 0;
	json_write(&text, context, JSON_COMPACT);
	if (text.len > TEXT_MAX)
		return bad(err, "migration_context");
	backup_set(&b->migration, text.data);
	return 0;
}

static int read_visible(struct backup *b, const struct json *o, struct error *err)
{
	const struct json *kinds = json_get(o, "visible_kinds");

	b->visible = 0;
	for (size_t i = 0; i < json_count(kinds); i++) {
		const char *word = json_text(json_at(kinds, i), NULL);
		int kind = 0;

		while (word && kind < OBJECT_KIND_COUNT &&
		       strcmp(object_kind_info(kind)->word, word) != 0)
			kind++;
		if (!word || kind == OBJECT_KIND_COUNT)
			return bad(err, "visible_kinds");
		b->visible |= OBJECT_KIND_BIT(kind);
	}
	return 0;
}

int bundle_read_metadata(struct backup *b, const struct buf *text, struct error *err)
{
	DEFER(json) *o = NULL;

	if (json_parse(&o, text->data, text->len, err) < 0)
		return error_wrap(err, BUNDLE_METADATA);
	if (!json_is_object(o))
		return bad(err, "all of it");
	if (read_id(b, o, err) < 0 || read_texts(b, o, err) < 0 || read_time(b, o, err) < 0 ||
	    read_tags(b, o, err) < 0 || read_migration(b, o, err) < 0)
		return -1;
	return read_visible(b, o, err);
}
