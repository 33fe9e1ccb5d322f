/* SPDX-License-Identifier: MIT */
#include "engine/repo/suggest.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/nearest.h"
#include "engine/repo/repo.h"

#define IDS_MAX      10000 /* the newest so many are looked at */
#define ID_SLIPS_MAX 2     /* ids that differ in more are of different backups */

/* The nearest name so far, and a copy of it: names that are shown one by one do not stay. */
struct search {
	struct nearest nearest;
	struct buf found;
};

static struct search search_for(const char *typed)
{
	return (struct search){ .nearest = NEAREST_INIT(str_of(typed)), .found = BUF_INIT };
}

static int offer(void *arg, const char *name, struct error *err)
{
	struct search *s = arg;

	(void)err;
	nearest_offer(&s->nearest, str_of(name));
	if (s->nearest.word.p == name) {
		buf_truncate(&s->found, 0);
		buf_adds(&s->found, name);
		s->nearest.word = str_of(s->found.data);
	}
	return 0;
}

static int offer_id(void *arg, const struct backup *b, struct error *err)
{
	return offer(arg, b->id, err);
}

/* Is it near, and not the name that was typed? */
static bool finish(struct buf *out, struct search *s, unsigned int most)
{
	bool near = s->nearest.word.p && s->nearest.distance > 0 && s->nearest.distance <= most;

	if (near)
		buf_adds(out, s->found.data);
	buf_finish(&s->found);
	return near;
}

bool suggest_database(struct buf *out, struct repo *r, const char *name)
{
	struct search s = search_for(name);
	struct error ignored = ERROR_INIT;

	(void)catalog_databases(repo_catalog(r), offer, &s, &ignored);
	return finish(out, &s, UINT32_MAX);
}

bool suggest_live_database(struct buf *out, struct repo *r, const char *name)
{
	struct search s = search_for(name);
	struct error ignored = ERROR_INIT;

	(void)repo_live_databases(r, offer, &s, &ignored);
	return finish(out, &s, UINT32_MAX);
}

static bool suggest_id(struct buf *out, struct repo *r, const char *id)
{
	const struct catalog_filter newest = { .limit = IDS_MAX };
	struct search s = search_for(id);
	struct error ignored = ERROR_INIT;

	(void)catalog_backup_each(repo_catalog(r), &newest, offer_id, &s, &ignored);
	return finish(out, &s, ID_SLIPS_MAX);
}

bool suggest_backup(struct buf *out, struct repo *r, const char *spec)
{
	static const char latest[] = "latest:";
	const char *at = strchr(spec, '@');
	autofree char *database = NULL;
	autobuf near = BUF_INIT;

	if (strncmp(spec, latest, strlen(latest)) == 0)
		database = mem_strdup(spec + strlen(latest));
	else if (at)
		database = mem_strndup(spec, (size_t)(at - spec));
	else
		return suggest_id(out, r, spec);
	if (!suggest_database(&near, r, database))
		return false;
	buf_addf(out, "%s%s%s", at ? "" : latest, near.data, at ? at : "");
	return true;
}

bool suggest_tag(struct buf *out, struct repo *r, const char *key, const char *value)
{
	struct search keys = search_for(key);
	struct error ignored = ERROR_INIT;
	struct search values = search_for(value ? value : "");
	autobuf near = BUF_INIT;
	bool is_near;

	(void)catalog_tag_keys(repo_catalog(r), offer, &keys, &ignored);
	is_near = keys.nearest.word.p && keys.nearest.distance > 0;
	buf_adds(&near, keys.nearest.word.p ? keys.found.data : key);
	buf_finish(&keys.found);
	if (value) {
		(void)catalog_tag_values(repo_catalog(r), near.data, offer, &values, &ignored);
		is_near = is_near || (values.nearest.word.p && values.nearest.distance > 0);
		buf_addf(&near, "=%s", values.nearest.word.p ? values.found.data : value);
	}
	buf_finish(&values.found);
	if (is_near)
		buf_adds(out, near.data);
	return is_near;
}
