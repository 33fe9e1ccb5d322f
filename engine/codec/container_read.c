/* SPDX-License-Identifier: MIT */
/*
 * container_read: parts of a container, by range. Diagrams of the bytes head
 * header.c (the clear header), cipher.h (the sealed body) and index.c (what is in it).
 *
 * Opening takes two requests to the source, for the first bytes and for the last
 * 64 KiB, and one for a container that is no larger than that.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/container.h"
#include "engine/codec/header.h"
#include "engine/codec/index.h"

#define HEAD_SIZE   ((size_t)4096)      /* read first: more than our headers take */
#define TAIL_SIZE   ((size_t)65536)     /* read to get the index */
#define GROUP_SIZE  ((uint64_t)4 << 20) /* stored bytes of a part that one request asks for */
#define GROUP_PLAIN ((size_t)32 << 20)  /* and what they may hold */
#define AHEAD_SIZE  ((uint64_t)1 << 20) /* opened beyond a small part: it is read in order */
#define HASH_PIECE  ((size_t)1 << 20)   /* plain bytes that are worth a thread */

struct container {
	struct container_source source;
	struct header header;
	struct cipher_stream *stream;
	uint64_t chunks_at; /* offset of chunk 0 */
	uint64_t body_size; /* plain */
	struct index *index;
	struct compress_context *decompressing;
	uint64_t tail_at;         /* offset of what tail holds */
	struct buf tail;          /* the last bytes of the container, or all of them */
	struct buf sealed, plain; /* scratch, kept for its memory */
	struct buf window;        /* opened bytes of the body, from window_at on */
	uint64_t window_at;
	uint64_t next; /* in the body: behind what was read last */
};

static int source_read(const struct container_source *source, uint64_t offset, uint64_t len,
                       struct buf *out, struct error *err)
{
	size_t before = out->len;

	if (source->read(source->arg, offset, (size_t)len, out, err) < 0)
		return -1;
	if (out->len - before != len)
		return error_set(err, ERR_CORRUPT, "%" PRIu64 " bytes at %" PRIu64 ", got %zu",
		                 len, offset, out->len - before);
	return 0;
}

/* Extends `head`, the first bytes of the source, until it holds header and lead, and reads the
 * header. */
static int read_head(struct header *out, const struct container_source *source,
                     struct buf *head, struct error *err)
{
	struct str start = { head->data, head->len };
	size_t length, want;

	if (header_length(&length, start, err) < 0)
		return -1;
	want = length + CIPHER_LEAD_MAX;
	if (want > source->size)
		want = (size_t)source->size;
	if (want > head->len && source_read(source, head->len, want - head->len, head, err) < 0)
		return -1;
	if (length > head->len)
		return error_set(err, ERR_CORRUPT,
		                 "container is cut off: want a header of %zu bytes, got %zu",
		                 length, head->len);
	return header_read(out, (struct str){ head->data, length }, err);
}

int container_read_header(struct container_header *out, const struct container_source *source,
                          struct error *err)
{
	autobuf head = BUF_INIT;
	struct header h;

	if (source_read(source, 0, source->size < HEAD_SIZE ? source->size : HEAD_SIZE, &head,
	                err) < 0 ||
	    read_head(&h, source, &head, err) < 0)
		return -1;
	*out = h.seen;
	return 0;
}

/* Stored bytes: a view of the tail when they are there, else of what is read now. */
static int fetch(struct container *c, uint64_t offset, uint64_t len, struct str *view,
                 struct error *err)
{
	if (offset >= c->tail_at) {
		*view = str_slice((struct str){ c->tail.data, c->tail.len },
		                  (size_t)(offset - c->tail_at),
		                  (size_t)(offset - c->tail_at + len));
		return 0;
	}
	buf_truncate(&c->sealed, 0);
	if (source_read(&c->source, offset, len, &c->sealed, err) < 0)
		return -1;
	*view = (struct str){ c->sealed.data, c->sealed.len };
	return 0;
}

/* The chunks that hold bytes [from, to) of the body, sealed. Good until the next call. */
static int fetch_chunks(struct container *c, uint64_t from, uint64_t to, struct str *chunks,
                        struct error *err)
{
	uint64_t begin = c->chunks_at + from / CIPHER_CHUNK * CIPHER_STRIDE;
	uint64_t end = c->chunks_at + ((to - 1) / CIPHER_CHUNK + 1) * CIPHER_STRIDE;

