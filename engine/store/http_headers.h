/* SPDX-License-Identifier: MIT */
/*
 * http_headers: names and values, in the order they were added. Names are
 * compared without regard to case. Not thread-safe.
 */
#ifndef ENGINE_STORE_HTTP_HEADERS_H
#define ENGINE_STORE_HTTP_HEADERS_H

#include <stddef.h>

struct http_header {
	char *name, *value;
};

struct http_headers {
	struct http_header *items;
	size_t count, capacity;
};
#define HTTP_HEADERS_INIT ((struct http_headers){ .items = NULL })
#define autoheaders       __attribute__((cleanup(http_headers_finish))) struct http_headers

void http_headers_finish(struct http_headers *h);
/* Adds a header, in place of one by that name. Control characters in the value become blanks.
 */
void http_headers_set(struct http_headers *h, const char *name, const char *value);
void http_headers_setf(struct http_headers *h, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *http_headers_get(const struct http_headers *h, const char *name); /* NULL: none */
void http_headers_copy(struct http_headers *to, const struct http_headers *from); /* adds */
/* "Name: value" as it came over the wire; what is no header is passed over. */
void http_headers_parse(struct http_headers *h, const char *line, size_t len);

#endif
