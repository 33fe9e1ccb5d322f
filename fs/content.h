/* SPDX-License-Identifier: MIT */
/*
 * content: the bytes of a file, shared by those who read them. Immutable, so
 * thread-safe; ends with the last reference.
 */
#ifndef FS_CONTENT_H
#define FS_CONTENT_H

#include <stddef.h>

#include "engine/base/cleanup.h"

struct buf;

struct content {
	size_t len;
	char *data;
};

struct content *content_new(struct buf *from); /* takes the bytes out of it */
struct content *content_hold(struct content *c);
void content_drop(struct content *c); /* NULL is fine */
DEFINE_DEFER(content, content_drop)

#endif
