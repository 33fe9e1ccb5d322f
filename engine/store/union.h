/* SPDX-License-Identifier: MIT */
/*
 * union: one store for writing and others behind it, seen as one: for backups that were
 * moved away.
 *
 * What is new goes to the first. A key that others may hold is looked for in the first, then
 * in the others in their order; it is replaced and removed where it was found. Listing merges
 * all of them; of a key in several stores the first is the one. Location and provider are the
 * first's. Thread-safe, also while another store is added.
 */
#ifndef ENGINE_STORE_UNION_H
#define ENGINE_STORE_UNION_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/store/store.h"

#define UNION_OTHERS_MAX 32

/* May others hold this key? The rest is the first store's alone. */
typedef bool store_shared_fn(const char *key);

/* Takes the first store over. */
struct store *store_open_union(struct store *first, store_shared_fn *shared);
/* Adds one and takes it over, unless one of its location is there (it is closed then).
 * ERR_INVALID: too many. s is a union. */
int store_union_add(struct store *s, struct store *other, struct error *err);
/* Which of them holds a key: *out lives as long as the union. 1, 0 none, -1. */
int store_union_find(struct store **out, struct store *s, const char *key, struct error *err);
/* The first store, and the i-th other; NULL: no more. */
struct store *store_union_first(struct store *s);
struct store *store_union_other(struct store *s, size_t i);

#endif
