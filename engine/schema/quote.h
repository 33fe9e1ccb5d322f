/* SPDX-License-Identifier: MIT */
/* quote: the one place that quotes names and strings for SQL. Pure. */
#ifndef ENGINE_SCHEMA_QUOTE_H
#define ENGINE_SCHEMA_QUOTE_H

struct buf;

void quote_name(struct buf *out, const char *name);   /* `a``b` */
void quote_string(struct buf *out, const char *text); /* 'it\'s', for sessions with backslash escapes */

#endif
