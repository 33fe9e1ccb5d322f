/* SPDX-License-Identifier: MIT */
#include "engine/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *p, size_t count, size_t size)
{
	if (p)
		return p;
	fprintf(stderr, "out of memory: %zu times %zu bytes\n", count, size);
	abort();
}

void *mem_alloc(size_t size)
{
	return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
	/* calloc(3) may answer NULL to a size of 0, which is not a failure. */
	if (count == 0 || size == 0)
		count = size = 1;
	return check(calloc(count, size), count, size);
}

void *mem_resize(void *p, size_t count, size_t size)
{
	if (count == 0 || size == 0)
		count = size = 1;
	return check(reallocarray(p, count, size), count, size);
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = check(len < (size_t)-1 ? malloc(len + 1) : NULL, len, 1);

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
	return check(n < 0 ? NULL : text, 1, 0);
}
