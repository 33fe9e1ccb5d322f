/* SPDX-License-Identifier: MIT */
#include "engine/store/gcs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/config/config.h"

#define AT             "backup.storage.gcs."
#define USUAL_ENDPOINT "https://storage.googleapis.com"
#define CONNECTIONS    16
#define CHUNK_UNIT     ((uint64_t)256 << 10) /* chunks are multiples of it */
#define ANSWER_MAX     ((size_t)64 << 10)

static void gcs_close(struct store *store)
{
	struct gcs_store *s = gcs_store(store);

	token_free(s->token);
	gcs_source_free(s->source);
	http_free(s->http);
	free(s->endpoint);
	free(s->bucket);
	free(s->prefix);
	free(s->project);
	free(s);
}

static char *without_slashes(const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return mem_strndup(url, len);
}

static struct gcs_store *new_store(const struct config *c, const char *bucket)
{
	const struct http_settings settings = {
		.name = "Google Cloud Storage",
		.ca_file = config_text(c, AT "ca_file"),
		.connection_timeout = config_int(c, AT "connection_timeout"),
		.read_timeout = config_int(c, AT "read_timeout"),
		.retry_attempts = config_int(c, AT "retry_attempts"),
		.max_concurrency = CONNECTIONS,
	};
	const char *prefix = config_text(c, AT "prefix");
	const char *endpoint = config_text(c, AT "endpoint");
	uint64_t chunk = (uint64_t)config_int(c, AT "chunk_size");
	struct gcs_store *s = mem_alloc(sizeof(*s));

	s->base.ops = &store_gcs_ops;
	s->bucket = mem_strdup(bucket);
	s->prefix = mem_strdup(prefix ? prefix : "");
	s->base.location = cloud_location("gs", bucket, s->prefix);
	s->endpoint = without_slashes(endpoint ? endpoint : USUAL_ENDPOINT);
	s->chunk_size = (chunk + CHUNK_UNIT - 1) / CHUNK_UNIT * CHUNK_UNIT;
	s->http = http_new(&settings);
	return s;
}

static int gcs_open(struct store **out, const struct config *c, struct error *err)
{
	const char *bucket = config_text(c, AT "bucket");
	const char *project = config_text(c, AT "project_id");
	autocredentials credentials = { .right = GCS_METADATA };
	struct gcs_store *s;

	if (!bucket) {
		error_set(err, ERR_CONFIG, AT "bucket is not set");
		return error_hint(err, "Name the bucket that is to keep the backups.");
	}
	if (gcs_credentials_read(&credentials, c, err) < 0)
		return -1;
	s = new_store(c, bucket);
	s->project = mem_strdup(project ? project : credentials.project);
	s->source = gcs_source_new(&credentials, s->http);
	s->token = token_new(gcs_source_fetch, s->source);
	*out = &s->base;
	return 0;
}

int gcs_look(struct gcs_store *s, const char *key, struct store_stat *out,
             char mark[CLOUD_MARK_SIZE], struct error *err)
{
	autobuf path = BUF_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct gcs_call call = { .method = "GET",
		                 .query = "fields=" GCS_OBJECT_FIELDS,
		                 .limit = ANSWER_MAX };

	gcs_path(&path, s, key);
	call.path = path.data;
	if (gcs_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "look at %s", key);
	if (gcs_is_missing(&rsp))
		return 0;
	if (rsp.status != 200)
		return gcs_refused(s, &rsp, "look into", key, err);
	if (gcs_object_parse(out, mark, rsp.body.data, rsp.body.len, err) < 0)
		return error_wrap(err, "%s", key);
	return 1;
}

static int gcs_stat(struct store *s, const char *key, struct store_stat *out, struct error *err)
{
	return gcs_look(gcs_store(s), key, out, NULL, err);
}

/* A range that begins at or behind the end has no bytes. */
static int get_nothing(struct gcs_store *s, const char *key, const struct store_range *range,
                       struct store_stat *stat, struct error *err)
{
	int found = gcs_look(s, key, stat, NULL, err);

	return cloud_get_nothing(found, stat, range, key, err);
}

/* What the headers of a download say of the object, but for its size. */
static int read_headers(struct store_stat *out, const struct http_response *rsp,
                        const char *key, struct error *err)
{
	const char *generation = http_headers_get(&rsp->headers, "x-goog-generation");
	const char *modified = http_headers_get(&rsp->headers, "Last-Modified");

	if (!generation || !modified)
		return error_set(err, ERR_STORE,
		                 "%s: the answer has no x-goog-generation or Last-Modified",
		                 key);
	snprintf(out->version, sizeof(out->version), "%s", generation);
	out->modified = http_parse_date(modified);
	if (out->modified < 0)
		return error_set(err, ERR_STORE, "%s: Last-Modified: no date", key);
	return 0;
}

static int gcs_get(struct store *store, const char *key, struct store_range range,
                   struct buf *out, struct store_stat *stat, struct error *err)
{
	struct gcs_store *s = gcs_store(store);
	autobuf path = BUF_INIT;
	autobuf text = BUF_INIT;
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct gcs_call call = { .method = "GET", .query = "alt=media", .headers = &headers };
	int nothing;

	if (range.length == 0)
		return get_nothing(s, key, &range, stat, err);
	cloud_range_text(&text, &call.limit, &range);
	http_headers_set(&headers, "Range", text.data);
	gcs_path(&path, s, key);
	call.path = path.data;
	if (gcs_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "read %s", key);
	if (gcs_is_missing(&rsp))
		return 0;
	nothing = cloud_range_judge(&rsp, key, err);
	if (nothing != 0)
		return nothing < 0 ? -1 : get_nothing(s, key, &range, stat, err);
	if (rsp.status != 206)
		return gcs_refused(s, &rsp, "read from", key, err);
	if (read_headers(stat, &rsp, key, err) < 0 ||
	    cloud_range_take(out, &stat->size, &rsp, &range, key, err) < 0)
		return -1;
	return 1;
}

static int gcs_remove(struct store *store, const char *key, struct error *err)
{
	struct gcs_store *s = gcs_store(store);
	autobuf path = BUF_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct gcs_call call = { .method = "DELETE", .limit = ANSWER_MAX };

	gcs_path(&path, s, key);
	call.path = path.data;
	if (gcs_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "remove %s", key);
	if (rsp.status == 204 || rsp.status == 200)
		return 1;
	if (gcs_is_missing(&rsp))
		return rsp.doubtful ? 1 : 0; /* an attempt before this one may have done it */
	return gcs_refused(s, &rsp, "remove from", key, err);
}

const struct store_ops store_gcs_ops = {
	.scheme = "gcs",
	.summary = "keeps backups in a bucket of Google Cloud Storage",
	.open = gcs_open,
	.close = gcs_close,
	.put = gcs_put,
	.replace = gcs_replace,
	.get = gcs_get,
	.stat = gcs_stat,
	.list = gcs_list,
	.remove = gcs_remove,
};
