/* SPDX-License-Identifier: MIT */
/*
 * apply: runs the steps of a plan, one statement per call.
 *
 * Each statement is tokenised first and must be one statement that a plan may hold: CREATE,
 * ALTER, DROP or RENAME of a kind of object, in this database. Never multi-statements, never
 * LOCAL INFILE.
 */
#ifndef ENGINE_SERVER_APPLY_H
#define ENGINE_SERVER_APPLY_H

#include "engine/schema/plan.h"
#include "engine/server/server.h"

struct apply_progress {
	/* Before and after each step; -1 stops the run with its error. done false: about to
	 * run. */
	int (*step)(void *arg, size_t i, const struct plan_step *step, bool done,
	            struct error *err);
	/* A step that did not end well, or was to be the next one; may be NULL. */
	void (*failed)(void *arg, size_t i, const struct error *why);
	void *arg;
	size_t batch_size; /* rows that a copy into the quarantine takes at a time; 0: all */
	/* So many steps at the same time, where the plan allows it; 0, 1: one by one. */
	size_t workers;
	const struct connection *connection; /* for the sessions of the others */
};

/*
 * Runs p on `database` (which exists). *done is the number of steps that ran.
 * On failure the error names the step, the statement's beginning and the
 * server's words; a foreign key that does not hold is "foreign key constraint violation: ...";
 * the session settings are put back either way. Polls cancel_requested() between steps.
 *
 * Whoever calls is told of steps on his own thread, and of each before the server is; with
 * several workers a step may be told of while others run. The other sessions hold locks
 * (server_lock_worker()): they show until what they run has ended, whatever became of us.
 */
int apply_plan(struct server *s, const char *database, const struct plan *p,
               const struct apply_progress *progress, size_t *done, struct error *err);

/* How the server runs an ALTER TABLE. NULL: it is no such step, or the server does not say. */
struct apply_way {
	const char *algorithm; /* "instant", "nocopy", "inplace", "copy" */
	const char *lock;      /* "none", "shared" (others may read), "exclusive" */
};

/*
 * The same, and each ALTER TABLE runs by the best algorithm and lock that the server
 * accepts: ways[i] tells of step i. For a database without rows.
 */
int apply_probe(struct apply_way *ways, struct server *s, const char *database,
                const struct plan *p, size_t *done, struct error *err);

/* ERR_REFUSED unless sql is one statement that a plan may run. Pure; used by apply_plan on
 * every step. */
int apply_check_statement(const char *sql, enum server_family family, const char *sql_mode,
                          struct error *err);

#endif
