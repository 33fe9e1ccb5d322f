/* SPDX-License-Identifier: MIT */
/*
 * names: which names a text mentions, and texts that name their own database.
 *
 * SHOW CREATE leaves the database's name out, but for sequences in a column's
 * default and for views that are broken. Pure.
 */
#ifndef ENGINE_SCHEMA_NAMES_H
#define ENGINE_SCHEMA_NAMES_H

#include <stdbool.h>

#include "engine/base/buf.h"
#include "engine/schema/model.h"

/* Is `Orders` the same as `orders` for this kind on this server? */
bool names_fold(const struct schema *s, enum object_kind kind);

/* Does a piece of SQL mention a name (quoted or bare, case ignored)? */
bool names_mentioned(struct str text, const char *name);

/* Calls fn for each name (and bare word) of an object's text; name is valid during the call. */
typedef void names_fn(void *arg, const char *name);
void names_each(const struct object *o, names_fn *fn, void *arg);

/* Appends text (of an object's kind) with `database`. taken out. */
void names_unqualify(struct buf *out, enum object_kind kind, struct str text,
                     const char *database);

/* Appends an object's text as it would read without its own database's name. */
void names_unqualified(struct buf *out, const struct object *o, const struct schema *s);

/* An object of a copy: rewrite appends its text, and may give it another name or table. */
struct names_copy {
	struct buf *text;
	const char *name;
	const char *table;
};
typedef void names_rewrite_fn(struct names_copy *c, const struct object *o, void *arg);

/* A copy of a schema that stands alone; rewrite NULL: as it is. Caller frees. */
struct schema *names_copied(const struct schema *s, const char *database,
                            names_rewrite_fn *rewrite, void *arg);

/* A copy of a schema as it reads when its database is called something else. Caller frees. */
struct schema *names_in_database(const struct schema *s, const char *database);

#endif
