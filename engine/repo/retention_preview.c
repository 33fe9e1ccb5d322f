/* SPDX-License-Identifier: MIT */
/* retention_preview: what retention says of the catalog, without a look at the store. */
#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"

struct preview {
	struct backup **items;
	size_t count, capacity;
};

static int collect(void *arg, const struct backup *b, struct error *err)
{
	struct preview *p = arg;

	(void)err;
	MEM_GROW(p->items, p->count, p->capacity);
	p->items[p->count++] = backup_copy(b);
	return 0;
}

static int tell(const struct preview *p, const struct repo *r, cleanup_fn *fn, void *arg,
                struct error *err)
{
	autofree struct retention_decision *all = mem_array(p->count, sizeof(*all));
	struct retention_policy policy;
	int result = 0;

	retention_policy_from_config(&policy, repo_config(r));
	retention_decide(all, (const struct backup *const *)p->items, p->count, &policy,
	                 clock_now());
	for (size_t i = 0; i < p->count && result == 0; i++)
		result = fn(arg, &all[i], err);
	retention_finish(all, p->count);
	return result;
}

int repo_retention_preview(struct repo *r, const char *database, cleanup_fn *fn, void *arg,
                           struct error *err)
{
	const struct catalog_filter f = { .database = database };
	struct preview p = { 0 };
	int result = catalog_backup_each(repo_catalog(r), &f, collect, &p, err);

	if (result == 0 && p.count > 0)
		result = tell(&p, r, fn, arg, err);
	for (size_t i = 0; i < p.count; i++)
		backup_free(p.items[i]);
	free(p.items);
	return result < 0 ? -1 : 0;
}
