/* SPDX-License-Identifier: MIT */
#include "engine/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(size_t count, size_t size)
{
	fprintf(stderr, "out of memory: %zu times %zu bytes\n", count, size);
	abort();
}

/*
 * Sizes the arguments of an allocation: no overflow, no object of more than
 * PTRDIFF_MAX bytes, and 1 byte for nothing, since NULL would look like failure.
 */
static size_t total(size_t count, size_t size)
{
	if (size > 0 && count > PTRDIFF_MAX / size)
		give_up(count, size);
	return count * size > 0 ? count * size : 1;
}

static void *check(void *p, size_t size)
{
	if (!p)
		give_up(1, size);
	return p;
}

void *mem_alloc(size_t size)
{
	return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
	size_t bytes = total(count, size);

	return check(calloc(1, bytes), bytes);
}

void *mem_resize(void *p, size_t count, size_t size)
{
	size_t bytes = total(count, size);

	return check(realloc(p, bytes), bytes);
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = check(malloc(total(len, 1) + 1), len);

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return check(n < 0 ? NULL : text, 0);
}
