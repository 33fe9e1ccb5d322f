/* SPDX-License-Identifier: MIT */
/*
 * cleanup_plan: decisions of a cleanup that somebody looked at, to be carried out later:
 * exactly these, or none.
 *
 * A plan is the JSON that `backup cleanup --dry-run --format json` writes. It holds facts
 * (which backups there were, which of them go), no policy: an option that made it need not be
 * given again. Not thread-safe.
 */
#ifndef ENGINE_REPO_CLEANUP_PLAN_H
#define ENGINE_REPO_CLEANUP_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct cleanup_plan;
struct error;
struct retention_decision;
struct retention_policy;

/* ERR_INVALID when the file is no plan; ERR_REFUSED when it is of a store other than `storage`.
 */
int cleanup_plan_read(struct cleanup_plan **out, const char *path, const char *storage,
                      struct error *err);
void cleanup_plan_free(struct cleanup_plan *p); /* NULL is fine */
DEFINE_DEFER(cleanup_plan, cleanup_plan_free)

/* The policy under which nothing stays but what no cleanup ever deletes. */
void cleanup_plan_strictest(struct retention_policy *out);

/*
 * Turns decisions made under that policy into the plan's. ERR_REFUSED when a backup that the
 * plan names is not there any more, is not what it was, or may not be deleted any more; what
 * is not in the plan stays.
 */
int cleanup_plan_apply(const struct cleanup_plan *p, struct retention_decision *decisions,
                       size_t count, struct error *err);

#endif
