/* SPDX-License-Identifier: MIT */
/*
 * azure_list: listings in key order, from after a key.
 *
 * Azure has no parameter for "from after a key" (in the version of its API that we speak), and
 * its markers are its own. So a listing begins as if for everything, and passes over what
 * comes before. When a whole page was before, it narrows down: keys that have the same
 * beginning up to a "_" are one entry of a listing by delimiter (all backups of a day: one),
 * so that three or four requests lead to where the keys wanted begin, however many there are.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/mem.h"
#include "engine/store/azure.h"
#include "engine/store/azure_page.h"

#define PAGE_KEYS   5000
#define PAGE_BYTES  ((size_t)64 << 20)
#define DELIMITER   "_"
#define NARROW_MAX  4 /* levels */
#define LEVEL_PAGES 4 /* of a level; more are not worth it */
#define LATER_MAX   4 /* entries of a level that would be listed one by one */
#define EMPTY_MAX   1000

struct listing {
	struct azure_store *s;
	const char *after;
	store_list_fn *fn;
	void *arg;
	struct buf last; /* the key handed out last, or `after` */
};

/* Fetches the page behind page->marker and adds it. under: what keys begin with. */
static int fetch(const struct listing *l, const char *under, const char *delimiter,
                 struct azure_page *page, struct error *err)
{
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf query = BUF_INIT;
	struct azure_call call = { .method = "GET", .limit = PAGE_BYTES };

	if (cancel_check(err) < 0)
		return -1;
	buf_addf(&query, "restype=container&comp=list&maxresults=%d&prefix=", PAGE_KEYS);
	http_escape(&query, l->s->prefix, "");
	http_escape(&query, under, "");
	if (delimiter)
		buf_addf(&query, "&delimiter=%s", delimiter);
	if (page->marker) {
		buf_adds(&query, "&marker=");
		http_escape(&query, page->marker, "");
	}
	call.query = query.data;
	if (azure_send(l->s, &call, &rsp, err) < 0)
		return error_wrap(err, "list %s", l->s->base.location);
	if (rsp.status != 200)
		return azure_refused(l->s, &rsp, "list", NULL, err);
	if (azure_page_parse(page, rsp.body.data, rsp.body.len, err) < 0)
		return error_wrap(err, "list %s", l->s->base.location);
	return 0;
}

/* The key of an entry; NULL: it is not under our prefix, whatever the server thinks. */
static const char *key_of(const struct listing *l, const struct azure_entry *e)
{
	size_t len = strlen(l->s->prefix);

	return strncmp(e->name, l->s->prefix, len) == 0 && e->name[len] ? e->name + len : NULL;
}

/* Hands a key on when it comes after all before it. 1 done, 0 passed over, -1. */
static int emit(struct listing *l, const struct azure_entry *e, struct error *err)
{
	const char *key = key_of(l, e);

	if (!key || strcmp(key, l->last.data) <= 0)
		return 0;
	if (l->fn(l->arg, key, &e->stat, err) < 0)
		return -1;
	buf_truncate(&l->last, 0);
	buf_adds(&l->last, key);
	return 1;
}

/* 1 some were handed on, 0 none, -1. */
static int emit_page(struct listing *l, const struct azure_page *page, struct error *err)
{
	int some = 0;

	for (size_t i = 0; i < page->count; i++) {
		int result = emit(l, &page->items[i], err);

		if (result < 0)
			return -1;
		some |= result;
	}
	return some;
}

/* Is everything on this page before the keys wanted, and is there more? */
static bool is_all_before(const struct listing *l, const struct azure_page *page)
{
	const char *key = page->count > 0 ? key_of(l, &page->items[page->count - 1]) : NULL;

	return page->marker && key && strcmp(key, l->after) < 0;
}

/* A server that gives the same page again and again is not listened to for ever. */
static int check_progress(const struct listing *l, const char *marker,
                          const struct azure_page *page, size_t idle, struct error *err)
{
	if ((marker && page->marker && strcmp(marker, page->marker) == 0) || idle > EMPTY_MAX)
		return error_set(err, ERR_STORE, "list %s: the server repeats itself",
		                 l->s->base.location);
	return 0;
}

static int narrow(struct listing *l, const char *under, size_t level, struct error *err);

/* Everything under a prefix, in pages. */
static int list_flat(struct listing *l, const char *under, bool may_narrow, struct error *err)
{
	autofree char *marker = NULL;
	size_t idle = 0;

	do {
		autopage page = { .marker = mem_strdup(marker) };
		int some;

		if (fetch(l, under, NULL, &page, err) < 0)
			return -1;
		if (may_narrow && is_all_before(l, &page))
			return narrow(l, under, 1, err);
		may_narrow = false;
		some = emit_page(l, &page, err);
		idle = some ? 0 : idle + 1;
		if (some < 0 || check_progress(l, marker, &page, idle, err) < 0)
			return -1;
		free(marker);
		marker = take(page.marker);
	} while (marker);
	return 0;
}

/* How many entries of a level begin behind `after`. */
static size_t count_later(const struct listing *l, const struct azure_page *level)
{
	size_t later = 0;

	for (size_t i = 0; i < level->count; i++) {
		const char *key = key_of(l, &level->items[i]);

		later += level->items[i].is_prefix && key && strcmp(key, l->after) > 0;
	}
	return later;
}

static int enter(struct listing *l, const struct azure_entry *e, size_t level,
                 struct error *err)
{
	const char *key = key_of(l, e);

	if (!key)
		return 0;
	if (!e->is_prefix)
		return emit(l, e, err) < 0 ? -1 : 0;
	if (strncmp(l->after, key, strlen(key)) == 0)
		return narrow(l, key, level + 1, err);
	return strcmp(key, l->after) > 0 ? list_flat(l, key, false, err) : 0;
}

static int narrow(struct listing *l, const char *under, size_t level, struct error *err)
{
	autopage entries = { .marker = NULL };
	size_t pages = 0;

	if (level > NARROW_MAX)
		return list_flat(l, under, false, err);
	do {
		if (fetch(l, under, DELIMITER, &entries, err) < 0)
			return -1;
	} while (entries.marker && ++pages < LEVEL_PAGES);
	if (entries.marker || count_later(l, &entries) > LATER_MAX)
		return list_flat(l, under, false, err);
	for (size_t i = 0; i < entries.count; i++) {
		if (enter(l, &entries.items[i], level, err) < 0)
			return -1;
	}
	return 0;
}

int azure_list(struct store *store, const char *after, store_list_fn *fn, void *arg,
               struct error *err)
{
	struct listing l = { azure_store(store), after, fn, arg, BUF_INIT };
	int result;

	buf_adds(&l.last, after);
	result = list_flat(&l, "", after[0] != '\0', err);
	buf_finish(&l.last);
	return result;
}
