/* SPDX-License-Identifier: MIT */
/*
 * cipher_none: not encrypted, but every byte is checked.
 *
 *	off             len
 *	0               32      check = SHA-256(context)
 *	32 + k × 16,400 16,400  chunk k: 16,384 plain bytes, then the first 16 bytes of
 *	                        SHA-256(check ‖ k as 8 bytes, little-endian ‖ plain bytes);
 *	                        the last chunk holds fewer bytes, perhaps none
 *
 * The same geometry as a Cobblestone-256 stream, so that a range of either is
 * read, and verified, by the same code.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/cipher.h"
#include "engine/codec/digest.h"
#include "engine/codec/must.h"

struct checked {
	struct cipher_stream base;
	EVP_MD *sha256; /* looked up once: there is a hash per chunk */
	EVP_MD_CTX *ctx;
	struct digest check;
};

static struct checked *checked(struct cipher_stream *s)
{
	return (struct checked *)s; /* base is the first member */
}

static struct cipher_stream *stream_new(const struct digest *check)
{
	struct checked *c = mem_alloc(sizeof(*c));

	c->base.ops = &cipher_none;
	c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	c->ctx = EVP_MD_CTX_new();
	must(c->sha256 && c->ctx, "SHA-256");
	c->check = *check;
	return &c->base;
}

static int checked_begin(struct cipher_stream **out, unsigned char *lead,
                         const struct secret *key, struct str context, struct error *err)
{
	struct digest check;

	(void)err;
	assert(!key);
	digest_of(&check, context.p, context.n);
	memcpy(lead, check.bytes, sizeof(check.bytes));
	*out = stream_new(&check);
	return 0;
}

static int checked_resume(struct cipher_stream **out, const unsigned char *lead,
                          const struct secret *key, struct str context, struct error *err)
{
	struct digest check;

	assert(!key);
	digest_of(&check, context.p, context.n);
	if (memcmp(check.bytes, lead, sizeof(check.bytes)) != 0)
		return error_set(err, ERR_CORRUPT,
		                 "it is of another backup, or the first bytes are damaged");
	*out = stream_new(&check);
	return 0;
}

static int checked_take_up(struct cipher_stream **out, const unsigned char *lead,
                           const struct secret *key, struct str context, struct error *err)
{
	struct digest check;

	(void)lead;
	(void)err;
	assert(!key);
	digest_of(&check, context.p, context.n);
	*out = stream_new(&check);
	return 0;
}

static void chunk_digest(struct digest *out, struct checked *c, uint64_t k, struct str plain)
{
	unsigned char number[8];

	for (size_t i = 0; i < sizeof(number); i++)
		number[i] = (unsigned char)(k >> 8 * i);
	must(EVP_DigestInit_ex2(c->ctx, c->sha256, NULL), "SHA-256");
	must(EVP_DigestUpdate(c->ctx, c->check.bytes, sizeof(c->check.bytes)), "SHA-256");
	must(EVP_DigestUpdate(c->ctx, number, sizeof(number)), "SHA-256");
	must(EVP_DigestUpdate(c->ctx, plain.p, plain.n), "SHA-256");
	must(EVP_DigestFinal_ex(c->ctx, out->bytes, NULL), "SHA-256");
}

static void checked_seal(struct cipher_stream *s, uint64_t k, struct str plain,
                         unsigned char *out)
{
	struct digest d;

	chunk_digest(&d, checked(s), k, plain);
	memcpy(out, plain.p, plain.n);
	memcpy(out + plain.n, d.bytes, CIPHER_TAG);
}

static bool checked_open(struct cipher_stream *s, uint64_t k, struct str sealed,
                         unsigned char *out)
{
	struct str plain = str_slice(sealed, 0, sealed.n - CIPHER_TAG);
	struct digest d;

	chunk_digest(&d, checked(s), k, plain);
	if (memcmp(d.bytes, sealed.p + plain.n, CIPHER_TAG) != 0)
		return false;
	memcpy(out, plain.p, plain.n);
	return true;
}

static void checked_free(struct cipher_stream *s)
{
	struct checked *c = checked(s);

	EVP_MD_CTX_free(c->ctx);
	EVP_MD_free(c->sha256);
	free(c);
}

const struct cipher_ops cipher_none = {
	.id = CIPHER_NONE,
	.name = "none",
	.lead = DIGEST_SIZE,
	.begin = checked_begin,
	.resume = checked_resume,
	.take_up = checked_take_up,
	.seal = checked_seal,
	.open = checked_open,
	.free = checked_free,
};
