/* SPDX-License-Identifier: MIT */
/*
 * suggest: "did you mean" for names that only the catalog or the server knows: ids, databases,
 * tags. Each appends what was probably meant and returns true, or false when nothing is
 * near. They never fail: a hint that cannot be had is none. Not thread-safe.
 */
#ifndef ENGINE_REPO_SUGGEST_H
#define ENGINE_REPO_SUGGEST_H

#include <stdbool.h>

struct buf;
struct repo;

/* For any spelling that repo_find() takes: "latest:shop" for "latest:shp". */
bool suggest_backup(struct buf *out, struct repo *r, const char *spec);
/* Among the databases that have backups. */
bool suggest_database(struct buf *out, struct repo *r, const char *name);
/* Among the databases of the server. */
bool suggest_live_database(struct buf *out, struct repo *r, const char *name);
/* "release=2.14"; value NULL: any. */
bool suggest_tag(struct buf *out, struct repo *r, const char *key, const char *value);

#endif
