/* SPDX-License-Identifier: MIT */
/*
 * dirlist: a directory's entries, as they were when it was read.
 *
 * An entry's cookie (its place, for telldir(3)) is its number in directories
 * that do not change. In those that do it is a hash of the name, and the entries
 * stand in that order: reading on after a change then misses and repeats nothing.
 * Not thread-safe.
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

struct dirlist *dirlist_new(struct fsys *fs, bool changes);
void dirlist_free(struct dirlist *d); /* releases the nodes; NULL is fine */
DEFINE_DEFER(dirlist, dirlist_free)

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
struct dirlist_entry dirlist_at(const struct dirlist *d, size_t i);

#endif
