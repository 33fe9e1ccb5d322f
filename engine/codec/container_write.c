/* SPDX-License-Identifier: MIT */
/* container_write: parts in memory as a container. */
#include <assert.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"
#include "engine/codec/header.h"
#include "engine/codec/index.h"

struct container_writer {
	char *backup_id;
	struct secret *data_key; /* NULL: not encrypted */
	struct header header;
	int level;
	size_t threshold;
	struct compress_context *compressing;
	struct index *index;
	struct buf body; /* the blocks so far */
};

static int check_options(const struct container_options *o, struct error *err)
{
	if (!name_is_backup_id(o->backup_id))
		return error_set(err, ERR_INVALID,
		                 "backup id %s: want 1 to %d of A-Z a-z 0-9 _ -", o->backup_id,
		                 NAME_BACKUP_ID_MAX);
	if (o->data_key && secret_len(o->data_key) != CIPHER_KEY_SIZE)
		return error_set(err, ERR_INVALID, "data key: want %d bytes, got %zu",
		                 CIPHER_KEY_SIZE, secret_len(o->data_key));
	if (o->codec->level_max > 0 &&
	    (o->level < o->codec->level_min || o->level > o->codec->level_max))
		return error_set(err, ERR_INVALID, "%s level: want %d to %d, got %d",
		                 o->codec->name, o->codec->level_min, o->codec->level_max,
		                 o->level);
	if (strlen(o->tool_version) > CONTAINER_TOOL_MAX)
		return error_set(err, ERR_INVALID, "tool version: %zu bytes, limit %d",
		                 strlen(o->tool_version), CONTAINER_TOOL_MAX);
	return 0;
}

int container_writer_new(struct container_writer **out, const struct container_options *o,
                         struct error *err)
{
	DEFER(container_writer) *w = mem_alloc(sizeof(*w));
	struct container_header *seen = &w->header.seen;

	if (check_options(o, err) < 0 || random_bytes(seen->id, sizeof(seen->id), err) < 0)
		return -1;
	w->backup_id = mem_strdup(o->backup_id);
	if (o->data_key)
		w->data_key = secret_new(secret_data(o->data_key), secret_len(o->data_key));
	w->level = o->level;
	w->threshold = o->threshold;
	seen->created = o->created;
	memcpy(seen->tool_version, o->tool_version, strlen(o->tool_version));
	w->header.cipher = o->data_key ? &cipher_cobblestone : &cipher_none;
	w->header.codec = o->codec;
	w->header.block_size = (size_t)1 << HEADER_BLOCK_LOG;
	w->compressing = o->codec->context_new();
	w->index = index_new(w->header.block_size);
	w->body = BUF_INIT;
	*out = take(w);
	return 0;
}

void container_writer_free(struct container_writer *w)
{
	if (!w)
		return;
	if (w->header.codec)
		w->header.codec->context_free(w->compressing);
	index_free(w->index);
	secret_free(w->data_key);
	buf_finish(&w->body);
	free(w->backup_id);
	free(w);
}

/* A frame if that is shorter, else the bytes as they are: the reader tells by the length. */
static int add_block(struct container_writer *w, struct str plain, bool compress,
                     struct error *err)
{
	size_t start = w->body.len;

	if (compress) {
		if (w->header.codec->encode(w->compressing, &w->body, plain.p, plain.n,
		                            w->level, err) < 0)
			return -1;
		if (w->body.len - start >= plain.n)
			buf_truncate(&w->body, start);
	}
	if (w->body.len == start)
		buf_add(&w->body, plain.p, plain.n);
	index_add_block(w->index, w->body.len - start);
	return 0;
}

static int add_blocks(struct container_writer *w, struct str plain, struct error *err)
{
	bool compress = plain.n >= w->threshold && w->header.codec->id != COMPRESS_NONE;

	for (size_t at = 0; at < plain.n; at += w->header.block_size) {
		if (add_block(w, str_slice(plain, at, at + w->header.block_size), compress,
		              err) < 0)
			return -1;
	}
	return 0;
}

int container_add(struct container_writer *w, const char *name, const void *data, size_t len,
                  struct error *err)
{
	struct digest sha256;
	struct digest_state *sum;
	int result;

	if (index_add_part(w->index, name, len, err) < 0)
		return -1;
	sum = digest_begin();
	if (len >= DIGEST_ASIDE_MIN)
		digest_update_aside(sum, data, len);
	else
		digest_update(sum, data, len);
	result = add_blocks(w, (struct str){ data, len }, err);
	digest_end(sum, &sha256);
	index_set_sum(w->index, &sha256);
	return result < 0 ? error_wrap(err, "part %s", name) : 0;
}

int container_finish(struct container_writer *w, struct buf *out,
                     unsigned char id[CONTAINER_ID_SIZE], struct error *err)
{
	autobuf header = BUF_INIT;
	autobuf context = BUF_INIT;

	if (index_write(&w->body, w->index, err) < 0)
		return -1;
	header_write(&header, &w->header);
	header_context(&context, w->backup_id, (struct str){ header.data, header.len });
	buf_reserve(out,
	            header.len + CIPHER_LEAD_MAX + (size_t)cipher_sealed_size(w->body.len));
	buf_add(out, header.data, header.len);
	memcpy(id, w->header.seen.id, CONTAINER_ID_SIZE);
	return cipher_seal(out, w->header.cipher, w->data_key,
	                   (struct str){ context.data, context.len },
	                   (struct str){ w->body.data, w->body.len }, err);
}
