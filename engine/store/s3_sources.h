/* SPDX-License-Identifier: MIT */
/*
 * s3_sources: the places where Amazon's tools look for credentials, a function
 * each. All return 1 (here they are, in an empty out), 0 (not this place), -1.
 */
#ifndef ENGINE_STORE_S3_SOURCES_H
#define ENGINE_STORE_S3_SOURCES_H

#include <stdint.h>

struct buf;
struct error;
struct http_request;
struct http_settings;
struct s3_identity;

struct s3_source {
	const char *profile, *region;
	const struct http_settings *settings;
};

/* The shared files (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, ~/.aws). */
int s3_source_profile(struct s3_identity *out, const struct s3_source *src, struct error *err);
/* A role for a token in a file: STS. */
int s3_source_web_identity(struct s3_identity *out, const struct s3_source *src,
                           struct error *err);
/* A container's role (ECS, EKS pod identity). */
int s3_source_container(struct s3_identity *out, const struct s3_source *src,
                        struct error *err);
/* A machine's role (EC2, IMDSv2). */
int s3_source_machine(struct s3_identity *out, const struct s3_source *src, struct error *err);

/* A value of a profile: 1 appended to out, 0 none, -1. Used for the region, too. */
int s3_profile_value(struct buf *out, const char *profile, const char *name, struct error *err);
/* Assumes a role with the token in a file, as a profile may say as well. */
int s3_assume_with_token(struct s3_identity *out, const struct s3_source *src, const char *role,
                         const char *token_file, struct error *err);
/* "2026-11-21T09:03:11Z" as credentials have it; 0 when it is none. */
int64_t s3_parse_expiry(const char *text);

#endif
