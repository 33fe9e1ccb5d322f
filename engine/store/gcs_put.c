/* SPDX-License-Identifier: MIT */
/*
 * gcs_put: writing objects. Every write has a condition and a mark, so that it may be sent
 * again, and so that a write whose reply got lost is known for ours.
 */
#include <string.h>

#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/gcs.h"

#define ANSWER_MAX ((size_t)64 << 10)

static int moved_on(struct gcs_store *s, const char *key, const char *version,
                    struct error *err)
{
	struct store_stat now;
	int found = gcs_look(s, key, &now, NULL, err);

	return cloud_moved_on(found, &now, key, version, err);
}

/* What is there, is it by this very write? */
static bool is_ours(struct gcs_store *s, const struct gcs_writing *w)
{
	char found_mark[CLOUD_MARK_SIZE];
	struct error ignored = ERROR_INIT;
	struct store_stat stat;

	return gcs_look(s, w->key, &stat, found_mark, &ignored) == 1 &&
	       strcmp(found_mark, w->mark) == 0;
}

void gcs_describe(struct buf *out, const struct gcs_store *s, const struct gcs_writing *w)
{
	autofree char *name = mem_printf("%s%s", s->prefix, w->key);
	DEFER(json) *o = json_object();
	struct json *metadata = json_object();

	json_set_str(metadata, "schemafs_put", w->mark);
	json_set_str(o, "name", name);
	json_set_str(o, "contentType", GCS_CONTENT);
	json_set(o, "metadata", metadata);
	json_write(out, o, JSON_COMPACT);
}

void gcs_upload_query(struct buf *out, const char *type, const struct gcs_writing *w)
{
	buf_addf(out, "uploadType=%s&fields=generation&ifGenerationMatch=", type);
	http_escape(out, w->version ? w->version : "0", "");
}

int gcs_conclude(struct gcs_store *s, const struct gcs_writing *w,
                 const struct http_response *rsp, int sent, struct error *err)
{
	if (sent == 0 && (rsp->status == 200 || rsp->status == 201))
		return 0;
	if (rsp->doubtful && is_ours(s, w)) {
		error_clear(err);
		return 0;
	}
	if (sent < 0)
		return error_wrap(err, "store %s", w->key);
	if (w->version && (rsp->status == 412 || gcs_is_missing(rsp)))
		return moved_on(s, w->key, w->version, err);
	if (rsp->status == 412)
		return cloud_already_there(w->key, err);
	return gcs_refused(s, rsp, "store in", w->key, err);
}

/* A body of multipart/related: a description, the object, a last line. */
struct multipart {
	struct str head, tail;
	const struct store_body *object;
};

static size_t copy_text(struct str text, uint64_t at, char *to, size_t len)
{
	size_t n = text.n - (size_t)at < len ? text.n - (size_t)at : len;

	memcpy(to, text.p + at, n);
	return n;
}

static int read_multipart(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	const struct multipart *m = arg;
	uint64_t object_end = m->head.n + m->object->size;

	for (size_t done = 0; done < len;) {
		uint64_t at = offset + done;
		char *p = (char *)to + done;
		size_t n = len - done;

		if (at < m->head.n) {
			n = copy_text(m->head, at, p, n);
		} else if (at < object_end) {
			n = object_end - at < n ? (size_t)(object_end - at) : n;
			if (m->object->read_at(m->object->arg, at - m->head.n, p, n, err) < 0)
				return -1;
		} else {
			n = copy_text(m->tail, at - object_end, p, n);
		}
		done += n;
	}
	return 0;
}

static int put_multipart(struct gcs_store *s, const struct gcs_writing *w, struct error *err)
{
	autobuf head = BUF_INIT;
	autobuf tail = BUF_INIT;
	autobuf path = BUF_INIT;
	autobuf query = BUF_INIT;
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct multipart m = { .object = w->body };
	struct store_body body = { .read_at = read_multipart, .arg = &m };
	struct gcs_call call = {
		.method = "POST", .headers = &headers, .body = &body, .limit = ANSWER_MAX
	};

	/* The mark is random: no object holds it as a boundary. */
	buf_addf(&head, "--%s\r\nContent-Type: application/json\r\n\r\n", w->mark);
	gcs_describe(&head, s, w);
	buf_addf(&head, "\r\n--%s\r\nContent-Type: " GCS_CONTENT "\r\n\r\n", w->mark);
	buf_addf(&tail, "\r\n--%s--\r\n", w->mark);
	m.head = (struct str){ head.data, head.len };
	m.tail = (struct str){ tail.data, tail.len };
	body.size = head.len + w->body->size + tail.len;
	http_headers_setf(&headers, "Content-Type", "multipart/related; boundary=%s", w->mark);
	gcs_upload_path(&path, s);
	gcs_upload_query(&query, "multipart", w);
	call.path = path.data;
	call.query = query.data;
	return gcs_conclude(s, w, &rsp, gcs_send(s, &call, &rsp, err), err);
}

int gcs_put(struct store *store, const char *key, const struct store_body *body,
            struct error *err)
{
	struct gcs_store *s = gcs_store(store);
	char mark[CLOUD_MARK_SIZE];
	struct gcs_writing w = { key, mark, NULL, body };

	if (cloud_mark(mark, err) < 0)
		return -1;
	return body->size > s->chunk_size ? gcs_put_resumable(s, &w, err)
	                                  : put_multipart(s, &w, err);
}

int gcs_replace(struct store *store, const char *key, const char *version, const void *data,
                size_t len, struct error *err)
{
	struct gcs_store *s = gcs_store(store);
	char mark[CLOUD_MARK_SIZE];
	struct str text = { data, len };
	struct store_body body = store_body_of_text(&text);
	struct gcs_writing w = { key, mark, version, &body };
	struct error ignored = ERROR_INIT;
	uint64_t generation;

	/* Not ours, or 0, which means something else: there is no such version. */
	if (number_parse_u64(&generation, version, INT64_MAX, &ignored) < 0 || generation == 0)
		return moved_on(s, key, version, err);
	if (cloud_mark(mark, err) < 0)
		return -1;
	return put_multipart(s, &w, err);
}
