/* SPDX-License-Identifier: MIT */
/*
 * s3_list: listings, page by page.
 *
 * Each page is asked for by the last key of the one before, not by a token: so a page
 * that comes twice, or the wrong one, is noticed and asked for again. A page must be
 * the one that was asked for, in order, and complete.
 */
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/store/s3.h"
#include "engine/store/s3_page.h"

#define LOG_MODULE "store/s3"
#define PAGE_MAX   ((size_t)16 << 20) /* 1,000 keys of 1 KB, three characters for a byte */

static int read_page(struct s3_page *p, struct s3_store *s, const char *after,
                     struct error *err)
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
	if (s3_page_parse(p, rsp.body.data, rsp.body.len, s->prefix, after, err) < 0) {
		if (err->code != ERR_CANCELLED)
			err->code = ERR_CORRUPT; /* for get_page(): worth another try */
		return error_wrap(err, "list %s: a wrong page", s->base.location);
	}
	return 0;
}

/* A page that makes no sense is asked for once more: it may be a cache on the way. */
static int get_page(struct s3_page *p, struct s3_store *s, const char *after, struct error *err)
{
	struct error first = ERROR_INIT;

	s3_page_init(p);
	if (read_page(p, s, after, &first) == 0)
		return 0;
	if (first.code != ERR_CORRUPT) {
		*err = first;
		return -1;
	}
	log_warn("%s; asked again", first.text);
	s3_page_finish(p);
	s3_page_init(p);
	if (read_page(p, s, after, err) == 0)
		return 0;
	if (err->code == ERR_CORRUPT)
		err->code = ERR_STORE;
	return -1;
}

static int pass_on(const struct s3_page *p, const struct s3_store *s, struct buf *after,
                   store_list_fn *fn, void *arg, struct error *err)
{
	size_t skip = strlen(s->prefix);

	for (size_t i = 0; i < p->count; i++) {
		const struct s3_entry *e = &p->entries[i];

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
		struct s3_page p;

		result = cancel_check(err);
		if (result < 0)
			break;
		result = get_page(&p, s, from.data, err);
		if (result == 0)
			result = pass_on(&p, s, &from, fn, arg, err);
		more = p.truncated;
		s3_page_finish(&p);
	}
	return result;
}
