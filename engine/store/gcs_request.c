/* SPDX-License-Identifier: MIT */
/* gcs_request: how a request to Google is addressed, and by which token it is made. */
#include "engine/store/gcs.h"

void gcs_path(struct buf *out, const struct gcs_store *s, const char *key)
{
	buf_adds(out, "/storage/v1/b/");
	http_escape(out, s->bucket, "");
	buf_adds(out, "/o");
	if (!key)
		return;
	buf_addc(out, '/');
	http_escape(out, s->prefix, "");
	http_escape(out, key, "");
}

void gcs_upload_path(struct buf *out, const struct gcs_store *s)
{
	buf_adds(out, "/upload");
	gcs_path(out, s, NULL);
}

static int authorize(void *arg, const struct http_request *rq, struct http_headers *headers,
                     struct error *err)
{
	const struct gcs_store *s = arg;

	(void)rq;
	return token_authorize(s->token, headers, err);
}

static void write_url(struct buf *out, const struct gcs_store *s, const struct gcs_call *call)
{
	char before = '?';

	if (call->session) {
		buf_adds(out, call->session);
		return;
	}
	buf_addf(out, "%s%s", s->endpoint, call->path);
	if (call->query) {
		buf_addf(out, "%c%s", before, call->query);
		before = '&';
	}
	if (s->project_pays) {
		buf_addf(out, "%cuserProject=", before);
		http_escape(out, s->project, "");
	}
}

static int send_once(struct gcs_store *s, const struct gcs_call *call,
                     struct http_response *rsp, struct error *err)
{
	autobuf url = BUF_INIT;
	struct http_request rq = { .method = call->method,
		                   .headers = call->headers,
		                   .body = call->body,
		                   .sign = call->session ? NULL : authorize,
		                   .sign_arg = s,
		                   .limit = call->limit,
		                   .repeatable = true };

	write_url(&url, s, call);
	rq.url = url.data;
	return http_send(s->http, &rq, rsp, err);
}

int gcs_send(struct gcs_store *s, const struct gcs_call *call, struct http_response *rsp,
             struct error *err)
{
	if (send_once(s, call, rsp, err) < 0)
		return -1;
	if (call->session)
		return 0;
	/* A token may be withdrawn before its time: once more with another one. */
	if (rsp->status == 401) {
		token_forget(s->token);
		return send_once(s, call, rsp, err);
	}
	if (s->project && !s->project_pays && gcs_wants_payer(rsp)) {
		s->project_pays = true;
		return send_once(s, call, rsp, err);
	}
	return 0;
}
