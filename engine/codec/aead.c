/* SPDX-License-Identifier: MIT */
#include "engine/codec/aead.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/codec/must.h"

struct aead {
	EVP_CIPHER_CTX *ctx;
};

static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

struct aead *aead_new(const unsigned char key[AEAD_KEY_SIZE])
{
	struct aead *a = mem_alloc(sizeof(*a));

	a->ctx = EVP_CIPHER_CTX_new();
	must(a->ctx && EVP_CipherInit_ex2(a->ctx, EVP_aes_256_gcm(), key, NULL, 1, NULL),
	     "AES-256-GCM");
	return a;
}

void aead_free(struct aead *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->ctx);
	free(a);
}

/* Nonce, additional data and text; 1 seals, 0 opens. */
static void run(struct aead *a, int seal, const unsigned char nonce[AEAD_NONCE_SIZE],
                struct str additional, struct str text, unsigned char *out)
{
	int n;

	assert(text.n <= INT_MAX && additional.n <= INT_MAX);
	must(EVP_CipherInit_ex2(a->ctx, NULL, NULL, nonce, seal, NULL), "AES-256-GCM");
	if (additional.n > 0)
		must(EVP_CipherUpdate(a->ctx, NULL, &n, bytes(additional), (int)additional.n),
		     "AES-256-GCM");
	if (text.n > 0)
		must(EVP_CipherUpdate(a->ctx, out, &n, bytes(text), (int)text.n),
		     "AES-256-GCM");
}

void aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE_SIZE],
               struct str additional, struct str text, unsigned char *out)
{
	unsigned char *tag = out + text.n;
	int n;

	run(a, 1, nonce, additional, text, out);
	must(EVP_CipherFinal_ex(a->ctx, tag, &n), "AES-256-GCM");
	must(EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, tag),
	     "AES-256-GCM");
}

bool aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE_SIZE],
               struct str additional, struct str sealed, unsigned char *out)
{
	unsigned char tag[AEAD_TAG_SIZE];
	unsigned char end[AEAD_TAG_SIZE]; /* the cipher has no padding: stays empty */
	size_t len;
	int n;

	if (sealed.n < AEAD_TAG_SIZE)
		return false;
	len = sealed.n - AEAD_TAG_SIZE;
	memcpy(tag, sealed.p + len, sizeof(tag));
	run(a, 0, nonce, additional, str_slice(sealed, 0, len), out);
	must(EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE, tag),
	     "AES-256-GCM");
	return EVP_CipherFinal_ex(a->ctx, end, &n) == 1;
}
