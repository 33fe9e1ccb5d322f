/* SPDX-License-Identifier: MIT */
/*
 * delta: what becomes of each part of a table that both schemas have. Only
 * decisions; plan_*.c puts them into statements. Pure.
 */
#ifndef ENGINE_SCHEMA_DELTA_H
#define ENGINE_SCHEMA_DELTA_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/schema/table.h"

struct arena;
struct object;
struct schema;

enum column_action {
	COLUMN_KEEP,
	COLUMN_MODIFY,
	COLUMN_ADD,
	COLUMN_REPLACE, /* DROP and ADD: the server cannot convert it */
};

struct column_delta {
	const struct column *from; /* NULL: added */
	const struct column *to;
	enum column_action action;
	bool moved;
	bool reshaped; /* as a foreign key or an index on it would notice */
};

struct table_delta {
	const struct object *from;
	const struct object *to;
	const struct table *a;        /* from's parts */
	const struct table *b;        /* to's parts */
	struct column_delta *columns; /* one for each column of b, in order */
	const struct column **dropped;
	size_t dropped_count;
	bool *index_kept; /* one for each index of b; the rest is dropped and added */
	/* for each index of b: the one of a that it is, perhaps under another name; or NULL */
	const struct index **index_from;
	bool renames_indexes; /* the server can */
	bool *check_kept;     /* one for each check of b */
	bool *check_gone; /* one for each check of a: dropped before, by a step of its own */
	bool charset_changed; /* of the table: columns that do not say theirs change */
	bool engine_changed;
	/*
	 * A versioned table stays in its engine (4120), and columns for its rows' bounds
	 * come with versioning alone (4134): so that goes first, and its columns with it.
	 */
	bool versioning_goes_first;
	/* Columns leave versioning in a statement behind the one that brings it (4124). */
	bool unversioned_last;
	bool incomparable; /* holds something that no ALTER can express: drop and create */
};

/* NULL when one of the texts is not understood. */
struct table_delta *delta_new(struct arena *a, const struct object *from,
                              const struct object *to, bool renames_indexes);

/* Has the server of this schema ALTER TABLE ... RENAME INDEX? */
bool delta_renames_indexes(const struct schema *live);

/* The value of a table option; empty when it is not there. */
struct str delta_option(const struct table *t, const char *name);

const struct column_delta *delta_column(const struct table_delta *d, const char *name);

/* Has a column of this list been dropped, replaced or given another type? */
bool delta_reshapes(const struct table_delta *d, const char **columns, size_t count);

/* Is there an index, on both sides and untouched, that begins with these columns? */
bool delta_keeps_index_on(const struct table_delta *d, const char **columns, size_t count);

/* Are two indexes the same, but for one being ignored (invisible)? */
bool index_same_but_ignored(const struct index *a, const struct index *b);

bool column_is_row_bound(const struct column *c); /* GENERATED ALWAYS AS ROW START, END */
bool table_has_row_bounds(const struct table *t);

/* Does an index begin with these columns, whole and in this order? */
bool index_serves(const struct index *x, const char **columns, size_t count);

/* USING HASH. A foreign key passes such an index by, though InnoDB makes it a tree like all. */
bool index_is_hash(const struct index *x);

/* Forces the index to be dropped and added, and those behind it that then must be, too. */
void delta_drop_index(struct table_delta *d, size_t index_of_b);

/* Does this index of a stay, perhaps under another name? */
bool delta_index_stays(const struct table_delta *d, const struct index *from);

/* Decides which indexes stay; part of delta_new(). */
void delta_indexes(struct table_delta *d, struct arena *a);

bool column_is_text(const struct column *c); /* has a character set */

#endif
