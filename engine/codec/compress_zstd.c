/* SPDX-License-Identifier: MIT */
/*
 * compress_zstd: Zstandard frames (RFC 8878), each with its content size and
 * with the XXH64 checksum of its content.
 */
#include <string.h>
#include <zstd.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/compress.h"
#include "engine/codec/grow.h"
#include "engine/codec/must.h"

static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

struct compress_context {
	ZSTD_CCtx *encoder; /* both are made when first needed */
	ZSTD_DCtx *decoder;
};

static struct compress_context *zstd_context_new(void)
{
	return mem_alloc(sizeof(struct compress_context));
}

static void zstd_context_free(struct compress_context *ctx)
{
	if (!ctx)
		return;
	ZSTD_freeCCtx(ctx->encoder);
	ZSTD_freeDCtx(ctx->decoder);
	free(ctx);
}

static ZSTD_CCtx *encoder(struct compress_context *ctx)
{
	if (!ctx->encoder) {
		ctx->encoder = ZSTD_createCCtx();
		must(ctx->encoder != NULL, "zstd");
		ZSTD_CCtx_setParameter(ctx->encoder, ZSTD_c_checksumFlag, 1);
	}
	return ctx->encoder;
}

static ZSTD_DCtx *decoder(struct compress_context *ctx)
{
	if (!ctx->decoder) {
		ctx->decoder = ZSTD_createDCtx();
		must(ctx->decoder != NULL, "zstd");
	}
	return ctx->decoder;
}

static int zstd_encode(struct compress_context *ctx, struct buf *out, const void *data,
                       size_t len, int level, struct error *err)
{
	size_t bound = ZSTD_compressBound(len);
	ZSTD_CCtx *zstd = encoder(ctx);
	size_t n;

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
	n = ZSTD_compress2(zstd, grow_room(out, bound), bound, data, len);
	if (ZSTD_isError(n))
		return error_set(err, ERR_BUG, "zstd: %s", ZSTD_getErrorName(n));
	grow_by(out, n);
	return 0;
}

/* One frame, of the present format: the library also knows older and skippable ones. */
static int check_frame(const void *frame, size_t frame_len, struct error *err)
{
	size_t n;

	if (frame_len < sizeof(magic) || memcmp(frame, magic, sizeof(magic)) != 0)
		return error_set(err, ERR_CORRUPT, "zstd: no frame begins here");
	n = ZSTD_findFrameCompressedSize(frame, frame_len);
	if (ZSTD_isError(n))
		return error_set(err, ERR_CORRUPT, "zstd: %s", ZSTD_getErrorName(n));
	if (n != frame_len)
		return error_set(err, ERR_CORRUPT, "zstd: want a frame of %zu bytes, got %zu",
		                 frame_len, n);
	return 0;
}

static int zstd_decode(struct compress_context *ctx, struct buf *out, const void *frame,
                       size_t frame_len, size_t plain_len, struct error *err)
{
	size_t n;

	if (check_frame(frame, frame_len, err) < 0)
		return -1;
	n = ZSTD_decompressDCtx(decoder(ctx), grow_room(out, plain_len), plain_len, frame,
	                        frame_len);
	grow_by(out, n == plain_len ? n : 0);
	if (ZSTD_isError(n))
		return error_set(err, ERR_CORRUPT, "zstd: %s", ZSTD_getErrorName(n));
	if (n != plain_len)
		return error_set(err, ERR_CORRUPT, "zstd: want %zu bytes, got %zu", plain_len,
		                 n);
	return 0;
}

static bool zstd_is_frame(const void *data, size_t len)
{
	return len >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

static size_t zstd_frame_len(const void *data, size_t len)
{
	size_t n;

	if (!zstd_is_frame(data, len))
		return 0;
	n = ZSTD_findFrameCompressedSize(data, len);
	return ZSTD_isError(n) ? 0 : n;
}

const struct compress_ops compress_zstd = {
	.id = COMPRESS_ZSTD,
	.name = "zstd",
	.level_min = 1,
	.level_max = 22,
	.level_default = 3,
	.context_new = zstd_context_new,
	.context_free = zstd_context_free,
	.encode = zstd_encode,
	.decode = zstd_decode,
	.is_frame = zstd_is_frame,
	.frame_len = zstd_frame_len,
};
