/* SPDX-License-Identifier: MIT */
/* find: which backup the user means. */
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/repo/internal.h"
#include "engine/repo/suggest.h"

#define SECONDS_PER_DAY 86400

static int not_found(struct repo *r, const char *spec, struct error *err)
{
	autobuf near = BUF_INIT;

	error_set(err, ERR_NOT_FOUND, "backup not found: %s", spec);
	if (suggest_backup(&near, r, spec))
		return error_hint(err, "Did you mean %s?", near.data);
	return error_hint(err, "List what there is with: mysql-schema-sync backup list");
}

/* The newest backup of a database (NULL: any), taken before a moment (0: any). */
static int find_newest(struct repo *r, const char *spec, const char *database, int64_t before,
                       struct backup **out, struct error *err)
{
	int found = catalog_backup_latest(r->catalog, database, before, out, err);

	if (found < 0)
		return -1;
	return found ? 0 : not_found(r, spec, err);
}

/* DATABASE@DATE: a date means the end of that day, a time of day that moment. */
static int find_by_date(struct repo *r, const char *spec, const char *at, struct backup **out,
                        struct error *err)
{
	autofree char *database = mem_strndup(spec, (size_t)(at - spec));
	const char *when = at + 1;
	int64_t t;

	if (clock_parse(&t, when, clock_now(), repo_zone(r), err) < 0)
		return error_wrap(err, "%s", spec);
	t += strlen(when) == strlen("2026-11-21") ? SECONDS_PER_DAY : 1;
	return find_newest(r, spec, database, t, out, err);
}

/* 1 found, 0 not in the catalog, -1. */
static int find_in_catalog(struct repo *r, const char *spec, struct backup **out,
                           struct error *err)
{
	int found = catalog_backup_find(r->catalog, spec, out, err);

	if (found)
		return found;
	found = catalog_backup_match(r->catalog, spec, out, err);
	if (found == 2) {
		error_set(err, ERR_USAGE, "several backups begin with %s", spec);
		return error_hint(err,
		                  "Give more of the id; see: mysql-schema-sync backup list");
	}
	return found;
}

int repo_find(struct repo *r, const char *spec, struct backup **out, struct error *err)
{
	const char *at = strchr(spec, '@');
	int found;

	if (strcmp(spec, "latest") == 0)
		return find_newest(r, spec, NULL, 0, out, err);
	if (strncmp(spec, "latest:", 7) == 0)
		return find_newest(r, spec, spec + 7, 0, out, err);
	if (at)
		return find_by_date(r, spec, at, out, err);
	if (!name_is_backup_id(spec)) {
		error_set(err, ERR_USAGE, "not a backup id: %s", spec);
		return error_hint(err, "An id is 1 to 64 letters, digits, - and _; also "
		                       "accepted: latest, latest:DATABASE, DATABASE@DATE.");
	}
	found = find_in_catalog(r, spec, out, err);
	if (found == 0) {
		if (repo_refresh(r, REPO_REFRESH_NOW, err) < 0)
			return -1;
		found = find_in_catalog(r, spec, out, err);
	}
	if (found < 0)
		return -1;
	return found ? 0 : not_found(r, spec, err);
}
