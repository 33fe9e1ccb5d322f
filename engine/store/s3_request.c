/* SPDX-License-Identifier: MIT */
/* s3_request: a request to a bucket: its address, its signature, its region. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/digest.h"
#include "engine/store/s3.h"
#include "engine/store/xml.h"

#define LOG_MODULE "store/s3"
#define CHUNK      ((size_t)64 << 10)
#define REGION_MAX 64
#define TURNS      3 /* as it is, in the right region, with new credentials */

struct signing {
	struct s3_store *store;
	const char *region;
	const char *payload;
};

static int sign(void *arg, const struct http_request *rq, struct http_headers *headers,
                struct error *err)
{
	const struct signing *g = arg;
	autoidentity who = { .expires = 0 };

	if (s3_credentials_get(g->store->credentials, &who, err) < 0)
		return -1;
	http_headers_set(headers, "x-amz-content-sha256", g->payload);
	s3_sign(headers, &who,
	        &(struct s3_sign_request){ .method = rq->method,
	                                   .url = rq->url,
	                                   .region = g->region,
	                                   .service = "s3",
	                                   .payload = g->payload,
	                                   .now = clock_now() });
	return 0;
}

static int hash_body(char hex[DIGEST_HEX_SIZE], const struct store_body *body,
                     struct error *err)
{
	autofree char *chunk = NULL;
	struct digest_state *state;
	struct digest d;
	int result = 0;

	if (!body || body->size == 0) {
		digest_of(&d, "", 0);
		digest_hex(hex, &d);
		return 0;
	}
	chunk = mem_alloc(CHUNK);
	state = digest_begin();
	for (uint64_t at = 0; at < body->size && result == 0; at += CHUNK) {
		size_t len = body->size - at < CHUNK ? (size_t)(body->size - at) : CHUNK;

		result = body->read_at(body->arg, at, chunk, len, err);
		if (result == 0)
			digest_update(state, chunk, len);
	}
	digest_end(state, &d);
	digest_hex(hex, &d);
	return result;
}

static const char *domain_of(const char *region)
{
	return strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";
}

/* Where the bucket is in the host name, and how it ends. */
static void add_host(struct buf *url, const struct s3_store *s, const char *region)
{
	autofree char *amazon = mem_printf("https://s3.%s.%s", region, domain_of(region));
	const char *endpoint = s->endpoint ? s->endpoint : amazon;
	size_t scheme = (size_t)(strstr(endpoint, "://") + 3 - endpoint);

	if (s->path_style)
		buf_addf(url, "%s/%s", endpoint, s->bucket);
	else if (s->accelerate)
		buf_addf(url, "https://%s.s3-accelerate.amazonaws.com", s->bucket);
	else
		buf_addf(url, "%.*s%s.%s", (int)scheme, endpoint, s->bucket, endpoint + scheme);
	buf_addc(url, '/');
}

static void make_url(struct buf *url, const struct s3_store *s, const char *region,
                     const struct s3_call *call)
{
	add_host(url, s, region);
	if (call->key) {
		http_escape(url, s->prefix, "/");
		http_escape(url, call->key, "/");
	}
	if (call->query)
		buf_addf(url, "?%s", call->query);
}

struct region_answer {
	char region[REGION_MAX];
};

static int on_region(void *arg, const char *path, const char *text, struct error *err)
{
	struct region_answer *a = arg;

	(void)err;
	if (strcmp(path, "Error/Region") == 0)
		snprintf(a->region, sizeof(a->region), "%s", text);
	return 0;
}

/* The region that the server names instead of ours; it ends up in host names. */
static bool other_region(char out[REGION_MAX], const struct http_response *rsp,
                         const char *region)
{
	const char *header = http_headers_get(&rsp->headers, "x-amz-bucket-region");
	struct region_answer a = { .region = "" };
	struct error ignored = ERROR_INIT;

	if (rsp->status != 301 && rsp->status != 307 && rsp->status != 400 &&
	    rsp->status != 403)
		return false;
	if (header)
		snprintf(a.region, sizeof(a.region), "%s", header);
	else if (s3_error_is(rsp, "AuthorizationHeaderMalformed"))
		(void)xml_parse(rsp->body.data, rsp->body.len, on_region, &a, &ignored);
	if (a.region[0] == '\0' || strcmp(a.region, region) == 0 ||
	    strspn(a.region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(a.region))
		return false;
	snprintf(out, REGION_MAX, "%s", a.region);
	return true;
}

static char *region_of(struct s3_store *s)
{
	char *region;

	pthread_mutex_lock(&s->lock);
	region = mem_strdup(s->region);
	pthread_mutex_unlock(&s->lock);
	return region;
}

static void set_region(struct s3_store *s, const char *region)
{
	pthread_mutex_lock(&s->lock);
	free(s->region);
	s->region = mem_strdup(region);
	pthread_mutex_unlock(&s->lock);
}

static bool is_expired(const struct http_response *rsp)
{
	return (rsp->status == 400 || rsp->status == 403) &&
	       (s3_error_is(rsp, "ExpiredToken") || s3_error_is(rsp, "TokenRefreshRequired") ||
	        s3_error_is(rsp, "InvalidToken"));
}

/* Once, to a region. 1 when another turn may help, 0 an answer to keep, -1. */
static int send_to(struct s3_store *s, const struct s3_call *call, const char *payload,
                   struct http_response *rsp, struct error *err)
{
	autofree char *region = region_of(s);
	struct signing g = { .store = s, .region = region, .payload = payload };
	autobuf url = BUF_INIT;
	struct http_request rq = { .method = call->method,
		                   .headers = call->headers,
		                   .body = call->body,
		                   .sign = sign,
		                   .sign_arg = &g,
		                   .limit = call->limit,
		                   .repeatable = call->repeatable,
		                   .uninterrupted = call->uninterrupted };
	char other[REGION_MAX];

	make_url(&url, s, region, call);
	rq.url = url.data;
	if (http_send(s->http, &rq, rsp, err) < 0)
		return -1;
	if (other_region(other, rsp, region)) {
		log_info("bucket %s is in region %s, not %s", s->bucket, other, region);
		set_region(s, other);
		return 1;
	}
	return is_expired(rsp) && s3_credentials_expire(s->credentials) ? 1 : 0;
}

int s3_send(struct s3_store *s, const struct s3_call *call, struct http_response *rsp,
            struct error *err)
{
	char payload[DIGEST_HEX_SIZE];
	bool doubtful = false;
	int result = 1;

	if (hash_body(payload, call->body, err) < 0)
		return -1;
	for (int turn = 0; result == 1 && turn < TURNS; turn++) {
		result = send_to(s, call, payload, rsp, err);
		doubtful = doubtful || rsp->doubtful;
	}
	rsp->doubtful = doubtful;
	if (result >= 0 && rsp->status >= 200 && rsp->status < 300)
		s->bucket_seen = true;
	return result < 0 ? -1 : 0;
}
