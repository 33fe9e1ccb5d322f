/* SPDX-License-Identifier: MIT */
/* quote: the one place that quotes names and strings for SQL. Pure. */
#ifndef ENGINE_SCHEMA_QUOTE_H
#define ENGINE_SCHEMA_QUOTE_H

#include "engine/base/buf.h"

void quote_name(struct buf *out, const char *name); /* `a``b` */

/* For sessions with backslash escapes. */
void quote_string(struct buf *out, const char *text); /* 'it\'s', on one line */
void quote_text(struct buf *out,
                struct str text); /* the same for many lines: a newline stays */

#endif
