/* SPDX-License-Identifier: MIT */
/*
 * salvage: parts out of a damaged container. Chunks that are not authentic are
 * left out, and so is every part that needs one of them; what is returned has the SHA-256 that
 * was asked for, so that there are no wrong bytes.
 *
 * A damaged clear header is made again from what the envelope says of it. Where the index is
 * lost, parts are found one behind the other, so ask for them in the order in which they were
 * written. The whole body is kept in memory. Not thread-safe (one per thread).
 */
#ifndef ENGINE_CODEC_SALVAGE_H
#define ENGINE_CODEC_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "engine/codec/container.h"

#define SALVAGE_MAX ((uint64_t)2 << 30) /* bytes of a container */

struct salvage;

/*
 * expected: what the header should say, from the envelope; NULL: unknown. ERR_CORRUPT when not
 * one chunk is authentic, ERR_INVALID for a container above SALVAGE_MAX.
 */
int salvage_open(struct salvage **out, const struct container_source *source,
                 const char *backup_id, const struct secret *data_key,
                 const struct container_header *expected, struct error *err);
void salvage_close(struct salvage *s); /* NULL is fine */
DEFINE_DEFER(salvage, salvage_close)

size_t salvage_chunks(const struct salvage *s, size_t *damaged);
/* The parts by the index; 0 when it is lost. */
size_t salvage_count(const struct salvage *s);
const struct container_part *salvage_at(const struct salvage *s, size_t i);

/*
 * Appends the bytes of a part that has this name, size and SHA-256. begins: how its bytes
 * begin, for finding it without index; NULL: unknown. False: it is lost.
 */
bool salvage_read(struct salvage *s, const struct container_part *want, const char *begins,
                  struct buf *out);

#endif
