/* SPDX-License-Identifier: MIT */
/*
 * census: which backups there are, and in which directories they show.
 *
 * Each pass over the catalog tells what came, went and changed since the last
 * one (of the catalog, which knows for a while what changed), as news about directories: the
 * kernel is told of exactly those. Between passes it knows how many entries each directory has.
 * Knows nothing of FUSE.
 *
 * census_take() is for one thread; census_children() for any.
 */
#ifndef FS_CENSUS_H
#define FS_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "fs/node.h"

struct catalog;
struct census;
struct error;

/* The backups that the tree shows: what is in the store. */
#define CENSUS_STATUSES \
	(1U << BACKUP_COMPLETED | 1U << BACKUP_VALIDATING | 1U << BACKUP_CORRUPTED)

/* A directory, by what it stands for. What its kind does not need is NULL or 0. */
struct census_dir {
	enum node_kind kind;
	const char *a; /* the database, or the tag's key */
	const char *b; /* the tag's value */
	int32_t day;
	int64_t row; /* NODE_BACKUP */
};

struct census *census_new(const char *zone);
void census_free(struct census *c); /* NULL is fine */
DEFINE_DEFER(census, census_free)

/*
 * News of a directory: name NULL: its entries or attributes changed; else that
 * name came, went or means another node. A piece of news may come repeatedly.
 */
typedef void census_fn(void *arg, const struct census_dir *dir, const char *name);
/* fn NULL: only counts. What a failed pass did not reach is left to the next one. */
int census_take(struct census *c, struct catalog *catalog, census_fn *fn, void *arg,
                struct error *err);

/* The next pass looks at everything: the catalog's file is another one. */
void census_restart(struct census *c);

/* The catalog's at the last pass; negative: there was none, or not of this catalog. Any thread.
 */
int64_t census_generation(const struct census *c);

/* The number of entries; 0 for a directory that is not known (yet). */
size_t census_children(struct census *c, const struct census_dir *dir);

#endif
