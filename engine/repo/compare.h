/* SPDX-License-Identifier: MIT */
/*
 * compare: what differs between two schemas, wherever each is (wanted.h).
 *
 *	DEFER(comparison) *c = NULL;
 *
 *	if (compare_open(&c, r, &from, &to, err) < 0)
 *		return -1;
 *	for (i = 0; i < c->diff->count; i++)
 *		compare_text(&text, c, &c->diff->changes[i]);
 *
 * `from` is the one that counts, mostly a backup, and `to` what is held against it, mostly the
 * live schema: what only `to` has is extra, what only `from` has is missing. Not thread-safe.
 */
#ifndef ENGINE_REPO_COMPARE_H
#define ENGINE_REPO_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/repo/wanted.h"
#include "engine/schema/diff.h"

struct buf;
struct error;
struct repo;

struct comparison {
	struct wanted *from, *to;
	struct diff *diff;   /* from `to` to `from`: missing and extra are those of `to` */
	bool from_is_absent; /* there is no such live database; it counts as an empty one */
	bool to_is_absent;
	struct compare_counts {
		size_t missing, extra, changed; /* the database itself is one object */
		size_t all;                     /* an absent database is a difference, too */
	} counts;
};

/* A live side without a name is the database of the other one. Files are read in the character
 * set of the other side's database, unless they say another. */
int compare_open(struct comparison **out, struct repo *r, const struct wanted_spec *from,
                 const struct wanted_spec *to, struct error *err);
void compare_close(struct comparison *c); /* NULL is fine */
DEFINE_DEFER(comparison, compare_close)

/* Appends a unified diff of an object as the file that a backup has of it. */
void compare_text(struct buf *out, const struct comparison *c, const struct change *change);

#endif
