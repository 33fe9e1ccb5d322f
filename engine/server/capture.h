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

#include "engine/base/cleanup.h"
#include "engine/server/server.h"

/*
 * 1 captured (a finished schema), 0 no such database, -1. Objects that cannot be read (broken
 * views, missing rights for one object) are kept with what is known and a
 * `problem`; they never take the others down.
 */
int capture_schema(struct schema **out, struct server *s, const char *database,
                   struct error *err);

/*
 * A cheap text that changes when the schema may have changed: a few queries, sent at once.
 * Equal texts: the schema is the same for certain; "" when there is no certainty.
 * AUTO_INCREMENT, which is data, is left out. 1, 0 no such database, -1.
 */
struct arena;
struct buf;
struct map;
int capture_fingerprint(struct buf *out, struct server *s, const char *database,
                        struct error *err);

/* What is asked for besides the text. */
struct capture_ask {
	const char *database;
	/* NULL, or where the same queries put the next AUTO_INCREMENT value of each table that
	 * has one above 1: names and values as text, which live in the arena. */
	struct map *counters;
	struct arena *arena;
	void (*meanwhile)(void *arg); /* NULL, or called once while the server is at work */
	void *arg;
};

/* A fingerprint, and whether the schema can still be the one it belongs to. */
struct capture_mark;
int capture_mark(struct capture_mark **out, struct server *s, const struct capture_ask *ask,
                 struct error *err);            /* 1, 0 no such database, -1 */
void capture_mark_free(struct capture_mark *m); /* NULL is fine */
DEFINE_DEFER(capture_mark, capture_mark_free)
const char *capture_mark_text(const struct capture_mark *m);

/*
 * capture_schema() some time after the mark was made. From then on the mark's text is the
 * fingerprint of exactly this schema: nothing was changed between the two, or it is "". So it
 * is when a text depends on another database.
 */
int capture_marked(struct schema **out, struct capture_mark *m, struct server *s,
                   const char *database, struct error *err);

#endif
