/* SPDX-License-Identifier: MIT */
/*
 * watch: sees that the catalog changed, and says what that means for the tree;
 * and brings the catalog up to date with the store now and then.
 *
 * Three threads. One polls the catalog's generation and takes a census when it
 * rose. Another, which may wait for a slow store, refreshes. The third
 * tends import/. Also noticed: the
 * catalog's file was deleted or replaced; the tree then moves to the new one.
 */
#ifndef FS_WATCH_H
#define FS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "fs/census.h"

struct error;
struct fsys;
struct watch;

/* What changed, as census_fn tells it; names belong to the call. */
struct watch_news {
	struct census_dir dir;
	uint64_t id;      /* the directory's number, in place of dir; 0: dir tells */
	const char *name; /* NULL: the directory itself */
};
/* Runs on the watch's thread, which holds no lock. */
typedef void watch_fn(void *arg, const struct watch_news *news, size_t count);

/* Until the first census has been taken, fs->watching stays false. */
int watch_start(struct watch **out, struct fsys *fs, watch_fn *fn, void *arg,
                struct error *err);
/* The configuration is another one: what waits looks at once. */
void watch_wake(struct watch *w);
/* False: a thread is still busy with the store; neither w nor fs may be freed then. */
bool watch_stop(struct watch *w, int64_t patience_ms); /* NULL is fine */
void watch_free(struct watch *w);                      /* after watch_stop() said true */

#endif
