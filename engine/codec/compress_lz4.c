/* SPDX-License-Identifier: MIT */
/* compress_lz4: LZ4 frames (version 1.6.1), each with its content size and XXH32 checksum. */
#include <lz4frame.h>
#include <lz4hc.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/compress.h"
#include "engine/codec/grow.h"
#include "engine/codec/must.h"

struct compress_context {
	LZ4F_cctx *encoder; /* both are made when first needed */
	LZ4F_dctx *decoder;
};

static struct compress_context *lz4_context_new(void)
{
	return mem_alloc(sizeof(struct compress_context));
}

static void lz4_context_free(struct compress_context *ctx)
{
	if (!ctx)
		return;
	LZ4F_freeCompressionContext(ctx->encoder);
	LZ4F_freeDecompressionContext(ctx->decoder);
	free(ctx);
}

static LZ4F_cctx *encoder(struct compress_context *ctx)
{
	if (!ctx->encoder)
		must(LZ4F_createCompressionContext(&ctx->encoder, LZ4F_VERSION) == 0, "lz4");
	return ctx->encoder;
}

static LZ4F_dctx *decoder(struct compress_context *ctx)
{
	if (!ctx->decoder)
		must(LZ4F_createDecompressionContext(&ctx->decoder, LZ4F_VERSION) == 0, "lz4");
	LZ4F_resetDecompressionContext(ctx->decoder);
	return ctx->decoder;
}

/* Header, blocks and end of a frame into room for LZ4F_compressFrameBound(); its length or an
 * error. */
static size_t write_frame(LZ4F_cctx *lz4, unsigned char *room, size_t bound, const void *data,
                          size_t len, const LZ4F_preferences_t *how)
{
	size_t n = LZ4F_compressBegin(lz4, room, bound, how);
	size_t more;

	if (LZ4F_isError(n))
		return n;
	more = LZ4F_compressUpdate(lz4, room + n, bound - n, data, len, NULL);
	if (LZ4F_isError(more))
		return more;
	n += more;
	more = LZ4F_compressEnd(lz4, room + n, bound - n, NULL);
	return LZ4F_isError(more) ? more : n + more;
}

static int lz4_encode(struct compress_context *ctx, struct buf *out, const void *data,
                      size_t len, int level, struct error *err)
{
	const LZ4F_preferences_t how = {
		.frameInfo = { .blockSizeID = LZ4F_max256KB,
		               .blockMode = LZ4F_blockIndependent,
		               .contentChecksumFlag = LZ4F_contentChecksumEnabled,
		               .contentSize = len },
		.compressionLevel = level,
		.autoFlush = 1,
	};
	size_t bound = LZ4F_compressFrameBound(len, &how);
	size_t n = write_frame(encoder(ctx), grow_room(out, bound), bound, data, len, &how);

	grow_by(out, LZ4F_isError(n) ? 0 : n);
	if (LZ4F_isError(n))
		return error_set(err, ERR_BUG, "lz4: %s", LZ4F_getErrorName(n));
	return 0;
}

static int lz4_decode(struct compress_context *ctx, struct buf *out, const void *frame,
                      size_t frame_len, size_t plain_len, struct error *err)
{
	const LZ4F_decompressOptions_t how = { .stableDst = 1 };
	LZ4F_dctx *lz4 = decoder(ctx);
	unsigned char *room = grow_room(out, plain_len);
	const unsigned char *from = frame;
	size_t made = 0, used = 0, left = 1;

	/* 0 left: the frame is complete. A round without progress: it never will be. */
	while (left != 0) {
		size_t space = plain_len - made, rest = frame_len - used;

		left = LZ4F_decompress(lz4, room + made, &space, from + used, &rest, &how);
		if (LZ4F_isError(left) || (space == 0 && rest == 0))
			break;
		made += space;
		used += rest;
	}
	grow_by(out, left == 0 && made == plain_len && used == frame_len ? made : 0);
	if (LZ4F_isError(left))
		return error_set(err, ERR_CORRUPT, "lz4: %s", LZ4F_getErrorName(left));
	if (left != 0 || made != plain_len || used != frame_len)
		return error_set(err, ERR_CORRUPT,
		                 "lz4: want %zu bytes from %zu, got %zu from %zu", plain_len,
		                 frame_len, made, used);
	return 0;
}

static bool lz4_is_frame(const void *data, size_t len)
{
	static const unsigned char magic[] = { 0x04, 0x22, 0x4d, 0x18 };

	return len >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

static size_t lz4_frame_len(const void *data, size_t len)
{
	struct compress_context *ctx;
	unsigned char sink[4096];
	const unsigned char *from = data;
	size_t used = 0, left = 1;

	if (!lz4_is_frame(data, len))
		return 0;
	ctx = lz4_context_new();
	while (left != 0) {
		size_t space = sizeof(sink), rest = len - used;

		left = LZ4F_decompress(decoder(ctx), sink, &space, from + used, &rest, NULL);
		if (LZ4F_isError(left) || (space == 0 && rest == 0))
			break;
		used += rest;
	}
	lz4_context_free(ctx);
	return left == 0 ? used : 0;
}

const struct compress_ops compress_lz4 = {
	.id = COMPRESS_LZ4,
	.name = "lz4",
	.level_min = 1,
	.level_max = LZ4HC_CLEVEL_MAX,
	.level_default = 1,
	.context_new = lz4_context_new,
	.context_free = lz4_context_free,
	.encode = lz4_encode,
	.decode = lz4_decode,
	.is_frame = lz4_is_frame,
	.frame_len = lz4_frame_len,
};
