/* SPDX-License-Identifier: MIT */
#include "engine/repo/presence.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

#define NOTE_IDENTITY "store_identity"
#define NO_DIRECTORY  "there is no such directory"
#define HINT_DISK     "Is its disk mounted?"

static int refuse(const struct repo *r, size_t known, const char *why, struct error *err)
{
	error_set(err, ERR_STORE, "%s: %s, and %zu backup%s known there",
	          store_location(r->store), why, known, known == 1 ? " is" : "s are");
	return error_hint(err, HINT_DISK " If they are gone for good, say so: "
	                                 "mysql-schema-sync backup recovery-scan --fix");
}

int presence_check(struct repo *r, const struct presence *p, struct error *err)
{
	char now[STORE_IDENTITY_MAX];
	autofree char *noted = NULL;
	int found = store_identity(r->store, now, err);

	if (found < 0 || catalog_note_get(r->catalog, NOTE_IDENTITY, &noted, err) < 0)
		return -1;
	if (p->known > 0 && p->seen == 0 && p->added == 0) {
		if (!found)
			return refuse(r, p->known, NO_DIRECTORY, err);
		if (noted && strcmp(noted, now) != 0)
			return refuse(r, p->known,
			              "an empty directory, and another one than before", err);
	}
	if (p->seen + p->added == 0 || !*now || (noted && strcmp(noted, now) == 0))
		return 0;
	return catalog_note_set(r->catalog, NOTE_IDENTITY, now, err);
}

int presence_missing(struct repo *r, const char *id, struct error *err)
{
	char unused[STORE_IDENTITY_MAX];
	DEFER(backup) *known = NULL;
	int found = catalog_backup_find(r->catalog, id, &known, err);

	if (found > 0)
		found = store_identity(r->store, unused, err) == 0;
	if (found < 0)
		return error_wrap(err, "backup %s", id);
	if (found == 0)
		return error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	error_set(err, ERR_STORE, "backup %s: %s: " NO_DIRECTORY, id, store_location(r->store));
	return error_hint(err, HINT_DISK);
}
