/* SPDX-License-Identifier: MIT */
/*
 * s3_multipart: a large object in parts, several at a time, each hashed and sent from the
 * body without being held. It appears whole when the last request succeeds;
 * what is begun and fails is taken away again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/pool.h"
#include "engine/store/cloud.h"
#include "engine/store/s3.h"
#include "engine/store/xml.h"

#define LOG_MODULE "store/s3"
#define NO_ANSWER  ((size_t)64 << 10)
#define PARTS_MAX  10000 /* Amazon's limit */
#define MB         ((uint64_t)1 << 20)

struct upload {
	struct s3_store *store;
	const char *key;
	const struct store_body *body;
	uint64_t part_size;
	size_t count;
	char (*etags)[STORE_VERSION_MAX];
	char *id; /* escaped */
};

static int on_upload_id(void *arg, const char *path, const char *text, struct error *err)
{
	struct buf *id = arg;

	(void)err;
	if (strcmp(path, "InitiateMultipartUploadResult/UploadId") == 0) {
		buf_truncate(id, 0);
		http_escape(id, text, "");
	}
	return 0;
}

static int begin(struct upload *u, struct error *err)
{
	const struct s3_call call = { .method = "POST",
		                      .key = u->key,
		                      .query = "uploads=",
		                      .headers = &u->store->object_headers,
		                      .limit = NO_ANSWER,
		                      .repeatable = true };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf id = BUF_INIT;

	if (s3_send(u->store, &call, &rsp, err) < 0)
		return -1;
	if (rsp.status != 200)
		return s3_refused(u->store, &rsp, "store", u->key, err);
	if (xml_parse(rsp.body.data, rsp.body.len, on_upload_id, &id, err) < 0)
		return -1;
	if (id.len == 0)
		return error_set(err, ERR_STORE, "%s: the upload has no id", u->key);
	u->id = buf_take(&id);
	return 0;
}

static int send_part(void *arg, size_t i, struct error *err)
{
	struct upload *u = arg;
	struct cloud_piece piece = { u->body, i * u->part_size };
	uint64_t left = u->body->size - piece.offset;
	const struct store_body body =
		cloud_body_of_piece(&piece, left < u->part_size ? left : u->part_size);
	autofree char *query = mem_printf("partNumber=%zu&uploadId=%s", i + 1, u->id);
	const struct s3_call call = { .method = "PUT",
		                      .key = u->key,
		                      .query = query,
		                      .body = &body,
		                      .limit = NO_ANSWER,
		                      .repeatable = true };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (s3_send(u->store, &call, &rsp, err) < 0)
		return -1;
	if (rsp.status != 200)
		return s3_refused(u->store, &rsp, "store", u->key, err);
	s3_etag(u->etags[i], &rsp.headers);
	if (u->etags[i][0] == '\0' || strpbrk(u->etags[i], "<>&"))
		return error_set(err, ERR_STORE, "%s: part %zu has no ETag", u->key, i + 1);
	return 0;
}

static void list_parts(struct buf *xml, const struct upload *u)
{
	buf_adds(xml,
	         "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (size_t i = 0; i < u->count; i++)
		buf_addf(xml, "<Part><PartNumber>%zu</PartNumber><ETag>\"%s\"</ETag></Part>",
		         i + 1, u->etags[i]);
	buf_adds(xml, "</CompleteMultipartUpload>");
}

/* A 200 may be the beginning of a long answer that ends in an error. */
static int judge(const struct upload *u, const struct http_response *rsp, struct error *err)
{
	char code[S3_CODE_MAX];

	s3_error_code(code, rsp);
	if (rsp->status == 200 && code[0] == '\0')
		return 0;
	if (rsp->status == 412)
		return error_set(err, ERR_EXISTS, "%s exists already in %s", u->key,
		                 u->store->base.location);
	return s3_refused(u->store, rsp, "store", u->key, err);
}

static int send_complete(const struct upload *u, bool conditional, struct http_response *rsp,
                         struct error *err)
{
	autofree char *query = mem_printf("uploadId=%s", u->id);
	autobuf xml = BUF_INIT;
	struct str text;
	struct store_body body;
	autoheaders headers = HTTP_HEADERS_INIT;
	struct s3_call call = { .method = "POST",
		                .key = u->key,
		                .query = query,
		                .headers = &headers,
		                .limit = NO_ANSWER,
		                .repeatable = true };

	list_parts(&xml, u);
	text = (struct str){ xml.data, xml.len };
	body = store_body_of_text(&text);
	call.body = &body;
	http_headers_set(&headers, "Content-Type", "application/xml");
	if (conditional)
		http_headers_set(&headers, "If-None-Match", "*");
	return s3_send(u->store, &call, rsp, err);
}

static int complete(const struct upload *u, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct error failure = ERROR_INIT, ignored = ERROR_INIT;
	int result = send_complete(u, true, &rsp, &failure);

	if (result == 0 && rsp.status == 501)
		result = send_complete(u, false, &rsp, &failure);
	if (result == 0)
		result = judge(u, &rsp, &failure);
	if (result == 0)
		return 0;
	/* Done, and the answer lost: the upload is gone, and the object is there. */
	if (rsp.doubtful && failure.code != ERR_CANCELLED &&
	    s3_holds(u->store, u->key, u->body, &ignored) > 0) {
		log_info("%s: stored, though the answer was lost", u->key);
		return 0;
	}
	*err = failure;
	return -1;
}

/* Parts of an upload that nobody ends are paid for, for ever. */
static void give_up(const struct upload *u)
{
	autofree char *query = mem_printf("uploadId=%s", u->id);
	const struct s3_call call = { .method = "DELETE",
		                      .key = u->key,
		                      .query = query,
		                      .limit = NO_ANSWER,
		                      .repeatable = true,
		                      .uninterrupted = true };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct error err = ERROR_INIT;

	if (s3_send(u->store, &call, &rsp, &err) < 0)
		log_warn("parts of %s are left behind: %s", u->key, err.text);
	else if (rsp.status != 204 && rsp.status != 200 && rsp.status != 404)
		log_warn("parts of %s are left behind: the server answers %d", u->key,
		         rsp.status);
}

static void upload_finish(struct upload *u)
{
	free(u->etags);
	free(u->id);
}

int s3_put_parts(struct s3_store *s, const char *key, const struct store_body *body,
                 struct error *err)
{
	__attribute__((cleanup(upload_finish))) struct upload u = { .store = s,
		                                                    .key = key,
		                                                    .body = body };
	uint64_t least = (body->size + PARTS_MAX - 1) / PARTS_MAX;
	struct store_stat stat;
	int found = s3_head(s, key, &stat, err);

	if (found != 0)
		return found < 0 ? -1
		                 : error_set(err, ERR_EXISTS, "%s exists already in %s", key,
		                             s->base.location);
	u.part_size = s->multipart_chunksize;
	if (u.part_size < least)
		u.part_size = (least + MB - 1) / MB * MB;
	u.count = (size_t)((body->size + u.part_size - 1) / u.part_size);
	u.etags = mem_array(u.count, sizeof(*u.etags));
	if (begin(&u, err) < 0)
		return error_wrap(err, "%s", key);
	if (pool_run(s->max_concurrency, u.count, send_part, &u, err) < 0 ||
	    complete(&u, err) < 0) {
		give_up(&u);
		return -1;
	}
	return 0;
}
