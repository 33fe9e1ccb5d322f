/* SPDX-License-Identifier: MIT */
/* reopen: the same store and catalog by a configuration that was read again. */
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/repo/places.h"
#include "engine/store/store.h"
#include "engine/store/union.h"

static int check_store(const struct repo *r, const struct repo *before, struct error *err)
{
	const char *now = store_location(r->store), *then = store_location(before->store);

	if (strcmp(now, then) == 0)
		return 0;
	error_set(err, ERR_CONFIG, "leads to the store %s instead of %s", now, then);
	return error_hint(err, "Another store needs another mount: unmount and start again.");
}

/* Without the secret that was there, nothing could be read or made any more. */
static int check_secret(const struct repo *r, const struct repo *before, struct error *err)
{
	if (!config_bool(r->config, "backup.encryption.enabled") ||
	    r->secret_problem.code == ERR_NONE || before->secret_problem.code != ERR_NONE)
		return 0;
	*err = r->secret_problem;
	return -1;
}

int repo_reopen(struct repo **out, struct repo *before, struct config *c, struct error *err)
{
	DEFER(repo) *r = repo_new(c);

	repo_keyring_load(r, before->keyring);
	if (check_secret(r, before, err) < 0 || repo_open_store(r, err) < 0 ||
	    check_store(r, before, err) < 0)
		return -1;
	r->catalog_path = mem_strdup(before->catalog_path);
	if (before->temporary || before->older)
		r->older = repo_hold(before);
	if (catalog_open(&r->catalog, r->catalog_path, store_location(r->store),
	                 &r->catalog_fresh, err) < 0)
		return error_wrap(err, "catalog");
	places_load(r);
	repo_own_config(r, c);
	*out = take(r);
	return 0;
}
