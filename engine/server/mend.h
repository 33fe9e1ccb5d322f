/* SPDX-License-Identifier: MIT */
/*
 * mend: stored code whose names and comments the server prints in the wrong character set.
 *
 * Internal to engine/server; a session is not thread-safe (one per thread).
 */
#ifndef ENGINE_SERVER_MEND_H
#define ENGINE_SERVER_MEND_H

struct error;
struct schema;
struct server;

/* Before schema_finish(). Asks the server for comments only where some were misprinted. */
int mend_schema(struct schema *s, struct server *server, struct error *err);

#endif
