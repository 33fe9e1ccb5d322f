/* SPDX-License-Identifier: MIT */
/*
 * gcs: what the files of the Google Cloud Storage provider share.
 *
 * gcs.c has the operations, gcs_put.c writing, gcs_resumable.c large objects, gcs_list.c
 * listings, gcs_object.c what JSON says of objects, gcs_request.c addresses and tokens,
 * gcs_source.c where tokens come from, gcs_credentials.c who we are, gcs_error.c what a
 * refusal means. A version is a generation. Thread-safe, like the store.
 */
#ifndef ENGINE_STORE_GCS_H
#define ENGINE_STORE_GCS_H

#include <stdatomic.h>

#include "engine/store/cloud.h"
#include "engine/store/gcs_object.h"
#include "engine/store/gcs_source.h"
#include "engine/store/http.h"
#include "engine/store/provider.h"
#include "engine/store/token.h"

#define GCS_CONTENT "application/octet-stream"

struct gcs_store {
	struct store base;
	struct http *http;
	struct gcs_source *source;
	struct token *token;
	char *endpoint; /* no slash at its end */
	char *bucket, *prefix;
	char *project;            /* may be NULL */
	atomic_bool project_pays; /* the bucket's owner does not */
	uint64_t chunk_size;
};

/* One thing asked of the server. */
struct gcs_call {
	const char *method;
	const char *path;    /* "/storage/v1/b/...": escaped, on the endpoint */
	const char *query;   /* escaped; NULL: none */
	const char *session; /* instead of these: an address with its own authority */
	const struct http_headers *headers;
	const struct store_body *body;
	size_t limit; /* of the answer */
};

/*
 * 0 when an answer came, of whatever status; -1. Everything that we ask may be asked twice:
 * writes have conditions and marks.
 */
int gcs_send(struct gcs_store *s, const struct gcs_call *call, struct http_response *rsp,
             struct error *err);

/* Appends "/storage/v1/b/BUCKET/o/PREFIX+KEY", escaped; without "/PREFIX+KEY" for NULL. */
void gcs_path(struct buf *out, const struct gcs_store *s, const char *key);
/* Appends the path to upload to. */
void gcs_upload_path(struct buf *out, const struct gcs_store *s);

/* No such object, which is an answer; a missing bucket is a failure. */
bool gcs_is_missing(const struct http_response *rsp);
/* Is it that the requester is to pay, and did not say by which project? */
bool gcs_wants_payer(const struct http_response *rsp);
/* The error that an answer stands for. what: "read from", "store in", "list", ... */
int gcs_refused(const struct gcs_store *s, const struct http_response *rsp, const char *what,
                const char *key, struct error *err);

/* Size, time and generation; mark (may be NULL) gets the mark of who wrote it. 1, 0, -1. */
int gcs_look(struct gcs_store *s, const char *key, struct store_stat *out,
             char mark[CLOUD_MARK_SIZE], struct error *err);

/* What is to be written, and over what. */
struct gcs_writing {
	const char *key, *mark;
	const char *version; /* to be replaced; NULL: there must be none */
	const struct store_body *body;
};
/* Appends the JSON that describes the new object. */
void gcs_describe(struct buf *out, const struct gcs_store *s, const struct gcs_writing *w);
/* Appends "uploadType=TYPE&ifGenerationMatch=...". */
void gcs_upload_query(struct buf *out, const char *type, const struct gcs_writing *w);
/*
 * What the last answer to a write comes to, when gcs_send() returned sent: 0 written, or -1:
 * somebody else's, refused, unknown. err is as gcs_send() left it.
 */
int gcs_conclude(struct gcs_store *s, const struct gcs_writing *w,
                 const struct http_response *rsp, int sent, struct error *err);
/* An object of any size in chunks; it appears when the last has arrived. */
int gcs_put_resumable(struct gcs_store *s, const struct gcs_writing *w, struct error *err);

int gcs_put(struct store *s, const char *key, const struct store_body *body, struct error *err);
int gcs_replace(struct store *s, const char *key, const char *version, const void *data,
                size_t len, struct error *err);
int gcs_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
             struct error *err);

static inline struct gcs_store *gcs_store(struct store *s)
{
	return (struct gcs_store *)s; /* base is the first member */
}

#endif
