/* SPDX-License-Identifier: MIT */
#include "engine/codec/jwt.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/codec/must.h"
#include "engine/codec/signature.h"

#define RSA_BITS_MIN 2048

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_context(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* Instead of asking on the terminal for the pass phrase of an encrypted key. */
static int no_pass_phrase(char *to, int size, int rwflag, /* NOLINT: OpenSSL's type */
                          void *arg)
{
	(void)to;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static EVP_PKEY *read_key(struct str pem)
{
	BIO *bio = pem.n <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

/* A key that reads well may still be none: an even modulus, primes that are no primes. */
static int unusable(struct error *err)
{
	ERR_clear_error();
	return error_set(err, ERR_INVALID, "private key: it does not sign");
}

static int rs256(struct buf *out, struct str pem, struct str text, struct error *err)
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key = read_key(pem);
	__attribute__((cleanup(free_context))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = 0;

	must(ctx != NULL, "RSA");
	if (!key)
		return error_set(err, ERR_INVALID, "private key: not a key in PEM");
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
		return error_set(err, ERR_INVALID,
		                 "private key: want RSA of %d bits or more, got %s of %d",
		                 RSA_BITS_MIN, EVP_PKEY_get0_type_name(key),
		                 EVP_PKEY_get_bits(key));
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, NULL, &len, (const unsigned char *)text.p, text.n) != 1)
		return unusable(err);
	buf_reserve(out, len);
	if (EVP_DigestSign(ctx, (unsigned char *)out->data + out->len, &len,
	                   (const unsigned char *)text.p, text.n) != 1)
		return unusable(err);
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

/* base64 with the letters for URLs, without padding (RFC 4648, section 5). */
static void add_base64url(struct buf *out, const struct buf *data)
{
	size_t from = out->len;

	signature_base64(out, data->data, data->len);
	while (out->len > from && out->data[out->len - 1] == '=')
		buf_truncate(out, out->len - 1);
	for (size_t i = from; i < out->len; i++) {
		if (out->data[i] == '+')
			out->data[i] = '-';
		else if (out->data[i] == '/')
			out->data[i] = '_';
	}
}

int jwt_sign(struct buf *out, const struct json *claims, const char *key_id, struct str pem,
             struct error *err)
{
	DEFER(json) *header = json_object();
	autobuf part = BUF_INIT;
	autobuf text = BUF_INIT;

	json_set_str(header, "alg", "RS256");
	json_set_str(header, "typ", "JWT");
	if (key_id)
		json_set_str(header, "kid", key_id);
	json_write(&part, header, JSON_COMPACT);
	add_base64url(&text, &part);
	buf_truncate(&part, 0);
	json_write(&part, claims, JSON_COMPACT);
	buf_addc(&text, '.');
	add_base64url(&text, &part);
	buf_truncate(&part, 0);
	if (rs256(&part, pem, (struct str){ text.data, text.len }, err) < 0)
		return -1;
	buf_addc(&text, '.');
	add_base64url(&text, &part);
	buf_add(out, text.data, text.len);
	return 0;
}
