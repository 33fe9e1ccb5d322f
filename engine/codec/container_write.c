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
#include "engine/codec/grow.h"
#include "engine/codec/header.h"
#include "engine/codec/index.h"

struct container_writer {
	struct header header;
	int level;
	size_t threshold;
	struct compress_context *compressing;
	struct index *index;
	struct cipher_stream *stream;
	uint64_t chunk;     /* the next one's number */
	struct buf pending; /* bytes of the body that fill no chunk yet */
	struct buf sealed;  /* header, lead and chunks so far */
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

/* The header, and the lead of the body behind it. */
static int begin_body(struct container_writer *w, const struct container_options *o,
                      struct error *err)
{
	const struct cipher_ops *cipher = w->header.cipher;
	unsigned char lead[CIPHER_LEAD_MAX];
	autobuf context = BUF_INIT;

	header_write(&w->sealed, &w->header);
	header_context(&context, o->backup_id, (struct str){ w->sealed.data, w->sealed.len });
	if (cipher->begin(&w->stream, lead, o->data_key,
	                  (struct str){ context.data, context.len }, err) < 0)
		return -1;
	buf_add(&w->sealed, lead, cipher->lead);
	return 0;
}

int container_writer_new(struct container_writer **out, const struct container_options *o,
                         struct error *err)
{
	DEFER(container_writer) *w = mem_alloc(sizeof(*w));
	struct container_header *seen = &w->header.seen;

	if (check_options(o, err) < 0 || random_bytes(seen->id, sizeof(seen->id), err) < 0)
		return -1;
	w->level = o->level;
	w->threshold = o->threshold;
	seen->created = o->created;
	memcpy(seen->tool_version, o->tool_version, strlen(o->tool_version));
	w->header.cipher = o->data_key ? &cipher_cobblestone : &cipher_none;
	w->header.codec = o->codec;
	w->header.block_size = (size_t)1 << HEADER_BLOCK_LOG;
	w->compressing = o->codec->context_new();
	w->index = index_new(w->header.block_size);
	w->pending = BUF_INIT;
	w->sealed = BUF_INIT;
	if (begin_body(w, o, err) < 0)
		return -1;
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
	cipher_stream_free(w->stream);
	buf_finish(&w->pending);
	buf_finish(&w->sealed);
	free(w);
}

static void seal_chunk(struct container_writer *w, struct str plain)
{
	size_t size = plain.n + CIPHER_TAG;

	w->header.cipher->seal(w->stream, w->chunk++, plain, grow_room(&w->sealed, size));
	grow_by(&w->sealed, size);
}

/* Every whole chunk of what is pending, while the processor still has it at hand. */
static void seal_pending(struct container_writer *w)
{
	struct str rest = { w->pending.data, w->pending.len };

	for (; rest.n >= CIPHER_CHUNK; rest = str_slice(rest, CIPHER_CHUNK, rest.n))
		seal_chunk(w, str_slice(rest, 0, CIPHER_CHUNK));
	memmove(w->pending.data, rest.p, rest.n);
	buf_truncate(&w->pending, rest.n);
}

/* A frame if that is shorter, else the bytes as they are: the reader tells by the length. */
static int add_block(struct container_writer *w, struct str plain, bool compress,
                     struct error *err)
{
	size_t start = w->pending.len;

	if (compress) {
		if (w->header.codec->encode(w->compressing, &w->pending, plain.p, plain.n,
		                            w->level, err) < 0)
			return -1;
		if (w->pending.len - start >= plain.n)
			buf_truncate(&w->pending, start);
	}
	if (w->pending.len == start)
		buf_add(&w->pending, plain.p, plain.n);
	index_add_block(w->index, w->pending.len - start);
	seal_pending(w);
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
                  struct digest *sha256, struct error *err)
{
	struct digest seen;
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
	digest_end(sum, &seen);
	index_set_sum(w->index, &seen);
	if (sha256)
		*sha256 = seen;
	return result < 0 ? error_wrap(err, "part %s", name) : 0;
}

int container_finish(struct container_writer *w, struct buf *out,
                     unsigned char id[CONTAINER_ID_SIZE], struct error *err)
{
	if (index_write(&w->pending, w->index, err) < 0)
		return -1;
	seal_pending(w);
	seal_chunk(w, (struct str){ w->pending.data, w->pending.len });
	memcpy(id, w->header.seen.id, CONTAINER_ID_SIZE);
	if (out->len == 0)
		buf_move(out, &w->sealed);
	else
		buf_add(out, w->sealed.data, w->sealed.len);
	return 0;
}
