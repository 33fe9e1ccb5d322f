/* SPDX-License-Identifier: MIT */
#include "catalog/backup.h"

#include <string.h>
#include <strings.h>

#include "engine/base/mem.h"

static const char *const statuses[BACKUP_STATUS_COUNT] = {
	[BACKUP_CREATING] = "CREATING",   [BACKUP_COMPLETED] = "COMPLETED",
	[BACKUP_FAILED] = "FAILED",       [BACKUP_VALIDATING] = "VALIDATING",
	[BACKUP_CORRUPTED] = "CORRUPTED",
};

const char *backup_status_name(enum backup_status s)
{
	return statuses[s];
}

bool backup_status_from_name(enum backup_status *out, const char *name)
{
	for (int i = 0; i < BACKUP_STATUS_COUNT; i++) {
		if (strcasecmp(statuses[i], name) == 0) {
			*out = (enum backup_status)i;
			return true;
		}
	}
	return false;
}

/* Every string member, once. */
static const size_t texts[] = {
	offsetof(struct backup, id),
	offsetof(struct backup, database),
	offsetof(struct backup, created_by),
	offsetof(struct backup, host),
	offsetof(struct backup, description),
	offsetof(struct backup, error),
	offsetof(struct backup, compression),
	offsetof(struct backup, secret),
	offsetof(struct backup, checksum),
	offsetof(struct backup, schema_hash),
	offsetof(struct backup, fingerprint),
	offsetof(struct backup, server_family),
	offsetof(struct backup, server_version),
	offsetof(struct backup, location),
	offsetof(struct backup, tool_version),
	offsetof(struct backup, migration),
	offsetof(struct backup, origin),
	offsetof(struct backup, version),
	offsetof(struct backup, opening),
};

static char **text_at(struct backup *b, size_t i)
{
	return (char **)((char *)b + texts[i]);
}

struct backup *backup_new(void)
{
	struct backup *b = mem_alloc(sizeof(*b));

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*text_at(b, i) = mem_strdup("");
	return b;
}

/* Room for files grows by powers of two. */
static size_t file_room(size_t count)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return room;
}

struct backup *backup_copy(const struct backup *b)
{
	struct backup *copy = mem_alloc(sizeof(*copy));

	*copy = *b;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*text_at(copy, i) = mem_strdup(*text_at(copy, i));
	copy->tags = mem_array(b->tag_count, sizeof(*b->tags));
	for (size_t i = 0; i < b->tag_count; i++) {
		copy->tags[i].key = mem_strdup(b->tags[i].key);
		copy->tags[i].value = mem_strdup(b->tags[i].value);
	}
	copy->files = mem_array(file_room(b->file_count), sizeof(*b->files));
	for (size_t i = 0; i < b->file_count; i++) {
		copy->files[i] = b->files[i];
		copy->files[i].name = mem_strdup(b->files[i].name);
	}
	return copy;
}

int backup_list_add(void *list, const struct backup *b, struct error *err)
{
	struct backup_list *l = list;

	(void)err;
	MEM_GROW(l->items, l->count, l->capacity);
	l->items[l->count++] = backup_copy(b);
	return 0;
}

void backup_list_finish(struct backup_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		backup_free(l->items[i]);
	free(l->items);
	*l = (struct backup_list){ 0 };
}

void backup_free(struct backup *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*text_at(b, i));
	for (size_t i = 0; i < b->tag_count; i++) {
		free(b->tags[i].key);
		free(b->tags[i].value);
	}
	for (size_t i = 0; i < b->file_count; i++)
		free(b->files[i].name);
	free(b->tags);
	free(b->files);
	free(b);
}

void backup_set(char **member, const char *value)
{
	char *copy = mem_strdup(value);

	free(*member);
	*member = copy;
}

void backup_tag_set(struct backup *b, const char *key, const char *value)
{
	size_t at = 0;

	while (at < b->tag_count && strcmp(b->tags[at].key, key) < 0)
		at++;
	if (at < b->tag_count && strcmp(b->tags[at].key, key) == 0) {
		backup_set(&b->tags[at].value, value);
		return;
	}
	b->tags = mem_resize(b->tags, b->tag_count + 1, sizeof(*b->tags));
	memmove(&b->tags[at + 1], &b->tags[at], (b->tag_count - at) * sizeof(*b->tags));
	b->tags[at] = (struct backup_tag){ mem_strdup(key), mem_strdup(value) };
	b->tag_count++;
}

const char *backup_tag_get(const struct backup *b, const char *key)
{
	for (size_t i = 0; i < b->tag_count; i++) {
		if (strcmp(b->tags[i].key, key) == 0)
			return b->tags[i].value;
	}
	return NULL;
}

/* Mostly called in name order: then nothing moves. */
void backup_file_add(struct backup *b, const char *name, uint64_t size, const char *sha256)
{
	struct backup_file file = { .name = mem_strdup(name), .size = size };
	size_t at = b->file_count;

	memcpy(file.sha256, sha256, strnlen(sha256, sizeof(file.sha256) - 1));
	if (file_room(b->file_count) == b->file_count || b->file_count == 0)
		b->files =
			mem_resize(b->files, file_room(b->file_count + 1), sizeof(*b->files));
	while (at > 0 && strcmp(b->files[at - 1].name, name) > 0)
		at--;
	memmove(&b->files[at + 1], &b->files[at], (b->file_count - at) * sizeof(*b->files));
	b->files[at] = file;
	b->file_count++;
}
