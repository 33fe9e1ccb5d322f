/* SPDX-License-Identifier: MIT */
/*
 * cursor: reads little-endian numbers and runs of bytes from a stretch of
 * memory, and never past its end.
 *
 *	struct cursor c = { data, len };
 *
 *	count = cursor_u32(&c);
 *	name = cursor_bytes(&c, cursor_u16(&c));
 *	if (c.failed)
 *		return error_set(err, ERR_CORRUPT, "cut off");
 *
 * What lies past the end reads as zeros and sets `failed`, so that one check
 * serves many reads. Check before a value decides about memory. Not thread-safe.
 */
#ifndef ENGINE_CODEC_CURSOR_H
#define ENGINE_CODEC_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/buf.h"

struct cursor {
	const unsigned char *p;
	size_t left;
	bool failed;
};

/* len bytes, borrowed; an empty piece when there are not so many. */
static inline struct str cursor_bytes(struct cursor *c, size_t len)
{
	struct str s = { (const char *)c->p, len };

	if (c->failed || len > c->left) {
		c->failed = true;
		return (struct str){ "", 0 };
	}
	c->p += len;
	c->left -= len;
	return s;
}

static inline uint64_t cursor_number(struct cursor *c, size_t bytes)
{
	struct str s = cursor_bytes(c, bytes);
	uint64_t v = 0;

	for (size_t i = s.n; i > 0; i--)
		v = v << 8 | (unsigned char)s.p[i - 1];
	return v;
}

static inline unsigned int cursor_u8(struct cursor *c)
{
	return (unsigned int)cursor_number(c, 1);
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_number(c, 2);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_number(c, 4);
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	return cursor_number(c, 8);
}

/* Copies len bytes; zeros when there are not so many. */
static inline void cursor_copy(struct cursor *c, void *out, size_t len)
{
	struct str s = cursor_bytes(c, len);

	memset(out, 0, len);
	memcpy(out, s.p, s.n);
}

#endif
