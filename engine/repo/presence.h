/* SPDX-License-Identifier: MIT */
/*
 * presence: is the store the one that the catalog knows, or what lies below a disk that is not
 * mounted? Only an empty listing is doubted: where backups are seen, they are believed. Not
 * thread-safe, as the repo.
 */
#ifndef ENGINE_REPO_PRESENCE_H
#define ENGINE_REPO_PRESENCE_H

#include <stddef.h>

struct error;
struct repo;

/* What a listing of everything showed of the first store. */
struct presence {
	size_t known; /* backups that the catalog has there; counted when none was seen */
	size_t seen;  /* of these */
	size_t added; /* others */
};

/* ERR_STORE with a hint when nothing is believed to be gone; else the place is remembered. */
int presence_check(struct repo *r, const struct presence *p, struct error *err);

/* Of a backup that is not in the store: the whole store may be away. Returns -1. */
int presence_missing(struct repo *r, const char *id, struct error *err);

#endif
