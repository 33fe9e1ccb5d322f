/* SPDX-License-Identifier: MIT */
/*
 * envelope: the small file `<id>.meta` beside a container. Its existence is
 * the commit of a backup; replacing it atomically rotates the secret.
 *
 * Clear part: format version, id, generation, cipher, secret's fingerprint,
 * wrapped data key, container id, codec, stored size and SHA-256 of the container. Sealed part:
 * metadata as bytes (JSON, of the layer above), under a key expanded from the
 * data key and bound to the clear part; plain without encryption. The whole is
 * closed by its SHA-256, which finds damage without any secret.
 * Bytes: docs/format.md; diagram: envelope.c. Pure but for random numbers.
 */
#ifndef ENGINE_CODEC_ENVELOPE_H
#define ENGINE_CODEC_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/name.h"
#include "engine/codec/container.h"
#include "engine/codec/keyring.h"

#define ENVELOPE_MAX ((size_t)64 << 20) /* bytes of a whole envelope */

struct str;

struct envelope {
	char backup_id[NAME_BACKUP_ID_MAX + 1];
	uint64_t generation; /* 1, and one more with each rewrite */
	bool encrypted;
	struct fingerprint secret; /* zero without encryption */
	unsigned char container_id[CONTAINER_ID_SIZE];
	enum compress_id codec;
	uint64_t stored_size;
	struct digest stored_sha256;
	bool unknown_fields; /* of a newer version: a rewrite would lose them */
};

/*
 * Appends an envelope. secret and data_key NULL: not encrypted. e->secret is
 * filled in from the secret.
 */
int envelope_write(struct buf *out, struct envelope *e, const struct secret *secret,
                   const struct secret *data_key, const void *metadata, size_t len,
                   struct error *err);
/*
 * Reads the clear part of an envelope that must be for backup_id. ERR_CORRUPT, ERR_UNSUPPORTED.
 * Damage is found; but an encrypted one is not authenticated yet: envelope_open() does that.
 */
int envelope_peek(struct envelope *out, const void *data, size_t len, const char *backup_id,
                  struct error *err);
/*
 * Reads all of it: *data_key (caller frees; NULL when not encrypted) and the metadata,
 * appended. ERR_DENIED "encrypted with secret 1a2b..., which is not configured" when the
 * keyring lacks it.
 */
int envelope_open(struct envelope *out, struct secret **data_key, struct buf *metadata,
                  const void *data, size_t len, const char *backup_id,
                  const struct keyring *keyring, struct error *err);

/*
 * The clear part alone, which does without the sealed one to open the container: its bytes
 * within a whole envelope that was read without an error, and what they say.
 */
struct str envelope_clear(const void *data, size_t len);
int envelope_open_clear(struct envelope *out, struct secret **data_key, struct str clear,
                        const char *backup_id, const struct keyring *keyring,
                        struct error *err);

#endif
