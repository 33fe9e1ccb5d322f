/* SPDX-License-Identifier: MIT */
/* digest: SHA-256 of bytes (FIPS 180-4). Pure; thread-safe, but for a state, one thread's. */
#ifndef ENGINE_CODEC_DIGEST_H
#define ENGINE_CODEC_DIGEST_H

#include <stddef.h>

#define DIGEST_SIZE     32
#define DIGEST_HEX_SIZE 65

struct digest {
	unsigned char bytes[DIGEST_SIZE];
};

void digest_of(struct digest *out, const void *data, size_t len);
void digest_hex(char out[DIGEST_HEX_SIZE], const struct digest *d);

/* The same in pieces. */
struct digest_state;
struct digest_state *digest_begin(void);
void digest_update(struct digest_state *s, const void *data, size_t len);
void digest_end(struct digest_state *s, struct digest *out); /* frees s */

/*
 * digest_update() on a thread of its own, while the caller does something else with the bytes:
 * they stay where they are and as they are until digest_wait() or digest_end(). A thread costs
 * more than it gains below DIGEST_ASIDE_MIN.
 */
#define DIGEST_ASIDE_MIN ((size_t)1 << 20)
void digest_update_aside(struct digest_state *s, const void *data, size_t len);
void digest_wait(struct digest_state *s);

#endif