	assert(from < to && to <= c->body_size);
	if (end > c->source.size)
		end = c->source.size;
	buf_truncate(&c->plain, 0);
	return fetch(c, begin, end - begin, chunks, err);
}

/* Opens the chunks that hold [from, to) into the window. */
static int open_window(struct container *c, uint64_t from, uint64_t to, struct error *err)
{
	uint64_t first = from / CIPHER_CHUNK;
	struct str chunks;

	buf_truncate(&c->window, 0);
	c->window_at = first * CIPHER_CHUNK;
	if (fetch_chunks(c, from, to, &chunks, err) == 0 &&
	    cipher_open_chunks(c->stream, first, chunks, &c->window, err) == 0)
		return 0;
	buf_truncate(&c->window, 0); /* nothing of what was opened before the failure */
	return -1;
}

/* Small parts share chunks: who reads them in order gets those that follow, too. Damage there
 * must not hurt here. */
static int open_ahead(struct container *c, uint64_t from, uint64_t to, struct error *err)
{
	struct error ignored = ERROR_INIT;
	uint64_t end = to + AHEAD_SIZE < c->body_size ? to + AHEAD_SIZE : c->body_size;

	if (from == c->next && from > 0 && open_window(c, from, end, &ignored) == 0)
		return 0;
	return open_window(c, from, to, err);
}

/* Bytes [from, to) of the body. The view is good until the next call. */
static int body_read(struct container *c, uint64_t from, uint64_t to, struct str *view,
                     struct error *err)
{
	if ((from < c->window_at || to > c->window_at + c->window.len) &&
	    open_ahead(c, from, to, err) < 0)
		return -1;
	c->next = to;
	*view = str_slice((struct str){ c->window.data, c->window.len },
	                  (size_t)(from - c->window_at), (size_t)(to - c->window_at));
	return 0;
}

static int read_index(struct container *c, struct error *err)
{
	uint64_t at = c->body_size - INDEX_TRAILER_SIZE;
	size_t block_size = c->header.block_size;
	struct str view;
	size_t len;

	if (c->body_size < INDEX_TRAILER_SIZE)
		return error_set(err, ERR_CORRUPT, "body of %" PRIu64 " bytes has no index",
		                 c->body_size);
	if (body_read(c, at, c->body_size, &view, err) < 0 || index_length(&len, view, err) < 0)
		return -1;
	if (len > at)
		return error_set(err, ERR_CORRUPT, "index of %zu bytes in a body of %" PRIu64,
		                 len, c->body_size);
	if (len == 0)
		return index_read(&c->index, (struct str){ "", 0 }, at, block_size, err);
	if (body_read(c, at - len, at, &view, err) < 0)
		return -1;
	return index_read(&c->index, view, at - len, block_size, err);
}

/* Takes up the body behind the header in `head`: whose key, which backup, how long. */
static int open_body(struct container *c, const char *backup_id, const struct secret *data_key,
                     const struct buf *head, struct error *err)
{
	const struct cipher_ops *cipher = c->header.cipher;
	struct str header = { head->data, c->header.length };
	autobuf context = BUF_INIT;

	if (data_key && cipher->id == CIPHER_NONE)
		return error_set(err, ERR_CORRUPT,
		                 "container is not encrypted, and its envelope says it is");
	c->chunks_at = c->header.length + cipher->lead;
	if (c->chunks_at > c->source.size ||
	    !cipher_plain_size(&c->body_size, c->source.size - c->chunks_at))
		return error_set(err, ERR_CORRUPT,
		                 "container is cut off after %" PRIu64 " bytes",
		                 c->source.size);
	header_context(&context, backup_id, header);
	if (cipher->resume(&c->stream, (const unsigned char *)head->data + c->header.length,
	                   data_key, (struct str){ context.data, context.len }, err) < 0)
		return error_wrap(err, "container");
	return 0;
}

static int open_at(struct container *c, const char *backup_id, const struct secret *data_key,
                   struct error *err)
{
	autobuf first = BUF_INIT;
	struct buf *head = &c->tail;
	uint64_t size = c->source.size;

