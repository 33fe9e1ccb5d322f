/* SPDX-License-Identifier: MIT */
/* azure_request: how a request to Azure is addressed and by what right it is made. */
#include "engine/base/clock.h"
#include "engine/store/azure.h"
#include "engine/store/azure_sign.h"

#define API_VERSION "2023-11-03"

static int authorize(void *arg, const struct http_request *rq, struct http_headers *headers,
                     struct error *err)
{
	struct azure_store *s = arg;
	struct azure_sign_request signing = { .account = s->account.name,
		                              .method = rq->method,
		                              .url = rq->url,
		                              .length = rq->body ? rq->body->size : 0,
		                              .headers = headers };
	autobuf date = BUF_INIT;
	autobuf value = BUF_INIT;

	azure_sign_date(&date, clock_now());
	http_headers_set(headers, "x-ms-date", date.data);
	http_headers_set(headers, "x-ms-version", API_VERSION);
	if (s->account.right == AZURE_IDENTITY)
		return token_authorize(s->token, headers, err);
	if (s->account.right == AZURE_SAS)
		return 0; /* it is in the query */
	azure_sign(&value, &signing, s->account.key);
	http_headers_set(headers, "Authorization", value.data);
	return 0;
}

static void write_url(struct buf *out, const struct azure_store *s,
                      const struct azure_call *call)
{
	char before = '?';

	buf_addf(out, "%s/", s->account.endpoint);
	http_escape(out, s->container, "");
	if (call->key) {
		buf_addc(out, '/');
		http_escape(out, s->prefix, "/");
		http_escape(out, call->key, "/");
	}
	if (call->query) {
		buf_addf(out, "%c%s", before, call->query);
		before = '&';
	}
	if (s->account.right == AZURE_SAS)
		buf_addf(out, "%c%s", before, s->account.sas);
}

int azure_send(struct azure_store *s, const struct azure_call *call, struct http_response *rsp,
               struct error *err)
{
	autobuf url = BUF_INIT;
	struct http_request rq = { .method = call->method,
		                   .headers = call->headers,
		                   .body = call->body,
		                   .sign = authorize,
		                   .sign_arg = s,
		                   .limit = call->limit,
		                   .repeatable = true };

	write_url(&url, s, call);
	rq.url = url.data;
	if (http_send(s->http, &rq, rsp, err) < 0)
		return -1;
	/* A token may be withdrawn before its time: once more with another one. */
	if (rsp->status != 401 || s->account.right != AZURE_IDENTITY)
		return 0;
	token_forget(s->token);
	return http_send(s->http, &rq, rsp, err);
}
