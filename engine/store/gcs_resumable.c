/* SPDX-License-Identifier: MIT */
/*
 * gcs_resumable: large objects in chunks (Google's resumable uploads).
 *
 * A session is opened with condition and description; its address takes the chunks. After
 * each the server says how far it got, which may be less than was sent, and after a chunk
 * that broke it is asked. What it has already it passes over, so a chunk may be sent twice.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/gcs.h"

#define LOG_MODULE "store/gcs"

#define ANSWER_MAX   ((size_t)64 << 10)
#define IDLE_MAX     3 /* times that the server may get no further */
#define SESSION_MAX  2 /* sessions that may get lost, and begin again */
#define GONE(status) ((status) == 404 || (status) == 410)

struct upload {
	struct gcs_store *s;
	const struct gcs_writing *w;
	char *session;
	uint64_t at; /* so many bytes are the server's */
};

/* The session's address is the server's word: it must not lead anywhere else. */
static bool is_at_endpoint(const char *url, const char *endpoint)
{
	const char *host = strstr(endpoint, "://");
	size_t len = host ? (size_t)(host - endpoint) + 3 + strcspn(host + 3, "/") : 0;

	return len > 0 && strncmp(url, endpoint, len) == 0 && url[len] == '/';
}

static int open_session(struct upload *u, struct http_response *rsp, struct error *err)
{
	autobuf description = BUF_INIT;
	autobuf path = BUF_INIT;
	autobuf query = BUF_INIT;
	autoheaders headers = HTTP_HEADERS_INIT;
	struct str text;
	struct store_body body;
	struct gcs_call call = {
		.method = "POST", .headers = &headers, .body = &body, .limit = ANSWER_MAX
	};
	const char *session;
	int sent;

	gcs_describe(&description, u->s, u->w);
	text = (struct str){ description.data, description.len };
	body = store_body_of_text(&text);
	gcs_upload_path(&path, u->s);
	gcs_upload_query(&query, "resumable", u->w);
	call.path = path.data;
	call.query = query.data;
	http_headers_set(&headers, "Content-Type", "application/json; charset=UTF-8");
	http_headers_set(&headers, "X-Upload-Content-Type", GCS_CONTENT);
	http_headers_setf(&headers, "X-Upload-Content-Length", "%" PRIu64, u->w->body->size);
	sent = gcs_send(u->s, &call, rsp, err);
	if (sent < 0 || rsp->status != 200)
		return gcs_conclude(u->s, u->w, rsp, sent, err) < 0 ? -1 : 1;
	session = http_headers_get(&rsp->headers, "Location");
	if (!session || !is_at_endpoint(session, u->s->endpoint))
		return error_set(err, ERR_STORE,
		                 "store %s: the server wants the upload to go elsewhere",
		                 u->w->key);
	free(u->session);
	u->session = mem_strdup(session);
	return 0;
}

/* Sends size bytes from u->at, or with none asks how far the server got. */
static int send_piece(struct upload *u, uint64_t size, struct http_response *rsp,
                      struct error *err)
{
	struct cloud_piece piece = { u->w->body, u->at };
	struct store_body body = cloud_body_of_piece(&piece, size);
	autoheaders headers = HTTP_HEADERS_INIT;
	struct gcs_call call = { .method = "PUT",
		                 .session = u->session,
		                 .headers = &headers,
		                 .body = &body,
		                 .limit = ANSWER_MAX };

	if (size > 0)
		http_headers_setf(&headers, "Content-Range",
		                  "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, u->at,
		                  u->at + size - 1, u->w->body->size);
	else
		http_headers_setf(&headers, "Content-Range", "bytes */%" PRIu64,
		                  u->w->body->size);
	return gcs_send(u->s, &call, rsp, err);
}

/* How far the server got, as a 308 says it: "Range: bytes=0-N", or nothing at all yet. */
static int read_progress(struct upload *u, const struct http_response *rsp, struct error *err)
{
	const char *range = http_headers_get(&rsp->headers, "Range");
	struct error why = ERROR_INIT;
	uint64_t last;

	if (!range) {
		u->at = 0;
		return 0;
	}
	if (strncmp(range, "bytes=0-", 8) != 0 ||
	    number_parse_u64(&last, range + 8, u->w->body->size - 1, &why) < 0)
		return error_set(err, ERR_STORE, "store %s: the server says it has %.64s",
		                 u->w->key, range);
	u->at = last + 1;
	return 0;
}

static bool is_broken(int sent, const struct http_response *rsp)
{
	return sent < 0 || rsp->status == 408 || rsp->status == 429 || rsp->status >= 500;
}

/* The next chunk. 1 that was the last, 0 there are more, -1; rsp is the answer to it. */
static int send_chunk(struct upload *u, struct http_response *rsp, struct error *err)
{
	uint64_t left = u->w->body->size - u->at;
	struct error failure = ERROR_INIT;
	int sent =
		send_piece(u, left < u->s->chunk_size ? left : u->s->chunk_size, rsp, &failure);

	/* Not when it broke on our side: an object that cannot be read, an interruption. */
	if (is_broken(sent, rsp) && (failure.code == ERR_NONE || failure.code == ERR_STORE)) {
		struct error ignored = ERROR_INIT;
		autoresponse answer = HTTP_RESPONSE_INIT;

		log_debug("%s: a chunk broke at %" PRIu64 ": %s", u->w->key, u->at,
		          failure.text);
		if (send_piece(u, 0, &answer, &ignored) == 0 && !is_broken(0, &answer)) {
			sent = 0;
			error_clear(&failure);
			rsp->status = answer.status;
			buf_move(&rsp->body, &answer.body);
			http_headers_finish(&rsp->headers);
			http_headers_copy(&rsp->headers, &answer.headers);
		}
	}
	if (sent == 0 && rsp->status == 308)
		return read_progress(u, rsp, err);
	if (sent == 0 && GONE(rsp->status))
		return 0;
	*err = failure;
	return gcs_conclude(u->s, u->w, rsp, sent, err) < 0 ? -1 : 1;
}

/* Chunks until the end. 1 done, 0 the session is gone, -1. */
static int send_chunks(struct upload *u, struct error *err)
{
	size_t idle = 0;

	while (idle < IDLE_MAX) {
		uint64_t before = u->at;
		autoresponse rsp = HTTP_RESPONSE_INIT;
		int result = send_chunk(u, &rsp, err);

		if (result != 0)
			return result;
		if (GONE(rsp.status))
			return 0;
		idle = u->at > before ? 0 : idle + 1;
	}
	return error_set(err, ERR_STORE,
	                 "store %s: the server gets no further than %" PRIu64 " of %" PRIu64
	                 " bytes",
	                 u->w->key, u->at, u->w->body->size);
}

static int upload(struct upload *u, struct error *err)
{
	for (int i = 0; i < SESSION_MAX; i++) {
		autoresponse rsp = HTTP_RESPONSE_INIT;
		int result = open_session(u, &rsp, err);

		u->at = 0;
		if (result == 0)
			result = send_chunks(u, err);
		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	return error_set(err, ERR_STORE, "store %s: the server forgets the upload", u->w->key);
}

int gcs_put_resumable(struct gcs_store *s, const struct gcs_writing *w, struct error *err)
{
	struct upload u = { .s = s, .w = w };
	int result = upload(&u, err);

	free(u.session);
	return result;
}
