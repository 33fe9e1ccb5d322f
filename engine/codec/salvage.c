/* SPDX-License-Identifier: MIT */
#include "engine/codec/salvage.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/header.h"
#include "engine/codec/index.h"
#include "engine/codec/preamble.h"

#define GROUP_CHUNKS ((uint64_t)256) /* read with one request: 4 MiB */
#define TRIES_MAX    4096            /* places where a part is looked for without index */

struct salvage {
	struct container_source source;
	struct header header;
	struct cipher_stream *stream;
	struct compress_context *decompressing;
	uint64_t chunks_at; /* offset of chunk 0 */
	struct buf body;    /* plain; zeros where a chunk is damaged */
	bool *good;         /* chunk by chunk */
	size_t chunks, damaged;
	struct index *index; /* NULL: lost */
	size_t next;         /* without index: where the next part should begin */
};

void salvage_close(struct salvage *s)
{
	if (!s)
		return;
	if (s->header.codec)
		s->header.codec->context_free(s->decompressing);
	cipher_stream_free(s->stream);
	index_free(s->index);
	buf_finish(&s->body);
	free(s->good);
	free(s);
}

static void add_zeros(struct buf *b, size_t n)
{
	static const char zeros[4096];

	for (size_t part; n > 0; n -= part) {
		part = n < sizeof(zeros) ? n : sizeof(zeros);
		buf_add(b, zeros, part);
	}
}

/* Opens chunk k, or puts zeros where it would be. */
static void open_chunk(struct salvage *s, uint64_t k, struct str sealed)
{
	struct error ignored = ERROR_INIT;

	s->good[k] = sealed.n >= CIPHER_TAG &&
	             cipher_open_chunks(s->stream, k, sealed, &s->body, &ignored) == 0;
	if (s->good[k])
		return;
	s->damaged++;
	if (sealed.n > CIPHER_TAG)
		add_zeros(&s->body, sealed.n - CIPHER_TAG);
}

static int open_chunks(struct salvage *s, struct error *err)
{
	uint64_t sealed = s->source.size - s->chunks_at;
	autobuf raw = BUF_INIT;

	s->chunks = (size_t)((sealed + CIPHER_STRIDE - 1) / CIPHER_STRIDE);
	s->good = mem_array(s->chunks + 1, sizeof(*s->good));
	for (uint64_t k = 0; k < s->chunks; k += GROUP_CHUNKS) {
		uint64_t at = k * CIPHER_STRIDE, len = GROUP_CHUNKS * CIPHER_STRIDE;

		if (len > sealed - at)
			len = sealed - at;
		buf_truncate(&raw, 0);
		if (s->source.read(s->source.arg, s->chunks_at + at, (size_t)len, &raw, err) <
		    0)
			return -1;
		for (size_t i = 0; i * CIPHER_STRIDE < raw.len; i++) {
			size_t from = i * CIPHER_STRIDE;
			size_t to =
				from + CIPHER_STRIDE < raw.len ? from + CIPHER_STRIDE : raw.len;

			open_chunk(s, k + i,
			           str_slice((struct str){ raw.data, raw.len }, from, to));
		}
	}
	return 0;
}

/* Takes the body up under one header. 1 some chunk is authentic, 0 none is, -1. */
static int try_header(struct salvage *s, struct str header, const char *backup_id,
                      const struct secret *data_key, struct error *err)
{
	autobuf context = BUF_INIT;
	autobuf lead = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (header_read(&s->header, header, &ignored) < 0)
		return 0;
	if ((data_key != NULL) != (s->header.cipher->id != CIPHER_NONE))
		return 0;
	s->chunks_at = s->header.length + s->header.cipher->lead;
	if (s->chunks_at >= s->source.size)
		return 0;
	header_context(&context, backup_id, header);
	if (s->source.read(s->source.arg, s->header.length, s->header.cipher->lead, &lead,
	                   err) < 0)
		return -1;
	if (s->header.cipher->take_up(&s->stream, (const unsigned char *)lead.data, data_key,
	                              (struct str){ context.data, context.len }, err) < 0)
		return -1;
	if (open_chunks(s, err) < 0)
		return -1;
	return s->damaged < s->chunks;
}

