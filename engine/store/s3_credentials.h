/* SPDX-License-Identifier: MIT */
/*
 * s3_credentials: who we are to Amazon, found the way its own tools do.
 *
 * In this order: access_key and secret_key of the configuration (which include
 * AWS_ACCESS_KEY_ID and its kin), web identity (AWS_WEB_IDENTITY_TOKEN_FILE and
 * AWS_ROLE_ARN), the profile in ~/.aws/credentials and ~/.aws/config, the
 * container's role, the machine's role (IMDSv2). The first that has some is
 * asked again a few minutes before they expire. Thread-safe. Errors: ERR_DENIED when
 * there are none, ERR_CONFIG for files that make no sense.
 */
#ifndef ENGINE_STORE_S3_CREDENTIALS_H
#define ENGINE_STORE_S3_CREDENTIALS_H

#include <stdbool.h>

#include "engine/base/cleanup.h"
#include "engine/store/s3_sign.h"

struct config;
struct error;
struct http_settings;
struct s3_credentials;

/* settings: for the servers that hand out credentials; with ca_file for STS. */
struct s3_credentials *s3_credentials_new(const struct config *c, const char *region,
                                          const struct http_settings *settings);
void s3_credentials_free(struct s3_credentials *c); /* NULL is fine */
DEFINE_DEFER(s3_credentials, s3_credentials_free)

/* Ours at this moment, copied into an empty out. */
int s3_credentials_get(struct s3_credentials *c, struct s3_identity *out, struct error *err);
/* The server called them expired: the next get asks anew. False: they are written down. */
bool s3_credentials_expire(struct s3_credentials *c);

#endif
