/* SPDX-License-Identifier: MIT */
/*
 * store: where backups are kept. What users of a store see; providers fill the
 * table in provider.h.
 *
 * A store maps keys (object names, "backup_20261121_090311_1a2b3c4d.meta") to
 * bytes. A key is 1 to STORE_KEY_MAX printable ASCII characters. The configured
 * prefix or directory is inside the store: keys never show it. What else lies
 * there is left alone, and is not listed when its name is no key.
 * Semantics, the same for every provider:
 *
 * - put is all or nothing, durable when it returns, and never overwrites.
 * - replace is put that overwrites exactly the version that was read.
 * - get of a missing key is 0, not an error.
 * - list is in bytewise key order, from after a key.
 *
 * Thread-safe.
 */
#ifndef ENGINE_STORE_STORE_H
#define ENGINE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct config;
struct error;
struct store;
struct str;

#define STORE_KEY_MAX     1024
#define STORE_VERSION_MAX 128 /* an ETag, a generation, an inode and time */

struct store_stat {
	uint64_t size;
	int64_t modified; /* seconds since the epoch */
	char version[STORE_VERSION_MAX];
};

/* Opens the store that backup.storage.* describes. ERR_CONFIG, ERR_UNSUPPORTED, ERR_STORE. */
int store_open(struct store **out, const struct config *c, struct error *err);
/* A store in this process's memory, gone with store_close(): the double for tests. */
struct store *store_open_memory(void);
void store_close(struct store *s); /* NULL is fine */
DEFINE_DEFER(store, store_close)

/* "local:/var/backups", "s3://bucket/prefix": for messages and storage_location. */
const char *store_location(const struct store *s);
const char *store_provider(const struct store *s); /* "local" */

/*
 * What is put: size bytes, readable at any offset and as often as a provider
 * likes (for its hash, for another try), by several threads at once. read_at
 * fills all of len, or fails; what fails ends the put.
 */
struct store_body {
	uint64_t size;
	int (*read_at)(void *arg, uint64_t offset, void *to, size_t len, struct error *err);
	void *arg;
};
/* Bodies ready-made. What they are made of stays the caller's and outlives them. */
struct store_body store_body_of_text(struct str *text);
/* size bytes of a file from its beginning. */
struct store_body store_body_of_fd(int *fd, uint64_t size);

/* Creates a key. 0, or -1: ERR_EXISTS when it is there already, ERR_STORE, ERR_SYSTEM. */
int store_put(struct store *s, const char *key, const void *data, size_t len,
              struct error *err);
/* The same of any size in constant memory. */
int store_put_body(struct store *s, const char *key, const struct store_body *body,
                   struct error *err);
/*
 * Replaces a key whose present version is `version` (from store_get or
 * store_stat). ERR_BUSY when somebody else replaced it meanwhile, ERR_NOT_FOUND.
 */
int store_replace(struct store *s, const char *key, const char *version, const void *data,
                  size_t len, struct error *err);
/*
 * Appends `length` bytes from `offset` to out (less at the end of the object;
 * UINT64_MAX: to the end, at most max). 1 got it, 0 no such key, -1. A larger
 * object than max is ERR_CORRUPT. stat may be NULL.
 */
struct store_range {
	uint64_t offset;
	uint64_t length;
	size_t max;
};
int store_get(struct store *s, const char *key, struct store_range range, struct buf *out,
              struct store_stat *stat, struct error *err);
/*
 * Writes a whole object into a file, in constant memory. 1 got it, 0 no such key, -1: ERR_BUSY
 * when it was replaced meanwhile. stat may be NULL.
 */
int store_get_to_fd(struct store *s, const char *key, int fd, struct store_stat *stat,
                    struct error *err);
/*
 * Puts a key's object into another store, through a nameless file in $TMPDIR. 1 copied, 0 no
 * such key, -1: ERR_EXISTS when the other store has the key.
 */
int store_copy(struct store *from, const char *key, struct store *to, struct error *err);
/* 1, 0 no such key, -1. */
int store_stat(struct store *s, const char *key, struct store_stat *out, struct error *err);
/* Calls fn in key order for keys after `after` (NULL: from the first). Stops with fn's -1. */
typedef int store_list_fn(void *arg, const char *key, const struct store_stat *stat,
                          struct error *err);
int store_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
               struct error *err);
/*
 * Calls fn for what unfinished puts of killed processes left behind: names that are no keys.
 * Nothing is removed; providers that clean up after a day do so when they list.
 */
int store_each_leftover(struct store *s, store_list_fn *fn, void *arg, struct error *err);

/*
 * What tells the place from another one of the same name: below a disk that is not mounted
 * there is an empty directory. "" where that cannot be. 1, 0 nothing is there, -1.
 */
#define STORE_IDENTITY_MAX 64
int store_identity(struct store *s, char out[STORE_IDENTITY_MAX], struct error *err);
/* 1 removed, 0 was not there, -1. Durable when it returns. */
int store_remove(struct store *s, const char *key, struct error *err);

/* The i-th provider of this build and a line about it; NULL: no more. */
const char *store_provider_at(size_t i, const char **summary);

#endif
