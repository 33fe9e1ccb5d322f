/* SPDX-License-Identifier: MIT */
/*
 * s3_list: listings, page by page.
 *
 * Each page is asked for by the last key of the one before, not by a token: so a page
 * that comes twice, or the wrong one, is noticed and asked for again. A page must be
 * the one that was asked for, in order, and complete.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/s3.h"
#include "engine/store/xml.h"

#define LOG_MODULE "store/s3"
#define PAGE_MAX   ((size_t)16 << 20) /* 1,000 keys of 1 KB, three characters for a byte */
#define KEYS_MAX   10000              /* in a page; servers send 1,000 */

struct entry {
	char *key; /* with the prefix; in the page's arena */
	struct store_stat stat;
};

struct page {
	struct arena *texts;
	struct entry *entries;
	size_t count, capacity;
	struct entry next; /* being read */
	bool complete;     /* IsTruncated was there */
	bool truncated;
	int64_t announced;    /* KeyCount; -1: not said */
	struct buf start;     /* StartAfter as the server echoes it */
	bool start_is_echoed; /* by some */
	struct buf prefix;
};

/* "%2F" is "/", and "+" a blank: servers differ. */
static void unescape(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char byte;

		if (p[0] == '%' && p[1] && p[2] && number_parse_hex(&byte, 1, p + 1, 2)) {
			buf_add(out, &byte, 1);
			p += 2;
		} else if (*p == '+') {
			buf_addc(out, ' ');
		} else {
			buf_addc(out, *p);
		}
	}
}

static int set_key(struct page *p, const char *text, struct error *err)
{
	autobuf key = BUF_INIT;

	(void)err;
	unescape(&key, text);
	p->next.key = arena_strndup(p->texts, key.data, strlen(key.data));
	return 0;
}

static int set_size(struct page *p, const char *text, struct error *err)
{
	return number_parse_u64(&p->next.stat.size, text, INT64_MAX, err);
}

static int set_modified(struct page *p, const char *text, struct error *err)
{
	return clock_parse(&p->next.stat.modified, text, 0, "UTC", err);
}

static int set_etag(struct page *p, const char *text, struct error *err)
{
	autoheaders h = HTTP_HEADERS_INIT;

	(void)err;
	http_headers_set(&h, "ETag", text);
	s3_etag(p->next.stat.version, &h);
	return 0;
}

static int end_entry(struct page *p, const char *text, struct error *err)
{
	(void)text;
	if (!p->next.key || p->count >= KEYS_MAX)
		return error_set(err, ERR_STORE, "a listing's page has an entry too many");
	MEM_GROW(p->entries, p->count, p->capacity);
	p->entries[p->count++] = p->next;
	p->next = (struct entry){ .key = NULL };
	return 0;
}

static int set_truncated(struct page *p, const char *text, struct error *err)
{
	p->complete = true;
	return number_parse_bool(&p->truncated, text, err);
}

static int set_count(struct page *p, const char *text, struct error *err)
{
	return number_parse_i64(&p->announced, text, 0, INT64_MAX, err);
}

static int set_start(struct page *p, const char *text, struct error *err)
{
	(void)err;
	p->start_is_echoed = *text != '\0';
	buf_truncate(&p->start, 0);
	unescape(&p->start, text);
	return 0;
}

static int set_prefix(struct page *p, const char *text, struct error *err)
{
	(void)err;
	buf_truncate(&p->prefix, 0);
	unescape(&p->prefix, text);
	return 0;
}

static const struct {
	const char *path;
	int (*set)(struct page *p, const char *text, struct error *err);
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

static void page_finish(struct page *p)
{
	arena_free(p->texts);
	free(p->entries);
	buf_finish(&p->start);
	buf_finish(&p->prefix);
}

/* Is it the page that was asked for? Everything in it must be after `after`, in order. */
static int check_page(const struct page *p, const char *prefix, const char *after,
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

static int read_page(struct page *p, struct s3_store *s, const char *after, struct error *err)
{
	autobuf query = BUF_INIT;
	struct s3_call call = { .method = "GET", .limit = PAGE_MAX, .repeatable = true };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	buf_adds(&query, "encoding-type=url&list-type=2&prefix=");
	http_escape(&query, s->prefix, "");
	if (strcmp(after, s->prefix) > 0) {
		buf_adds(&query, "&start-after=");
		http_escape(&query, after, "");
	}
	call.query = query.data;
	if (s3_send(s, &call, &rsp, err) < 0)
		return -1;
	if (rsp.status != 200)
		return s3_refused(s, &rsp, "list", NULL, err);
	if (xml_parse(rsp.body.data, rsp.body.len, on_element, p, err) < 0 ||
	    check_page(p, s->prefix, after, err) < 0) {
		if (err->code != ERR_CANCELLED)
			err->code = ERR_CORRUPT; /* for get_page(): worth another try */
		return error_wrap(err, "list %s: a wrong page", s->base.location);
	}
	return 0;
}

static void page_init(struct page *p)
{
	*p = (struct page){
		.texts = arena_new(), .announced = -1, .start = BUF_INIT, .prefix = BUF_INIT
	};
}

/* A page that makes no sense is asked for once more: it may be a cache on the way. */
static int get_page(struct page *p, struct s3_store *s, const char *after, struct error *err)
{
	struct error first = ERROR_INIT;

	page_init(p);
	if (read_page(p, s, after, &first) == 0)
		return 0;
	if (first.code != ERR_CORRUPT) {
		*err = first;
		return -1;
	}
	log_warn("%s; asked again", first.text);
	page_finish(p);
	page_init(p);
	if (read_page(p, s, after, err) == 0)
		return 0;
	if (err->code == ERR_CORRUPT)
		err->code = ERR_STORE;
	return -1;
}

static int pass_on(const struct page *p, const struct s3_store *s, struct buf *after,
                   store_list_fn *fn, void *arg, struct error *err)
{
	size_t skip = strlen(s->prefix);

	for (size_t i = 0; i < p->count; i++) {
		const struct entry *e = &p->entries[i];

		if (fn(arg, e->key + skip, &e->stat, err) < 0)
			return -1;
	}
	if (p->count > 0) {
		buf_truncate(after, 0);
		buf_adds(after, p->entries[p->count - 1].key);
	}
	return 0;
}

int s3_list(struct store *base, const char *after, store_list_fn *fn, void *arg,
            struct error *err)
{
	struct s3_store *s = s3_store(base);
	autobuf from = BUF_INIT;
	bool more = true;
	int result = 0;

	buf_addf(&from, "%s%s", s->prefix, after);
	while (more && result == 0) {
		struct page p;

		result = cancel_check(err);
		if (result < 0)
			break;
		result = get_page(&p, s, from.data, err);
		if (result == 0)
			result = pass_on(&p, s, &from, fn, arg, err);
		more = p.truncated;
		page_finish(&p);
	}
	return result;
}
