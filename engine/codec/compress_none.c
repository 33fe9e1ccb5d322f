/* SPDX-License-Identifier: MIT */
/* compress_none: the frame is the bytes themselves. */
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/codec/compress.h"

static struct compress_context *none_context_new(void)
{
	return NULL;
}

static void none_context_free(struct compress_context *ctx)
{
	(void)ctx;
}

static int none_encode(struct compress_context *ctx, struct buf *out, const void *data,
                       size_t len, int level, struct error *err)
{
	(void)ctx;
	(void)level;
	(void)err;
	buf_add(out, data, len);
	return 0;
}

static int none_decode(struct compress_context *ctx, struct buf *out, const void *frame,
                       size_t frame_len, size_t plain_len, struct error *err)
{
	(void)ctx;
	if (frame_len != plain_len)
		return error_set(err, ERR_CORRUPT, "stored block: want %zu bytes, got %zu",
		                 plain_len, frame_len);
	buf_add(out, frame, frame_len);
	return 0;
}

/* It has no frames: every block is its bytes. */
static bool none_is_frame(const void *data, size_t len)
{
	(void)data;
	(void)len;
	return false;
}

static size_t none_frame_len(const void *data, size_t len)
{
	(void)data;
	(void)len;
	return 0;
}

const struct compress_ops compress_none = {
	.id = COMPRESS_NONE,
	.name = "none",
	.context_new = none_context_new,
	.context_free = none_context_free,
	.encode = none_encode,
	.decode = none_decode,
	.is_frame = none_is_frame,
	.frame_len = none_frame_len,
};
