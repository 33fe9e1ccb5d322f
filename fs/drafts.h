/* SPDX-License-Identifier: MIT */
/*
 * drafts: directories that somebody made in by-tag/ and that no backup stands in yet: a key, or
 * a key and a value. One goes when it is removed, when its tag is given to a backup, and
 * with the mount. Thread-safe.
 */
#ifndef FS_DRAFTS_H
#define FS_DRAFTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct drafts;
struct error;

struct drafts *drafts_new(void);
void drafts_free(struct drafts *d); /* NULL is fine */
DEFINE_DEFER(drafts, drafts_free)

/* value NULL: the directory of the key. ERR_SYSTEM, ENOSPC: there are too many. */
int drafts_add(struct drafts *d, const char *key, const char *value, struct error *err);
bool drafts_drop(struct drafts *d, const char *key, const char *value); /* false: none */
/* value NULL: one of the key, or of any of its values. */
bool drafts_has(struct drafts *d, const char *key, const char *value, int64_t *made_at);

/* The keys, or the values of a key, each perhaps several times; the text is lent. Must not call
 * back. */
typedef void drafts_fn(void *arg, const char *text);
void drafts_each(struct drafts *d, const char *key, drafts_fn *fn, void *arg);

#endif