static void forget_header(struct salvage *s)
{
	cipher_stream_free(s->stream);
	s->stream = NULL;
	free(s->good);
	s->good = NULL;
	s->chunks = s->damaged = 0;
	buf_truncate(&s->body, 0);
}

static void header_as_expected(struct buf *out, const struct container_header *expected)
{
	const struct header h = {
		.seen = *expected,
		.cipher = expected->encrypted ? &cipher_cobblestone : &cipher_none,
		.codec = compress_by_id(expected->codec),
		.block_size = (size_t)1 << HEADER_BLOCK_LOG,
	};

	if (h.codec)
		header_write(out, &h);
}

static int open_body(struct salvage *s, const char *backup_id, const struct secret *data_key,
                     const struct container_header *expected, struct error *err)
{
	struct error ignored = ERROR_INIT;
	autobuf stored = BUF_INIT;
	autobuf made = BUF_INIT;
	size_t length = 0, most = PREAMBLE_CLEAR_MAX;
	int found = 0;

	if (most > s->source.size)
		most = (size_t)s->source.size;
	if (s->source.read(s->source.arg, 0, most, &stored, err) < 0)
		return -1;
	if (header_length(&length, (struct str){ stored.data, stored.len }, &ignored) == 0 &&
	    length <= stored.len)
		found = try_header(s, (struct str){ stored.data, length }, backup_id, data_key,
		                   err);
	if (found != 0 || !expected)
		return found;
	forget_header(s);
	header_as_expected(&made, expected);
	return try_header(s, (struct str){ made.data, made.len }, backup_id, data_key, err);
}

/* Are these bytes of the body all authentic? */
static bool is_good(const struct salvage *s, uint64_t from, uint64_t len)
{
	if (from > s->body.len || len > s->body.len - from)
		return false;
	for (uint64_t k = from / CIPHER_CHUNK; len > 0 && k <= (from + len - 1) / CIPHER_CHUNK;
	     k++) {
		if (!s->good[k])
			return false;
	}
	return true;
}

static struct str body_slice(const struct salvage *s, uint64_t from, uint64_t to)
{
	return str_slice((struct str){ s->body.data, s->body.len }, (size_t)from, (size_t)to);
}

/* The index, when all of it is there; else it stays NULL. */
static void read_index(struct salvage *s)
{
	struct error ignored = ERROR_INIT;
	uint64_t at;
	size_t len;

	if (s->body.len < INDEX_TRAILER_SIZE)
		return;
	at = s->body.len - INDEX_TRAILER_SIZE;
	if (!is_good(s, at, INDEX_TRAILER_SIZE) ||
	    index_length(&len, body_slice(s, at, s->body.len), &ignored) < 0 || len > at ||
	    !is_good(s, at - len, len))
		return;
	if (index_read(&s->index, body_slice(s, at - len, at), at - len, s->header.block_size,
	               &ignored) < 0)
		s->index = NULL;
}

int salvage_open(struct salvage **out, const struct container_source *source,
                 const char *backup_id, const struct secret *data_key,
                 const struct container_header *expected, struct error *err)
{
	DEFER(salvage) *s = mem_alloc(sizeof(*s));
	int found;

	s->source = *source;
	s->body = BUF_INIT;
	if (source->size > SALVAGE_MAX)
		return error_set(err, ERR_INVALID,
		                 "container of %" PRIu64 " bytes, limit %" PRIu64, source->size,
		                 SALVAGE_MAX);
	found = open_body(s, backup_id, data_key, expected, err);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_CORRUPT,
		                 "no part of the container is authentic: nothing can be saved");
	s->decompressing = s->header.codec->context_new();
	read_index(s);
	*out = take(s);
	return 0;
}

size_t salvage_chunks(const struct salvage *s, size_t *damaged)
{
	*damaged = s->damaged;
	return s->chunks;
}

