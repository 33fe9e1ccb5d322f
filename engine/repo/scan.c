/* SPDX-License-Identifier: MIT */
#include "engine/repo/scan.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/scan"

static const struct {
	const char *name;
	bool damage;
	const char *text, *mended; /* mended NULL: --fix can do nothing */
} kinds[] = {
	[SCAN_CATALOG] = { "catalog", true, "the catalog is damaged; --rebuild begins it anew",
	                   "the catalog was damaged and is begun anew" },
	[SCAN_UNLISTED] = { "unlisted", false, "stored, but not in the catalog",
	                    "was not in the catalog, now it is" },
	[SCAN_GONE] = { "gone", false, "in the catalog, but no longer stored",
	                "was no longer stored; its row is removed" },
	[SCAN_NO_PAYLOAD] = { "no-payload", true,
	                      "its payload is missing: nothing of it can be restored", NULL },
	[SCAN_LENGTH] = { "length", true,
	                  "its payload has another length than its envelope says", NULL },
	[SCAN_CLOSED] = { "closed", true, "its envelope cannot be opened", NULL },
	[SCAN_CORRUPTED] = { "corrupted", true, "a check found it damaged", NULL },
	[SCAN_ORPHAN] = { "orphan", false,
	                  "a payload without envelope: never finished, or half deleted",
	                  "was a payload without envelope; removed" },
	[SCAN_TEMPORARY] = { "temporary", false,
	                     "left behind by a killed process; goes by itself after a day",
	                     NULL },
	[SCAN_FOREIGN] = { "foreign", false, "not ours; left alone", NULL },
};

const char *scan_kind_name(enum scan_kind kind)
{
	return kinds[kind].name;
}

bool scan_kind_is_damage(enum scan_kind kind)
{
	return kinds[kind].damage;
}

/* What is known of one id, or of one file that is not ours. */
struct entry {
	bool envelope, payload, foreign;
	uint64_t size;      /* of the payload */
	int64_t modified;   /* of the youngest of its files */
	bool was_listed;    /* in the catalog before the scan mended anything */
	struct backup *row; /* of the catalog now; NULL: none */
};

struct scan {
	struct repo *r;
	const struct scan_options *o;
	struct map *entries; /* struct entry by id, or by name */
	struct scan_result *out;
	scan_fn *fn;
	void *arg;
	struct lease *lease; /* NULL unless something may be removed */
	struct error *err;
	int result;
};

static struct entry *entry_of(struct scan *s, const char *name)
{
	struct entry *e = map_get(s->entries, name);

	if (!e) {
		e = mem_alloc(sizeof(*e));
		map_set(s->entries, name, e);
	}
	return e;
}

/* The id of a key with this suffix; NULL: it is none of ours. Caller frees. */
static char *id_of_key(const char *key, const char *suffix)
{
	struct str name = str_of(key);
	autofree char *id = NULL;

	if (!str_has_suffix(name, suffix))
		return NULL;
	id = mem_strndup(key, name.n - strlen(suffix));
	return name_is_backup_id(id) ? take(id) : NULL;
}

static int on_key(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct scan *s = arg;
	autofree char *envelope = id_of_key(key, REPO_ENVELOPE_SUFFIX);
	autofree char *payload = id_of_key(key, REPO_PAYLOAD_SUFFIX);
	struct entry *e;

	if (strcmp(key, LEASE_KEY) == 0 || strcmp(key, LEASE_CLOCK_KEY) == 0)
		return 0;
	e = entry_of(s, envelope ? envelope : payload ? payload : key);
	e->envelope |= envelope != NULL;
	e->payload |= payload != NULL;
	e->foreign = !envelope && !payload;
	if (!envelope)
		e->size = stat->size;
	if (stat->modified > e->modified)
		e->modified = stat->modified;
	return cancel_check(err);
}

/* Attempts that failed are only in the catalog, and are nothing to the store. */
static bool is_attempt(const struct backup *b)
{
	return b->status == BACKUP_FAILED || b->status == BACKUP_CREATING;
}

static int on_row_before(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	if (!is_attempt(b))
		entry_of(arg, b->id)->was_listed = true;
	return 0;
}

static int on_row_now(void *arg, const struct backup *b, struct error *err)
{
	struct entry *e = entry_of(arg, b->id);

	(void)err;
	if (is_attempt(b))
		return 0;
	backup_free(e->row);
	e->row = backup_copy(b);
	return 0;
}

static int tell(struct scan *s, enum scan_kind kind, const char *name, const struct entry *e,
                bool mended)
{
	const char *text = mended ? kinds[kind].mended : kinds[kind].text;
	const struct scan_finding f = {
		.kind = kind,
		.name = name,
		.database = e && e->row ? e->row->database : "",
		.text = text,
		.modified = e ? e->modified : 0,
		.size = e ? e->size : 0,
		.mended = mended,
	};
	autobuf why = BUF_INIT;
	struct scan_finding with_why = f;

	if ((kind == SCAN_CLOSED || kind == SCAN_CORRUPTED) && e && e->row && *e->row->error) {
		buf_addf(&why, "%s: %s", text, e->row->error);
		with_why.text = why.data;
	}
	s->out->foreign += kind == SCAN_FOREIGN;
	s->out->findings += kind != SCAN_FOREIGN;
	s->out->mended += mended;
	s->out->damaged += kinds[kind].damage && !mended;
	log_info("%s %s: %s", kinds[kind].name, name, with_why.text);
	return s->fn ? s->fn(s->arg, &with_why, s->err) : 0;
}

