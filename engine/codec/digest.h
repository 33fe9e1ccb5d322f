/* SPDX-License-Identifier: MIT */
/* digest: SHA-256 of bytes (FIPS 180-4). Pure. */
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

#endif