	if (size > TAIL_SIZE) {
		head = &first;
		c->tail_at = size - TAIL_SIZE;
		if (source_read(&c->source, 0, HEAD_SIZE, head, err) < 0)
			return -1;
	} else if (source_read(&c->source, 0, size, head, err) < 0) {
		return -1;
	}
	if (read_head(&c->header, &c->source, head, err) < 0 ||
	    open_body(c, backup_id, data_key, head, err) < 0)
		return -1;
	if (size > TAIL_SIZE &&
	    source_read(&c->source, c->tail_at, TAIL_SIZE, &c->tail, err) < 0)
		return -1;
	c->decompressing = c->header.codec->context_new();
	return read_index(c, err);
}

int container_open(struct container **out, const struct container_source *source,
                   const char *backup_id, const struct secret *data_key, struct error *err)
{
	DEFER(container) *c = mem_alloc(sizeof(*c));

	c->source = *source;
	c->tail = BUF_INIT;
	c->sealed = BUF_INIT;
	c->plain = BUF_INIT;
	c->window = BUF_INIT;
	if (open_at(c, backup_id, data_key, err) < 0)
		return -1;
	*out = take(c);
	return 0;
}

void container_close(struct container *c)
{
	if (!c)
		return;
	if (c->header.codec)
		c->header.codec->context_free(c->decompressing);
	cipher_stream_free(c->stream);
	index_free(c->index);
	buf_finish(&c->tail);
	buf_finish(&c->sealed);
	buf_finish(&c->plain);
	buf_finish(&c->window);
	free(c);
}

const struct container_header *container_header(const struct container *c)
{
	return &c->header.seen;
}

size_t container_count(const struct container *c)
{
	return index_count(c->index);
}

const struct container_part *container_at(const struct container *c, size_t i)
{
	return &index_at(c->index, i)->seen;
}

const struct container_part *container_find(const struct container *c, const char *name)
{
	const struct index_part *p = index_find(c->index, name);

	return p ? &p->seen : NULL;
}

static int decode_block(struct container *c, struct index_block b, struct str stored,
                        struct buf *out, struct error *err)
{
	if (b.stored_len == b.plain_len) {
		buf_add(out, stored.p, stored.n);
		return 0;
	}
	return c->header.codec->decode(c->decompressing, out, stored.p, stored.n, b.plain_len,
	                               err);
}

/* A part that is being read. */
struct reading {
	const struct index_part *part;
	struct buf *out;
	struct digest_state *sum; /* NULL: it is not checked */
	size_t hashed;            /* bytes of out that sum has, or is at */
	uint64_t left;            /* plain bytes to come */
};

/* Memory for the next group at once. Large parts are hashed while they are read on: nothing
 * hashed may move then. */
static void prepare_room(struct reading *r)
{
	uint64_t room = r->left < GROUP_PLAIN ? r->left : GROUP_PLAIN;

	if (r->out->cap - r->out->len > room)
		return;
	if (r->sum)
		digest_wait(r->sum);
	buf_reserve(r->out, (size_t)room);
}

static void hash_on(struct reading *r)
{
	const char *data = r->out->data + r->hashed;
	size_t len = r->out->len - r->hashed;

	if (!r->sum || len < HASH_PIECE)
		return;
	digest_update_aside(r->sum, data, len);
	r->hashed += len;
}

/* What one request gave of a part, of which c->plain has a few bytes open. */
struct group {
	struct str chunks;   /* those that are sealed still */
	uint64_t next_chunk; /* number of the first of them */
	uint64_t plain_from; /* where c->plain begins in the body */
	size_t blocks;
	uint64_t plain_len; /* what the blocks decode to */
};

/* Blocks from i on, as many as one request may ask for. */
static int fetch_group(struct container *c, const struct index_part *p, size_t i,
                       struct group *g, struct error *err)
{
	uint64_t from = index_block(c->index, p, i).offset, to = from;

	*g = (struct group){ .next_chunk = from / CIPHER_CHUNK };
	g->plain_from = g->next_chunk * CIPHER_CHUNK;
	/* Blocks are far smaller than a group: there is always one. */
	while (i + g->blocks < p->block_count && to - from < GROUP_SIZE &&
	       g->plain_len + c->header.block_size <= GROUP_PLAIN) {
		struct index_block b = index_block(c->index, p, i + g->blocks++);

		to += b.stored_len;
		g->plain_len += b.plain_len;
	}
	return fetch_chunks(c, from, to, &g->chunks, err);
}

