/* SPDX-License-Identifier: MIT */
/*
 * listing: what a database holds, without the texts. Texts that were read
 * between two listings are those of one moment when the second shows the same
 * objects, in the same versions, none of them changed since the first. Internal
 * to engine/server.
 */
#ifndef ENGINE_SERVER_LISTING_H
#define ENGINE_SERVER_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct arena;
struct buf;
struct error;
struct server;

struct listed {
	enum object_kind kind; /* in a first listing a table may be a view or a sequence */
	const char *name;
	bool nameless; /* a trigger that the server cannot read: the name is ours */
	/* A hash of the definition; "" for tables. What a text does not say is in it, such as a
	 * trigger's place, but not all that a text says. */
	const char *version;
	bool doubtful; /* in a second listing: the text may have changed since the first */
	const char *table, *timing, *event; /* triggers */
	unsigned int order;
};

struct listing {
	struct arena *arena;
	const char *database;
	const char *charset;
	const char *collation;
	const char *started;  /* the server's clock when the listing was made */
	unsigned int visible; /* OBJECT_KIND_BITs by the account's grants */
	bool sees_processes;  /* may the account see what others run? */
	struct listed *items; /* by namespace and name: a view stands among the tables */
	size_t count;
	size_t capacity;
};

/*
 * 1, 0 no such database, -1. One round trip. first NULL: a first listing. ERR_BUSY when DDL
 * holds a table for longer than the session waits.
 */
int listing_read(struct listing **out, struct server *s, const char *database,
                 const struct listing *first, struct error *err);
void listing_free(struct listing *l); /* NULL is fine */
DEFINE_DEFER(listing, listing_free)

/* The same names and versions? Then the same index means the same object. */
bool listing_agrees(const struct listing *first, const struct listing *second);

/*
 * The database's name as the server spells it, which matters where names ignore case. 1, 0 no
 * such database, -1.
 */
int listing_database(struct buf *out, struct server *s, const char *database,
                     struct error *err);

#endif
