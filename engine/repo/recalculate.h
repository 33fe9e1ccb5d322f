/* SPDX-License-Identifier: MIT */
/*
 * recalculate: sets right what an envelope says of its payload's length and hash, when the
 * payload itself is whole. It never blesses damage: every part must be authentic and be the
 * one that the sealed metadata name, and the schema must read.
 */
#ifndef ENGINE_REPO_RECALCULATE_H
#define ENGINE_REPO_RECALCULATE_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct repo;

struct recalculation {
	bool changed; /* the envelope was wrong, and is right now */
	char before[65],
		after[65]; /* SHA-256 of the payload: in the envelope, and of its bytes */
	uint64_t size_before, size_after;
};

/*
 * Holds the store's lease. ERR_CORRUPT "checksum mismatch (expected: ..., got: ...)" and what
 * does not decode when the payload is damaged; ERR_BUSY when the envelope was replaced
 * meanwhile. The status in the catalog follows.
 */
int repo_recalculate(struct recalculation *out, struct repo *r, const char *id,
                     struct error *err);

#endif
