/* SPDX-License-Identifier: MIT */
/* compress_gzip: gzip members (RFC 1952), with their CRC-32 and without a name or a time. */
#include <assert.h>
#include <limits.h>
#define ZLIB_CONST /* next_in is read only */
#include <string.h>
#include <zlib.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/compress.h"
#include "engine/codec/grow.h"
#include "engine/codec/must.h"

#define GZIP_WRAPPER 16 /* added to windowBits */

struct compress_context {
	z_stream deflate;
	int level; /* of the deflate stream; 0: there is none yet */
	z_stream inflate;
	bool inflating; /* is there an inflate stream? */
};

static struct compress_context *gzip_context_new(void)
{
	return mem_alloc(sizeof(struct compress_context));
}

static void gzip_context_free(struct compress_context *ctx)
{
	if (!ctx)
		return;
	deflateEnd(
		&ctx->deflate); /* an error for a stream that was never set up, and no harm */
	inflateEnd(&ctx->inflate);
	free(ctx);
}

static z_stream *encoder(struct compress_context *ctx, int level)
{
	if (ctx->level == level) {
		must(deflateReset(&ctx->deflate) == Z_OK, "gzip");
		return &ctx->deflate;
	}
	deflateEnd(&ctx->deflate);
	must(deflateInit2(&ctx->deflate, level, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPER, 8,
	                  Z_DEFAULT_STRATEGY) == Z_OK,
	     "gzip");
	ctx->level = level;
	return &ctx->deflate;
}

static z_stream *decoder(struct compress_context *ctx)
{
	if (ctx->inflating)
		must(inflateReset(&ctx->inflate) == Z_OK, "gzip");
	else
		must(inflateInit2(&ctx->inflate, MAX_WBITS + GZIP_WRAPPER) == Z_OK, "gzip");
	ctx->inflating = true;
	return &ctx->inflate;
}

static int gzip_encode(struct compress_context *ctx, struct buf *out, const void *data,
                       size_t len, int level, struct error *err)
{
	z_stream *z = encoder(ctx, level);
	size_t bound = deflateBound(z, len);
	int result;

	assert(bound <= UINT_MAX);
	z->next_in = data;
	z->avail_in = (uInt)len;
	z->next_out = grow_room(out, bound);
	z->avail_out = (uInt)bound;
	result = deflate(z, Z_FINISH);
	grow_by(out, result == Z_STREAM_END ? z->total_out : 0);
	if (result != Z_STREAM_END)
		return error_set(err, ERR_BUG, "gzip: deflate gives %d", result);
	return 0;
}

static int gzip_decode(struct compress_context *ctx, struct buf *out, const void *frame,
                       size_t frame_len, size_t plain_len, struct error *err)
{
	z_stream *z = decoder(ctx);
	int result;
	bool good;

	assert(frame_len <= UINT_MAX && plain_len <= UINT_MAX);
	z->next_in = frame;
	z->avail_in = (uInt)frame_len;
	z->next_out = grow_room(out, plain_len);
	z->avail_out = (uInt)plain_len;
	result = inflate(z, Z_FINISH);
	good = result == Z_STREAM_END && z->avail_in == 0 && z->avail_out == 0;
	grow_by(out, good ? plain_len : 0);
	if (good)
		return 0;
	if (result != Z_STREAM_END && z->msg)
		return error_set(err, ERR_CORRUPT, "gzip: %s", z->msg);
	return error_set(err, ERR_CORRUPT, "gzip: want %zu bytes from %zu, got %lu from %lu",
	                 plain_len, frame_len, z->total_out, z->total_in);
}

static bool gzip_is_frame(const void *data, size_t len)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 0x08 };

	return len >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

static size_t gzip_frame_len(const void *data, size_t len)
{
	struct compress_context *ctx;
	unsigned char sink[4096];
	int result = Z_OK;
	size_t used = 0;
	z_stream *z;

	if (!gzip_is_frame(data, len))
		return 0;
	ctx = gzip_context_new();
	z = decoder(ctx);
	z->next_in = data;
	z->avail_in = len < UINT_MAX ? (uInt)len : UINT_MAX;
	while (result == Z_OK) {
		z->next_out = sink;
		z->avail_out = sizeof(sink);
		result = inflate(z, Z_NO_FLUSH);
	}
	used = result == Z_STREAM_END ? z->total_in : 0;
	gzip_context_free(ctx);
	return used;
}

const struct compress_ops compress_gzip = {
	.id = COMPRESS_GZIP,
	.name = "gzip",
	.level_min = 1,
	.level_max = 9,
	.level_default = 6,
	.context_new = gzip_context_new,
	.context_free = gzip_context_free,
	.encode = gzip_encode,
	.decode = gzip_decode,
	.is_frame = gzip_is_frame,
	.frame_len = gzip_frame_len,
};
