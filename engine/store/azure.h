/* SPDX-License-Identifier: MIT */
/*
 * azure: what the files of the Azure provider share.
 *
 * azure.c has the operations, azure_put.c writing, azure_list.c listings, azure_request.c
 * addresses and rights, azure_sign.c signatures, azure_identity.c managed identities,
 * azure_account.c who we are, azure_error.c what a refusal means. A version is an ETag
 * without its quotation marks. Thread-safe, like the store.
 */
#ifndef ENGINE_STORE_AZURE_H
#define ENGINE_STORE_AZURE_H

#include <stdbool.h>
#include <string.h>

#include "engine/store/azure_account.h"
#include "engine/store/cloud.h"
#include "engine/store/http.h"
#include "engine/store/provider.h"
#include "engine/store/token.h"

struct azure_store {
	struct store base;
	struct http *http;
	struct azure_account account;
	struct azure_identity *identity; /* AZURE_IDENTITY only */
	struct token *token;             /* AZURE_IDENTITY only */
	char *container, *prefix;
	uint64_t block_size;
	size_t max_concurrency;
};

/* One thing asked of the server. */
struct azure_call {
	const char *method;
	const char *key;   /* NULL: the container itself */
	const char *query; /* escaped; NULL: none */
	const struct http_headers *headers;
	const struct store_body *body;
	size_t limit; /* of the answer */
};

/*
 * 0 when an answer came, of whatever status; -1. Everything that we ask may be asked twice:
 * writes have conditions and marks.
 */
int azure_send(struct azure_store *s, const struct azure_call *call, struct http_response *rsp,
               struct error *err);

/* "BlobNotFound", from the headers; "" when the answer has none. */
const char *azure_error_code(const struct http_response *rsp);
/* No such blob, which is an answer; a missing container is a failure. */
bool azure_is_missing(const struct http_response *rsp);
/* The error that an answer stands for. what: "read", "store", "list", ... */
int azure_refused(const struct azure_store *s, const struct http_response *rsp,
                  const char *what, const char *key, struct error *err);

/* Size, time and ETag; mark (may be NULL) gets the mark of who wrote it. 1, 0 none, -1. */
int azure_head(struct azure_store *s, const char *key, struct store_stat *out,
               char mark[CLOUD_MARK_SIZE], struct error *err);
/* An ETag without its quotation marks. */
void azure_etag(char out[STORE_VERSION_MAX], const char *value);

int azure_put(struct store *s, const char *key, const struct store_body *body,
              struct error *err);
int azure_replace(struct store *s, const char *key, const char *version, const void *data,
                  size_t len, struct error *err);
int azure_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
               struct error *err);

/* Azure takes "\" for "/": a blob of such a name would be another key's. */
static inline bool azure_has_no(const char *key)
{
	return strchr(key, '\\') != NULL;
}

static inline struct azure_store *azure_store(struct store *s)
{
	return (struct azure_store *)s; /* base is the first member */
}

#endif
