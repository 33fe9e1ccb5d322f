/* SPDX-License-Identifier: MIT */
/*
 * group: the backups that a directory stands for: of a database, a day, a tag,
 * or all of them; and what is common to all nodes that show backups.
 *
 * Asked of the catalog each time, by its indexes: nothing is kept here.
 */
#ifndef FS_GROUP_H
#define FS_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"
#include "fs/node.h"

struct buf;
struct card;
struct census_dir;
struct dirlist;
struct error;
struct worker;

/* What is NULL or false does not matter. */
struct group {
	const char *database;
	const char *key, *value; /* of a tag */
	bool on_day;
	int32_t day;
};

int group_each(struct worker *w, const struct group *g, catalog_backup_fn *fn, void *arg,
               struct error *err);
/* Only those that a list wants, when it is a page; fn adds to it. */
int group_each_for(const struct dirlist *list, struct worker *w, const struct group *g,
                   catalog_backup_fn *fn, void *arg, struct error *err);
/* When the newest one was made: 1, 0 there is none, -1. */
int group_newest(struct worker *w, const struct group *g, int64_t *created_at,
                 struct error *err);
/* The days that have any, the latest first. */
typedef int group_day_fn(void *arg, int32_t day, int64_t newest, struct error *err);
int group_days(struct worker *w, const struct group *g, group_day_fn *fn, void *arg,
               struct error *err);
/* Distinct databases, tag keys, or a key's values, sorted. */
enum group_text { GROUP_DATABASES, GROUP_TAG_KEYS, GROUP_TAG_VALUES };
int group_texts(struct worker *w, enum group_text what, const char *key, catalog_text_fn *fn,
                void *arg, struct error *err);

/* The text of these that a file name means. 1: *out, which the caller frees; 0 none. */
int group_text_named(struct worker *w, enum group_text what, const char *key,
                     const char *filename, char **out, struct error *err);

/* The attributes of a directory for a group: 1; 0 when it has no backups; -1. */
int group_attr(struct worker *w, const struct group *g, const struct census_dir *dir,
               struct node_attr *out, struct error *err);

/* A backup that the tree shows, by row or id: 1, 0, -1. Caller drops the card. */
int group_card(struct card **out, struct worker *w, int64_t row, struct error *err);
int group_card_named(struct card **out, struct worker *w, const char *id, struct error *err);

/* A node for a backup's row, and one for a name, which is held. */
struct node group_row_node(const struct worker *w, enum node_kind kind, int64_t row);
struct node group_name_node(const struct worker *w, enum node_kind kind, const char *a,
                            const char *b, uint32_t sub);

/* The link from a directory `depth` below the root to a backup's directory. */
void group_link(struct buf *out, const struct worker *w, const struct backup *b, int depth);
/* Adds a link to a backup to a listing; kind says which sort of link. */
void group_add_link(struct dirlist *out, struct worker *w, enum node_kind kind,
                    const struct backup *b);

#endif
