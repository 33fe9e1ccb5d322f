/* SPDX-License-Identifier: MIT */
/*
 * index: where the parts of a container are. Grows while a container is
 * written, and is read back from its end. Read-only once it is read, and then
 * thread-safe; not thread-safe while it grows.
 */
#ifndef ENGINE_CODEC_INDEX_H
#define ENGINE_CODEC_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/codec/container.h"

#define INDEX_MAX          ((size_t)64 << 20) /* bytes of a whole index */
#define INDEX_TRAILER_SIZE ((size_t)12)       /* behind it, at the very end of the body */

struct index_part {
	struct container_part seen; /* what users of containers see */
	size_t first_block;
	size_t block_count;
};

/* A block's stored bytes: an offset in the body and a length; plain_len tells them from a
 * frame. */
struct index_block {
	uint64_t offset;
	size_t stored_len;
	size_t plain_len; /* equal to stored_len: the bytes as they are, without a frame */
};

struct index;

struct index *index_new(size_t block_size);
void index_free(struct index *x); /* NULL is fine */
DEFINE_DEFER(index, index_free)

/* A part, which then gets one index_add_block() for each of its blocks, and its sum.
 * ERR_EXISTS, ERR_INVALID. */
int index_add_part(struct index *x, const char *name, uint64_t size, struct error *err);
void index_add_block(struct index *x, size_t stored_len);
void index_set_sum(struct index *x, const struct digest *sha256); /* of the part added last */
/* Appends index and trailer. ERR_INVALID when there are too many parts. */
int index_write(struct buf *out, const struct index *x, struct error *err);

/* How long the index is, from the trailer. ERR_CORRUPT. */
int index_length(size_t *out, struct str trailer, struct error *err);
/* Reads an index without its trailer. The blocks take blocks_size bytes. ERR_CORRUPT. */
int index_read(struct index **out, struct str whole, uint64_t blocks_size, size_t block_size,
               struct error *err);

size_t index_count(const struct index *x);
const struct index_part *index_at(const struct index *x, size_t i);
const struct index_part *index_find(const struct index *x, const char *name); /* NULL: none */
/* The i-th block of a part. */
struct index_block index_block(const struct index *x, const struct index_part *p, size_t i);

#endif
