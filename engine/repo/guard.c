/* SPDX-License-Identifier: MIT */
#include "engine/repo/guard.h"

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

const char *guard_changed(const struct repo *r, bool was_encrypted, bool is_encrypted)
{
	if (is_encrypted || !was_encrypted ||
	    !config_bool(r->config, "backup.encryption.enabled"))
		return NULL;
	return "it was encrypted and is not any more: somebody put another in its place";
}

int guard_same(struct repo *r, const char *id, bool encrypted, struct error *err)
{
	DEFER(backup) *known = NULL;
	const char *changed;
	int found;

	if (!guard_changed(r, true, encrypted))
		return 0;
	found = catalog_backup_find(r->catalog, id, &known, err);
	if (found <= 0)
		return found;
	changed = guard_changed(r, known->encrypted, encrypted);
	if (!changed)
		return 0;
	error_set(err, ERR_CORRUPT, "%s", changed);
	return error_hint(err,
	                  "Nothing of it is used. Find out who can write %s; its versions, if "
	                  "it keeps any, still have the backup that was stored.",
	                  store_location(r->store));
}

int guard_source(const struct repo *r, const struct backup *b, struct error *err)
{
	if (b->encrypted || !config_bool(r->config, "backup.encryption.required"))
		return 0;
	error_set(err, ERR_REFUSED,
	          "backup %s is not encrypted, and "
	          "backup.encryption.required is on",
	          b->id);
	return error_hint(err,
	                  "Anybody who can write %s may have made it. When you know that "
	                  "it is yours, set backup.encryption.required to false for this "
	                  "one run.",
	                  b->location);
}
