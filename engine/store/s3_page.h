/* SPDX-License-Identifier: MIT */
/* s3_page: a page of a listing (ListObjectsV2), from its XML. Pure, not thread-safe. */
#ifndef ENGINE_STORE_S3_PAGE_H
#define ENGINE_STORE_S3_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/store/store.h"

struct arena;

struct s3_entry {
	char *key; /* with the prefix; in the page's arena */
	struct store_stat stat;
};

struct s3_page {
	struct arena *texts;
	struct s3_entry *entries;
	size_t count, capacity;
	struct s3_entry next; /* being read */
	bool next_has_size;
	bool complete; /* IsTruncated was there */
	bool truncated;
	int64_t announced;    /* KeyCount; -1: not said */
	struct buf start;     /* StartAfter as the server echoes it */
	bool start_is_echoed; /* by some */
	struct buf prefix;
};

void s3_page_init(struct s3_page *p);
void s3_page_finish(struct s3_page *p);

/* Appends a key as pages write it: escaped as in addresses. */
void s3_page_unescape(struct buf *out, const char *text);

/*
 * Reads the page that was asked for: everything in it begins with prefix, is after `after` and
 * in order. ERR_STORE and others when it is not that page, or none.
 */
int s3_page_parse(struct s3_page *p, const char *xml, size_t len, const char *prefix,
                  const char *after, struct error *err);

#endif
