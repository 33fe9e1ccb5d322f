/* SPDX-License-Identifier: MIT */
/*
 * optimize: how the store could take less room. Every figure is measured: the
 * compressions on a sample of the stored backups, the rest on the catalog.
 * Changes nothing. Not thread-safe (a repo is not).
 */
#ifndef ENGINE_REPO_OPTIMIZE_H
#define ENGINE_REPO_OPTIMIZE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct json;
struct repo;

/* One way to compress, tried on the sample. */
struct optimize_codec {
	const char *algorithm; /* "zstd" */
	int level;
	uint64_t size; /* what the sample would take */
	int64_t micros;
};

/* Backups of one database that hold the same schema. */
struct optimize_twins {
	char *database;
	char *schema_hash;
	uint64_t count;
	uint64_t stored; /* bytes of all of them */
	uint64_t spare;  /* bytes of all but the newest */
};

struct optimize {
	uint64_t count, stored; /* of all completed backups */
	/* The sample: how many were read, their plain bytes, what is stored of them. */
	size_t sampled;
	size_t unreadable;
	uint64_t sample_size, sample_stored;
	struct optimize_codec *codecs; /* the smallest first */
	size_t codec_count;
	uint64_t expired, expired_stored; /* what cleanup would delete now */
	struct optimize_twins *twins;     /* the most spare bytes first */
	size_t twin_count;
	int64_t generated_at;
};
void optimize_free(struct optimize *o); /* NULL is fine */
DEFINE_DEFER(optimize, optimize_free)

/* want: how many backups to read, spread over all; 0: none. */
int repo_optimize(struct optimize **out, struct repo *r, size_t want, struct error *err);

/* As docs/api-docs.md describes it; the caller frees. */
struct json *optimize_json(const struct optimize *o);

#endif
