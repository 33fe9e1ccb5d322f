/* SPDX-License-Identifier: MIT */
/*
 * s3_put: creating, with servers that keep the condition, refuse it or ignore it. What that
 * means: docs/adr/0015.
 */
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/store/s3_write.h"

#define LOG_MODULE "store/s3"
#define PROBE_MAX                                                                   \
	((uint64_t)1 << 20) /* a larger object is not sent twice to learn something \
	                     */

/* The answer to a put under If-None-Match. */
static int judge_create(struct s3_store *s, const struct s3_write *w,
                        const struct http_response *rsp, struct error *err)
{
	struct error failure = ERROR_INIT;

	if (rsp->status == 200)
		return 0;
	if (rsp->status == 412)
		s3_exists(s, w->key, &failure);
	else
		s3_refused(s, rsp, "store", w->key, &failure);
	if (rsp->doubtful)
		return s3_write_resolve(s, w, &failure, err);
	*err = failure;
	return -1;
}

static int create_with_condition(struct s3_store *s, const struct s3_write *w,
                                 struct http_response *rsp, struct error *err)
{
	struct error failure = ERROR_INIT;

	if (s3_write_once(s, w, rsp, &failure) == 0)
		return 0;
	error_wrap(&failure, "%s", w->key);
	if (!rsp->doubtful) {
		*err = failure;
		return -1;
	}
	if (s3_write_resolve(s, w, &failure, err) < 0)
		return -1;
	rsp->status = 200;
	return 0;
}

/* No condition to be had: look first, and look again whose it is. */
static int create_by_looking(struct s3_store *s, const char *key, const struct store_body *body,
                             struct error *err)
{
	const struct s3_write plain = { .key = key, .body = body };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct store_stat stat;
	char version[STORE_VERSION_MAX];
	int found = s3_head(s, key, &stat, err);

	if (found != 0)
		return found < 0 ? -1 : s3_exists(s, key, err);
	if (create_with_condition(s, &plain, &rsp, err) < 0 ||
	    judge_create(s, &plain, &rsp, err) < 0)
		return -1;
	s3_etag(version, &rsp.headers);
	found = s3_head(s, key, &stat, err);
	if (found < 0)
		return -1;
	if (!found || (version[0] != '\0' && strcmp(version, stat.version) != 0))
		return s3_exists(s, key, err);
	return 0;
}

/*
 * The first object for a server that we do not know. It is sent twice: the second
 * time the condition must be refused, else it means nothing to this server.
 */
static int create_and_learn(struct s3_store *s, const struct s3_write *w, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autoresponse again = HTTP_RESPONSE_INIT;
	struct error unanswered = ERROR_INIT;
	struct store_stat stat;
	int found = s3_head(s, w->key, &stat, err);

	if (found != 0)
		return found < 0 ? -1 : s3_exists(s, w->key, err);
	if (create_with_condition(s, w, &rsp, err) < 0)
		return -1;
	if (s3_write_is_refused(&rsp)) {
		s->create_only = S3_CONDITION_IGNORED;
		return create_by_looking(s, w->key, w->body, err);
	}
	if (rsp.status == 412 && !rsp.doubtful)
		s->create_only = S3_CONDITION_KEPT;
	if (judge_create(s, w, &rsp, err) < 0)
		return -1;
	if (s->create_only != S3_CONDITION_UNKNOWN || w->body->size > PROBE_MAX || rsp.doubtful)
		return 0;
	/* It is stored, whatever becomes of the question. */
	if (s3_write_once(s, w, &again, &unanswered) < 0 ||
	    (again.status != 412 && again.status != 200))
		return 0;
	s->create_only = again.status == 412 ? S3_CONDITION_KEPT : S3_CONDITION_IGNORED;
	if (again.status != 412)
		log_warn("%s overwrites in spite of If-None-Match: two hosts that write the "
		         "same key at once may both succeed",
		         s->base.location);
	return 0;
}

int s3_put(struct store *base, const char *key, const struct store_body *body,
           struct error *err)
{
	struct s3_store *s = s3_store(base);
	const struct s3_write w = { .key = key, .body = body, .none_match = "*" };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (body->size >= s->multipart_threshold)
		return s3_put_parts(s, key, body, err);
	if (s->create_only == S3_CONDITION_IGNORED)
		return create_by_looking(s, key, body, err);
	if (s->create_only == S3_CONDITION_UNKNOWN)
		return create_and_learn(s, &w, err);
	if (create_with_condition(s, &w, &rsp, err) < 0)
		return -1;
	return judge_create(s, &w, &rsp, err);
}
