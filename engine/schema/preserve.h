/* SPDX-License-Identifier: MIT */
/*
 * preserve: a plan that loses nothing. A table that it would drop moves to a
 * quarantine database instead; values that an ALTER would drop, cut or round are copied
 * there first, with the primary key. Pure.
 *
 * Triggers of a table that moves are dropped, and so are its own foreign keys: both are in
 * the safety backup.
 */
#ifndef ENGINE_SCHEMA_PRESERVE_H
#define ENGINE_SCHEMA_PRESERVE_H

#include "engine/schema/plan.h"

struct diff;
struct error;

/*
 * Rewrites a plan from `live` (d is its diff to the goal). stamp begins the names in the
 * quarantine database: "20261122_101500". What cannot be kept that way (the history of a
 * versioned table, a sequence's position) stays a loss. ERR_REFUSED for a table to which
 * foreign keys still refer when it goes.
 */
int plan_preserve(struct plan *p, const struct diff *d, const struct schema *live,
                  const char *quarantine, const char *stamp, struct error *err);

#endif
