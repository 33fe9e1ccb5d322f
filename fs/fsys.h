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

struct ahead;
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
	char *zone; /* for dates; NULL: the process's */
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
	struct ahead *ahead;       /* what the kernel knows too early */
	/* Everything that changes is seen and told to the kernel: it may keep what it learns.
	 */
	atomic_bool watching;
	atomic_uint changes; /* that were seen; rises before the kernel is told */
	atomic_uint epoch;   /* how often the catalog's file was replaced */
	atomic_uint renewal; /* how often the configuration was */
	atomic_uint reloads; /* how often that was tried */
	struct workers *workers;
};

/* Takes r over. */
struct fsys *fsys_new(struct repo *r);
void fsys_free(struct fsys *fs); /* no worker may be out; NULL is fine */
DEFINE_DEFER(fsys, fsys_free)

/* The repo that all others are cloned of, held; its configuration is the one in force. */
struct repo *fsys_repo(struct fsys *fs);
/* Goes on with another one, which it takes over. Requests that run end with the one they have.
 */
void fsys_renew(struct fsys *fs, struct repo *r);

/* Why the configuration is not the one that the file has now; why NULL: it is. */
void fsys_note_reload(struct fsys *fs, const struct error *why);
bool fsys_reload_failure(struct fsys *fs, struct error *why);

/* Of what a repo was opened: who has an older one takes another. */
struct fsys_age {
	unsigned int epoch, renewal;
};
bool fsys_is_current(struct fsys *fs, const struct fsys_age *age);

/*
 * A repo of one's own, and what it has open. The catalog's
 * file may be deleted or replaced at any time; rows then mean other backups, and a
 * new epoch begins with the first one who opens the new file.
 */
int fsys_open(struct repo **out, struct fsys_age *age, struct fsys *fs, struct error *err);

struct worker {
	struct fsys *fs;
	struct repo *repo;
	struct catalog *catalog; /* the repo's */
	struct fsys_age age;
	int64_t reader_row; /* of the reader; 0: there is none */
	struct reader *reader;
	struct worker *next;
};

int worker_take(struct worker **out, struct fsys *fs, struct error *err);
void worker_give(struct worker *w); /* NULL is fine */
DEFINE_DEFER(worker, worker_give)

#endif
