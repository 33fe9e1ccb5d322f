/* SPDX-License-Identifier: MIT */
/*
 * diff: what makes two schemas differ, object by object. Pure.
 *
 * `from` is what is there (live), `to` what is wanted (the backup). Kinds of
 * objects that either side could not see are left out and listed in unseen.
 */
#ifndef ENGINE_SCHEMA_DIFF_H
#define ENGINE_SCHEMA_DIFF_H

#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct arena;
struct buf;

enum change_kind {
	CHANGE_MISSING, /* in to, not in from */
	CHANGE_EXTRA,   /* in from, not in to */
	CHANGE_CHANGED,
};

struct change {
	enum change_kind kind;
	enum object_kind object_kind;
	const char *name;
	const struct object *from; /* NULL when missing */
	const struct object *to;   /* NULL when extra */
	const char **details;      /* "column total: int(11), want bigint(20) unsigned" */
	size_t detail_count;
};

struct diff {
	struct arena *arena;
	struct schema *renamed; /* to as it reads in from's database; NULL: one name */
	bool database_changed;  /* default character set or collation */
	struct change *changes; /* by kind and name */
	size_t count;
	unsigned int unseen; /* OBJECT_KIND_BITs that were not compared */
	const char **unread; /* "table orders": there on both sides, read on neither */
	size_t unread_count, unread_capacity;
};

/* Both schemas must outlive the diff. */
struct diff *diff_schemas(const struct schema *from, const struct schema *to);
void diff_free(struct diff *d); /* NULL is fine */
DEFINE_DEFER(diff, diff_free)

/* One line for people: "missing table: orders", "extra column: ...", "changed view: v". */
void change_describe(struct buf *out, const struct change *c);

#endif
