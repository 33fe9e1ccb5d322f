/* SPDX-License-Identifier: MIT */
/*
 * listings: lists of directories that somebody is reading on in. The kernel does not say
 * who has a directory open, so whoever reads on asks for what follows an entry; he finds
 * here the list that the entries before came from, or makes it again.
 *
 *	list = listings_find(ls, id, changes, cookie);
 *	if (!list) ... make it, listings_put(ls, id, changes, list);
 *
 * A list is good as long as `changes` (fsys.h) is what it was when it was begun. A few are
 * kept, those used last. Thread-safe.
 */
#ifndef FS_LISTINGS_H
#define FS_LISTINGS_H

#include <stdint.h>

#include "engine/base/cleanup.h"

struct dirlist;
struct listings;

struct listings *listings_new(void);
void listings_free(struct listings *ls); /* NULL is fine */
DEFINE_DEFER(listings, listings_free)

/* With a reference for the caller; NULL: there is none that has what follows the cookie. */
struct dirlist *listings_find(struct listings *ls, uint64_t id, unsigned int changes,
                              uint64_t cookie);
/* Takes a reference of its own. */
void listings_put(struct listings *ls, uint64_t id, unsigned int changes, struct dirlist *list);
/* It was read to its end. */
void listings_remove(struct listings *ls, const struct dirlist *list);

#endif
