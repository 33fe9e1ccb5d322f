/* SPDX-License-Identifier: MIT */
/* blocker: who holds what a statement waited for in vain. Internal to engine/server. */
#ifndef ENGINE_SERVER_BLOCKER_H
#define ENGINE_SERVER_BLOCKER_H

struct buf;
struct server;

/*
 * Appends "session 42 (root@localhost, for 17 s: SELECT ...)"; nothing when the
 * server does not tell.
 */
void blocker_describe(struct buf *out, struct server *s, const char *database,
                      const char *table);

#endif
