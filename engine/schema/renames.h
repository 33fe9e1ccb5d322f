/* SPDX-License-Identifier: MIT */
/*
 * renames: what a person says was renamed, so that a plan keeps its rows or values.
 *
 *	rename_parse(&r[0], arena, "orders.total=sum", err)     a column of table orders
 *	rename_parse(&r[1], arena, "old_orders=orders", err)    a table
 *	renames_choose(r, &count, live, wanted, err)            leaves out what is done already
 *	renamed = renames_done(live, r, count)                  live, as the server will show it
 *
 * Names that hold dots, equal signs or backticks stand in backticks. Columns are named with
 * their table's live name. Renames are done columns first. Pure; strings live in the arena.
 */
#ifndef ENGINE_SCHEMA_RENAMES_H
#define ENGINE_SCHEMA_RENAMES_H

#include <stddef.h>

struct arena;
struct buf;
struct error;
struct schema;

struct rename {
	const char *table;  /* its live name */
	const char *column; /* NULL: the table itself */
	const char *to;
};

/* ERR_USAGE: it is no rename. */
int rename_parse(struct rename *out, struct arena *a, const char *text, struct error *err);

/* Appends the option that rename_parse() reads, with shell quotes where it needs them. */
void rename_option(struct buf *out, const struct rename *r);

/*
 * Keeps those that are to be done. ERR_INVALID for one that neither is to be done nor was, or
 * whose new name is taken, or not wanted.
 */
int renames_choose(struct rename *r, size_t *count, const struct schema *from,
                   const struct schema *to, struct error *err);

/* A copy that reads as it will after them. Caller frees. */
struct schema *renames_done(const struct schema *from, const struct rename *r, size_t count);

#endif
