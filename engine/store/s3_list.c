/* SPDX-License-Identifier: MIT */
/*
 * s3_list: listings, page by page.
 *
 * Each page is asked for by the last key of the one before, not by a token: so a page
 * that comes twice, or the wrong one, is noticed and asked for again. A page must be
 * the one that was asked for, in order, and complete. While a page is parsed the next one is
 * on its way, asked for by what looks like the last key; it counts when it was that.
 */
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/pool.h"
#include "engine/store/s3.h"
#include "engine/store/s3_page.h"

#define LOG_MODULE "store/s3"
#define PAGE_MAX   ((size_t)16 << 20) /* 1,000 keys of 1 KB, three characters for a byte */

/* A page as it came, or why it did not. */
struct answer {
	bool asked;
	struct buf after;
	struct http_response rsp;
	struct error failure;
};

static void answer_finish(struct answer *a)
{
	buf_finish(&a->after);
	http_response_finish(&a->rsp);
	*a = (struct answer){ .after = BUF_INIT, .rsp = HTTP_RESPONSE_INIT };
}
#define autoanswer __attribute__((cleanup(answer_finish))) struct answer

static void set_after(struct answer *a, const char *after)
{
	answer_finish(a);
	buf_adds(&a->after, after);
}

/* Asks for the page behind a->after. */
static void ask(struct s3_store *s, struct answer *a)
{
	struct s3_call call = { .method = "GET", .limit = PAGE_MAX, .repeatable = true };
	autobuf query = BUF_INIT;

	a->asked = true;
	buf_adds(&query, "encoding-type=url&list-type=2&prefix=");
	http_escape(&query, s->prefix, "");
	if (strcmp(a->after.data, s->prefix) > 0) {
		buf_adds(&query, "&start-after=");
		http_escape(&query, a->after.data, "");
	}
	call.query = query.data;
	if (s3_send(s, &call, &a->rsp, &a->failure) == 0 && a->rsp.status != 200)
		s3_refused(s, &a->rsp, "list", NULL, &a->failure);
}

static int parse(struct s3_page *p, const struct s3_store *s, const struct answer *a,
                 struct error *err)
{
	if (a->failure.code != ERR_NONE) {
		*err = a->failure;
		return -1;
	}
	s3_page_init(p);
	if (s3_page_parse(p, a->rsp.body.data, a->rsp.body.len, s->prefix, a->after.data,
	                  err) == 0)
		return 0;
	s3_page_finish(p);
	if (err->code != ERR_CANCELLED)
		err->code = ERR_CORRUPT; /* for get_page(): worth another try */
	return error_wrap(err, "list %s: a wrong page", s->base.location);
}

/* What seems to be the last key of a page that is not the last. Parsing tells whether it is. */
static bool guess_next(struct answer *next, const struct answer *a)
{
	static const char more[] = "<IsTruncated>true", key[] = "<Key>";
	const struct buf *b = &a->rsp.body;
	const char *p = b->data + b->len;
	autobuf last = BUF_INIT;

	if (a->failure.code != ERR_NONE || b->len == 0 ||
	    !memmem(b->data, b->len, more, sizeof(more) - 1))
		return false;
	do
		p = memrchr(b->data, '<', (size_t)(p - b->data));
	while (p && strncmp(p, key, sizeof(key) - 1) != 0);
	if (!p)
		return false;
	p += sizeof(key) - 1;
	autofree char *text = mem_strndup(p, strcspn(p, "<"));

	s3_page_unescape(&last, text);
	if (strchr(text, '&') || strcmp(last.data, a->after.data) <= 0)
		return false;
	set_after(next, last.data);
	return true;
}

/* Parsing one page while the next one is fetched. */
struct pair {
	struct s3_store *s;
	struct s3_page *page;
	const struct answer *now;
	struct answer *next;
	struct error failure; /* of parsing */
	int result;
};

static int work(void *arg, size_t i, struct error *err)
{
	struct pair *pair = arg;

	(void)err;
	if (i == 0)
		pair->result = parse(pair->page, pair->s, pair->now, &pair->failure);
	else
		ask(pair->s, pair->next);
	return 0;
}

/* A page that makes no sense is asked for once more: it may be a cache on the way. */
static int get_page(struct s3_page *p, struct s3_store *s, struct answer *a,
                    struct answer *next, struct error *err)
{
	struct pair pair = { .s = s, .page = p, .now = a, .next = next, .result = -1 };
	size_t count = guess_next(next, a) ? 2 : 1;

	if (pool_run(count, count, work, &pair, err) < 0) {
		if (pair.result == 0)
			s3_page_finish(p);
		return -1;
	}
	if (pair.result == 0)
		return 0;
	if (pair.failure.code != ERR_CORRUPT || a->failure.code != ERR_NONE) {
		*err = pair.failure;
		return -1;
	}
	log_warn("%s; asked again", pair.failure.text);
	answer_finish(next);
	autofree char *after = mem_strdup(a->after.data);

	set_after(a, after);
	ask(s, a);
	if (parse(p, s, a, err) == 0)
		return 0;
	if (err->code == ERR_CORRUPT)
		err->code = ERR_STORE;
	return -1;
}

static int pass_on(const struct s3_page *p, const struct s3_store *s, store_list_fn *fn,
                   void *arg, struct error *err)
{
	size_t skip = strlen(s->prefix);

	for (size_t i = 0; i < p->count; i++) {
		const struct s3_entry *e = &p->entries[i];

		if (fn(arg, e->key + skip, &e->stat, err) < 0)
			return -1;
	}
	return 0;
}

/* What was asked for ahead is the page behind p, or nothing. */
static void turn_over(struct answer *a, struct answer *next, const struct s3_page *p)
{
	const char *last = p->count > 0 ? p->entries[p->count - 1].key : "";
	struct answer swap = *a;

	if (next->asked && strcmp(next->after.data, last) == 0) {
		*a = *next;
		*next = swap;
	} else if (p->count > 0) {
		set_after(a, last);
	}
}

int s3_list(struct store *base, const char *after, store_list_fn *fn, void *arg,
            struct error *err)
{
	struct s3_store *s = s3_store(base);
	autoanswer now = { .after = BUF_INIT, .rsp = HTTP_RESPONSE_INIT };
	autoanswer next = { .after = BUF_INIT, .rsp = HTTP_RESPONSE_INIT };
	bool more = true;
	int result = 0;

	buf_addf(&now.after, "%s%s", s->prefix, after);
	while (more && result == 0) {
		struct s3_page p;

		if (cancel_check(err) < 0)
			return -1;
		if (!now.asked)
			ask(s, &now);
		if (get_page(&p, s, &now, &next, err) < 0)
			return -1;
		result = pass_on(&p, s, fn, arg, err);
		more = p.truncated;
		turn_over(&now, &next, &p);
		answer_finish(&next);
		s3_page_finish(&p);
	}
	return result;
}
