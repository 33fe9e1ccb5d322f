/* SPDX-License-Identifier: MIT */
/*
 * keyring: the configured secret and its predecessors.
 *
 * A secret is 32 bytes: 64 hex characters (a newline behind them is fine) or 32
 * raw bytes. Sources: env (variables, the first that is set), file (a regular file that belongs
 * to the user or root and is closed to others), fd, credential
 * ($CREDENTIALS_DIRECTORY/NAME), direct.
 *
 * Read-only after loading, and then thread-safe.
 */
#ifndef ENGINE_CODEC_KEYRING_H
#define ENGINE_CODEC_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"

struct error;
struct keyring;
struct secret;

#define KEYRING_SECRET_SIZE      32
#define KEYRING_FINGERPRINT_SIZE 16

/* First 16 bytes of HMAC-SHA-256(secret, "schemafs secret id"). */
struct fingerprint {
	unsigned char bytes[KEYRING_FINGERPRINT_SIZE];
};
#define FINGERPRINT_HEX_SIZE (2 * KEYRING_FINGERPRINT_SIZE + 1)

/* codec sees no config: repo translates backup.encryption.* into this. */
struct keyring_source {
	const char *kind;  /* "env", "file", "fd", "credential", "direct" */
	const char *value; /* variable name(s, blank-separated), path, number, name, or the key
	                      text */
};

struct keyring *keyring_new(void);
void keyring_free(struct keyring *k); /* NULL is fine */
DEFINE_DEFER(keyring, keyring_free)

/*
 * Reads a secret and adds it; the first added is the current one, the others
 * only open. ERR_DENIED "encryption key not found: ..." when the source is
 * empty or unreadable or open to others, ERR_INVALID for a wrong length or a
 * weak value (all bytes equal), each with a hint that shows how to make one.
 */
int keyring_add(struct keyring *k, const struct keyring_source *source, struct error *err);
/* The same when sources are read once more: what came from a descriptor is in `before` only. */
int keyring_add_again(struct keyring *k, const struct keyring_source *source,
                      const struct keyring *before, struct error *err);
int keyring_add_secret(struct keyring *k, const struct secret *s,
                       struct error *err); /* copies */

size_t keyring_count(const struct keyring *k);
/* "file /etc/backup.key", "environment variable X", "configured key"; "" when it has none. */
const char *keyring_origin(const struct keyring *k, size_t i);
/*
 * Why a secret can be guessed although it was taken, in words; NULL: nothing is known against
 * it. A random one is called weak once in 10^14.
 */
const char *keyring_weakness(const struct keyring *k, size_t i);
const struct secret *keyring_secret(const struct keyring *k, size_t i); /* 0: current */
const struct fingerprint *keyring_fingerprint(const struct keyring *k, size_t i);
const struct secret *keyring_find(const struct keyring *k, const struct fingerprint *f);
void fingerprint_of(struct fingerprint *out, const struct secret *s);
void fingerprint_hex(char out[FINGERPRINT_HEX_SIZE], const struct fingerprint *f);

#endif
