/* SPDX-License-Identifier: MIT */
#include "engine/store/s3_write.h"

#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"

#define LOG_MODULE "store/s3"
#define NO_ANSWER  ((size_t)64 << 10)
#define CONFLICTS  8 /* with others who write the same key this moment */

static int send_put(struct s3_store *s, const struct s3_write *w, struct http_response *rsp,
                    struct error *err)
{
	autoheaders headers = HTTP_HEADERS_INIT;
	const struct s3_call call = { .method = "PUT",
		                      .key = w->key,
		                      .headers = &headers,
		                      .body = w->body,
		                      .limit = NO_ANSWER,
		                      .repeatable = true };

	http_headers_copy(&headers, &s->object_headers);
	if (w->none_match)
		http_headers_set(&headers, "If-None-Match", w->none_match);
	if (w->match)
		http_headers_setf(&headers, "If-Match", w->unquoted ? "%s" : "\"%s\"",
		                  w->match);
	return s3_send(s, &call, rsp, err);
}

/* Somebody else writes the same key: by Amazon's name for it, and by Ceph's from 20 on. */
static bool is_conflict(const struct http_response *rsp)
{
	return rsp->status == 409 && (s3_error_is(rsp, "ConditionalRequestConflict") ||
	                              s3_error_is(rsp, "ConcurrentModification"));
}

/* Nothing was written then, and it is to be tried again. */
int s3_write_once(struct s3_store *s, const struct s3_write *w, struct http_response *rsp,
                  struct error *err)
{
	for (int i = 0; i < CONFLICTS; i++) {
		if (cancel_check(err) < 0 || send_put(s, w, rsp, err) < 0)
			return -1;
		if (!is_conflict(rsp))
			break;
	}
	return 0;
}

bool s3_write_is_refused(const struct http_response *rsp)
{
	return rsp->status == 501 || (rsp->status == 400 && s3_error_is(rsp, "NotImplemented"));
}

int s3_exists(const struct s3_store *s, const char *key, struct error *err)
{
	return error_set(err, ERR_EXISTS, "%s exists already in %s", key, s->base.location);
}

int s3_write_resolve(struct s3_store *s, const struct s3_write *w,
                     const struct error *otherwise, struct error *err)
{
	struct error failure = ERROR_INIT;
	int ours;

	if (otherwise->code == ERR_CANCELLED) {
		*err = *otherwise;
		return -1;
	}
	ours = s3_holds(s, w->key, w->body, &failure);
	if (ours > 0) {
		log_info("%s: stored, though the answer was lost", w->key);
		return 0;
	}
	*err = *otherwise;
	if (ours < 0)
		error_hint(err, "It may be stored or not: the server could not be asked (%s).",
		           failure.text);
	return -1;
}
