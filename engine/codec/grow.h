/* SPDX-License-Identifier: MIT */
/*
 * grow: a buf's memory for libraries that write to a pointer.
 *
 *	n = ZSTD_compress2(ctx, grow_room(out, bound), bound, data, len);
 *	grow_by(out, n);
 *
 * Not thread-safe (one per thread), as the buf.
 */
#ifndef ENGINE_CODEC_GROW_H
#define ENGINE_CODEC_GROW_H

#include <assert.h>

#include "engine/base/buf.h"

/* Where the next `size` bytes go; valid until the buf is used otherwise. */
static inline unsigned char *grow_room(struct buf *b, size_t size)
{
	buf_reserve(b, size);
	return (unsigned char *)b->data + b->len;
}

/* So many of them were written. */
static inline void grow_by(struct buf *b, size_t used)
{
	assert(used < b->cap - b->len);
	b->len += used;
	b->data[b->len] = '\0';
}

#endif
