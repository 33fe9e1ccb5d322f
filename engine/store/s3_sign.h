/* SPDX-License-Identifier: MIT */
/*
 * s3_sign: AWS Signature Version 4 of a request, in its headers.
 *
 * Adds x-amz-date, x-amz-security-token and Authorization. Host, as libcurl
 * will send it, and every header given are signed. The url is escaped already
 * and signed as it stands, its query sorted. Pure.
 */
#ifndef ENGINE_STORE_S3_SIGN_H
#define ENGINE_STORE_S3_SIGN_H

#include <stdint.h>

struct http_headers;

struct s3_identity {
	char *access_key, *secret_key;
	char *session_token; /* NULL: none */
	int64_t expires;     /* seconds since the epoch; 0: never */
};

struct s3_sign_request {
	const char *method, *url;
	const char *region, *service; /* "us-east-1", "s3" */
	const char *payload;          /* hex SHA-256 of the body */
	int64_t now;
};

void s3_sign(struct http_headers *headers, const struct s3_identity *who,
             const struct s3_sign_request *rq);

void s3_identity_finish(struct s3_identity *who); /* wipes */
#define autoidentity __attribute__((cleanup(s3_identity_finish))) struct s3_identity

#endif
