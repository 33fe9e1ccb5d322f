/* SPDX-License-Identifier: MIT */
/*
 * The header of a container, numbers little-endian:
 *
 *	off len
 *	0   8   magic 89 4D 53 42 31 0D 0A 1A, "MSB1" in the middle
 *	8   1   major version, 1
 *	9   1   minor version, 0
 *	10  2   flags (preamble.h)
 *	12  4   length of the header, at most 65,536
 *	16  16  container id, random
 *	32  1   cipher of the body: 0 none, 1 Cobblestone-256
 *	33  1   codec of the blocks: 0 none, 1 gzip, 2 lz4, 3 zstd
 *	34  1   log2 of the block size, 18
 *	35  …   fields: 1 created (8: seconds since the epoch), 2 tool version (text)
 *
 * The body follows. SHA-256 of these bytes is part of its context: a header
 * that was changed or exchanged opens no body.
 */
#include "engine/codec/header.h"

#include <string.h>

#include "engine/base/error.h"
#include "engine/codec/cursor.h"
#include "engine/codec/preamble.h"

#define BLOCK_LOG_MIN 12
#define BLOCK_LOG_MAX 22

enum header_field { FIELD_CREATED = 1, FIELD_TOOL_VERSION = 2 };

static const struct preamble_kind kind = {
	.name = "container",
	.magic = { 0x89, 'M', 'S', 'B', '1', 0x0d, 0x0a, 0x1a },
	.fixed = 35,
};

void header_write(struct buf *out, const struct header *h)
{
	const unsigned char choices[] = { (unsigned char)h->cipher->id,
		                          (unsigned char)h->codec->id, HEADER_BLOCK_LOG };
	autobuf created = BUF_INIT;
	size_t start = out->len;

	preamble_add(out, &kind, h->cipher->id != CIPHER_NONE);
	buf_add(out, h->seen.id, sizeof(h->seen.id));
	buf_add(out, choices, sizeof(choices));
	buf_add_u64(&created, (uint64_t)h->seen.created);
	field_add(out, FIELD_CREATED, created.data, created.len);
	field_add(out, FIELD_TOOL_VERSION, h->seen.tool_version, strlen(h->seen.tool_version));
	preamble_close(out, start);
}

int header_length(size_t *out, struct str start, struct error *err)
{
	struct cursor c = { (const unsigned char *)start.p, start.n };
	struct preamble p;

	if (preamble_read(&p, &kind, &c, err) < 0)
		return -1;
	*out = p.clear_length;
	return 0;
}

static int read_field(void *arg, uint16_t type, struct str value, struct error *err)
{
	struct container_header *h = arg;
	struct cursor c = { (const unsigned char *)value.p, value.n };

	switch (type) {
	case FIELD_CREATED:
		if (value.n != 8)
			return error_set(err, ERR_CORRUPT,
			                 "header field created: want 8 bytes, got %zu",
			                 value.n);
		h->created = (int64_t)cursor_u64(&c);
		return 1;
	case FIELD_TOOL_VERSION:
		if (value.n >= sizeof(h->tool_version) || memchr(value.p, '\0', value.n))
			return error_set(err, ERR_CORRUPT,
			                 "header field tool version: %zu bytes, limit %zu",
			                 value.n, sizeof(h->tool_version) - 1);
		cursor_copy(&c, h->tool_version, value.n);
		return 1;
	}
	return 0;
}

/* Cipher, codec, block size: what the fixed part says about the body. */
static int read_choices(struct header *h, uint16_t flags, struct cursor *c, struct error *err)
{
	unsigned int cipher = cursor_u8(c), codec = cursor_u8(c), block_log = cursor_u8(c);

	h->cipher = cipher_by_id(cipher);
	if (!h->cipher)
		return error_set(err, ERR_UNSUPPORTED, "container has unknown cipher %u",
		                 cipher);
	h->codec = compress_by_id(codec);
	if (!h->codec)
		return error_set(err, ERR_UNSUPPORTED, "container has unknown codec %u", codec);
	if (block_log < BLOCK_LOG_MIN || block_log > BLOCK_LOG_MAX)
		return error_set(err, ERR_UNSUPPORTED,
		                 "container has blocks of 2^%u bytes, known are 2^%d to 2^%d",
		                 block_log, BLOCK_LOG_MIN, BLOCK_LOG_MAX);
	h->block_size = (size_t)1 << block_log;
	h->seen.codec = h->codec->id;
	h->seen.encrypted = h->cipher->id != CIPHER_NONE;
	if (h->seen.encrypted != ((flags & PREAMBLE_ENCRYPTED) != 0))
		return error_set(err, ERR_CORRUPT, "container has flags %#x and cipher %s",
		                 flags, h->cipher->name);
	return 0;
}

int header_read(struct header *out, struct str whole, struct error *err)
{
	struct cursor c = { (const unsigned char *)whole.p, whole.n };
	struct header h = { 0 };
	struct preamble p;

	if (preamble_read(&p, &kind, &c, err) < 0)
		return -1;
	if (p.clear_length != whole.n)
		return error_set(err, ERR_CORRUPT, "container header: want %u bytes, got %zu",
		                 p.clear_length, whole.n);
	h.length = p.clear_length;
	cursor_copy(&c, h.seen.id, sizeof(h.seen.id));
	if (read_choices(&h, p.flags, &c, err) < 0 ||
	    field_read_all(&c, read_field, &h.seen, err) < 0)
		return -1;
	*out = h;
	return 0;
}

void header_context(struct buf *out, const char *backup_id, struct str whole)
{
	struct digest d;

	digest_of(&d, whole.p, whole.n);
	buf_adds(out, "schemafs/1 payload");
	buf_adds(out, backup_id);
	buf_add(out, d.bytes, sizeof(d.bytes));
}
