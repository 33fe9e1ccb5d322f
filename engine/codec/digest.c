/* SPDX-License-Identifier: MIT */
#include "engine/codec/digest.h"

#include <openssl/evp.h>

#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/codec/must.h"

struct digest_state {
	EVP_MD_CTX *ctx;
};

void digest_of(struct digest *out, const void *data, size_t len)
{
	must(EVP_Digest(data, len, out->bytes, NULL, EVP_sha256(), NULL), "SHA-256");
}

void digest_hex(char out[DIGEST_HEX_SIZE], const struct digest *d)
{
	number_format_hex(out, d->bytes, sizeof(d->bytes));
}

struct digest_state *digest_begin(void)
{
	struct digest_state *s = mem_alloc(sizeof(*s));

	s->ctx = EVP_MD_CTX_new();
	must(s->ctx && EVP_DigestInit_ex2(s->ctx, EVP_sha256(), NULL), "SHA-256");
	return s;
}

void digest_update(struct digest_state *s, const void *data, size_t len)
{
	must(EVP_DigestUpdate(s->ctx, data, len), "SHA-256");
}

void digest_end(struct digest_state *s, struct digest *out)
{
	must(EVP_DigestFinal_ex(s->ctx, out->bytes, NULL), "SHA-256");
	EVP_MD_CTX_free(s->ctx);
	free(s);
}
