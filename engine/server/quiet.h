/* SPDX-License-Identifier: MIT */
/*
 * quiet: did any statement that changes schemas run on this server meanwhile?
 *
 *	struct quiet q;
 *
 *	quiet_begin(&q, s, err);
 *	...
 *	if (quiet_is_still(&q, s, err) == 1) ... // nothing changed in between
 *
 * The server counts statements by kind when they start; those that had started
 * before are in the process list, if the account may see it all (PROCESS). Both
 * cost a millisecond, a second listing as much as the texts. Internal to
 * engine/server.
 */
#ifndef ENGINE_SERVER_QUIET_H
#define ENGINE_SERVER_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/buf.h"

struct error;
struct server;

struct quiet {
	uint64_t statements; /* that may change a schema or a right, since the server started */
	bool running;        /* one may have been under way */
};

int quiet_begin(struct quiet *q, struct server *s, struct error *err);
/* 1 nothing was changed, 0 perhaps, -1. */
int quiet_is_still(const struct quiet *q, struct server *s, struct error *err);

/* Does a statement leave schemas alone? False when in doubt. Pure. */
bool quiet_is_harmless(struct str statement);
/* Is this a counter of statements that do not? Pure. */
bool quiet_is_counter(struct str name);

#endif
