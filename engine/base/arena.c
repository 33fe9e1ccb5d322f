/* SPDX-License-Identifier: MIT */
#include "engine/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)256 * 1024)

struct block {
	struct block *next;
	size_t size; /* of the memory behind this header */
	size_t used;
	max_align_t memory[]; /* zeroed when the block was made */
};

struct arena {
	struct block *blocks; /* the newest, which has room, first */
	size_t total;
};

struct arena *arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	struct block *next;

	if (!a)
		return;
	for (struct block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

static struct block *block_add(struct arena *a, size_t size)
{
	struct block *b = mem_alloc(sizeof(*b) + size);

	b->size = size;
	a->total += sizeof(*b) + size;
	return b;
}

/* Blocks grow with the arena: small models stay small, large ones take few calls. */
static size_t block_size(const struct arena *a)
{
	if (a->total < BLOCK_MIN)
		return BLOCK_MIN;
	return a->total < BLOCK_MAX ? a->total : BLOCK_MAX;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct block *b = a->blocks;
	void *p;

	assert(size <= SIZE_MAX / 2);
	size = (size + unit - 1) / unit * unit;
	if (!b || b->size - b->used < size) {
		size_t normal = block_size(a);

		if (b && size > normal / 4) {
			/* A large piece gets its own block; the room in b stays in use. */
			struct block *own = block_add(a, size);

			own->used = size;
			own->next = b->next;
			b->next = own;
			return own->memory;
		}
		b = block_add(a, size > normal ? size : normal);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = (char *)b->memory + b->used;
	b->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	assert(size == 0 || count <= SIZE_MAX / 2 / size);
	return arena_alloc(a, count * size);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){ arena_strndup(a, s.p, s.n), s.n };
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	assert(fmt);
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	text = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return text;
}

size_t arena_used(const struct arena *a)
{
	return a->total;
}
