/* SPDX-License-Identifier: MIT */
/*
 * verify: is a stored backup whole? The artefact only: never the live server.
 */
#ifndef ENGINE_REPO_VERIFY_H
#define ENGINE_REPO_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct json;
struct repo;

enum verify_level {
	VERIFY_STORED, /* length and SHA-256 of the stored bytes; needs no secret */
	VERIFY_DECODE, /* every part decoded and checked, the schema parsed */
};

struct verify_result {
	bool valid;
	bool checksum_valid;
	char **errors; /* "checksum mismatch (expected: ..., got: ...)" */
	size_t error_count;
	char **warnings;
	size_t warning_count;
	int64_t checked_at;
	uint64_t bytes; /* stored bytes read */
};
void verify_result_free(struct verify_result *v);
DEFINE_DEFER(verify_result, verify_result_free)

/*
 * 0 with *out filled when the check could be made, valid or not; -1 when it
 * could not (store unreachable, secret missing for VERIFY_DECODE). An invalid
 * backup is CORRUPTED in the catalog from then on, a valid one COMPLETED.
 */
int repo_verify(struct verify_result **out, struct repo *r, const char *id,
                enum verify_level level, struct error *err);

/*
 * VERIFY_DECODE, and what was decoded for it: caller frees both. NULL when the
 * backup is not valid.
 */
struct backup;
struct schema;
int repo_verify_reading(struct verify_result **out, struct schema **schema,
                        struct backup **backup, struct repo *r, const char *id,
                        struct error *err);

#endif
