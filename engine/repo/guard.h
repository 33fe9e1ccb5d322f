/* SPDX-License-Identifier: MIT */
/*
 * guard: backups that are not encrypted where they should be. Whoever can write the store
 * cannot change an encrypted backup unnoticed, but can put one of their own making in its
 * place that is not encrypted.
 *
 * Not thread-safe (guard_same() asks the repo's catalog). ERR_CORRUPT and ERR_REFUSED name the
 * backup.
 */
#ifndef ENGINE_REPO_GUARD_H
#define ENGINE_REPO_GUARD_H

#include <stdbool.h>

struct backup;
struct error;
struct repo;

/* ERR_CORRUPT: encryption is on, this is not encrypted, and it was when it was known last. */
int guard_same(struct repo *r, const char *id, bool encrypted, struct error *err);
/* The same by what is known already; the text for the catalog, or NULL. */
const char *guard_changed(const struct repo *r, bool was_encrypted, bool is_encrypted);
/* ERR_REFUSED: backup.encryption.required is on, and this is not encrypted. */
int guard_source(const struct repo *r, const struct backup *b, struct error *err);

#endif
