/* SPDX-License-Identifier: MIT */
/*
 * verify: is a stored backup whole? The artefact only: never compared with the
 * live schema. Each level includes those before it:
 *
 *	listing  both files are there, and the payload is as long as its envelope says
 *	stored   SHA-256 of the stored bytes; needs no secret
 *	decode   every part is authentic and is the one of the envelope; the schema is read
 *	load     the schema is made in a scratch database of the configured server, captured
 *	         again, compared and dropped
 *
 * What was found is kept in the catalog: a damaged backup is CORRUPTED from then on, and
 * COMPLETED again when a later check that would have seen the damage finds it whole. A backup
 * that only does not load is not valid, but keeps its status: its bytes are what they were.
 * Thread-safe as far as each thread has a repo of its own (repo_clone()).
 */
#ifndef ENGINE_REPO_VERIFY_H
#define ENGINE_REPO_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"

struct backup;
struct repo;
struct schema;

enum verify_level { VERIFY_LISTING, VERIFY_STORED, VERIFY_DECODE, VERIFY_LOAD };
const char *verify_level_name(enum verify_level level); /* "stored" */

struct verify_result {
	bool valid;
	bool damaged;        /* by what is stored; a schema that does not load may be whole */
	bool checksum_valid; /* of the stored bytes; false when they were not read */
	enum verify_level level;
	char **errors; /* "checksum mismatch (expected: ..., got: ...)" */
	size_t error_count;
	char **warnings;
	size_t warning_count;
	int64_t checked_at;
	uint64_t bytes; /* stored bytes read */
};
void verify_result_free(struct verify_result *v); /* NULL is fine */
DEFINE_DEFER(verify_result, verify_result_free)

/*
 * 0 with *out filled when the check could be made, valid or not; -1 when it
 * could not (store or server unreachable, secret missing from VERIFY_DECODE on).
 */
int repo_verify(struct verify_result **out, struct repo *r, const char *id,
                enum verify_level level, struct error *err);

/*
 * VERIFY_DECODE, and what was decoded for it: caller frees both. NULL when the
 * backup is not valid.
 */
int repo_verify_reading(struct verify_result **out, struct schema **schema,
                        struct backup **backup, struct repo *r, const char *id,
                        struct error *err);

/* Which of many backups, and how. */
struct verify_options {
	enum verify_level level;
	const char *database; /* NULL: all */
	const char *sample;   /* "10%", "25": so many of them, picked by chance; NULL: all */
	int64_t max_age;      /* seconds: only younger ones; 0: of any age */
	size_t parallel;      /* at the same time; 0: as the configuration says */
};

/* What became of one. */
struct verify_item {
	const struct backup *backup;
	const struct verify_result
		*result; /* NULL: it could not be checked, and why says why */
	const struct error *why;
	size_t number, count; /* 1.. of count */
	uint64_t bytes_done, bytes_total;
};
/* Called on the caller's thread, in the order of the list, newest first. Stops with -1. */
typedef int verify_fn(void *arg, const struct verify_item *item, struct error *err);

struct verify_summary {
	size_t candidates; /* backups that the options allow, before sampling */
	size_t checked, valid, invalid, unchecked;
	uint64_t bytes; /* stored bytes read */
	int64_t duration_ms;
};

/*
 * Verifies completed and corrupted backups of the catalog. 0 when it came to the end, whatever
 * was found. The run is kept in the catalog's history. ERR_USAGE for a bad sample.
 */
int repo_verify_many(struct verify_summary *out, struct repo *r, const struct verify_options *o,
                     verify_fn *fn, void *arg, struct error *err);

/* "10%" or "25" of `count`, rounded up; at least 1 unless count is 0. ERR_USAGE. Pure. */
int verify_sample_size(size_t *out, const char *sample, size_t count, struct error *err);

#endif
