/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an envelope: an error, or what was written; never a crash.
 *
 * The checksum at the end would stop nearly every input at once, so each is
 * also read with the right one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/secret.h"
#include "engine/codec/envelope.h"

#define ID "sample_zstd_encrypted" /* of a seed, and as long as those of the others */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keyring *keyring(void)
{
	static const struct keyring_source source = {
		"direct", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	};
	struct keyring *k = keyring_new();
	struct error err = ERROR_INIT;

	if (keyring_add(k, &source, &err) < 0)
		abort();
	return k;
}

static void read_it(const void *data, size_t size)
{
	struct error err = ERROR_INIT, peek_err = ERROR_INIT;
	DEFER(keyring) *k = keyring();
	DEFER(secret) *data_key = NULL;
	struct envelope e, peeked;
	autobuf metadata = BUF_INIT;
	int peek = envelope_peek(&peeked, data, size, ID, &peek_err);
	int open = envelope_open(&e, &data_key, &metadata, data, size, ID, k, &err);

	/* What opens, peeks the same; what fails, says why. */
	if (open == 0 && (peek < 0 || memcmp(&e, &peeked, sizeof(e)) != 0))
		abort();
	if ((open < 0 && err.code == ERR_NONE) ||
	    (open == 0 && e.encrypted != (data_key != NULL)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf closed = BUF_INIT;
	struct digest d;

	read_it(data, size);
	if (size >= DIGEST_SIZE)
		buf_add(&closed, data, size - DIGEST_SIZE);
	digest_of(&d, closed.data, closed.len);
	buf_add(&closed, d.bytes, sizeof(d.bytes));
	read_it(closed.data, closed.len);
	return 0;
}
