/* SPDX-License-Identifier: MIT */
/*
 * live: the schemas that the server has now, as snapshots.
 *
 * One thread talks to the server. Who wants a snapshot waits for it, but no
 * longer than the deadline: a server that is slow or away never holds up a
 * reader for more than that. A snapshot is good for a while, a short one when
 * looking is cheap (ten times the duration of the look, at most the configured
 * interval). The last one of a database is kept, within a limit, for when the
 * server is away. Thread-safe.
 */
#ifndef FS_LIVE_H
#define FS_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct live;
struct repo;
struct schema;

/* Holds r. The thread starts with the first question. */
struct live *live_new(struct repo *r);
/* From now on by this one's configuration; another server's answers are those of this one. */
void live_renew(struct live *l, struct repo *r);
/* Asks the thread to end and waits for it. False: it is still busy with the server. */
bool live_end(struct live *l, int64_t patience_ms);
void live_free(struct live *l); /* nobody may be asking; NULL is fine */
DEFINE_DEFER(live, live_free)

/* Immutable. */
struct snapshot {
	struct schema *schema; /* NULL in a list of names */
	char hash[65];         /* of the schema */
	int64_t since;         /* when this state was seen first */
	int64_t taken_at;
	char **names; /* of the databases, sorted */
	size_t count;
};
void snapshot_drop(struct snapshot *s); /* NULL is fine */
DEFINE_DEFER(snapshot, snapshot_drop)

/* 1, 0 no such database, -1: the server said no, or nothing until the deadline. */
int live_schema(struct snapshot **out, struct live *l, const char *database, struct error *err);
int live_databases(struct snapshot **out, struct live *l, struct error *err);
/* The number of the time for which a look at the server is good: it rises with the clock. */
int64_t live_turn(const struct live *l);
/* What was seen last, without asking; NULL: nothing. Caller drops it. */
struct snapshot *live_last(struct live *l, const char *database);
struct snapshot *live_last_databases(struct live *l);

#endif
