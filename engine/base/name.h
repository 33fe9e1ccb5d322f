/* SPDX-License-Identifier: MIT */
/*
 * name: any name as a file name, and back.
 *
 * MySQL identifiers may hold every character but NUL; a file name may not hold
 * '/', and tools dislike control characters and leading dots. Those, '%' itself
 * and a leading '.' become %XX (upper-case hex). The mapping is one to one:
 * name_unescape(name_escape(x)) == x. Pure.
 */
#ifndef ENGINE_BASE_NAME_H
#define ENGINE_BASE_NAME_H

#include <stdbool.h>

struct buf;

void name_escape(struct buf *out, const char *name);
/* False when the text is not what name_escape() makes of any name. */
bool name_unescape(struct buf *out, const char *escaped);

/* A backup id: [A-Za-z0-9_-]{1,64}. */
#define NAME_BACKUP_ID_MAX 64
bool name_is_backup_id(const char *text);

#endif
