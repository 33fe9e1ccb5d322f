/* SPDX-License-Identifier: MIT */
#include "engine/store/http_headers.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/mem.h"

void http_headers_finish(struct http_headers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->items[i].name);
		free(h->items[i].value);
	}
	free(h->items);
	*h = HTTP_HEADERS_INIT;
}

static struct http_header *find(const struct http_headers *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++) {
		if (strcasecmp(h->items[i].name, name) == 0)
			return &h->items[i];
	}
	return NULL;
}

void http_headers_set(struct http_headers *h, const char *name, const char *value)
{
	struct http_header *old = find(h, name);
	char *copy = mem_strdup(value);

	/* A line break in a value would be another header. */
	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	}
	if (old) {
		free(old->value);
		old->value = copy;
		return;
	}
	MEM_GROW(h->items, h->count, h->capacity);
	h->items[h->count++] = (struct http_header){ mem_strdup(name), copy };
}

void http_headers_setf(struct http_headers *h, const char *name, const char *fmt, ...)
{
	autofree char *value = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&value, fmt, args);
	va_end(args);
	if (len < 0)
		abort(); /* out of memory, like mem.c */
	http_headers_set(h, name, value);
}

const char *http_headers_get(const struct http_headers *h, const char *name)
{
	const struct http_header *found = find(h, name);

	return found ? found->value : NULL;
}

void http_headers_copy(struct http_headers *to, const struct http_headers *from)
{
	for (size_t i = 0; i < from->count; i++)
		http_headers_set(to, from->items[i].name, from->items[i].value);
}

/* A token of RFC 9110: what a name may be. */
static bool is_name(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)p[i]) &&
		    (p[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", p[i])))
			return false;
	}
	return len > 0;
}

void http_headers_parse(struct http_headers *h, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	struct str value;

	if (!colon || !is_name(line, (size_t)(colon - line)))
		return;
	value = str_trim((struct str){ colon + 1, len - (size_t)(colon + 1 - line) });
	autofree char *name = mem_strndup(line, (size_t)(colon - line));
	autofree char *text = mem_strndup(value.p, value.n);

	http_headers_set(h, name, text);
}
