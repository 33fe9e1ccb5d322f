/* SPDX-License-Identifier: MIT */
#include "engine/store/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/store/cloud.h"

#define AT(name)   "backup.storage.s3." name
#define COMPARE    ((uint64_t)8 << 20) /* what s3_holds() reads at once */
#define NO_ANSWER  ((size_t)64 << 10)  /* room for an answer that should be empty */
#define BUCKET_MAX 255
#define DELETES    5

/* Amazon's rules for a bucket in a host name; a dot would break TLS's wildcard. */
static bool fits_host(const char *bucket)
{
	return strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(bucket);
}

static int check_bucket(const char *bucket, struct error *err)
{
	if (!bucket)
		return error_set(err, ERR_CONFIG, AT("bucket") " is empty");
	for (const char *p = bucket; *p; p++) {
		if (*p <= ' ' || *p > '~' || strchr("/?#%\\\"", *p))
			return error_set(err, ERR_CONFIG,
			                 AT("bucket") ": %.255s is no name for a bucket",
			                 bucket);
	}
	if (strlen(bucket) > BUCKET_MAX)
		return error_set(err, ERR_CONFIG, AT("bucket") ": %zu characters, limit %d",
		                 strlen(bucket), BUCKET_MAX);
	return 0;
}

/* "https://host:port", without a path: it would be part of what is signed and of the keys. */
static int check_endpoint(char **out, const char *given, struct error *err)
{
	autofree char *endpoint =
		strstr(given, "://") ? mem_strdup(given) : mem_printf("https://%s", given);
	char *host = strstr(endpoint, "://") + 3;
	size_t len = strlen(endpoint);

	while (len > 0 && endpoint[len - 1] == '/')
		endpoint[--len] = '\0';
	if ((strncmp(endpoint, "https://", 8) != 0 && strncmp(endpoint, "http://", 7) != 0) ||
	    *host == '\0' || strcspn(host, "/?#@ \\") != strlen(host)) {
		error_set(err, ERR_CONFIG, AT("endpoint") " is no address: %s", given);
		return error_hint(err, "It looks like https://s3.example.com:9000, without a "
		                       "path, a bucket or a password.");
	}
	*out = take(endpoint);
	return 0;
}

/* A name on the left of an address needs a name service that plays along: only when asked. */
static bool is_path_style(const struct s3_store *s, const struct config *c)
{
	if (config_is_set(c, AT("path_style")))
		return config_bool(c, AT("path_style"));
	return s->endpoint || !fits_host(s->bucket);
}

