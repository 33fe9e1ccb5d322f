/* SPDX-License-Identifier: MIT */
/*
 * dirlist: a directory's entries, as they were when it was read.
 *
 * An entry's cookie (its place, for telldir(3)) is its number in directories
 * that do not change. In those that do it is a hash of the name, and the entries
 * stand in that order: reading on after a change then misses and repeats nothing.
 * Of a directory with an entry for each backup only a page is read at a time, by the
 * rows of the catalog, which are the cookies there.
 *
 * Made by one thread; when it is finished it does not change any more, and any number of
 * threads may read it, each with a reference of its own.
 */
#ifndef FS_DIRLIST_H
#define FS_DIRLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "fs/node.h"

struct dirlist;
struct fsys;

struct dirlist_entry {
	const char *name;
	struct node node;
	struct node_attr attr;
	bool complete; /* node and attr may be told to the kernel; else it has to ask for them
	                */
	uint64_t cookie;
};

#define DIRLIST_SELF   1 /* cookies of "." and ".." */
#define DIRLIST_PARENT 2
#define DIRLIST_FIRST  3
#define DIRLIST_END    ((uint64_t)INT64_MAX) /* of the last entry: nothing is behind it */

struct dirlist *dirlist_new(struct fsys *fs, bool changes);
/* Only a page: what follows a cookie, of no more than so many rows. Before anything is added.
 */
void dirlist_set_page(struct dirlist *d, uint64_t after, size_t rows);
struct dirlist *dirlist_hold(struct dirlist *d);
void dirlist_free(
	struct dirlist *d); /* a reference; the last releases the nodes; NULL is fine */
DEFINE_DEFER(dirlist, dirlist_free)

/* Who adds the entries of a page takes rows beyond the first of these, as many as the second
 * (0: all). */
int64_t dirlist_rows_after(const struct dirlist *d);
size_t dirlist_rows_max(const struct dirlist *d);

/* The list takes over the node's reference. */
void dirlist_add(struct dirlist *d, const char *name, struct node n,
                 const struct node_attr *attr);
/* The same for an entry that is not complete: of its attributes only st_ino is known. */
void dirlist_add_plain(struct dirlist *d, const char *name, struct node n, uint64_t ino);
/* No more entries; now they may be read. */
void dirlist_finish(struct dirlist *d);

size_t dirlist_count(const struct dirlist *d);
/* The first entry beyond a cookie; dirlist_count() when there is none. */
size_t dirlist_after(const struct dirlist *d, uint64_t cookie);
/* Does it hold what follows the cookie, or the beginning of that? */
bool dirlist_covers(const struct dirlist *d, uint64_t cookie);
struct dirlist_entry dirlist_at(const struct dirlist *d, size_t i);

#endif
