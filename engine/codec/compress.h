/* SPDX-License-Identifier: MIT */
/*
 * compress: one block in, one independent frame out. A table of algorithms;
 * each is a file (compress_zstd.c, ...).
 *
 * Working memory is expensive to set up, so many calls in a row share it:
 *
 *	struct compress_context *ctx = ops->context_new();
 *
 *	ops->encode(ctx, &out, data, len, ops->level_default, err);
 *	ops->context_free(ctx);
 *
 * Pure. Thread-safe, but for a context, which belongs to one thread at a time.
 */
#ifndef ENGINE_CODEC_COMPRESS_H
#define ENGINE_CODEC_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct error;

/* The numbers are stored in containers: never change one. */
enum compress_id { COMPRESS_NONE = 0, COMPRESS_GZIP = 1, COMPRESS_LZ4 = 2, COMPRESS_ZSTD = 3 };

struct compress_context; /* of one algorithm; each file has its own */

struct compress_ops {
	enum compress_id id;
	const char *name;                        /* "zstd" */
	int level_min, level_max, level_default; /* all 0: it has no levels */
	/* Nothing to keep: context_new gives NULL. context_free takes NULL. */
	struct compress_context *(*context_new)(void);
	void (*context_free)(struct compress_context *ctx);
	/* Appends one frame that holds exactly these bytes. ctx is of the same algorithm. */
	int (*encode)(struct compress_context *ctx, struct buf *out, const void *data,
	              size_t len, int level, struct error *err);
	/*
	 * Appends exactly plain_len bytes, for which the caller vouches. A frame that
	 * holds more or less, is damaged or has bytes behind it: ERR_CORRUPT, and out
	 * is as it was.
	 */
	int (*decode)(struct compress_context *ctx, struct buf *out, const void *frame,
	              size_t frame_len, size_t plain_len, struct error *err);
	/* For salvage, where lengths were lost. Could a frame begin here? */
	bool (*is_frame)(const void *data, size_t len);
	/* How long the frame is that begins here and ends within len; 0: none does. */
	size_t (*frame_len)(const void *data, size_t len);
};

const struct compress_ops *compress_by_id(unsigned int id);    /* NULL: unknown */
const struct compress_ops *compress_by_name(const char *name); /* case ignored; NULL: unknown */
const struct compress_ops *compress_at(size_t i);              /* NULL: no more */

extern const struct compress_ops compress_none;
extern const struct compress_ops compress_gzip;
extern const struct compress_ops compress_lz4;
extern const struct compress_ops compress_zstd;

#endif
