/* SPDX-License-Identifier: MIT */
/*
 * A Cobblestone-256 stream:
 *
 *	off             len
 *	0               24      salt, random
 *	24              32      commitment to key, salt and context
 *	56 + k × 16,400 16,400  chunk k: AES-256-GCM of 16,384 bytes, and its tag;
 *	                        the last chunk holds fewer bytes, perhaps none
 *
 *	key[32] ‖ base_nonce[12] ‖ commitment[32] = HKDF-Expand-SHA-512(data key,
 *		"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" ‖ 00 ‖ salt ‖ context, 76)
 *	nonce of chunk k = base_nonce XOR k as a big-endian number
 */
#include "engine/codec/cobblestone.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/codec/cipher.h"
#include "engine/codec/must.h"

_Static_assert(sizeof(struct cobblestone_keys) == 76, "what the key derivation gives");
_Static_assert(COBBLESTONE_SALT + COBBLESTONE_COMMITMENT <= CIPHER_LEAD_MAX, "room");

struct cobblestone {
	struct cipher_stream base;
	struct aead *aead;
	unsigned char base_nonce[AEAD_NONCE_SIZE];
};

static struct cobblestone *cobblestone(struct cipher_stream *s)
{
	return (struct cobblestone *)s; /* base is the first member */
}

/* RFC 5869, expansion alone. EVP_KDF takes less than half the time of EVP_PKEY's HKDF. */
static void hkdf_expand_sha512(void *out, size_t out_len, const struct secret *prk,
                               struct buf *info)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	char digest[] = "SHA512";
	unsigned char key[CIPHER_KEY_SIZE]; /* parameters are not const, though only read */
	const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, sizeof(digest) - 1),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, info->data, info->len),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof(key)),
		OSSL_PARAM_END,
	};

	assert(secret_len(prk) == sizeof(key));
	memcpy(key, secret_data(prk), sizeof(key));
	must(ctx && EVP_KDF_derive(ctx, out, out_len, params) == 1, "HKDF-Expand-SHA-512");
	secret_wipe(key, sizeof(key));
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

void cobblestone_derive(struct cobblestone_keys *out, const struct secret *data_key,
                        const unsigned char salt[COBBLESTONE_SALT], struct str context)
{
	static const char label[] = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";
	autobuf info = BUF_INIT;

	buf_add(&info, label, sizeof(label)); /* its NUL too */
	buf_add(&info, salt, COBBLESTONE_SALT);
	buf_add(&info, context.p, context.n);
	hkdf_expand_sha512(out, sizeof(*out), data_key, &info);
}

static struct cipher_stream *stream_new(const struct cobblestone_keys *keys)
{
	struct cobblestone *c = mem_alloc(sizeof(*c));

	c->base.ops = &cipher_cobblestone;
	c->aead = aead_new(keys->key);
	memcpy(c->base_nonce, keys->base_nonce, sizeof(c->base_nonce));
	return &c->base;
}

static int check_key(const struct secret *key, struct error *err)
{
	if (!key)
		return error_set(err, ERR_DENIED, "encrypted, and there is no data key");
	if (secret_len(key) != CIPHER_KEY_SIZE)
		return error_set(err, ERR_DENIED, "data key: want %d bytes, got %zu",
		                 CIPHER_KEY_SIZE, secret_len(key));
	return 0;
}

static int cobblestone_begin(struct cipher_stream **out, unsigned char *lead,
                             const struct secret *key, struct str context, struct error *err)
{
	struct cobblestone_keys keys;

	if (check_key(key, err) < 0 || random_bytes(lead, COBBLESTONE_SALT, err) < 0)
		return -1;
	cobblestone_derive(&keys, key, lead, context);
	memcpy(lead + COBBLESTONE_SALT, keys.commitment, COBBLESTONE_COMMITMENT);
	*out = stream_new(&keys);
	secret_wipe(&keys, sizeof(keys));
	return 0;
}

static int cobblestone_resume(struct cipher_stream **out, const unsigned char *lead,
                              const struct secret *key, struct str context, struct error *err)
{
	struct cobblestone_keys keys;
	bool fits;

	if (check_key(key, err) < 0)
		return -1;
	cobblestone_derive(&keys, key, lead, context);
	fits = CRYPTO_memcmp(keys.commitment, lead + COBBLESTONE_SALT,
	                     COBBLESTONE_COMMITMENT) == 0;
	if (fits)
		*out = stream_new(&keys);
	secret_wipe(&keys, sizeof(keys));
	if (!fits)
		return error_set(err, ERR_DENIED,
		                 "the data key does not fit: it is of another backup, or the "
		                 "first bytes are damaged");
	return 0;
}

static int cobblestone_take_up(struct cipher_stream **out, const unsigned char *lead,
                               const struct secret *key, struct str context, struct error *err)
{
	struct cobblestone_keys keys;

	if (check_key(key, err) < 0)
		return -1;
	cobblestone_derive(&keys, key, lead, context);
	*out = stream_new(&keys);
	secret_wipe(&keys, sizeof(keys));
	return 0;
}

static void chunk_nonce(unsigned char nonce[AEAD_NONCE_SIZE], const struct cobblestone *c,
                        uint64_t k)
{
	memcpy(nonce, c->base_nonce, AEAD_NONCE_SIZE);
	for (size_t i = AEAD_NONCE_SIZE; k > 0; k >>= 8)
		nonce[--i] ^= (unsigned char)k;
}

static void cobblestone_seal(struct cipher_stream *s, uint64_t k, struct str plain,
                             unsigned char *out)
{
	struct cobblestone *c = cobblestone(s);
	unsigned char nonce[AEAD_NONCE_SIZE];

	chunk_nonce(nonce, c, k);
	aead_seal(c->aead, nonce, (struct str){ 0 }, plain, out);
}

static bool cobblestone_open(struct cipher_stream *s, uint64_t k, struct str sealed,
                             unsigned char *out)
{
	struct cobblestone *c = cobblestone(s);
	unsigned char nonce[AEAD_NONCE_SIZE];

	chunk_nonce(nonce, c, k);
	return aead_open(c->aead, nonce, (struct str){ 0 }, sealed, out);
}

static void cobblestone_free(struct cipher_stream *s)
{
	struct cobblestone *c = cobblestone(s);

	aead_free(c->aead);
	secret_wipe(c, sizeof(*c));
	free(c);
}

const struct cipher_ops cipher_cobblestone = {
	.id = CIPHER_COBBLESTONE,
	.name = "Cobblestone-256",
	.lead = COBBLESTONE_SALT + COBBLESTONE_COMMITMENT,
	.begin = cobblestone_begin,
	.resume = cobblestone_resume,
	.take_up = cobblestone_take_up,
	.seal = cobblestone_seal,
	.open = cobblestone_open,
	.free = cobblestone_free,
};
