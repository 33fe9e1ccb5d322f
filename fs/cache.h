/* SPDX-License-Identifier: MIT */
/*
 * cache: file contents by a text key, within a budget of bytes; what was not
 * used for longest goes first.
 *
 * What several threads ask for at once is made once: one runs the maker, the
 * others wait for it and get the same content or the same error. A failure is
 * not kept. The length of what had to go is remembered for longer, since sizes
 * are asked for far more often than bytes. Thread-safe.
 */
#ifndef FS_CACHE_H
#define FS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct cache;
struct content;
struct error;

/* lengths: how many of them are remembered. */
struct cache *cache_new(size_t bytes, size_t lengths);
void cache_free(struct cache *c); /* NULL is fine; nobody may be in cache_get() */
DEFINE_DEFER(cache, cache_free)

typedef int cache_make_fn(void *arg, struct buf *out, struct error *err);
int cache_get(struct content **out, struct cache *c, const char *key, cache_make_fn *make,
              void *arg, struct error *err);
/* What is there, held; NULL: it would have to be made. */
struct content *cache_peek(struct cache *c, const char *key);
/* The length of a content, when it is known. */
bool cache_length(struct cache *c, const char *key, uint64_t *length);

size_t cache_bytes(struct cache *c); /* held now */

#endif
