/* SPDX-License-Identifier: MIT */
/*
 * http: requests to an object store's server, over libcurl.
 *
 *	struct http_request rq = { .method = "GET", .url = url.data, .repeatable = true,
 *	                           .limit = max, .sign = sign, .sign_arg = s };
 *	autoresponse rsp = HTTP_RESPONSE_INIT;
 *
 *	if (http_send(h, &rq, &rsp, err) < 0)
 *		return -1;                         // no answer at all
 *	if (rsp.status != 200) ...                 // the caller judges answers
 *
 * One client per store: it keeps at most max_concurrency connections and uses
 * them again; more callers than that wait for each other. An attempt that
 * fails for the moment (408, 429, 500, 502, 503, 504, and what goes wrong on
 * the wire) is made again after a pause that grows, with full jitter, or that
 * the server asked for by Retry-After. Each attempt is signed anew. TLS is
 * always verified, redirects are never followed, proxies are taken from the
 * environment. Ctrl-C ends a request within a second.
 *
 * A request ends, whatever the server does, connection_timeout + 2 *
 * read_timeout after it began, plus a second for every 32 KB moved; and an
 * attempt ends when nothing moved for read_timeout. Log lines and messages
 * show addresses without their query, never headers.
 *
 * Thread-safe but for a struct http_request or http_response, each one
 * thread's. Errors: ERR_STORE for what went wrong on the way, ERR_DENIED when
 * the server's certificate is not trusted, ERR_CANCELLED.
 */
#ifndef ENGINE_STORE_HTTP_H
#define ENGINE_STORE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/store/http_headers.h"

struct error;
struct http;
struct store_body;

struct http_settings {
	const char *name;           /* "S3", for messages; static */
	const char *ca_file;        /* NULL: the system's authorities; copied */
	int64_t connection_timeout; /* seconds */
	int64_t read_timeout;       /* seconds */
	int64_t retry_attempts;     /* attempts after the first one */
	size_t max_concurrency;     /* connections at the same time */
	bool no_proxy;              /* for servers of this very machine or cloud host */
};

struct http *http_new(const struct http_settings *settings);
void http_free(struct http *h); /* NULL is fine */
DEFINE_DEFER(http, http_free)

struct http_request;

/* Adds what an attempt needs besides: a date, a token, a signature over all headers. */
typedef int http_sign_fn(void *arg, const struct http_request *rq, struct http_headers *headers,
                         struct error *err);

struct http_request {
	const char *method;                 /* "GET", "HEAD", "PUT", "POST", "DELETE" */
	const char *url;                    /* escaped already (http_escape) */
	const struct http_headers *headers; /* NULL: none */
	const struct store_body *body; /* NULL: none; PUT and POST then send an empty one */
	http_sign_fn *sign;            /* NULL: nothing is added */
	void *sign_arg;
	size_t limit; /* a successful answer that is longer is an error */
	/*
	 * May it be sent again when the fate of an attempt is unknown? An attempt that was
	 * certainly not carried out (no connection, half a body sent, 429) is always made
	 * again.
	 */
	bool repeatable;
	bool uninterrupted; /* cleaning up: Ctrl-C does not end it */
	bool private_url;   /* a secret: only its server is told of in logs and errors */
};

struct http_response {
	int status; /* 0: there was no answer */
	struct http_headers headers;
	struct buf body; /* of an error: its first 64 KB */
	int attempts;
	/*
	 * An attempt before this answer, or the last one when there is none, may have been
	 * carried out though nobody said so: look before believing the answer. Also set by 408,
	 * 500, 502, 503 and 504.
	 */
	bool doubtful;
};
#define HTTP_RESPONSE_INIT \
	((struct http_response){ .headers = HTTP_HEADERS_INIT, .body = BUF_INIT })
#define autoresponse __attribute__((cleanup(http_response_finish))) struct http_response
void http_response_finish(struct http_response *r);

/* 0 when an answer came, of whatever status; -1, with out->doubtful set as it is. */
int http_send(struct http *h, const struct http_request *rq, struct http_response *out,
              struct error *err);

/* Appends text with everything escaped but letters, digits, "-._~" and what is in keep. */
void http_escape(struct buf *out, const char *text, const char *keep);
/* A date as headers have it: seconds since the epoch; -1 when it is none. */
int64_t http_parse_date(const char *text);
/* "https://host:port/path": without user and query, to be shown. */
void http_show_url(struct buf *out, const char *url);

#endif
