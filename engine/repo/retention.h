/* SPDX-License-Identifier: MIT */
/*
 * retention: which backups stay. retention_decide() is pure; repo_cleanup()
 * does what it decided.
 *
 * Per database, COMPLETED only, newest first: max_backups and max_age are
 * ceilings; keep_last, keep_hourly, keep_daily, keep_weekly (ISO), keep_monthly, keep_yearly
 * and keep_within save the newest of each period of the calendar from the ceilings. Always
 * kept: the newest good one, protected=true, type=pre-migration younger than 7 days. FAILED
 * attempts stay a day.
 */
#ifndef ENGINE_REPO_RETENTION_H
#define ENGINE_REPO_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"

struct cleanup_plan;
struct config;
struct error;
struct repo;

struct retention_policy {
	int64_t max_backups; /* 0: no ceiling */
	int64_t max_age;     /* seconds; 0: no ceiling */
	int64_t keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly, keep_yearly;
	int64_t keep_within; /* seconds */
	const char *zone;    /* of the calendar; NULL: the process's */
};
void retention_policy_from_config(struct retention_policy *out, const struct config *c);

struct retention_decision {
	const struct backup *backup; /* borrowed */
	bool keep;
	struct buf reasons; /* "newest, daily 2026-11-21" or "older than max_age 168h" */
};

/*
 * Decides for backups of any number of databases, newest first (as the catalog
 * lists them). out has count elements, in the same order; retention_finish() frees them.
 */
void retention_decide(struct retention_decision *out, const struct backup *const *backups,
                      size_t count, const struct retention_policy *p, int64_t now);
void retention_finish(struct retention_decision *d, size_t count);

struct cleanup_options {
	const char *database; /* NULL: all */
	bool dry_run;
	bool force; /* also when the newest kept backup of a database does not verify */
	const struct cleanup_plan
		*plan; /* what to delete instead of what the policy says; or NULL */
};
struct cleanup_result {
	size_t processed, kept, deleted;
	uint64_t freed; /* stored bytes */
};
/* Called for each decision, before it is carried out. */
typedef int cleanup_fn(void *arg, const struct retention_decision *d, struct error *err);
/* What a cleanup would decide now by what the catalog knows: no request to the store. */
int repo_retention_preview(struct repo *r, const char *database, cleanup_fn *fn, void *arg,
                           struct error *err);
/* Nothing is deleted for a database whose newest kept backup does not verify. */
int repo_cleanup(struct cleanup_result *out, struct repo *r, const struct cleanup_options *o,
                 cleanup_fn *fn, void *arg, struct error *err);

#endif
