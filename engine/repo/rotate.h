/* SPDX-License-Identifier: MIT */
/*
 * rotate: every backup under the present secret.
 *
 * Only envelopes are rewritten: the same data key, wrapped by the new secret, as one more
 * generation, in place of exactly the version that was read. Whatever ends a rotation, each
 * backup opens with the old or with the new secret; running it again does what is left.
 * Payloads stay as they are, and so does the configuration: keys.h tells which older secrets
 * are still needed. One host at a time (lease.h).
 */
#ifndef ENGINE_REPO_ROTATE_H
#define ENGINE_REPO_ROTATE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct repo;

enum rotate_outcome {
	ROTATE_DONE = 1, /* under the present secret now; in a dry run: would be */
	ROTATE_ALREADY,  /* it was before */
	ROTATE_PLAIN,    /* not encrypted: there is nothing to rotate */
	ROTATE_FAILED,   /* as it was; the reason says why */
	ROTATE_GONE,     /* deleted by somebody meanwhile */
	ROTATE_OUTCOME_COUNT
};
const char *rotate_outcome_name(enum rotate_outcome o); /* "rotated", "already new", ... */

struct rotate_progress {
	const char *id;
	enum rotate_outcome outcome;
	const char *reason;   /* "" unless it failed */
	size_t number, total; /* from 1 */
};
typedef int rotate_fn(void *arg, const struct rotate_progress *p, struct error *err);

struct rotate_result {
	size_t total;
	size_t counts[ROTATE_OUTCOME_COUNT];
};

/*
 * fn (NULL: nobody) is told of each backup, on the caller's thread. 0 also when some failed; -1
 * when it could not begin or go on: ERR_BUSY, ERR_CONFIG (encryption is off), ERR_DENIED (no
 * secret).
 */
int repo_rotate(struct rotate_result *out, struct repo *r, bool dry_run, rotate_fn *fn,
                void *arg, struct error *err);

#endif
