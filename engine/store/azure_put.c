/* SPDX-License-Identifier: MIT */
/*
 * azure_put: writing blobs, whole or in blocks. Every write has a condition and a mark, so
 * that it may be sent again, and so that a write whose reply got lost is known for ours.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/pool.h"
#include "engine/codec/signature.h"
#include "engine/store/azure.h"

#define BLOCKS_MAX  50000
#define ID_MARK_LEN 16 /* with the number 24 bytes: base64 without padding */
#define CONTENT     "application/octet-stream"
#define MARK_HEADER "x-ms-meta-schemafs_put"

static int moved_on(struct azure_store *s, const char *key, const char *version,
                    struct error *err)
{
	struct store_stat now;
	int found = azure_head(s, key, &now, NULL, err);

	return cloud_moved_on(found, &now, key, version, err);
}

/* What is there, is it by this very write? */
static bool is_ours(struct azure_store *s, const char *key, const char *mark)
{
	char found_mark[CLOUD_MARK_SIZE];
	struct error ignored = ERROR_INIT;
	struct store_stat stat;

	return azure_head(s, key, &stat, found_mark, &ignored) == 1 &&
	       strcmp(found_mark, mark) == 0;
}

struct writing {
	const char *key, *mark;
	const char *version; /* to be replaced; NULL: there must be none */
};

/* Sends what makes the blob appear, under the condition that w says. */
static int commit(struct azure_store *s, const struct writing *w, struct azure_call *call,
                  struct http_headers *headers, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;
	int sent;

	if (w->version)
		http_headers_setf(headers, "If-Match", "\"%s\"", w->version);
	else
		http_headers_set(headers, "If-None-Match", "*");
	http_headers_set(headers, MARK_HEADER, w->mark);
	call->headers = headers;
	sent = azure_send(s, call, &rsp, err);
	if (sent == 0 && rsp.status == 201)
		return 0;
	if (rsp.doubtful && is_ours(s, w->key, w->mark)) {
		error_clear(err);
		return 0;
	}
	if (sent < 0)
		return error_wrap(err, "store %s", w->key);
	if (w->version && (rsp.status == 412 || azure_is_missing(&rsp)))
		return moved_on(s, w->key, w->version, err);
	if (!w->version &&
	    (rsp.status == 412 || strcmp(azure_error_code(&rsp), "BlobAlreadyExists") == 0))
		return cloud_already_there(w->key, err);
	return azure_refused(s, &rsp, "store in", w->key, err);
}

static int put_whole(struct azure_store *s, const struct writing *w,
                     const struct store_body *body, struct error *err)
{
	autoheaders headers = HTTP_HEADERS_INIT;
	struct azure_call call = { .method = "PUT", .key = w->key, .body = body };

	http_headers_set(&headers, "x-ms-blob-type", "BlockBlob");
	http_headers_set(&headers, "Content-Type", CONTENT);
	return commit(s, w, &call, &headers, err);
}

struct blocks {
	struct azure_store *s;
	const struct writing *w;
	const struct store_body *body;
	uint64_t block_size;
};

/* Blocks of two writers never mix: their ids begin with the writer's mark. */
static void block_id(struct buf *out, const struct blocks *b, size_t i)
{
	autofree char *id = mem_printf("%.*s-%07zu", ID_MARK_LEN, b->w->mark, i);

	signature_base64(out, id, strlen(id));
}

static int put_block(void *arg, size_t i, struct error *err)
{
	const struct blocks *b = arg;
	struct cloud_piece piece = { b->body, i * b->block_size };
	uint64_t left = b->body->size - piece.offset;
	struct store_body body =
		cloud_body_of_piece(&piece, left < b->block_size ? left : b->block_size);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf id = BUF_INIT;
	autobuf query = BUF_INIT;
	struct azure_call call = {
		.method = "PUT", .key = b->w->key, .headers = &headers, .body = &body
	};

	block_id(&id, b, i);
	buf_adds(&query, "comp=block&blockid=");
	http_escape(&query, id.data, "");
	call.query = query.data;
	http_headers_set(&headers, "Content-Type", CONTENT);
	if (azure_send(b->s, &call, &rsp, err) < 0)
		return error_wrap(err, "store %s: block %zu", b->w->key, i);
	if (rsp.status != 201)
		return azure_refused(b->s, &rsp, "store in", b->w->key, err);
	return 0;
}

static int put_block_list(const struct blocks *b, size_t count, struct error *err)
{
	autoheaders headers = HTTP_HEADERS_INIT;
	autobuf xml = BUF_INIT;
	struct str text;
	struct store_body body;
	struct azure_call call = {
		.method = "PUT", .key = b->w->key, .query = "comp=blocklist", .body = &body
	};

	buf_adds(&xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
	for (size_t i = 0; i < count; i++) {
		buf_adds(&xml, "<Latest>");
		block_id(&xml, b, i);
		buf_adds(&xml, "</Latest>");
	}
	buf_adds(&xml, "</BlockList>");
	text = (struct str){ xml.data, xml.len };
	body = store_body_of_text(&text);
	http_headers_set(&headers, "Content-Type", "application/xml");
	http_headers_set(&headers, "x-ms-blob-content-type", CONTENT);
	return commit(b->s, b->w, &call, &headers, err);
}

static int put_blocks(struct azure_store *s, const struct writing *w,
                      const struct store_body *body, struct error *err)
{
	struct blocks b = { s, w, body, s->block_size };
	struct store_stat there;
	size_t count;
	int found = azure_head(s, w->key, &there, NULL, err);

	/* Better before than after a large transfer; the last word is put_block_list()'s. */
	if (found != 0)
		return found < 0 ? -1 : cloud_already_there(w->key, err);
	if (body->size / BLOCKS_MAX >= b.block_size)
		b.block_size = body->size / BLOCKS_MAX + 1;
	count = (size_t)((body->size + b.block_size - 1) / b.block_size);
	if (pool_run(s->max_concurrency, count, put_block, &b, err) < 0)
		return -1;
	return put_block_list(&b, count, err);
}

static int check_key(const char *key, struct error *err)
{
	if (azure_has_no(key))
		return error_set(err, ERR_INVALID,
		                 "store key %s: Azure has no names with a \\ in them", key);
	return 0;
}

int azure_put(struct store *s, const char *key, const struct store_body *body,
              struct error *err)
{
	char mark[CLOUD_MARK_SIZE];
	struct writing w = { key, mark, NULL };

	if (check_key(key, err) < 0 || cloud_mark(mark, err) < 0)
		return -1;
	if (body->size > azure_store(s)->block_size)
		return put_blocks(azure_store(s), &w, body, err);
	return put_whole(azure_store(s), &w, body, err);
}

int azure_replace(struct store *s, const char *key, const char *version, const void *data,
                  size_t len, struct error *err)
{
	char mark[CLOUD_MARK_SIZE];
	struct writing w = { key, mark, version };
	struct str text = { data, len };
	struct store_body body = store_body_of_text(&text);

	if (check_key(key, err) < 0 || cloud_mark(mark, err) < 0)
		return -1;
	return put_whole(azure_store(s), &w, &body, err);
}
