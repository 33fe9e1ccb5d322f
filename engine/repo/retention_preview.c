/* SPDX-License-Identifier: MIT */
/* retention_preview: what retention says of the catalog, without a look at the store. */
#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"

static int tell(const struct backup_list *l, const struct repo *r, cleanup_fn *fn, void *arg,
                struct error *err)
{
	autofree struct retention_decision *all = mem_array(l->count, sizeof(*all));
	struct retention_policy policy;
	int result = 0;

	retention_policy_from_config(&policy, repo_config(r));
	retention_decide(all, (const struct backup *const *)l->items, l->count, &policy,
	                 clock_now());
	for (size_t i = 0; i < l->count && result == 0; i++)
		result = fn(arg, &all[i], err);
	retention_finish(all, l->count);
	return result;
}

int repo_retention_preview(struct repo *r, const char *database, cleanup_fn *fn, void *arg,
                           struct error *err)
{
	const struct catalog_filter f = { .database = database };
	struct backup_list l = { 0 };
	int result = catalog_backup_each(repo_catalog(r), &f, backup_list_add, &l, err);

	if (result == 0 && l.count > 0)
		result = tell(&l, r, fn, arg, err);
	backup_list_finish(&l);
	return result < 0 ? -1 : 0;
}