static void set_object_headers(struct s3_store *s, const struct config *c)
{
	static const struct {
		const char *key, *header;
	} pairs[] = {
		{ AT("storage_class"), "x-amz-storage-class" },
		{ AT("server_side_encryption"), "x-amz-server-side-encryption" },
		{ AT("kms_key_id"), "x-amz-server-side-encryption-aws-kms-key-id" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const char *value = config_text(c, pairs[i].key);

		if (value)
			http_headers_set(&s->object_headers, pairs[i].header, value);
	}
	http_headers_set(&s->object_headers, "Content-Type", "application/octet-stream");
}

static void connect_later(struct s3_store *s, const struct config *c)
{
	const char *ca_file = config_text(c, AT("ca_file"));
	const struct http_settings settings = {
		.name = "S3",
		.ca_file = ca_file ? ca_file : getenv("AWS_CA_BUNDLE"),
		.connection_timeout = config_int(c, AT("connection_timeout")),
		.read_timeout = config_int(c, AT("read_timeout")),
		.retry_attempts = config_int(c, AT("retry_attempts")),
		.max_concurrency = (size_t)config_int(c, AT("max_concurrency")),
	};

	s->max_concurrency = settings.max_concurrency;
	s->http = http_new(&settings);
	s->credentials = s3_credentials_new(c, s->region, &settings);
}

static void s3_close(struct store *base)
{
	struct s3_store *s = s3_store(base);

	s3_credentials_free(s->credentials);
	http_free(s->http);
	http_headers_finish(&s->object_headers);
	pthread_mutex_destroy(&s->lock);
	free(s->bucket);
	free(s->prefix);
	free(s->endpoint);
	free(s->region);
	free(s);
}

static void close_failed(struct s3_store **s)
{
	if (!*s)
		return;
	free((*s)->base.location);
	s3_close(&(*s)->base);
}

static int check_accelerate(const struct s3_store *s, struct error *err)
{
	if (!s->accelerate)
		return 0;
	if (s->endpoint || s->path_style)
		return error_set(err, ERR_CONFIG,
		                 AT("use_accelerate_endpoint") " goes neither with an endpoint "
		                                               "nor with path_style");
	return 0;
}

static int s3_open(struct store **out, const struct config *c, struct error *err)
{
	const char *bucket = config_text(c, AT("bucket"));
	const char *prefix = config_text(c, AT("prefix"));
	const char *endpoint = config_text(c, AT("endpoint"));
	__attribute__((cleanup(close_failed))) struct s3_store *s = NULL;

	if (check_bucket(bucket, err) < 0)
		return -1;
	s = mem_alloc(sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	s->base.ops = &store_s3_ops;
	s->bucket = mem_strdup(bucket);
	s->prefix = mem_strdup(prefix ? prefix : "");
	s->region = mem_strdup(config_text(c, AT("region")));
	s->base.location = mem_printf("s3://%s/%s", s->bucket, s->prefix);
	if (endpoint && check_endpoint(&s->endpoint, endpoint, err) < 0)
		return -1;
	s->path_style = is_path_style(s, c);
	s->accelerate = config_bool(c, AT("use_accelerate_endpoint"));
	s->multipart_threshold = (uint64_t)config_int(c, AT("multipart_threshold"));
	s->multipart_chunksize = (uint64_t)config_int(c, AT("multipart_chunksize"));
	if (check_accelerate(s, err) < 0)
		return -1;
	/* Amazon's own servers are known to keep both conditions. */
	if (!s->endpoint)
		s->create_only = s->replace_only = S3_CONDITION_KEPT;
	set_object_headers(s, c);
	connect_later(s, c);
	*out = &take(s)->base;
	return 0;
}

void s3_etag(char out[STORE_VERSION_MAX], const struct http_headers *headers)
{
	const char *given = http_headers_get(headers, "ETag");
	struct str tag = str_trim(str_of(given));

	if (tag.n >= 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"')
		tag = str_slice(tag, 1, tag.n - 1);
	snprintf(out, STORE_VERSION_MAX, "%.*s", STR_ARG(tag));
}

static int fill_stat(struct store_stat *out, const struct http_headers *headers, uint64_t size,
                     const char *key, struct error *err)
{
	const char *modified = http_headers_get(headers, "Last-Modified");

	*out = (struct store_stat){ .size = size,
		                    .modified = modified ? http_parse_date(modified) : 0 };
	s3_etag(out->version, headers);
	if (out->version[0] == '\0')
		return error_set(err, ERR_STORE, "%s: the answer has no ETag", key);
	return 0;
}

static int content_length(uint64_t *out, const struct http_response *rsp, const char *key,
                          struct error *err)
{
	const char *length = http_headers_get(&rsp->headers, "Content-Length");

	if (!length)
		return error_set(err, ERR_STORE, "%s: the answer has no Content-Length", key);
	return number_parse_u64(out, length, INT64_MAX, err);
}

/* HEAD does not tell a missing bucket from a missing key. */
static int check_bucket_is_there(struct s3_store *s, struct error *err)
{
	const struct s3_call call = { .method = "GET",
		                      .query = "list-type=2&max-keys=1",
		                      .limit = NO_ANSWER,
		                      .repeatable = true };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (s->bucket_seen)
		return 0;
	if (s3_send(s, &call, &rsp, err) < 0)
		return -1;
	if (rsp.status == 404 && s3_error_is(&rsp, "NoSuchBucket"))
		return s3_refused(s, &rsp, "look into", NULL, err);
	return 0;
}

int s3_head(struct s3_store *s, const char *key, struct store_stat *out, struct error *err)
{
	const struct s3_call call = {
		.method = "HEAD", .key = key, .limit = NO_ANSWER, .repeatable = true
	};
	autoresponse rsp = HTTP_RESPONSE_INIT;
	uint64_t size = 0;

	if (s3_send(s, &call, &rsp, err) < 0)
		return -1;
	if (rsp.status == 404)
		return check_bucket_is_there(s, err);
	if (rsp.status != 200)
		return s3_refused(s, &rsp, "look at", key, err);
	if (content_length(&size, &rsp, key, err) < 0 ||
	    fill_stat(out, &rsp.headers, size, key, err) < 0)
		return -1;
	return 1;
}

static int s3_stat(struct store *base, const char *key, struct store_stat *out,
                   struct error *err)
{
	return s3_head(s3_store(base), key, out, err);
}

int s3_get(struct store *base, const char *key, struct store_range range, struct buf *out,
           struct store_stat *stat, struct error *err)
{
	struct s3_store *s = s3_store(base);
	struct s3_call call = { .method = "GET", .key = key, .repeatable = true };
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf bytes = BUF_INIT;
	uint64_t size = 0;

	cloud_range_text(&bytes, &call.limit, &range);
	if (call.limit == 0 || range.offset > INT64_MAX)
		return s3_head(s, key, stat, err);
	http_headers_set(&headers, "Range", bytes.data);
	call.headers = &headers;
	if (s3_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "%s", key);
	if (rsp.status == 404 && s3_error_is(&rsp, "NoSuchKey"))
		return 0;
	if (rsp.status == 416) /* nothing there: behind the end, or an empty object */
		return s3_head(s, key, stat, err);
	if (rsp.status != 200 && rsp.status != 206)
		return s3_refused(s, &rsp, "read", key, err);
	if (cloud_range_take(out, &size, &rsp, &range, key, err) < 0 ||
	    fill_stat(stat, &rsp.headers, size, key, err) < 0)
		return -1;
	return 1;
}

int s3_holds(struct s3_store *s, const char *key, const struct store_body *body,
             struct error *err)
{
	struct store_stat stat = { .size = 0 };
	int found = s3_head(s, key, &stat, err);

	if (found <= 0 || stat.size != body->size)
		return found < 0 ? -1 : 0;
	for (uint64_t at = 0; at < body->size; at += COMPARE) {
		uint64_t len = body->size - at < COMPARE ? body->size - at : COMPARE;
		struct store_range range = { at, len, (size_t)len };
		autofree char *ours = mem_alloc((size_t)len);
		autobuf theirs = BUF_INIT;

		found = s3_get(&s->base, key, range, &theirs, &stat, err);
		if (found <= 0)
			return found;
		if (body->read_at(body->arg, at, ours, (size_t)len, err) < 0)
			return -1;
		if (theirs.len != len || memcmp(theirs.data, ours, (size_t)len) != 0)
			return 0;
	}
	return 1;
}

static int delete_once(struct s3_store *s, const char *key, struct error *err)
{
	const struct s3_call call = {
		.method = "DELETE", .key = key, .limit = NO_ANSWER, .repeatable = true
	};
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (s3_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "%s", key);
	if (rsp.status != 204 && rsp.status != 200 && rsp.status != 404)
		return s3_refused(s, &rsp, "remove", key, err);
	return 0;
}

/*
 * The server answers the same whether there was something or not, so a look comes first. Some
 * (Ceph) also say that it is done when a replace at the same moment kept them from it:
 * who is not known to do better is looked after.
 */
static int s3_remove(struct store *base, const char *key, struct error *err)
{
	struct s3_store *s = s3_store(base);
	struct store_stat unused;
	int found = s3_head(s, key, &unused, err);

	if (found <= 0)
		return found;
	for (int i = 0; found > 0 && i < DELETES; i++) {
		if (delete_once(s, key, err) < 0)
			return -1;
		if (s->replace_only == S3_CONDITION_KEPT)
			return 1;
		found = s3_head(s, key, &unused, err);
	}
	if (found < 0)
		return -1;
	return found == 0 ? 1 : error_set(err, ERR_BUSY, "%s comes back again and again", key);
}

const struct store_ops store_s3_ops = {
	.scheme = "s3",
	.summary = "keeps backups in a bucket of Amazon S3 or a server like it",
	.open = s3_open,
	.close = s3_close,
	.put = s3_put,
	.replace = s3_replace,
	.get = s3_get,
	.stat = s3_stat,
	.list = s3_list,
	.remove = s3_remove,
};
