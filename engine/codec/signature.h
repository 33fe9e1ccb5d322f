/* SPDX-License-Identifier: MIT */
/*
 * signature: what the clouds want requests to be signed with: HMAC-SHA-256
 * (RFC 2104) and base64 (RFC 4648, section 4). Pure.
 */
#ifndef ENGINE_CODEC_SIGNATURE_H
#define ENGINE_CODEC_SIGNATURE_H

#include <stddef.h>

#include "engine/codec/digest.h"

struct buf;
struct error;

void signature_hmac(struct digest *out, const void *secret, size_t secret_len, const void *data,
                    size_t len);
void signature_base64(struct buf *out, const void *data, size_t len); /* appends */
/* Appends what text stands for. ERR_INVALID, without the text: it may be a secret. */
int signature_unbase64(struct buf *out, const char *text, struct error *err);

#endif
