/* SPDX-License-Identifier: MIT */
/*
 * scan: what lies in the store, what the catalog says of it, and where the two
 * disagree. One listing of the store; it can mend what it finds.
 *
 * A scan reads no payload: repo_verify_many() does. Files that are not ours are counted and
 * left alone.
 */
#ifndef ENGINE_REPO_SCAN_H
#define ENGINE_REPO_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct repo;

enum scan_kind {
	SCAN_CATALOG,    /* the catalog's file is damaged */
	SCAN_UNLISTED,   /* a backup that the catalog did not know */
	SCAN_GONE,       /* the catalog knows it, the store has no envelope of it */
	SCAN_NO_PAYLOAD, /* an envelope without its payload */
	SCAN_LENGTH,     /* the payload is not as long as its envelope says */
	SCAN_CLOSED,     /* the envelope cannot be opened: damaged, or its secret is missing */
	SCAN_CORRUPTED,  /* a check found it damaged */
	SCAN_ORPHAN,     /* a payload without envelope: never finished, or half deleted */
	SCAN_TEMPORARY,  /* left behind by a process that was killed */
	SCAN_FOREIGN,    /* not ours */
	SCAN_KIND_COUNT
};
const char *scan_kind_name(enum scan_kind kind); /* "unlisted" */
bool scan_kind_is_damage(enum scan_kind kind);   /* something is lost, or cannot be read */

struct scan_finding {
	enum scan_kind kind;
	const char *name;     /* a backup's id, or the name of a file */
	const char *database; /* "" when it is not known */
	const char *text;     /* what it means, in a sentence */
	int64_t modified;     /* seconds since the epoch; 0: unknown */
	uint64_t size;        /* stored bytes */
	bool mended;
};
/* In the order of names, kinds of one name together. Stops with -1. */
typedef int scan_fn(void *arg, const struct scan_finding *f, struct error *err);

struct scan_options {
	bool rebuild; /* read every envelope again; a damaged catalog is begun anew */
	bool fix;     /* bring the catalog up to date; remove orphans older than a day */
};
struct scan_result {
	size_t backups;  /* with envelope and payload */
	size_t listed;   /* rows of the catalog about stored backups, when it is over */
	size_t findings; /* foreign files aside */
	size_t damaged;  /* findings that are damage and are not mended */
	size_t mended;
	size_t foreign;
	uint64_t bytes; /* stored, of backups */
	uint64_t freed;
	int64_t duration_ms;
};
/* Works without catalog file, secret and server. Each backup has at most one finding about
 * envelope and payload, the gravest. */
int repo_scan(struct scan_result *out, struct repo *r, const struct scan_options *o,
              scan_fn *fn, void *arg, struct error *err);

#endif
