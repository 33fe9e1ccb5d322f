/* SPDX-License-Identifier: MIT */
#include "engine/repo/reader.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/codec/container.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/repo/metadata.h"
#include "engine/repo/presence.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"
#include "engine/store/store.h"

struct reader {
	struct store *store;
	bool known; /* by the catalog, not by the envelope */
	char key[REPO_KEY_MAX];
	struct backup *backup;
	struct unsealed unsealed;
	struct container *container;
};

/* The container's bytes, out of the store. */
static int read_stored(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	struct reader *rd = arg;
	const struct store_range range = { .offset = offset, .length = len, .max = len };
	uint64_t promised = rd->unsealed.envelope.stored_size;
	size_t before = out->len;
	struct store_stat stat;
	int found = store_get(rd->store, rd->key, range, out, &stat, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_CORRUPT, "%s is missing in storage", rd->key);
	if (stat.size != promised)
		return error_set(err, ERR_CORRUPT, "%s: want %llu bytes, got %llu", rd->key,
		                 (unsigned long long)promised, (unsigned long long)stat.size);
	if (out->len - before != len)
		return error_set(err, ERR_CORRUPT,
		                 "%s is cut short: want %zu bytes at %llu, got %zu", rd->key,
		                 len, (unsigned long long)offset, out->len - before);
	return 0;
}

/* What the envelope promises must be what the container holds. */
static int check_parts(const struct reader *rd, struct error *err)
{
	const struct container *c = rd->container;
	const struct backup *b = rd->backup;

	if (container_count(c) != b->file_count)
		return error_set(err, ERR_CORRUPT, "%s: want %zu files, got %zu", rd->key,
		                 b->file_count, container_count(c));
	for (size_t i = 0; i < b->file_count; i++) {
		const struct container_part *part = container_find(c, b->files[i].name);
		char hex[DIGEST_HEX_SIZE];

		if (!part)
			return error_set(err, ERR_CORRUPT, "%s: file %s is missing", rd->key,
			                 b->files[i].name);
		digest_hex(hex, &part->sha256);
		if (part->size != b->files[i].size || strcmp(hex, b->files[i].sha256) != 0)
			return error_set(err, ERR_CORRUPT,
			                 "%s: file %s is not the one of its envelope", rd->key,
			                 b->files[i].name);
	}
	return 0;
}

static int check_id(const struct reader *rd, struct error *err)
{
	if (memcmp(container_header(rd->container)->id, rd->unsealed.envelope.container_id,
	           CONTAINER_ID_SIZE) != 0)
		return error_set(err, ERR_CORRUPT, "%s is not the payload its envelope names",
		                 rd->key);
	return 0;
}

static int open_container(struct reader *rd, struct error *err)
{
	/* The first read finds out whether it has the size that the envelope promises. */
	struct container_source source = { .read = read_stored,
		                           .arg = rd,
		                           .size = rd->unsealed.envelope.stored_size };

	if (container_open(&rd->container, &source, rd->backup->id, rd->unsealed.data_key,
	                   err) < 0)
		return error_wrap(err, "%s", rd->key);
	if (check_id(rd, err) < 0)
		return -1;
	return rd->known ? 0 : check_parts(rd, err);
}

static struct reader *reader_new(struct repo *r, const char *id)
{
	struct reader *rd = mem_alloc(sizeof(*rd));

	rd->store = r->store;
	repo_payload_key(rd->key, id);
	return rd;
}

int reader_open_as(struct reader **out, struct repo *r, const char *id,
                   const struct buf *envelope, struct error *err)
{
	DEFER(reader) *rd = reader_new(r, id);

	rd->backup = backup_new();
	if (repo_unseal(rd->backup, &rd->unsealed, r, envelope, id, err) < 0 ||
	    guard_same(r, id, rd->backup->encrypted, err) < 0 || open_container(rd, err) < 0)
		return error_wrap(err, "backup %s", id);
	*out = take(rd);
	return 0;
}

