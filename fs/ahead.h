/* SPDX-License-Identifier: MIT */
/*
 * ahead: what the kernel was told when the catalog was ahead of the watch.
 *
 *	ahead_note(a, parent, "shop");      // who answers the kernel
 *	items = ahead_take(&count, a);      // who tells it to forget, after a census
 *
 * A backup that comes and goes between two looks of the watch is no news. Who looked meanwhile
 * saw it, and the kernel keeps what it saw. Holds each thing once. Thread-safe.
 */
#ifndef FS_AHEAD_H
#define FS_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct ahead;

struct ahead *ahead_new(void);
void ahead_free(struct ahead *a); /* NULL is fine */
DEFINE_DEFER(ahead, ahead_free)

struct ahead_item {
	uint64_t id; /* a node's number */
	char *name;  /* in that directory; NULL: its attributes, or what it lists */
};

void ahead_note(struct ahead *a, uint64_t id, const char *name);
bool ahead_any(struct ahead *a);
/* All that was noted since the last time; caller frees the names and the array. */
struct ahead_item *ahead_take(size_t *count, struct ahead *a);

#endif
