/* SPDX-License-Identifier: MIT */
/*
 * probe: does the store really work? Writes, reads, lists and deletes an object
 * of its own, several times, and times each request.
 *
 * The object is named as a payload without envelope, so that cleanup sweeps it
 * when a probe could not delete it. Not thread-safe (a repo is not).
 */
#ifndef ENGINE_REPO_PROBE_H
#define ENGINE_REPO_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct json;
struct repo;

enum probe_step {
	PROBE_WRITE,
	PROBE_READ,      /* reads back and compares */
	PROBE_LIST,      /* sees it in a listing */
	PROBE_OVERWRITE, /* writing it again is refused: backups cannot be overwritten */
	PROBE_DELETE,
	PROBE_STEP_COUNT
};
const char *probe_step_name(enum probe_step s); /* "write" */

struct probe_result {
	size_t done, failed;
	int64_t micros; /* of those that were done, altogether */
	char *error;    /* of the first that failed; NULL */
	char *hint;     /* NULL: none */
};

/* Of the file system that holds a local store. */
struct probe_room {
	uint64_t free, capacity; /* bytes; capacity 0: not known, as of a store elsewhere */
	uint64_t inodes_free, inodes;
};

struct probe {
	struct probe_result steps[PROBE_STEP_COUNT];
	size_t size; /* bytes of the object */
	int64_t started_at;
	char *location; /* "local:/var/backups" */
	struct probe_room room;
};
void probe_free(struct probe *p); /* NULL is fine */
DEFINE_DEFER(probe, probe_free)

/*
 * 0 with *out filled, whether the store works or not; -1 only for what is no
 * answer about the store (ERR_CANCELLED, no randomness). rounds and size: at least 1.
 */
int repo_probe(struct probe **out, struct repo *r, size_t rounds, size_t size,
               struct error *err);

/* Did every request of every round succeed? */
bool probe_is_good(const struct probe *p);

void probe_measure_room(struct probe_room *out, const struct repo *r);
/* Is there so little that a backup might fail for it? False when it is not known. */
bool probe_room_is_short(const struct probe_room *room);
char *probe_room_text(
	const struct probe_room *room); /* "40 MB ... left on ..."; caller frees */

/* As docs/api-docs.md describes it; the caller frees. */
struct json *probe_json(const struct probe *p);

#endif
