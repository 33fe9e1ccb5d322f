/* SPDX-License-Identifier: MIT */
/*
 * jwt: claims signed by RS256 (RFC 7519; RFC 7518, section 3.3), as Google takes them in
 * exchange for a token. Pure, thread-safe.
 */
#ifndef ENGINE_CODEC_JWT_H
#define ENGINE_CODEC_JWT_H

#include "engine/base/buf.h"

struct error;
struct json;

/*
 * Appends "header.claims.signature", signed by an RSA private key in PEM of at least 2048
 * bits. key_id may be NULL. ERR_INVALID, without a word of the key.
 */
int jwt_sign(struct buf *out, const struct json *claims, const char *key_id, struct str pem,
             struct error *err);

#endif
