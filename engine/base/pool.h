/* SPDX-License-Identifier: MIT */
/*
 * pool: the same work on many items, on a few threads.
 *
 *	static int fetch(void *arg, size_t i, struct error *err) { ... }
 *
 *	if (pool_run(4, count, fetch, items, err) < 0) ...
 *
 * Each item gets its own struct error. The first failure (lowest item) is
 * returned; items not yet started are then skipped, as they are when
 * cancel_requested(). With one worker everything runs on the caller's thread.
 */
#ifndef ENGINE_BASE_POOL_H
#define ENGINE_BASE_POOL_H

#include <stddef.h>

struct error;

typedef int pool_fn(void *arg, size_t item, struct error *err);

int pool_run(size_t workers, size_t items, pool_fn *fn, void *arg, struct error *err);

#endif
