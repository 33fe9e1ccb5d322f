/* SPDX-License-Identifier: MIT */
/*
 * capture: the live schema of a database as a model.
 *
 * Lists the objects by a fixed number of queries, fetches their texts many per round trip
 * (queries sent ahead on one connection), and makes sure that no DDL ran meanwhile: by the
 * server's counters, or else by listing again. When some did, it starts over (at most 5 times,
 * then ERR_BUSY). Needs no LOCK TABLES. What the account may not see is found out from its
 * grants and left out of schema->visible.
 */
#ifndef ENGINE_SERVER_CAPTURE_H
#define ENGINE_SERVER_CAPTURE_H

#include "engine/server/server.h"

/*
 * 1 captured (a finished schema), 0 no such database, -1. Objects that cannot be read (broken
 * views, missing rights for one object) are kept with what is known and a
 * `problem`; they never take the others down.
 */
int capture_schema(struct schema **out, struct server *s, const char *database,
                   struct error *err);

/*
 * A cheap text that changes when the schema may have changed: one query. Equal
 * texts: the schema is the same for certain; "" when there is no certainty. AUTO_INCREMENT,
 * which is data, is left out. 1, 0 no such database, -1.
 */
struct arena;
struct buf;
struct map;
int capture_fingerprint(struct buf *out, struct server *s, const char *database,
                        struct error *err);
/*
 * The same, and by the same query the next AUTO_INCREMENT value of each table that has one
 * above 1, as text: names and values into counters, whose values live in the arena.
 */
int capture_fingerprint_counted(struct buf *out, struct map *counters, struct arena *a,
                                struct server *s, const char *database, struct error *err);

/*
 * capture_schema(), and the fingerprint of exactly this schema: nothing was changed between
 * the two, or there is none (""). None either when a text depends on another database.
 */
int capture_with_fingerprint(struct schema **out, struct buf *fingerprint, struct server *s,
                             const char *database, struct error *err);

#endif
