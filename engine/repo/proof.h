/* SPDX-License-Identifier: MIT */
/*
 * proof: what a plan comes to on an empty scratch copy of the live schema, tried before
 * anything touches the live one.
 *
 * The copy is a database of its own on the same server; nothing of it stays. Large schemas are
 * copied in part: what the plan may touch, what that needs, and what needs it.
 */
#ifndef ENGINE_REPO_PROOF_H
#define ENGINE_REPO_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct repo;
struct rollback;
struct rollback_options;

enum proof_outcome {
	PROOF_NOT_MADE, /* no copy could be made: why and hint tell */
	PROOF_HOLDS,    /* the outcome equals the goal, object by object */
	PROOF_FAILS,    /* a step fails, or the outcome differs */
};
const char *proof_outcome_name(enum proof_outcome o); /* "not made", "proven", "refuted" */

/* How the server runs a step. NULL: no ALTER TABLE, or the server does not say. */
struct proof_way {
	const char *algorithm; /* "instant", "nocopy", "inplace", "copy" */
	const char *lock;      /* of others: "none", "shared" (they may read), "exclusive" */
};

struct proof {
	enum proof_outcome outcome;
	char *why; /* when it does not hold */
	char *hint;
	size_t objects;         /* of the copy */
	size_t of;              /* of the live schema */
	size_t rounds;          /* of plan and apply until equal */
	char **limits;          /* what it does not cover, in sentences */
	size_t limit_count;     /* of them */
	struct proof_way *ways; /* one for each step of the plan */
	int64_t duration_ms;
};
void proof_free(struct proof *p); /* NULL is fine */
DEFINE_DEFER(proof, proof_free)

/* -1 only when the server is lost or the user interrupts; all else is an outcome. */
int proof_make(struct proof **out, struct repo *r, const struct rollback *rb,
               const struct rollback_options *o, struct error *err);

/* Drops the scratch databases that runs left behind which were killed. */
int proof_sweep(struct repo *r, size_t *dropped, struct error *err);

#endif
