/* SPDX-License-Identifier: MIT */
#include "engine/repo/cleanup_plan.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/repo/retention.h"

#define PLAN_MAX ((size_t)256 << 20) /* bytes of a file: about a million backups */

struct cleanup_plan {
	struct json *document;
	const struct json **entries; /* one per backup, borrowed from the document */
	struct map *by_id;           /* from an id to its place in entries */
};

void cleanup_plan_free(struct cleanup_plan *p)
{
	if (!p)
		return;
	map_free(p->by_id);
	free(p->entries);
	json_free(p->document);
	free(p);
}

static int no_plan(const char *path, const char *why, struct error *err)
{
	error_set(err, ERR_INVALID, "%s is no plan of a cleanup: %s", path, why);
	return error_hint(err, "Make one with: mysql-schema-sync backup cleanup --dry-run "
	                       "--format json > FILE");
}

static bool deletes(const struct json *row)
{
	return strcmp(json_get_str(row, "action", ""), "delete") == 0;
}

static int read_entry(struct cleanup_plan *p, const char *path, size_t i, struct error *err)
{
	const struct json *row = json_at(json_get(p->document, "backups"), i);
	const char *action = json_get_str(row, "action", "");
	const char *id = json_get_str(row, "backup_id", "");

	if (!deletes(row) && strcmp(action, "keep") != 0)
		return no_plan(path, "an action that is neither keep nor delete", err);
	if (!name_is_backup_id(id))
		return no_plan(path, "an id that is none", err);
	if (map_has(p->by_id, id))
		return no_plan(path, "a backup that is in it twice", err);
	p->entries[i] = row;
	map_set(p->by_id, id, &p->entries[i]);
	return 0;
}

int cleanup_plan_read(struct cleanup_plan **out, const char *path, const char *storage,
                      struct error *err)
{
	DEFER(cleanup_plan) *p = mem_alloc(sizeof(*p));
	struct error why = ERROR_INIT;
	const struct json *rows;
	const char *planned;
	autobuf text = BUF_INIT;

	p->by_id = map_new();
	if (file_read(&text, path, PLAN_MAX, err) < 0)
		return -1;
	if (json_parse(&p->document, text.data, text.len, &why) < 0)
		return no_plan(path, why.text, err);
	rows = json_get(p->document, "backups");
	if (!rows || !json_is_array(rows) || !json_get_bool(p->document, "dry_run", false))
		return no_plan(path, "not the output of a dry run", err);
	planned = json_get_str(p->document, "storage", "");
	if (strcmp(planned, storage) != 0)
		return error_set(err, ERR_REFUSED, "%s is a plan for storage %s, not for %s",
		                 path, planned, storage);
	p->entries = mem_array(json_count(rows), sizeof(*p->entries));
	for (size_t i = 0; i < json_count(rows); i++) {
		if (read_entry(p, path, i, err) < 0)
			return -1;
	}
	*out = take(p);
	return 0;
}

void cleanup_plan_strictest(struct retention_policy *out)
{
	*out = (struct retention_policy){ .max_backups = 1, .max_age = 1 };
}

static int refuse(struct error *err, const char *id, const char *why)
{
	error_set(err, ERR_REFUSED, "the plan does not fit any more: backup %s %s", id, why);
	return error_hint(err, "Nothing was deleted. Make a new plan, and look at it.");
}

/* Is a backup what the plan saw? */
static bool is_same(const struct json *row, const struct backup *b)
{
	char created[CLOCK_TEXT_MAX];

	clock_format_utc(created, b->created_at);
	return strcmp(json_get_str(row, "database_name", ""), b->database) == 0 &&
	       strcmp(json_get_str(row, "created_at", ""), created) == 0 &&
	       strcmp(json_get_str(row, "status", ""), backup_status_name(b->status)) == 0;
}

static void decide(struct retention_decision *d, bool keep, const char *reason)
{
	d->keep = keep;
	buf_truncate(&d->reasons, 0);
	buf_adds(&d->reasons, reason);
}

static int follow(const struct cleanup_plan *p, struct retention_decision *d, size_t *seen,
                  struct error *err)
{
	const struct json *const *entry = map_get(p->by_id, d->backup->id);

	if (!entry) {
		decide(d, true, "not in the plan");
		return 0;
	}
	(*seen)++;
	if (!deletes(*entry)) {
		decide(d, true, "kept by the plan");
		return 0;
	}
	if (!is_same(*entry, d->backup))
		return refuse(err, d->backup->id, "is not what it was");
	if (d->keep) {
		autofree char *why = mem_printf("must stay now: %s", d->reasons.data);

		return refuse(err, d->backup->id, why);
	}
	decide(d, false, "deleted by the plan");
	return 0;
}

/* The first backup of the plan that is not among the decisions. */
static int refuse_missing(const struct cleanup_plan *p,
                          const struct retention_decision *decisions, size_t count,
                          struct error *err)
{
	DEFER(map) *there = map_new();

	for (size_t i = 0; i < count; i++)
		map_set(there, decisions[i].backup->id, there);
	for (size_t i = 0; i < map_count(p->by_id); i++) {
		const char *id = json_get_str(p->entries[i], "backup_id", "");

		if (!map_has(there, id))
			return refuse(err, id, "is not there any more");
	}
	return 0;
}

int cleanup_plan_apply(const struct cleanup_plan *p, struct retention_decision *decisions,
                       size_t count, struct error *err)
{
	size_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (follow(p, &decisions[i], &seen, err) < 0)
			return -1;
	}
	if (seen == map_count(p->by_id))
		return 0;
	return refuse_missing(p, decisions, count, err);
}
