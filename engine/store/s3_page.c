/* SPDX-License-Identifier: MIT */
#include "engine/store/s3_page.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/s3.h"
#include "engine/store/xml.h"

#define KEYS_MAX 10000 /* in a page; servers send 1,000 */

/* What stands for "%00": no text of ours has either. A key must not end before its end. */
#define INSTEAD_OF_NUL ((unsigned char)1)

/* "%2F" is "/", and "+" a blank: servers differ. */
void s3_page_unescape(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char byte;

		if (p[0] == '%' && p[1] && p[2] && number_parse_hex(&byte, 1, p + 1, 2)) {
			byte = byte ? byte : INSTEAD_OF_NUL;
			buf_add(out, &byte, 1);
			p += 2;
		} else if (*p == '+') {
			buf_addc(out, ' ');
		} else {
			buf_addc(out, *p);
		}
	}
}

static int set_key(struct s3_page *p, const char *text, struct error *err)
{
	autobuf key = BUF_INIT;

	(void)err;
	s3_page_unescape(&key, text);
	p->next.key = arena_strndup(p->texts, key.data, key.len);
	return 0;
}

static int set_size(struct s3_page *p, const char *text, struct error *err)
{
	p->next_has_size = true;
	return number_parse_u64(&p->next.stat.size, text, INT64_MAX, err);
}

static int set_modified(struct s3_page *p, const char *text, struct error *err)
{
	return clock_parse(&p->next.stat.modified, text, 0, "UTC", err);
}

static int set_etag(struct s3_page *p, const char *text, struct error *err)
{
	autoheaders h = HTTP_HEADERS_INIT;

	(void)err;
	http_headers_set(&h, "ETag", text);
	s3_etag(p->next.stat.version, &h);
	return 0;
}

static int end_entry(struct s3_page *p, const char *text, struct error *err)
{
	(void)text;
	if (!p->next.key || p->count >= KEYS_MAX)
		return error_set(err, ERR_STORE, "a listing's page has an entry too many");
	if (!p->next_has_size)
		return error_set(err, ERR_STORE, "%s: without size", p->next.key);
	MEM_GROW(p->entries, p->count, p->capacity);
	p->entries[p->count++] = p->next;
	p->next = (struct s3_entry){ .key = NULL };
	p->next_has_size = false;
	return 0;
}

static int set_truncated(struct s3_page *p, const char *text, struct error *err)
{
	p->complete = true;
	return number_parse_bool(&p->truncated, text, err);
}

static int set_count(struct s3_page *p, const char *text, struct error *err)
{
	return number_parse_i64(&p->announced, text, 0, INT64_MAX, err);
}

static int set_start(struct s3_page *p, const char *text, struct error *err)
{
	(void)err;
	p->start_is_echoed = *text != '\0';
	buf_truncate(&p->start, 0);
	s3_page_unescape(&p->start, text);
	return 0;
}

static int set_prefix(struct s3_page *p, const char *text, struct error *err)
{
	(void)err;
	buf_truncate(&p->prefix, 0);
	s3_page_unescape(&p->prefix, text);
	return 0;
}

static const struct {
	const char *path;
	int (*set)(struct s3_page *p, const char *text, struct error *err);
} elements[] = {
	{ "ListBucketResult/Contents/Key", set_key },
	{ "ListBucketResult/Contents/Size", set_size },
	{ "ListBucketResult/Contents/LastModified", set_modified },
	{ "ListBucketResult/Contents/ETag", set_etag },
	{ "ListBucketResult/Contents", end_entry },
	{ "ListBucketResult/IsTruncated", set_truncated },
	{ "ListBucketResult/KeyCount", set_count },
	{ "ListBucketResult/StartAfter", set_start },
	{ "ListBucketResult/Prefix", set_prefix },
};

static int on_element(void *arg, const char *path, const char *text, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (strcmp(elements[i].path, path) == 0)
			return elements[i].set(arg, text, err);
	}
	return 0;
}

void s3_page_init(struct s3_page *p)
{
	*p = (struct s3_page){
		.texts = arena_new(), .announced = -1, .start = BUF_INIT, .prefix = BUF_INIT
	};
}

void s3_page_finish(struct s3_page *p)
{
	arena_free(p->texts);
	free(p->entries);
	buf_finish(&p->start);
	buf_finish(&p->prefix);
}

/* Is it the page that was asked for? Everything in it must be after `after`, in order. */
static int check_page(const struct s3_page *p, const char *prefix, const char *after,
                      struct error *err)
{
	const char *last = after;

	if (!p->complete)
		return error_set(err, ERR_STORE, "it does not say whether it is the last");
	if (strcmp(p->prefix.data, prefix) != 0)
		return error_set(err, ERR_STORE, "want prefix %s, got %s", prefix,
		                 p->prefix.data);
	if (p->start_is_echoed && strcmp(p->start.data, after) != 0)
		return error_set(err, ERR_STORE, "want the page after %s, got the one after %s",
		                 after, p->start.data);
	if (p->announced >= 0 && p->announced != (int64_t)p->count)
		return error_set(err, ERR_STORE, "want %lld keys, got %zu",
		                 (long long)p->announced, p->count);
	for (size_t i = 0; i < p->count; i++) {
		const char *key = p->entries[i].key;

		/* An empty object by the prefix's own name: a "folder" of some tools. */
		if (i == 0 && strcmp(key, prefix) == 0 && strcmp(after, prefix) == 0)
			continue;
		if (strcmp(key, last) <= 0 || strncmp(key, prefix, strlen(prefix)) != 0)
			return error_set(err, ERR_STORE, "%s does not come after %s", key,
			                 last);
		last = key;
	}
	if (p->truncated && p->count == 0)
		return error_set(err, ERR_STORE, "it is empty, but not the last");
	return 0;
}

int s3_page_parse(struct s3_page *p, const char *xml, size_t len, const char *prefix,
                  const char *after, struct error *err)
{
	if (xml_parse(xml, len, on_element, p, err) < 0)
		return -1;
	return check_page(p, prefix, after, err);
}
