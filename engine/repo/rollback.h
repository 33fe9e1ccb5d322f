/* SPDX-License-Identifier: MIT */
/*
 * rollback: brings the live schema back to what a backup holds.
 *
 *	rollback_open()     reads the backup, captures the live schema, diffs, plans
 *	rollback_execute()  lock, look again, safety backup, apply with a journal, verify
 *
 * A plan belongs to the live schema it was made from: execute refuses when that moved on.
 */
#ifndef ENGINE_REPO_ROLLBACK_H
#define ENGINE_REPO_ROLLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "engine/base/name.h"
#include "engine/schema/diff.h"
#include "engine/schema/plan.h"

struct error;
struct repo;
struct schema;

struct rollback_options {
	const char *database;        /* NULL: the backup's own */
	bool foreign_key_checks_off; /* --disable-fk-checks */
	bool no_backup;              /* no safety backup */
	bool skip_validation;        /* do not verify the stored backup first */
	bool force; /* past refusals (read: a plan with data loss on an untrusted backup, a
	               moved live schema) */
};

struct rollback {
	struct backup *backup; /* files not filled in */
	char *database;        /* that is rolled back */
	struct schema *wanted; /* the backup's */
	struct schema *live;
	bool database_missing; /* it will be created */
	struct diff *diff;
	struct plan *plan;
	char live_hash[65];
};
int rollback_open(struct rollback **out, struct repo *r, const char *id,
                  const struct rollback_options *o, struct error *err);
void rollback_close(struct rollback *rb); /* NULL is fine */
DEFINE_DEFER(rollback, rollback_close)

struct rollback_result {
	size_t steps_done, steps;
	size_t rounds;                              /* of plan and apply until equal */
	char safety_backup[NAME_BACKUP_ID_MAX + 1]; /* id; "" when none was taken */
	bool equal;                                 /* verified: live equals the backup */
	struct diff *left;                          /* what differs still; NULL when equal */
	struct schema *live;                        /* as verified; left points into it */
};
void rollback_result_finish(struct rollback_result *res);

/* Who is told before and after each step (done false, true); -1 stops the run with its error.
 */
struct rollback_watch {
	int (*step)(void *arg, size_t i, size_t count, const struct plan_step *step, bool done,
	            struct error *err);
	void *arg;
};
/*
 * ERR_BUSY: another run holds the database's lock. ERR_REFUSED: the live schema
 * moved on since rollback_open() (unless force). On failure in mid-plan the error tells how far
 * it came, and running it again goes on from the live schema. ERR_DIFFERS when everything ran
 * but something differs still (out says what).
 */
int rollback_execute(struct rollback_result *out, struct repo *r, struct rollback *rb,
                     const struct rollback_options *o, const struct rollback_watch *watch,
                     struct error *err);

/*
 * Appends plan.sql of a backup against a live schema: what the mount shows.
 * live NULL: the database is not there. note: a line for its header, or NULL.
 */
struct buf;
int rollback_script(struct buf *out, struct repo *r, const char *id, const struct schema *live,
                    const char *note, struct error *err);

#endif
