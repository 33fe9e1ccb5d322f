/* SPDX-License-Identifier: MIT */
/*
 * s3_write: one PUT under a condition, for s3_put.c and s3_replace.c, and what
 * to do when nobody knows whether it was carried out. Thread-safe.
 */
#ifndef ENGINE_STORE_S3_WRITE_H
#define ENGINE_STORE_S3_WRITE_H

#include "engine/store/s3.h"

/* Conditions: "*" for If-None-Match, a version for If-Match; NULL: none. */
struct s3_write {
	const char *key;
	const struct store_body *body;
	const char *none_match, *match;
	bool unquoted; /* S3_CONDITION_UNQUOTED */
};

/* 0 when an answer came, -1 with rsp->doubtful as it is. */
int s3_write_once(struct s3_store *s, const struct s3_write *w, struct http_response *rsp,
                  struct error *err);
/* Has the server no such condition? */
bool s3_write_is_refused(const struct http_response *rsp);
/*
 * An attempt's fate is unknown, and what came after is no success: what the key holds
 * decides. 0 it is ours, -1 with `otherwise` if it is not.
 */
int s3_write_resolve(struct s3_store *s, const struct s3_write *w,
                     const struct error *otherwise, struct error *err);

int s3_exists(const struct s3_store *s, const char *key, struct error *err); /* -1 */

#endif
