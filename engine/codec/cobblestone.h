/* SPDX-License-Identifier: MIT */
/*
 * cobblestone: the keys of one stream of C2SP chunked-encryption, instance
 * Cobblestone-256 (c2sp.org/chunked-encryption). The stream itself is
 * cipher_cobblestone, used through cipher.h. Pure but for the random salt.
 */
#ifndef ENGINE_CODEC_COBBLESTONE_H
#define ENGINE_CODEC_COBBLESTONE_H

#include "engine/base/buf.h"
#include "engine/codec/aead.h"

struct secret;

#define COBBLESTONE_SALT       24
#define COBBLESTONE_COMMITMENT 32

/* In the order in which the key derivation gives them. Wipe after use. */
struct cobblestone_keys {
	unsigned char key[AEAD_KEY_SIZE];
	unsigned char base_nonce[AEAD_NONCE_SIZE];
	unsigned char commitment[COBBLESTONE_COMMITMENT];
};

/* data_key holds CIPHER_KEY_SIZE random bytes: it is expanded, not extracted from. */
void cobblestone_derive(struct cobblestone_keys *out, const struct secret *data_key,
                        const unsigned char salt[COBBLESTONE_SALT], struct str context);

#endif
