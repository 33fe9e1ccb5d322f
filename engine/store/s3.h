/* SPDX-License-Identifier: MIT */
/*
 * s3: what the files of the S3 provider share.
 *
 * s3.c has the operations, s3_put.c the conditions of writing, s3_multipart.c
 * large objects, s3_list.c and s3_page.c listings, s3_request.c addresses, signatures, regions,
 * s3_error.c what a server's refusal means, s3_credentials.c who we are.
 * Thread-safe, like the store.
 */
#ifndef ENGINE_STORE_S3_H
#define ENGINE_STORE_S3_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "engine/store/http.h"
#include "engine/store/provider.h"
#include "engine/store/s3_credentials.h"

/* What is known about a server's conditional writes (docs/adr/0015). */
enum s3_condition {
	S3_CONDITION_UNKNOWN,
	S3_CONDITION_KEPT,     /* it does what the header says */
	S3_CONDITION_UNQUOTED, /* it does with an ETag without its quotation marks */
	S3_CONDITION_IGNORED,  /* it has no such thing */
};

struct s3_store {
	struct store base;
	struct http *http;
	struct s3_credentials *credentials;
	char *bucket, *prefix;
	char *endpoint; /* "https://host:port"; NULL: Amazon's, by region */
	bool path_style, accelerate;
	pthread_mutex_t lock;
	char *region;                       /* guarded by lock: a server may know better */
	struct http_headers object_headers; /* of every new object */
	uint64_t multipart_threshold, multipart_chunksize;
	size_t max_concurrency;
	_Atomic enum s3_condition create_only, replace_only;
	atomic_bool bucket_seen; /* something in it was answered for */
};

/* One thing asked of the server. */
struct s3_call {
	const char *method;
	const char *key;   /* NULL: the bucket itself */
	const char *query; /* escaped; NULL: none */
	const struct http_headers *headers;
	const struct store_body *body;
	size_t limit; /* of the answer */
	bool repeatable, uninterrupted;
};

/*
 * 0 when an answer came, of whatever status; -1. Follows the bucket to its region and
 * takes new credentials when the server calls ours expired.
 */
int s3_send(struct s3_store *s, const struct s3_call *call, struct http_response *rsp,
            struct error *err);

/* The error code in an answer ("NoSuchKey"); "" when it has none. For HEAD by its status. */
#define S3_CODE_MAX 64
void s3_error_code(char out[S3_CODE_MAX], const struct http_response *rsp);
bool s3_error_is(const struct http_response *rsp, const char *code);
/* The error that an answer stands for. what: "read", "store", "list", ... and the key. */
int s3_refused(struct s3_store *s, const struct http_response *rsp, const char *what,
               const char *key, struct error *err);

/* An ETag without its quotation marks; "" when there is none. */
void s3_etag(char out[STORE_VERSION_MAX], const struct http_headers *headers);
/* 1, 0 no such key, -1. */
int s3_head(struct s3_store *s, const char *key, struct store_stat *out, struct error *err);
/* Is what the store holds exactly this? 1, 0 no or not there, -1. */
int s3_holds(struct s3_store *s, const char *key, const struct store_body *body,
             struct error *err);

int s3_get(struct store *base, const char *key, struct store_range range, struct buf *out,
           struct store_stat *stat, struct error *err);
int s3_put(struct store *base, const char *key, const struct store_body *body,
           struct error *err);
int s3_replace(struct store *base, const char *key, const char *version, const void *data,
               size_t len, struct error *err);
int s3_list(struct store *base, const char *after, store_list_fn *fn, void *arg,
            struct error *err);
/* An object of any size in parts; it appears when all have arrived. */
int s3_put_parts(struct s3_store *s, const char *key, const struct store_body *body,
                 struct error *err);

static inline struct s3_store *s3_store(struct store *s)
{
	return (struct s3_store *)s; /* base is the first member */
}

#endif
