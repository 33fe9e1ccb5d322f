/* SPDX-License-Identifier: MIT */
/*
 * move: takes backups to another store, under their own ids.
 *
 * For each: payload, then envelope, are copied, read back and hashed; the place is remembered
 * in the catalog; only then do envelope and payload leave the store they were in. Interrupted
 * anywhere a backup is whole in one of the two, or in both, and the next run goes on from
 * there. A payload that is not what its envelope says is not moved.
 */
#ifndef ENGINE_REPO_MOVE_H
#define ENGINE_REPO_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup;
struct error;
struct repo;

struct move_options {
	const char *place; /* a directory, or a configuration file that describes a store */
	bool copy;         /* leave it where it was, too */
};

enum move_outcome {
	MOVE_DONE,
	MOVE_ALREADY, /* it is there, and nowhere else (copy: it was there before) */
	MOVE_FAILED,
};
const char *move_outcome_name(enum move_outcome o); /* "moved", "already there", "failed" */

struct move;

/* Opens the destination and takes the lease. */
int move_begin(struct move **out, struct repo *r, const struct move_options *o,
               struct error *err);
const char *move_location(const struct move *m); /* "local:/new/path" */
/*
 * One backup. MOVE_FAILED: the error says why, and others can go on; -1: the run must end
 * (interrupted, lease lost).
 */
int move_one(enum move_outcome *out, struct move *m, const struct backup *b, struct error *err);
void move_end(struct move *m); /* NULL is fine */

#endif
