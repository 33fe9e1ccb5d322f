/* SPDX-License-Identifier: MIT */
#include "engine/codec/cipher.h"

#include <inttypes.h>

#include "engine/base/error.h"
#include "engine/codec/grow.h"

static const struct cipher_ops *const ciphers[] = { &cipher_none, &cipher_cobblestone };

const struct cipher_ops *cipher_by_id(unsigned int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
		if (ciphers[i]->id == id)
			return ciphers[i];
	}
	return NULL;
}

void cipher_stream_free(struct cipher_stream *s)
{
	if (s)
		s->ops->free(s);
}

uint64_t cipher_sealed_size(uint64_t plain)
{
	return plain + (plain / CIPHER_CHUNK + 1) * CIPHER_TAG;
}

bool cipher_plain_size(uint64_t *plain, uint64_t sealed)
{
	uint64_t last = sealed % CIPHER_STRIDE;

	if (last < CIPHER_TAG)
		return false;
	*plain = sealed / CIPHER_STRIDE * CIPHER_CHUNK + last - CIPHER_TAG;
	return true;
}

int cipher_seal(struct buf *out, const struct cipher_ops *ops, const struct secret *key,
                struct str context, struct str plain, struct error *err)
{
	DEFER(cipher_stream) *s = NULL;
	unsigned char lead[CIPHER_LEAD_MAX];
	uint64_t k = 0;
	size_t at = 0, n;

	if (ops->begin(&s, lead, key, context, err) < 0)
		return -1;
	buf_reserve(out, ops->lead + (size_t)cipher_sealed_size(plain.n));
	buf_add(out, lead, ops->lead);
	do {
		n = plain.n - at < CIPHER_CHUNK ? plain.n - at : CIPHER_CHUNK;
		ops->seal(s, k++, str_slice(plain, at, at + n), grow_room(out, n + CIPHER_TAG));
		grow_by(out, n + CIPHER_TAG);
		at += n;
	} while (n == CIPHER_CHUNK);
	return 0;
}

int cipher_open_chunks(struct cipher_stream *s, uint64_t k, struct str chunks, struct buf *out,
                       struct error *err)
{
	size_t before = out->len;

	buf_reserve(out, chunks.n);
	for (size_t at = 0, n; at < chunks.n; at += n, k++) {
		n = chunks.n - at < CIPHER_STRIDE ? chunks.n - at : CIPHER_STRIDE;
		if (n < CIPHER_TAG || !s->ops->open(s, k, str_slice(chunks, at, at + n),
		                                    grow_room(out, n - CIPHER_TAG))) {
			buf_truncate(out, before);
			return error_set(err, ERR_CORRUPT,
			                 "chunk %" PRIu64 " of %zu bytes is damaged", k, n);
		}
		grow_by(out, n - CIPHER_TAG);
	}
	return 0;
}

int cipher_open(struct buf *out, const struct cipher_ops *ops, const struct secret *key,
                struct str context, struct str sealed, struct error *err)
{
	DEFER(cipher_stream) *s = NULL;
	uint64_t plain;

	if (sealed.n < ops->lead || !cipher_plain_size(&plain, sealed.n - ops->lead))
		return error_set(err, ERR_CORRUPT, "%zu sealed bytes: cut off", sealed.n);
	if (ops->resume(&s, (const unsigned char *)sealed.p, key, context, err) < 0)
		return -1;
	return cipher_open_chunks(s, 0, str_slice(sealed, ops->lead, sealed.n), out, err);
}