/* Removes a payload that has been without envelope for a day: long enough for every create. */
static int remove_orphan(struct scan *s, const char *id, const struct entry *e, bool *removed)
{
	char envelope[REPO_KEY_MAX], payload[REPO_KEY_MAX];
	struct store_stat stat;
	int found;

	*removed = false;
	if (!s->o->fix || clock_now() - e->modified < REPO_ORPHAN_AGE)
		return 0;
	repo_envelope_key(envelope, id);
	repo_payload_key(payload, id);
	found = store_stat(s->r->store, envelope, &stat, s->err);
	if (found != 0)
		return found < 0 ? -1 : 0; /* it came after the listing */
	if (lease_keep(s->lease, s->err) < 0 || store_remove(s->r->store, payload, s->err) < 0)
		return -1;
	s->out->freed += e->size;
	*removed = true;
	return 0;
}

/* What is wrong with a backup that has an envelope; SCAN_KIND_COUNT: nothing. */
static enum scan_kind judge(const struct entry *e)
{
	const struct backup *row = e->row;

	if (!e->payload)
		return SCAN_NO_PAYLOAD;
	if (!row)
		return SCAN_KIND_COUNT; /* nothing is known of it yet */
	if (row->stored_size > 0 && row->stored_size != e->size)
		return SCAN_LENGTH;
	if (!*row->database)
		return SCAN_CLOSED;
	return row->status == BACKUP_CORRUPTED ? SCAN_CORRUPTED : SCAN_KIND_COUNT;
}

static int look_at(struct scan *s, const char *name, const struct entry *e)
{
	bool removed = false;
	enum scan_kind kind;

	if (e->foreign)
		return tell(s, SCAN_FOREIGN, name, e, false);
	s->out->listed += e->row != NULL;
	if (e->was_listed && !e->envelope && tell(s, SCAN_GONE, name, e, e->row == NULL) < 0)
		return -1;
	if (!e->envelope && e->payload)
		return remove_orphan(s, name, e, &removed) < 0
		               ? -1
		               : tell(s, SCAN_ORPHAN, name, e, removed);
	if (!e->envelope)
		return 0;
	s->out->backups += e->payload;
	s->out->bytes += e->payload ? e->size : 0;
	if (!e->was_listed && tell(s, SCAN_UNLISTED, name, e, e->row != NULL) < 0)
		return -1;
	kind = judge(e);
	return kind == SCAN_KIND_COUNT ? 0 : tell(s, kind, name, e, false);
}

static void each_entry(void *arg, const char *name, void *value)
{
	struct scan *s = arg;

	if (s->result == 0)
		s->result = look_at(s, name, value);
}

static void free_entry(void *arg, const char *name, void *value)
{
	struct entry *e = value;

	(void)arg;
	(void)name;
	backup_free(e->row);
	free(e);
}

static int on_leftover(void *arg, const char *name, const struct store_stat *stat,
                       struct error *err)
{
	const struct entry e = { .size = stat->size, .modified = stat->modified };

	(void)err;
	return tell(arg, SCAN_TEMPORARY, name, &e, false);
}

/* 1 it can be read, 0 it is damaged and told of. A rebuild has begun it anew then. */
static int check_catalog(struct scan *s, struct error *err)
{
	struct catalog *c = s->r->catalog;
	int sound = catalog_check(c, err);

	if (sound != 0)
		return sound;
	if (s->o->rebuild && catalog_renew(c, store_location(s->r->store), err) < 0)
		return -1;
	if (tell(s, SCAN_CATALOG, s->r->catalog_path, NULL, s->o->rebuild) < 0)
		return -1;
	return s->o->rebuild;
}

/* The store and the catalog side by side, from one listing. */
static int gather(struct scan *s, struct error *err)
{
	const struct catalog_filter everything = { 0 };
	struct repo *r = s->r;
	bool mend = s->o->rebuild || s->o->fix;
	int sound = check_catalog(s, err);
	int result;

	if (sound < 0 ||
	    (sound && catalog_backup_each(r->catalog, &everything, on_row_before, s, err) < 0))
		return -1;
	if (sound && mend)
		result = repo_refresh_watched(
			r, s->o->rebuild ? REPO_REFRESH_ALL : REPO_REFRESH_NOW, on_key, s, err);
	else
		result = store_list(r->store, NULL, on_key, s, err);
	if (result < 0 || !sound)
		return result;
	return catalog_backup_each(r->catalog, &everything, on_row_now, s, err);
}

int repo_scan(struct scan_result *out, struct repo *r, const struct scan_options *o,
              scan_fn *fn, void *arg, struct error *err)
{
	DEFER(map) *entries = map_new();
	struct scan s = {
		.r = r, .o = o, .entries = entries, .out = out, .fn = fn, .arg = arg, .err = err
	};
	int64_t began = clock_mono_ms();
	DEFER(lease) *lease = NULL;

	*out = (struct scan_result){ 0 };
	if (o->fix && lease_take(&lease, r->store, "recovery scan", err) < 0)
		return error_wrap(err, "scan");
	s.lease = lease;
	s.result = gather(&s, err);
	if (s.result == 0)
		map_each(entries, each_entry, &s);
	if (s.result == 0)
		s.result = store_each_leftover(r->store, on_leftover, &s, err);
	map_each(entries, free_entry, NULL);
	out->duration_ms = clock_mono_ms() - began;
	return s.result < 0 ? error_wrap(err, "scan") : 0;
}
