/* SPDX-License-Identifier: MIT */
/*
 * compress: one block in, one independent frame out. A table of algorithms;
 * each is a file (compress_zstd.c, ...). Pure, thread-safe.
 */
#ifndef ENGINE_CODEC_COMPRESS_H
#define ENGINE_CODEC_COMPRESS_H

#include <stddef.h>

struct buf;
struct error;

/* The numbers are stored in containers: never change one. */
enum compress_id { COMPRESS_NONE = 0, COMPRESS_GZIP = 1, COMPRESS_LZ4 = 2, COMPRESS_ZSTD = 3 };

struct compress_ops {
	enum compress_id id;
	const char *name; /* "zstd" */
	int level_min, level_max, level_default;
	/* Appends a frame of exactly these bytes. */
	int (*encode)(struct buf *out, const void *data, size_t len, int level, struct error *err);
	/* Appends exactly plain_len bytes; a frame that holds more, less or is damaged: ERR_CORRUPT. */
	int (*decode)(struct buf *out, const void *frame, size_t frame_len, size_t plain_len,
	              struct error *err);
};

const struct compress_ops *compress_by_id(unsigned int id);     /* NULL: unknown */
const struct compress_ops *compress_by_name(const char *name);  /* case ignored; NULL: unknown */

#endif