/* The stored bytes of the next block: its chunks are opened just before they are decoded, while
 * the processor has them at hand. Good until the next call. */
static int open_block(struct container *c, struct group *g, struct index_block b,
                      struct str *stored, struct error *err)
{
	uint64_t end = b.offset + b.stored_len, have = g->plain_from + c->plain.len;
	size_t skip = (size_t)(b.offset - g->plain_from);

	if (end > have) {
		size_t count = (size_t)((end - have - 1) / CIPHER_CHUNK + 1);
		size_t size = count * CIPHER_STRIDE;

		if (cipher_open_chunks(c->stream, g->next_chunk, str_slice(g->chunks, 0, size),
		                       &c->plain, err) < 0)
			return -1;
		g->chunks = str_slice(g->chunks, size, g->chunks.n);
		g->next_chunk += count;
	}
	memmove(c->plain.data, c->plain.data + skip, c->plain.len - skip);
	buf_truncate(&c->plain, c->plain.len - skip);
	g->plain_from = b.offset;
	*stored = (struct str){ c->plain.data, b.stored_len };
	return 0;
}

static int read_group(struct container *c, struct reading *r, size_t i, struct group *g,
                      struct error *err)
{
	if (fetch_group(c, r->part, i, g, err) < 0)
		return -1;
	for (size_t k = 0; k < g->blocks; k++) {
		struct index_block b = index_block(c->index, r->part, i + k);
		struct str stored;

		if (open_block(c, g, b, &stored, err) < 0)
			return -1;
		if (decode_block(c, b, stored, r->out, err) < 0)
			return error_wrap(err, "block %zu", i + k);
		hash_on(r);
	}
	r->left -= g->plain_len;
	return 0;
}

static int read_only_block(struct container *c, struct reading *r, struct error *err)
{
	struct index_block b = index_block(c->index, r->part, 0);
	struct str stored;

	if (body_read(c, b.offset, b.offset + b.stored_len, &stored, err) < 0)
		return -1;
	return decode_block(c, b, stored, r->out, err);
}

static int read_blocks(struct container *c, struct reading *r, struct error *err)
{
	struct group g;

	if (r->part->block_count == 1)
		return read_only_block(c, r, err);
	for (size_t i = 0; i < r->part->block_count; i += g.blocks) {
		prepare_room(r);
		if (read_group(c, r, i, &g, err) < 0)
			return -1;
	}
	return 0;
}

static int check_sum(const struct container_part *p, const struct digest *d, struct error *err)
{
	char want[DIGEST_HEX_SIZE], got[DIGEST_HEX_SIZE];

	if (memcmp(d->bytes, p->sha256.bytes, sizeof(d->bytes)) == 0)
		return 0;
	digest_hex(want, &p->sha256);
	digest_hex(got, d);
	return error_set(err, ERR_CORRUPT, "checksum mismatch (expected: %s, got: %s)", want,
	                 got);
}

static int read_part(struct container *c, const struct index_part *p, bool check,
                     struct buf *out, struct error *err)
{
	struct reading r = { .part = p, .out = out, .hashed = out->len, .left = p->seen.size };
	struct digest d;
	int result;

	r.sum = check ? digest_begin() : NULL;
	result = read_blocks(c, &r, err);
	if (!check)
		return result;
	digest_update(r.sum, out->data + r.hashed, out->len - r.hashed);
	digest_end(r.sum, &d);
	return result < 0 ? -1 : check_sum(&p->seen, &d, err);
}

static int read_named(struct container *c, const char *name, bool check, struct buf *out,
                      struct error *err)
{
	const struct index_part *p = index_find(c->index, name);
	size_t before = out->len;

	if (!p)
		return 0;
	if (read_part(c, p, check, out, err) < 0) {
		buf_truncate(out, before);
		return error_wrap(err, "part %s", name);
	}
	return 1;
}

int container_read(struct container *c, const char *name, struct buf *out, struct error *err)
{
	return read_named(c, name, true, out, err);
}

int container_read_quick(struct container *c, const char *name, struct buf *out,
                         struct error *err)
{
	return read_named(c, name, false, out, err);
}
