/* SPDX-License-Identifier: MIT */
/*
 * names: numbers for names that have no row in the catalog: databases, tags,
 * live objects.
 *
 * A name is one or two parts ("shop"; "environment", "production"). It has a
 * number as long as somebody holds a reference: the kernel (one for each lookup
 * that it was answered, until it forgets), or a directory listing. So memory is
 * bounded by what the kernel keeps in its own cache. Thread-safe.
 */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct names;

#define NAMES_ID_BITS 34

struct names *names_new(void);
void names_free(struct names *n); /* NULL is fine */
DEFINE_DEFER(names, names_free)

/* The number of a name, with one more reference. b NULL: it has one part. 0: four million
 * names are held already. */
int64_t names_take(struct names *n, const char *a, const char *b);
/* One more reference to a name that somebody holds. */
void names_hold(struct names *n, int64_t id);
void names_drop(struct names *n, int64_t id, uint64_t references);
/* The number without a reference; 0: the name has none now. */
int64_t names_find(struct names *n, const char *a, const char *b);

/* The parts, valid while the caller, or the kernel for it, holds a reference. NULL: no such
 * number. */
const char *names_first(struct names *n, int64_t id);
const char *names_second(struct names *n, int64_t id); /* "" when it has one part */

size_t names_count(struct names *n);

#endif
