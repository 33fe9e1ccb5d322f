/* SPDX-License-Identifier: MIT */
/*
 * token: a bearer token that is fetched when first needed and renewed before it expires.
 *
 * One caller fetches at a time; the others use the old token while it is good, and wait when
 * it is not. Thread-safe.
 */
#ifndef ENGINE_STORE_TOKEN_H
#define ENGINE_STORE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct error;
struct http_headers;
struct token;

/* Appends a new token; lifetime in seconds. Called without any lock held. */
typedef int token_fetch_fn(void *arg, struct buf *token, int64_t *lifetime, struct error *err);

struct token *token_new(token_fetch_fn *fetch, void *arg);
void token_free(struct token *t); /* wipes; NULL is fine */
DEFINE_DEFER(token, token_free)

/* Sets "Authorization: Bearer ..."; fails as fetch does. */
int token_authorize(struct token *t, struct http_headers *headers, struct error *err);
/* The server does not take it any more: fetch another one next time. */
void token_forget(struct token *t);

/* {"access_token": ..., "expires_in": ...} as token endpoints answer. ERR_DENIED. */
int token_parse(struct buf *token, int64_t *lifetime, const char *text, size_t len,
                struct error *err);

#endif
