/* SPDX-License-Identifier: MIT */
/*
 * fsys: a mounted tree's state, shared by all threads; and worker: what one
 * request needs for itself (a repo with its own catalog connection).
 *
 *	struct worker *w;
 *
 *	if (worker_take(&w, fs, err) < 0) ...
 *	found = node_attr(w, node, &attr, err);
 *	worker_give(w);
 *
 * Workers are kept for the next request; there are as many as requests ran at
 * once. Thread-safe; a worker belongs to the thread that took it.
 */
#ifndef FS_FSYS_H
#define FS_FSYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct cache;
struct catalog;
struct census;
struct config;
struct drafts;
struct dropbox;
struct error;
struct live;
struct names;
struct promises;
struct reader;
struct repo;
struct shelf;

struct fsys {
	struct repo *repo; /* only cloned */
	const char *zone;  /* for dates; NULL: the process's */
	int64_t started_at;
	struct names *names;
	struct shelf *shelf;
	struct cache *files;   /* contents of backups' files, by id and name */
	struct cache *plans;   /* plan.sql, by id and live schema */
	struct cache *exports; /* archives, by form, id and metadata */
	struct cache *status;  /* texts of status/, by time */
	struct census *census;
	struct drafts *drafts;   /* empty directories in by-tag/ */
	struct dropbox *dropbox; /* import/ */
	struct live *live;
	struct promises *promises; /* about plan.sql */
	/* Everything that changes is seen and told to the kernel: it may keep what it learns.
	 */
	atomic_bool watching;
	atomic_uint changes; /* that were seen; rises before the kernel is told */
	atomic_uint epoch;   /* how often the catalog's file was replaced */
	struct workers *workers;
};

/* r must outlive it. */
struct fsys *fsys_new(struct repo *r);
void fsys_free(struct fsys *fs); /* no worker may be out; NULL is fine */
DEFINE_DEFER(fsys, fsys_free)

/*
 * A repo of one's own, and the epoch of the catalog it has open. The catalog's
 * file may be deleted or replaced at any time; rows then mean other backups, and a
 * new epoch begins with the first one who opens the new file.
 */
int fsys_open(struct repo **out, unsigned int *epoch, struct fsys *fs, struct error *err);

struct worker {
	struct fsys *fs;
	struct repo *repo;
	struct catalog *catalog; /* the repo's */
	unsigned int epoch;
	int64_t reader_row; /* of the reader; 0: there is none */
	struct reader *reader;
	struct worker *next;
};

int worker_take(struct worker **out, struct fsys *fs, struct error *err);
void worker_give(struct worker *w); /* NULL is fine */
DEFINE_DEFER(worker, worker_give)

#endif
