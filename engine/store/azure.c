/* SPDX-License-Identifier: MIT */
#include "engine/store/azure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/store/azure_identity.h"

#define AT "backup.storage.azure."

static void azure_close(struct store *store)
{
	struct azure_store *s = azure_store(store);

	token_free(s->token);
	azure_identity_free(s->identity);
	http_free(s->http);
	azure_account_finish(&s->account);
	free(s->container);
	free(s->prefix);
	free(s);
}

static struct azure_store *new_store(const struct config *c, const char *container)
{
	struct azure_store *s = mem_alloc(sizeof(*s));
	const char *prefix = config_text(c, AT "prefix");
	const struct http_settings settings = {
		.name = "Azure",
		.ca_file = config_text(c, AT "ca_file"),
		.connection_timeout = config_int(c, AT "connection_timeout"),
		.read_timeout = config_int(c, AT "read_timeout"),
		.retry_attempts = config_int(c, AT "retry_attempts"),
		.max_concurrency = (size_t)config_int(c, AT "max_concurrency"),
	};

	s->base.ops = &store_azure_ops;
	s->container = mem_strdup(container);
	s->prefix = mem_strdup(prefix ? prefix : "");
	s->base.location = cloud_location("azure", container, s->prefix);
	s->block_size = (uint64_t)config_int(c, AT "block_size");
	s->max_concurrency = settings.max_concurrency;
	s->http = http_new(&settings);
	return s;
}

static int azure_open(struct store **out, const struct config *c, struct error *err)
{
	const char *container = config_text(c, AT "container_name");
	autoaccount account = { .right = AZURE_IDENTITY };
	struct azure_store *s;

	if (!container) {
		error_set(err, ERR_CONFIG, AT "container_name is not set");
		return error_hint(err, "Name the container that is to keep the backups.");
	}
	if (azure_account_read(&account, c, err) < 0)
		return -1;
	s = new_store(c, container);
	s->account = account;
	account = (struct azure_account){ .name = NULL };
	if (s->account.right == AZURE_IDENTITY) {
		s->identity = azure_identity_new();
		s->token = token_new(azure_identity_fetch, s->identity);
	}
	*out = &s->base;
	return 0;
}

void azure_etag(char out[STORE_VERSION_MAX], const char *value)
{
	struct str etag = str_of(value);

	if (etag.n >= 2 && etag.p[0] == '"' && etag.p[etag.n - 1] == '"')
		etag = str_slice(etag, 1, etag.n - 1);
	snprintf(out, STORE_VERSION_MAX, "%.*s", STR_ARG(etag));
}

/* What headers say of a blob, but for its size. */
static int read_stat(struct store_stat *out, const struct http_response *rsp, const char *key,
                     struct error *err)
{
	const char *modified = http_headers_get(&rsp->headers, "Last-Modified");

	azure_etag(out->version, http_headers_get(&rsp->headers, "ETag"));
	out->modified = modified ? http_parse_date(modified) : -1;
	if (out->version[0] == '\0' || out->modified < 0)
		return error_set(err, ERR_STORE, "%s: the answer has no ETag or Last-Modified",
		                 key);
	return 0;
}

int azure_head(struct azure_store *s, const char *key, struct store_stat *out,
               char mark[CLOUD_MARK_SIZE], struct error *err)
{
	struct azure_call call = { .method = "HEAD", .key = key };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	const char *size, *found_mark;

	if (azure_has_no(key))
		return 0;
	if (azure_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "look at %s", key);
	if (azure_is_missing(&rsp))
		return 0;
	if (rsp.status != 200)
		return azure_refused(s, &rsp, "look into", key, err);
	size = http_headers_get(&rsp.headers, "Content-Length");
	if (number_parse_u64(&out->size, size ? size : "", UINT64_MAX, err) < 0)
		return error_wrap(err, "%s: Content-Length", key);
	if (mark) {
		found_mark = http_headers_get(&rsp.headers, "x-ms-meta-schemafs_put");
		snprintf(mark, CLOUD_MARK_SIZE, "%s", found_mark ? found_mark : "");
	}
	return read_stat(out, &rsp, key, err) < 0 ? -1 : 1;
}

static int azure_stat(struct store *s, const char *key, struct store_stat *out,
                      struct error *err)
{
	return azure_head(azure_store(s), key, out, NULL, err);
}

/* A range that begins at or behind the end has no bytes. */
static int get_nothing(struct azure_store *s, const char *key, const struct store_range *range,
                       struct store_stat *stat, struct error *err)
{
	int found = azure_head(s, key, stat, NULL, err);

	return cloud_get_nothing(found, stat, range, key, err);
}

static int azure_get(struct store *store, const char *key, struct store_range range,
                     struct buf *out, struct store_stat *stat, struct error *err)
{
	struct azure_store *s = azure_store(store);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf text = BUF_INIT;
	struct azure_call call = { .method = "GET", .key = key, .headers = &headers };
	int nothing;

	if (azure_has_no(key))
		return 0;
	if (range.length == 0)
		return get_nothing(s, key, &range, stat, err);
	cloud_range_text(&text, &call.limit, &range);
	http_headers_set(&headers, "x-ms-range", text.data);
	if (azure_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "read %s", key);
	if (azure_is_missing(&rsp))
		return 0;
	nothing = cloud_range_judge(&rsp, key, err);
	if (nothing != 0)
		return nothing < 0 ? -1 : get_nothing(s, key, &range, stat, err);
	if (rsp.status != 206)
		return azure_refused(s, &rsp, "read from", key, err);
	if (read_stat(stat, &rsp, key, err) < 0 ||
	    cloud_range_take(out, &stat->size, &rsp, &range, key, err) < 0)
		return -1;
	return 1;
}

static int azure_remove(struct store *store, const char *key, struct error *err)
{
	struct azure_store *s = azure_store(store);
	struct azure_call call = { .method = "DELETE", .key = key };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (azure_has_no(key))
		return 0;
	if (azure_send(s, &call, &rsp, err) < 0)
		return error_wrap(err, "remove %s", key);
	if (rsp.status == 202)
		return 1;
	if (azure_is_missing(&rsp))
		return rsp.doubtful ? 1 : 0; /* an attempt before this one may have done it */
	return azure_refused(s, &rsp, "remove from", key, err);
}

const struct store_ops store_azure_ops = {
	.scheme = "azure",
	.summary = "keeps backups in a container of Azure Blob Storage",
	.open = azure_open,
	.close = azure_close,
	.put = azure_put,
	.replace = azure_replace,
	.get = azure_get,
	.stat = azure_stat,
	.list = azure_list,
	.remove = azure_remove,
};
