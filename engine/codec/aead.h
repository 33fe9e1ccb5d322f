/* SPDX-License-Identifier: MIT */
/*
 * aead: AES-256-GCM with nonces of 12 bytes and tags of 16 (NIST SP 800-38D).
 *
 * A nonce is used once per key when sealing; the caller sees to that. The key
 * schedule is computed once per struct aead. Not thread-safe (one per thread).
 */
#ifndef ENGINE_CODEC_AEAD_H
#define ENGINE_CODEC_AEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

#define AEAD_KEY_SIZE   32
#define AEAD_NONCE_SIZE 12
#define AEAD_TAG_SIZE   16

struct aead;

struct aead *aead_new(const unsigned char key[AEAD_KEY_SIZE]);
void aead_free(struct aead *a); /* wipes the key; NULL is fine */
DEFINE_DEFER(aead, aead_free)

/* Writes text.n bytes and the tag behind them to out, which does not overlap text. */
void aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE_SIZE],
               struct str additional, struct str text, unsigned char *out);
/* The other way; sealed.n counts the tag. False, and nothing of use in out: not authentic. */
bool aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE_SIZE],
               struct str additional, struct str sealed, unsigned char *out);

#endif
