/* SPDX-License-Identifier: MIT */
/* rollback_internal: what the files of rollback share and nobody else sees. */
#ifndef ENGINE_REPO_ROLLBACK_INTERNAL_H
#define ENGINE_REPO_ROLLBACK_INTERNAL_H

#include "engine/repo/rollback.h"

/* Diff and plan anew from this live schema, which is taken over; NULL: there is no database. */
int rollback_take_live(struct rollback *rb, struct schema *live,
                       const struct rollback_options *o, struct error *err);

/* Stands for a database that is not there: empty, and otherwise like the wanted one. Caller
 * frees. */
struct schema *rollback_empty_like(const struct schema *wanted, const char *name);

/* A plan from `live` to the goal, as the options want it. */
int rollback_plan(struct plan **out, const struct rollback *rb, const struct schema *live,
                  const struct diff *d, const struct rollback_options *o, struct error *err);

#endif
