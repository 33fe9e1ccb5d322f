/* SPDX-License-Identifier: MIT */
/*
 * header: the clear first bytes of a container. Used by container_write.c and
 * container_read.c. Pure.
 */
#ifndef ENGINE_CODEC_HEADER_H
#define ENGINE_CODEC_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "engine/codec/cipher.h"
#include "engine/codec/container.h"

#define HEADER_BLOCK_LOG 18 /* of the blocks that we write: 256 KiB */

struct header {
	struct container_header seen; /* what users of containers see */
	const struct cipher_ops *cipher;
	const struct compress_ops *codec;
	size_t block_size;
	uint32_t length; /* where the body begins */
};

void header_write(struct buf *out, const struct header *h);
/* How long the header is that begins with these bytes. ERR_CORRUPT, ERR_UNSUPPORTED. */
int header_length(size_t *out, struct str start, struct error *err);
/* Reads exactly one header. */
int header_read(struct header *out, struct str whole, struct error *err);
/* Appends what binds a body to its backup and its header. */
void header_context(struct buf *out, const char *backup_id, struct str whole);

#endif
