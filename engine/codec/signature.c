/* SPDX-License-Identifier: MIT */
#include "engine/codec/signature.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/codec/must.h"

#define TEXT_MAX ((size_t)1 << 20)

void signature_hmac(struct digest *out, const void *secret, size_t secret_len, const void *data,
                    size_t len)
{
	unsigned int size = sizeof(out->bytes);

	must(secret_len <= INT_MAX && HMAC(EVP_sha256(), secret, (int)secret_len, data, len,
	                                   out->bytes, &size) != NULL,
	     "HMAC-SHA-256");
}

void signature_base64(struct buf *out, const void *data, size_t len)
{
	must(len <= TEXT_MAX, "base64 of a short text");
	buf_reserve(out, (len + 2) / 3 * 4 + 1);
	out->len +=
		(size_t)EVP_EncodeBlock((unsigned char *)out->data + out->len, data, (int)len);
}

int signature_unbase64(struct buf *out, const char *text, struct error *err)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text), padding = 0;
	int size;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	/* OpenSSL takes blanks and padding in the middle, too. */
	if (len % 4 != 0 || len > TEXT_MAX || strspn(text, digits) != len - padding)
		return error_set(err, ERR_INVALID, "%zu characters are no base64", len);
	buf_reserve(out, len / 4 * 3 + 1);
	size = EVP_DecodeBlock((unsigned char *)out->data + out->len,
	                       (const unsigned char *)text, (int)len);
	if (size < 0) {
		out->data[out->len] = '\0';
		return error_set(err, ERR_INVALID, "%zu characters are no base64", len);
	}
	out->len += (size_t)size - padding;
	out->data[out->len] = '\0';
	return 0;
}
