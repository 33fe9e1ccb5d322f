/* SPDX-License-Identifier: MIT */
/*
 * probe: which algorithm and lock the server takes for an ALTER TABLE, by trying them from
 * the best on, on a table without rows. Internal to engine/server.
 */
#ifndef ENGINE_SERVER_PROBE_H
#define ENGINE_SERVER_PROBE_H

#include "engine/server/apply.h"

struct buf;

/*
 * 1 the statement ran, in the way that *out tells; 0 it was not tried, or no way worked: run
 * it plainly; -1 the connection is lost.
 */
int probe_run(struct apply_way *out, struct server *s, const struct buf *sql,
              struct error *err);

#endif
