/* SPDX-License-Identifier: MIT */
/*
 * azure_sign: Shared Key, the signature of requests to Azure Storage.
 *
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, the form
 * for Blob since version 2015-02-21. Every header that the form names and every x-ms-* header
 * is signed, as are path and query. The url is escaped already. Pure.
 */
#ifndef ENGINE_STORE_AZURE_SIGN_H
#define ENGINE_STORE_AZURE_SIGN_H

#include <stdint.h>

struct buf;
struct http_headers;
struct secret;

struct azure_sign_request {
	const char *account, *method, *url;
	uint64_t length; /* of the body */
	const struct http_headers *headers;
};

/* What is signed; for tests and for the curious at three in the morning. */
void azure_sign_text(struct buf *out, const struct azure_sign_request *rq);
/* Appends "SharedKey account:signature". */
void azure_sign(struct buf *out, const struct azure_sign_request *rq, const struct secret *key);

/* A moment as the header x-ms-date has it: "Sun, 22 Nov 2026 04:45:00 GMT". */
void azure_sign_date(struct buf *out, int64_t now);

#endif
