/* SPDX-License-Identifier: MIT */
/*
 * s3_replace: replacing the version that was read, with servers that keep the condition,
 * keep it by another spelling, refuse it or ignore it. What that means: docs/adr/0015.
 */
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/store/s3_write.h"

#define LOG_MODULE "store/s3"
#define NO_VERSION "00000000000000000000000000000000"

/* 0 it has this version, -1. */
static int check_version(struct s3_store *s, const char *key, const char *version,
                         struct error *err)
{
	struct store_stat now;
	int found = s3_head(s, key, &now, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "%s does not exist in %s", key,
		                 s->base.location);
	if (strcmp(now.version, version) != 0)
		return error_set(err, ERR_BUSY,
		                 "%s was replaced meanwhile: want version %s, got %s", key,
		                 version, now.version);
	return 0;
}

/* The condition was not met: why? */
static int refused_version(struct s3_store *s, const char *key, const char *version,
                           struct error *err)
{
	if (check_version(s, key, version, err) < 0)
		return -1;
	return error_set(err, ERR_BUSY, "%s is being replaced by somebody else", key);
}

/* 0 and the answer in rsp (200 also when only a look says so), -1. */
static int send_replace(struct s3_store *s, const struct s3_write *w, struct http_response *rsp,
                        struct error *err)
{
	struct error failure = ERROR_INIT;
	int sent = s3_write_once(s, w, rsp, &failure);

	if (sent == 0 && (rsp->status == 200 || !rsp->doubtful))
		return 0;
	if (sent == 0 && rsp->status != 412)
		s3_refused(s, rsp, "replace", w->key, &failure);
	else if (sent == 0)
		error_set(&failure, ERR_BUSY, "%s was replaced meanwhile", w->key);
	else
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

/* No condition to be had: look, write, look again. */
static int replace_by_looking(struct s3_store *s, const struct s3_write *w, struct error *err)
{
	const struct s3_write plain = { .key = w->key, .body = w->body };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	char version[STORE_VERSION_MAX];

	if (check_version(s, w->key, w->match, err) < 0 ||
	    send_replace(s, &plain, &rsp, err) < 0)
		return -1;
	if (rsp.status != 200)
		return s3_refused(s, &rsp, "replace", w->key, err);
	s3_etag(version, &rsp.headers);
	return version[0] != '\0' ? check_version(s, w->key, version, err) : 0;
}

/* As Ceph up to 18 wants it. */
static int replace_unquoted(struct s3_store *s, struct s3_write *w, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;

	w->unquoted = true;
	if (send_replace(s, w, &rsp, err) < 0)
		return -1;
	if (rsp.status == 200) {
		s->replace_only = S3_CONDITION_UNQUOTED;
		return 0;
	}
	if (rsp.status == 412 || rsp.status == 404)
		return refused_version(s, w->key, w->match, err);
	return s3_refused(s, &rsp, "replace", w->key, err);
}

/*
 * Before the first replace: a version that is none must be refused. Where it is not, the
 * object is replaced by that, after a look, which is all that such a server can give.
 * 1 it is done, 0 the condition is kept, -1.
 */
static int replace_and_learn(struct s3_store *s, const struct s3_write *w, struct error *err)
{
	struct s3_write wrong = *w;
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (check_version(s, w->key, w->match, err) < 0)
		return -1;
	wrong.match = NO_VERSION;
	if (s3_write_once(s, &wrong, &rsp, err) < 0)
		return error_wrap(err, "%s", w->key);
	if (rsp.status == 412)
		return 0;
	if (rsp.status == 404) /* removed since the look */
		return refused_version(s, w->key, w->match, err);
	if (rsp.status != 200 && !s3_write_is_refused(&rsp))
		return s3_refused(s, &rsp, "replace", w->key, err);
	if (atomic_exchange(&s->replace_only, S3_CONDITION_IGNORED) != S3_CONDITION_IGNORED)
		log_warn(
			"%s knows no If-Match: of two hosts that change the same backup at once, one "
			"may undo what the other did",
			s->base.location);
	return rsp.status == 200 ? 1 : 0;
}

/*
 * The right version's turn. Servers that compare it without quotation marks (Ceph up to 18)
 * refuse it.
 */
static int replace_kept(struct s3_store *s, struct s3_write *w, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (send_replace(s, w, &rsp, err) < 0)
		return -1;
	if (rsp.status == 200) {
		s->replace_only = S3_CONDITION_KEPT;
		return 0;
	}
	if (rsp.status != 412 && rsp.status != 404)
		return s3_refused(s, &rsp, "replace", w->key, err);
	if (s->replace_only == S3_CONDITION_KEPT)
		return refused_version(s, w->key, w->match, err);
	if (check_version(s, w->key, w->match, err) < 0)
		return -1;
	return replace_unquoted(s, w, err);
}

int s3_replace(struct store *base, const char *key, const char *version, const void *data,
               size_t len, struct error *err)
{
	struct s3_store *s = s3_store(base);
	struct str text = { data, len };
	struct store_body body = store_body_of_text(&text);
	struct s3_write w = { .key = key, .body = &body, .match = version };

	if (s->replace_only == S3_CONDITION_UNKNOWN) {
		int result = replace_and_learn(s, &w, err);

		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	if (s->replace_only == S3_CONDITION_IGNORED)
		return replace_by_looking(s, &w, err);
	if (s->replace_only == S3_CONDITION_UNQUOTED)
		return replace_unquoted(s, &w, err);
	return replace_kept(s, &w, err);
}