int reader_open(struct reader **out, struct repo *r, const char *id, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	autobuf raw = BUF_INIT;
	char key[REPO_KEY_MAX];
	int found;

	repo_envelope_key(key, id);
	found = store_get(r->store, key, all, &raw, NULL, err);
	if (found < 0)
		return error_wrap(err, "backup %s", id);
	if (!found)
		return presence_missing(r, id, err);
	return reader_open_as(out, r, id, &raw, err);
}

/* By the catalog alone: 1, 0 it keeps nothing of the envelope, -1. */
static int open_known(struct reader **out, struct repo *r, const struct backup *b,
                      struct error *err)
{
	DEFER(reader) *rd = reader_new(r, b->id);
	autofree unsigned char *clear = NULL;
	autofree char *hex = NULL;
	size_t len;
	int found = catalog_backup_opening(r->catalog, b->row, &hex, err);

	if (found <= 0)
		return found;
	len = strlen(hex) / 2;
	clear = mem_alloc(len + 1);
	if (!number_parse_hex(clear, len, hex, 2 * len))
		return 0;
	rd->known = true;
	rd->backup = backup_copy(b);
	if (envelope_open_clear(&rd->unsealed.envelope, &rd->unsealed.data_key,
	                        (struct str){ (const char *)clear, len }, b->id, r->keyring,
	                        err) < 0 ||
	    guard_same(r, b->id, rd->unsealed.envelope.encrypted, err) < 0 ||
	    open_container(rd, err) < 0)
		return -1;
	*out = take(rd);
	return 1;
}

int reader_open_known(struct reader **out, struct repo *r, const struct backup *b,
                      struct error *err)
{
	struct error why = ERROR_INIT;

	if (open_known(out, r, b, &why) > 0)
		return 0;
	if (why.code == ERR_CANCELLED || why.code == ERR_STORE) {
		*err = why; /* the envelope is in the same store */
		return error_wrap(err, "backup %s", b->id);
	}
	error_clear(&why);
	return reader_open(out, r, b->id, err);
}

void reader_close(struct reader *rd)
{
	if (!rd)
		return;
	container_close(rd->container);
	unsealed_finish(&rd->unsealed);
	backup_free(rd->backup);
	free(rd);
}

const struct backup *reader_backup(const struct reader *rd)
{
	return rd->backup;
}

int reader_file(struct reader *rd, const char *name, struct buf *out, struct error *err)
{
	int found;

	if (strcmp(name, "metadata.json") == 0) {
		metadata_file(out, rd->backup);
		return 1;
	}
	found = container_read(rd->container, name, out, err);
	return found < 0 ? error_wrap(err, "backup %s", rd->backup->id) : found;
}

int reader_each(struct reader *rd, reader_fn *fn, void *arg, struct error *err)
{
	autobuf content = BUF_INIT;

	for (size_t i = 0; i < container_count(rd->container); i++) {
		const char *name = container_at(rd->container, i)->name;

		buf_truncate(&content, 0);
		if (container_read(rd->container, name, &content, err) < 0)
			return error_wrap(err, "backup %s", rd->backup->id);
		if (fn(arg, name, content.data, content.len, err) < 0)
			return -1;
	}
	return 0;
}

static int get_file(void *arg, const char *name, struct buf *out, struct error *err)
{
	struct reader *rd = arg;

	return container_read(rd->container, name, out, err);
}

int reader_schema(struct schema **out, struct reader *rd, struct error *err)
{
	if (archive_read(out, get_file, rd, err) < 0)
		return error_wrap(err, "backup %s", rd->backup->id);
	return 0;
}

int reader_problems(struct reader *rd, archive_problem_fn *fn, void *arg, struct error *err)
{
	if (archive_each_problem(get_file, rd, fn, arg, err) < 0)
		return error_wrap(err, "backup %s", rd->backup->id);
	return 0;
}