size_t salvage_count(const struct salvage *s)
{
	return s->index ? index_count(s->index) : 0;
}

const struct container_part *salvage_at(const struct salvage *s, size_t i)
{
	return &index_at(s->index, i)->seen;
}

static bool is_wanted(const struct container_part *want, const char *data, size_t len)
{
	struct digest sum;

	digest_of(&sum, data, len);
	return len == want->size &&
	       memcmp(sum.bytes, want->sha256.bytes, sizeof(sum.bytes)) == 0;
}

static bool read_indexed(struct salvage *s, const struct index_part *p, struct buf *out)
{
	for (size_t i = 0; i < p->block_count; i++) {
		struct index_block b = index_block(s->index, p, i);
		struct str stored = body_slice(s, b.offset, b.offset + b.stored_len);
		struct error ignored = ERROR_INIT;

		if (!is_good(s, b.offset, b.stored_len))
			return false;
		if (b.stored_len == b.plain_len)
			buf_add(out, stored.p, stored.n);
		else if (s->header.codec->decode(s->decompressing, out, stored.p, stored.n,
		                                 b.plain_len, &ignored) < 0)
			return false;
	}
	return true;
}

/* One block of which only the plain length is known: a frame, or the bytes. 0: neither. */
static size_t read_block(struct salvage *s, size_t at, size_t plain_len, struct buf *out)
{
	const struct compress_ops *codec = s->header.codec;
	struct str rest = body_slice(s, at, s->body.len);
	struct error ignored = ERROR_INIT;
	size_t len = codec->frame_len(rest.p, rest.n < plain_len ? rest.n : plain_len);

	if (len > 0 && len < plain_len && is_good(s, at, len) &&
	    codec->decode(s->decompressing, out, rest.p, len, plain_len, &ignored) == 0)
		return len;
	if (!is_good(s, at, plain_len))
		return 0;
	buf_add(out, rest.p, plain_len);
	return plain_len;
}

/* Is the part at this place of the body? Then *end is where the next one is. */
static bool read_at(struct salvage *s, size_t at, const struct container_part *want,
                    struct buf *out, size_t *end)
{
	size_t start = out->len;

	for (uint64_t left = want->size; left > 0;) {
		size_t plain =
			left < s->header.block_size ? (size_t)left : s->header.block_size;
		size_t used = read_block(s, at, plain, out);

		if (used == 0)
			break;
		at += used;
		left -= plain;
	}
	*end = at;
	if (is_wanted(want, out->data + start, out->len - start))
		return true;
	buf_truncate(out, start);
	return false;
}

/* Looks for the part behind the last one that was found. */
static bool search(struct salvage *s, const struct container_part *want, const char *begins,
                   struct buf *out, size_t *end)
{
	size_t tries = 0;

	for (size_t at = s->next; at < s->body.len && tries < TRIES_MAX; at++) {
		struct str rest = body_slice(s, at, s->body.len);

		if (!s->good[at / CIPHER_CHUNK]) {
			at += CIPHER_CHUNK - at % CIPHER_CHUNK - 1;
			continue;
		}
		if (!(begins && str_has_prefix(rest, begins)) &&
		    !s->header.codec->is_frame(rest.p, rest.n))
			continue;
		tries++;
		if (read_at(s, at, want, out, end))
			return true;
	}
	return false;
}

bool salvage_read(struct salvage *s, const struct container_part *want, const char *begins,
                  struct buf *out)
{
	const struct index_part *p = s->index ? index_find(s->index, want->name) : NULL;
	size_t start = out->len, end = 0;
	bool found;

	if (want->size == 0)
		return is_wanted(want, "", 0);
	if (s->index) {
		found = p && p->seen.size == want->size && read_indexed(s, p, out) &&
		        is_wanted(want, out->data + start, out->len - start);
	} else {
		found = read_at(s, s->next, want, out, &end) ||
		        search(s, want, begins, out, &end);
		if (found)
			s->next = end;
	}
	if (!found)
		buf_truncate(out, start);
	return found;
}
