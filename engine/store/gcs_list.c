/* SPDX-License-Identifier: MIT */
/* gcs_list: listings in key order, from after a key (startOffset). */
#include <stdlib.h>
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/mem.h"
#include "engine/store/gcs.h"

#define PAGE_KEYS  "1000" /* the most that Google gives */
#define PAGE_BYTES ((size_t)16 << 20)
#define IDLE_MAX   1000

struct listing {
	struct gcs_store *s;
	store_list_fn *fn;
	void *arg;
	struct buf last; /* the key handed out last, or the one to begin after */
	bool moved;      /* since the page began */
};

/* Hands a key on when it is ours and comes after all before it. */
static int emit(void *arg, const char *name, const struct store_stat *stat, struct error *err)
{
	struct listing *l = arg;
	size_t len = strlen(l->s->prefix);
	const char *key = name + len;

	if (strncmp(name, l->s->prefix, len) != 0 || strcmp(key, l->last.data) <= 0)
		return 0;
	if (l->fn(l->arg, key, stat, err) < 0)
		return -1;
	l->moved = true;
	buf_truncate(&l->last, 0);
	buf_adds(&l->last, key);
	return 0;
}

static void write_query(struct buf *out, const struct gcs_store *s, const char *after,
                        const char *token)
{
	buf_adds(out, "maxResults=" PAGE_KEYS "&fields=");
	http_escape(out, GCS_PAGE_FIELDS, "");
	buf_adds(out, "&prefix=");
	http_escape(out, s->prefix, "");
	if (after[0] != '\0') {
		buf_adds(out, "&startOffset=");
		http_escape(out, s->prefix, "");
		http_escape(out, after, "");
	}
	if (token) {
		buf_adds(out, "&pageToken=");
		http_escape(out, token, "");
	}
}

static int list_page(struct listing *l, const char *after, char **token, struct error *err)
{
	autobuf path = BUF_INIT;
	autobuf query = BUF_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct gcs_call call = { .method = "GET", .limit = PAGE_BYTES };
	autofree char *next = NULL;

	if (cancel_check(err) < 0)
		return -1;
	gcs_path(&path, l->s, NULL);
	write_query(&query, l->s, after, *token);
	call.path = path.data;
	call.query = query.data;
	if (gcs_send(l->s, &call, &rsp, err) < 0)
		return error_wrap(err, "list %s", l->s->base.location);
	if (rsp.status != 200)
		return gcs_refused(l->s, &rsp, "list", NULL, err);
	if (gcs_page_parse(rsp.body.data, rsp.body.len, emit, l, &next, err) < 0)
		return error_wrap(err, "list %s", l->s->base.location);
	if (next && *token && strcmp(next, *token) == 0)
		return error_set(err, ERR_STORE, "list %s: the server repeats itself",
		                 l->s->base.location);
	free(*token);
	*token = take(next);
	return 0;
}

int gcs_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
             struct error *err)
{
	struct listing l = { .s = gcs_store(s), .fn = fn, .arg = arg, .last = BUF_INIT };
	autofree char *token = NULL;
	size_t idle = 0;
	int result;

	buf_adds(&l.last, after);
	do {
		l.moved = false;
		result = list_page(&l, after, &token, err);
		idle = l.moved ? 0 : idle + 1;
		if (result == 0 && idle > IDLE_MAX)
			result = error_set(err, ERR_STORE, "list %s: the server repeats itself",
			                   s->location);
	} while (result == 0 && token);
	buf_finish(&l.last);
	return result;
}
