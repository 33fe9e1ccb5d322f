/* SPDX-License-Identifier: MIT */
/*
 * bundle: the files of a backup that somebody hands us, in memory, before
 * anything of them is believed.
 *
 * Names are checked against what a backup consists of, with or without one
 * directory around it; everything else is refused, and nothing is ever written by
 * a name of theirs. SHA256SUMS must hold. Not thread-safe.
 */
#ifndef ENGINE_REPO_BUNDLE_H
#define ENGINE_REPO_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"

struct backup;
struct buf;
struct bundle;
struct error;
struct repo;
struct schema;

struct bundle *bundle_new(void);
void bundle_free(struct bundle *b); /* NULL is fine */
DEFINE_DEFER(bundle, bundle_free)

/* Takes the content. ERR_INVALID for a name twice, or one that leads out; or too much. */
int bundle_add(struct bundle *b, const char *name, struct buf *content, struct error *err);
/* Adds the files of a backup's directory. Nothing is followed: no link, no other device. */
int bundle_add_directory(struct bundle *b, const char *path, struct error *err);
size_t bundle_count(const struct bundle *b);

/* Checks names and sums; afterwards names are without the directory around them. */
int bundle_check(struct bundle *b, struct error *err);

/* A file by name; NULL: none. Lent. */
const struct buf *bundle_find(const struct bundle *b, const char *name);
/* The id of a bundle that holds stored files (ID.meta and ID.backup); NULL: it holds none. */
const char *bundle_stored_id(const struct bundle *b);

/* What dumps may lack and the import tells of. */
struct bundle_notes {
	size_t data_statements, other_statements, opaque_tables;
};
/*
 * The schema, and what is known of the backup: fields that nobody said are left as they are.
 */
struct bundle_source {
	const struct bundle *files;
	struct repo *repo;    /* its secrets open stored files */
	const char *database; /* NULL: what the files say */
};
int bundle_read(struct schema **out, struct backup *b, struct bundle_notes *notes,
                const struct bundle_source *from, struct error *err);

#endif
