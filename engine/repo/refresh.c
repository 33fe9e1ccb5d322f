/* SPDX-License-Identifier: MIT */
/* refresh: the catalog follows the store. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/base/number.h"
#include "engine/base/pool.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/repo/metadata.h"
#include "engine/repo/places.h"
#include "engine/repo/presence.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/refresh"

#define NOTE_REFRESHED "refreshed_at_ms"
#define NOTE_LISTED    "listed_all_at_ms" /* the last listing of the whole store */

/*
 * A listing of what is new begins so long before the newest backup that is known: its id was
 * made when it was begun, by a clock that may be behind ours.
 */
#define OVERLAP ((int64_t)3600)

#define OPENING_MAX ((size_t)1024) /* of the catalog's room for a backup */

#define DOUBT ((int64_t)3600) /* for so long a create that did not end makes us look */

/* What the clear part of an envelope says. */
static void fill_from_envelope(struct backup *b, const struct envelope *e, const struct repo *r)
{
	char secret[FINGERPRINT_HEX_SIZE] = "";
	char checksum[DIGEST_HEX_SIZE];
	autobuf location = BUF_INIT;

	if (e->encrypted)
		fingerprint_hex(secret, &e->secret);
	digest_hex(checksum, &e->stored_sha256);
	buf_addf(&location, "%s/%s", repo_location_of(r, e->backup_id), e->backup_id);
	backup_set(&b->id, e->backup_id);
	backup_set(&b->secret, secret);
	backup_set(&b->checksum, checksum);
	backup_set(&b->location, location.data);
	b->stored_size = e->stored_size;
	b->encrypted = e->encrypted;
	b->generation = e->generation;
}

void repo_note_opening(struct backup *b, const struct buf *envelope)
{
	struct str clear = envelope_clear(envelope->data, envelope->len);
	autobuf hex = BUF_INIT;

	if (clear.n > OPENING_MAX)
		return;
	buf_add_hex(&hex, clear.p, clear.n);
	backup_set(&b->opening, hex.len > 0 ? hex.data : "");
}

void unsealed_finish(struct unsealed *u)
{
	secret_free(take(u->data_key));
}

int repo_unseal(struct backup *b, struct unsealed *u, const struct repo *r,
                const struct buf *raw, const char *id, struct error *err)
{
	autobuf metadata = BUF_INIT;

	if (envelope_open(&u->envelope, &u->data_key, &metadata, raw->data, raw->len, id,
	                  r->keyring, err) < 0)
		return -1;
	if (metadata_unseal(b, metadata.data, metadata.len, err) < 0) {
		unsealed_finish(u);
		return -1;
	}
	fill_from_envelope(b, &u->envelope, r);
	repo_note_opening(b, raw);
	return 0;
}

/* The moment in an id of our own form; 0 for others. */
static int64_t time_of_id(const char *id)
{
	struct error err = ERROR_INIT;
	char text[CLOCK_TEXT_MAX];
	int y, mo, d, h, mi, s;
	int64_t t = 0;

	/* NOLINTNEXTLINE(cert-err34-c): widths bound every number */
	if (sscanf(id, "backup%*[_-]%4d%2d%2d%*[_-]%2d%2d%2d", &y, &mo, &d, &h, &mi, &s) != 6)
		return 0;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", y, mo, d, h, mi, s);
	if (clock_parse(&t, text, 0, NULL, &err) < 0)
		return 0;
	return t;
}

/* A row for a backup that cannot be opened: it is there, and says why. */
static void describe_closed(struct backup *b, const struct repo *r, const struct buf *raw,
                            const char *id, struct error *why)
{
	struct error ignored = ERROR_INIT;
	struct envelope e;

	if (envelope_peek(&e, raw->data, raw->len, id, &ignored) == 0)
		fill_from_envelope(b, &e, r);
	backup_set(&b->id, id);
	backup_set(&b->error, why->text);
	b->created_at = time_of_id(id);
	b->status = why->code == ERR_DENIED ? BACKUP_COMPLETED : BACKUP_CORRUPTED;
	log_failure(LOG_MODULE, id, why);
	error_clear(why);
}

int repo_describe(struct backup **out, struct repo *r, const char *id, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	DEFER(backup) *b = backup_new();
	struct unsealed u = { 0 };
	autobuf raw = BUF_INIT;
	struct store_stat stat;
	struct error why = ERROR_INIT;
	char key[REPO_KEY_MAX];
	int found;

	repo_envelope_key(key, id);
	found = store_get(r->store, key, all, &raw, &stat, err);
	if (found <= 0)
		return found;
	if (repo_unseal(b, &u, r, &raw, id, &why) < 0) {
		backup_free(take(b));
		b = backup_new();
		describe_closed(b, r, &raw, id, &why);
	}
	unsealed_finish(&u);
	backup_set(&b->version, stat.version);
	*out = take(b);
	return 1;
}

int repo_put_rewritten(struct catalog *c, struct backup *b, struct error *err)
{
	DEFER(backup) *known = NULL;
	int found = catalog_backup_find(c, b->id, &known, err);

	if (found < 0)
		return -1;
	if (found > 0) {
		b->duration_ms = known->duration_ms;
		if (known->status == BACKUP_CORRUPTED) { /* its payload is as it was */
			b->status = known->status;
			backup_set(&b->error, known->error);
		}
	}
	return catalog_backup_put(c, b, err);
}

/* What the catalog has of an id that is to be read. */
struct known {
	bool closed; /* could not be opened the last time */
	bool encrypted;
	char version[STORE_VERSION_MAX];
	char *damage; /* what a check found wrong with it; NULL: nothing */
};

static void known_free(struct known *k)
{
	if (!k)
		return;
	free(k->damage);
	free(k);
}

/* An envelope to be read, and what it says. */
struct pending {
	char *id;
	struct known *known; /* its own; NULL: it is new */
	struct backup *backup;
};

/* Read together, and written to the catalog together: no transaction waits for the store. */
#define BATCH_MAX 500

struct refresh {
	struct repo *r;
	struct map *secrets;                /* fingerprint to int64_t: since when it is used */
	bool all;                           /* read also what has not changed */
	bool whole;                         /* list the whole store, else only what is new */
	int64_t from;                       /* else: ids of this time and later */
	char after[NAME_BACKUP_ID_MAX + 1]; /* else: ids behind this one */
	uint64_t *listed; /* hashes of the ids in the store; sorted when all are known */
	size_t listed_count, listed_capacity;
	int64_t generation; /* of the catalog, before the store was listed */
	repo_key_fn *also;  /* sees every key of the listing; NULL: nobody does */
	void *also_arg;
	struct pending *pending;
	size_t count, capacity;
	size_t written, read; /* of pending: [0, written) and [0, read) are */
	size_t added, changed, removed;
	struct presence presence; /* `known` only where nothing was seen */
};

/* A million of them may be looked at, and only their hashes are kept in memory. */
static uint64_t hash_of(const char *id)
{
	return hash_text(HASH_START, id);
}

/* In a place that cannot be used now: it is not there to be seen, and not gone for that. */
static bool is_out_of_reach(const struct repo *r, const char *location)
{
	return r->places_missing && !str_has_prefix(str_of(location), store_location(r->store));
}

/* A FAILED attempt and its like: only in the catalog. */
static bool is_local(const struct repo *r, const struct catalog_brief *b)
{
	return b->status == BACKUP_FAILED || b->status == BACKUP_CREATING ||
	       is_out_of_reach(r, b->location);
}

/* In the first store. */
static bool is_here(const struct repo *r, const struct catalog_brief *b)
{
	return !is_local(r, b) && str_has_prefix(str_of(b->location), store_location(r->store));
}

/* What the envelopes say of the first use of their secrets. */
static void note_secret(struct refresh *f, const struct backup *b)
{
	/* A first generation that says nothing has the age of its backup. */
	int64_t since = b->secret_since      ? b->secret_since
	                : b->generation == 1 ? b->created_at
	                                     : 0;
	int64_t *known;

	if (!*b->secret || !*b->database || since <= 0)
		return;
	known = map_get(f->secrets, b->secret);
	if (!known) {
		known = mem_alloc(sizeof(*known));
		*known = since;
		map_set(f->secrets, b->secret, known);
	}
	*known = *known < since ? *known : since;
}

/* An envelope that is listed, compared with what the catalog has of it. */
struct comparison {
	struct refresh *f;
	const char *version;
	bool same;
	struct known *known;
};

static int compare(void *arg, const struct catalog_brief *b, struct error *err)
{
	struct comparison *c = arg;
	struct known *k;

	(void)err;
	c->f->presence.seen += is_here(c->f->r, b);
	c->same = !c->f->all && !b->closed && !is_local(c->f->r, b) &&
	          strcmp(b->version, c->version) == 0;
	if (c->same)
		return 0;
	c->known = k = mem_alloc(sizeof(*k));
	k->closed = b->closed;
	k->encrypted = b->encrypted;
	snprintf(k->version, sizeof(k->version), "%s", b->version);
	if (b->status == BACKUP_CORRUPTED)
		k->damage = mem_strdup(b->error);
	return 0;
}

static int look_at(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct refresh *f = arg;
	struct str name = str_of(key);
	struct comparison c = { .f = f, .version = stat->version };
	autofree char *id = NULL;

	if (f->also && f->also(f->also_arg, key, stat, err) < 0)
		return -1;
	if (!str_has_suffix(name, REPO_ENVELOPE_SUFFIX))
		return 0;
	id = mem_strndup(key, name.n - strlen(REPO_ENVELOPE_SUFFIX));
	if (!name_is_backup_id(id))
		return 0;
	MEM_GROW(f->listed, f->listed_count, f->listed_capacity);
	f->listed[f->listed_count++] = hash_of(id);
	if (catalog_brief_find(f->r->catalog, id, compare, &c, err) < 0)
		return -1;
	if (c.same)
		return 0;
	MEM_GROW(f->pending, f->count, f->capacity);
	f->pending[f->count++] = (struct pending){ .id = take(id), .known = c.known };
	return 0;
}

/* What a check found is not forgotten as long as the envelope is the same. */
static void keep_damage(struct backup *b, const struct known *k)
{
	if (!k->damage || b->status != BACKUP_COMPLETED || strcmp(k->version, b->version) != 0)
		return;
	b->status = BACKUP_CORRUPTED;
	backup_set(&b->error, k->damage);
}

/* Of a backup that cannot be opened any more: its state, and which secret it needs now. */
static int keep_row(struct catalog *c, const struct backup *b, struct error *err)
{
	if (*b->secret && catalog_backup_reseal(c, b->id, b->secret, b->generation, err) < 0)
		return -1;
	return catalog_backup_mark(c, b->id, b->status, b->error, b->version, err);
}

static int take_in(struct refresh *f, const struct pending *p, struct error *err)
{
	struct catalog *c = f->r->catalog;
	struct backup *b = p->backup;
	const struct known *k = p->known;
	const char *changed;

	if (!b) /* gone between list and get: the next refresh sees it gone */
		return 0;
	note_secret(f, b);
	if (k && k->closed && !*b->database)
		return 0; /* still closed: nothing new to say */
	f->added += !k;
	f->changed += k && strcmp(k->version, b->version) != 0;
	changed = k ? guard_changed(f->r, k->encrypted, b->encrypted) : NULL;
	if (changed) /* the row stays as the backup was */
		return catalog_backup_mark(c, b->id, BACKUP_CORRUPTED, changed, b->version,
		                           err);
	if (k && !k->closed && !*b->database) /* it was readable: keep what is known of it */
		return keep_row(c, b, err);
	if (k)
		keep_damage(b, k);
	return catalog_backup_put(c, b, err);
}

/* Writes the batch that was read last. */
static int write_batch(struct refresh *f, struct error *err)
{
	struct catalog *c = f->r->catalog;

	if (f->read == f->written)
		return 0;
	if (catalog_begin(c, err) < 0)
		return -1;
	for (; f->written < f->read; f->written++) {
		struct pending *p = &f->pending[f->written];

		if (take_in(f, p, err) < 0) {
			catalog_rollback(c);
			return -1;
		}
		backup_free(p->backup);
		p->backup = NULL;
	}
	if (catalog_commit(c, err) < 0) {
		catalog_rollback(c);
		return -1;
	}
	return 0;
}

/*
 * On a worker's thread. Item 0 writes what was read before, and is the only one that touches
 * the catalog; the others read what is next. Store and keyring are shared.
 */
static int work(void *arg, size_t item, struct error *err)
{
	struct refresh *f = arg;
	struct pending *p;

	if (item == 0)
		return write_batch(f, err);
	p = &f->pending[f->read + item - 1];
	return repo_describe(&p->backup, f->r, p->id, err) < 0 ? -1 : 0;
}

static int read_pending(struct refresh *f, struct error *err)
{
	while (f->written < f->count) {
		size_t n = f->count - f->read < BATCH_MAX ? f->count - f->read : BATCH_MAX;

		if (pool_run(repo_workers(f->r), n + 1, work, f, err) < 0 ||
		    cancel_check(err) < 0)
			return -1;
		f->read += n;
	}
	return 0;
}

/* Rows whose backups are gone, of a page of rows. */
#define PAGE_ROWS ((size_t)10000)
#define GONE_MAX  ((size_t)500) /* removed together */

struct page {
	struct refresh *f;
	int64_t last;  /* row that was looked at */
	size_t looked; /* at so many rows */
	char *gone[GONE_MAX];
	size_t gone_count;
};

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool is_listed(const struct refresh *f, const char *id)
{
	uint64_t hash = hash_of(id);

	return f->listed_count > 0 &&
	       bsearch(&hash, f->listed, f->listed_count, sizeof(hash), compare_hashes) != NULL;
}

static int look_for_gone(void *arg, const struct catalog_brief *b, struct error *err)
{
	struct page *p = arg;
	struct refresh *f = p->f;

	(void)err;
	if (p->gone_count == GONE_MAX)
		return 0;
	p->last = b->row;
	p->looked++;
	if (is_local(f->r, b) || (!f->whole && strcmp(b->id, f->after) <= 0) ||
	    is_listed(f, b->id))
		return 0;
	p->gone[p->gone_count++] = mem_strdup(b->id);
	return 0;
}

static int remove_rows(struct catalog *c, const struct page *p, struct error *err)
{
	if (p->gone_count == 0)
		return 0;
	if (catalog_begin(c, err) < 0)
		return -1;
	for (size_t i = 0; i < p->gone_count; i++) {
		if (catalog_backup_remove(c, p->gone[i], err) < 0) {
			catalog_rollback(c);
			return -1;
		}
	}
	if (catalog_commit(c, err) == 0)
		return 0;
	catalog_rollback(c);
	return -1;
}

/*
 * What changed since the listing began may have been stored behind its back. In pages: a
 * transaction that reads must not stay open for long, nor may one write while it is.
 */
static int remove_unlisted(struct refresh *f, struct error *err)
{
	struct catalog_brief_page at = { .created_from = f->from,
		                         .generation = f->generation,
		                         .limit = PAGE_ROWS };
	struct page p;

	if (f->listed_count > 0)
		qsort(f->listed, f->listed_count, sizeof(*f->listed), compare_hashes);
	do {
		int result;

		p = (struct page){ .f = f };
		result = catalog_brief_each(f->r->catalog, &at, look_for_gone, &p, err);
		if (result == 0)
			result = remove_rows(f->r->catalog, &p, err);
		for (size_t i = 0; i < p.gone_count; i++)
			free(p.gone[i]);
		if (result < 0 || cancel_check(err) < 0)
			return -1;
		f->removed += p.gone_count;
		at.after_row = p.last;
	} while (p.looked == PAGE_ROWS || p.gone_count == GONE_MAX);
	return 0;
}

static void free_time(void *arg, const char *fingerprint, void *value)
{
	(void)arg;
	(void)fingerprint;
	free(value);
}

/* A walk over a map that may fail. */
struct noting {
	struct repo *r;
	struct error *err;
	int result;
};

static void write_secret(void *arg, const char *fingerprint, void *value)
{
	struct noting *to = arg;
	const int64_t *since = value;

	if (to->result == 0)
		to->result = repo_secret_note(to->r, fingerprint, *since, to->err);
}

static int count_here(void *arg, const struct catalog_brief *b, struct error *err)
{
	struct refresh *f = arg;

	(void)err;
	f->presence.known += is_here(f->r, b);
	return 0;
}

/* Is what was listed to be believed? */
static int check_presence(struct refresh *f, struct error *err)
{
	const struct catalog_brief_page all = { .generation = f->generation,
		                                .limit = SIZE_MAX / 2 };

	f->presence.added = f->count;
	/* A scan that mends: who asks for that believes what he sees. */
	if (!f->also && f->presence.seen + f->presence.added == 0 &&
	    catalog_brief_each(f->r->catalog, &all, count_here, f, err) < 0)
		return -1;
	return presence_check(f->r, &f->presence, err);
}

static int refresh_listed(struct refresh *f, struct error *err)
{
	struct noting noting = { .r = f->r, .err = err };

	f->generation = catalog_generation(f->r->catalog, err);
	if (f->generation < 0 ||
	    store_list(f->r->store, f->whole ? NULL : f->after, look_at, f, err) < 0 ||
	    read_pending(f, err) < 0 || (f->whole && check_presence(f, err) < 0) ||
	    remove_unlisted(f, err) < 0)
		return -1;
	map_each(f->secrets, write_secret, &noting);
	return noting.result;
}

/* Is what a note says was done so long ago? interval in seconds. */
static bool is_due(struct repo *r, const char *note, int64_t interval)
{
	struct error err = ERROR_INIT;
	autofree char *at = NULL;
	int64_t then, age;

	if (r->catalog_fresh || catalog_note_get(r->catalog, note, &at, &err) <= 0 ||
	    number_parse_i64(&then, at, 0, INT64_MAX, &err) < 0)
		return true;
	age = clock_now_ms() - then;
	return age < 0 || age >= interval * 1000;
}

static int is_unfinished(void *arg, const struct catalog_operation *o, struct error *err)
{
	(void)err;
	*(bool *)arg = *(bool *)arg || strcmp(o->status, "started") == 0;
	return 0;
}

/*
 * Did a create begin of which the catalog does not know how it ended? It may be at work, or was
 * killed, or stored a backup that the catalog could not take (a full disk).
 */
static bool is_in_doubt(struct repo *r)
{
	struct error err = ERROR_INIT;
	bool doubt = false;

	if (catalog_operation_each(r->catalog, "backup_create", clock_now() - DOUBT,
	                           is_unfinished, &doubt, &err) < 0)
		return true;
	return doubt;
}

static int note_newest(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	*(int64_t *)arg = b->created_at;
	return 0;
}

/* Where a listing of what is new begins. Without any backup the whole store is listed. */
static int choose_start(struct refresh *f, struct error *err)
{
	const struct catalog_filter newest = { .limit = 1, .statuses = 1U << BACKUP_COMPLETED };
	int64_t now = clock_now(), t = 0;
	char middle[CLOCK_TEXT_MAX];

	if (catalog_backup_each(f->r->catalog, &newest, note_newest, &t, err) < 0)
		return -1;
	t = (t < now ? t : now) - OVERLAP;
	if (t <= 0) {
		f->whole = true;
		return 0;
	}
	f->from = t;
	clock_format_id(middle, t);
	snprintf(f->after, sizeof(f->after), "backup_%.20s", middle);
	return 0;
}

static int note_time(struct repo *r, const char *note, struct error *err)
{
	char now[NUMBER_TEXT_MAX];

	snprintf(now, sizeof(now), "%lld", (long long)clock_now_ms());
	return catalog_note_set(r->catalog, note, now, err);
}

static int run(struct refresh *f, struct error *err)
{
	if (!f->whole && choose_start(f, err) < 0)
		return -1;
	if (refresh_listed(f, err) < 0 || note_time(f->r, NOTE_REFRESHED, err) < 0)
		return -1;
	return f->whole ? note_time(f->r, NOTE_LISTED, err) : 0;
}

static void finish(struct refresh *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->pending[i].id);
		known_free(f->pending[i].known);
		backup_free(f->pending[i].backup);
	}
	free(f->pending);
	free(f->listed);
	map_each(f->secrets, free_time, NULL);
	map_free(f->secrets);
}

int repo_refresh_watched(struct repo *r, enum repo_refresh when, repo_key_fn *also,
                         void *also_arg, struct error *err)
{
	struct refresh f = {
		.r = r, .all = when == REPO_REFRESH_ALL, .also = also, .also_arg = also_arg
	};
	int64_t began = clock_mono_ms();
	int result;

	f.whole =
		when == REPO_REFRESH_NOW || when == REPO_REFRESH_ALL ||
		is_due(r, NOTE_LISTED, config_int(r->config, "catalog.full_refresh_interval"));
	places_load(r);
	f.secrets = map_new();
	result = run(&f, err);
	finish(&f);
	if (result < 0)
		return error_wrap(err, "refresh the catalog");
	r->catalog_fresh = false;
	if (f.added + f.changed + f.removed > 0)
		log_info(
			"catalog refreshed from storage: %zu new, %zu changed, %zu gone, duration %lld ms",
			f.added, f.changed, f.removed, (long long)(clock_mono_ms() - began));
	return 0;
}

int repo_refresh(struct repo *r, enum repo_refresh when, struct error *err)
{
	if (when == REPO_REFRESH_STALE && !is_in_doubt(r) &&
	    !is_due(r, NOTE_REFRESHED, config_int(r->config, "catalog.refresh_interval")))
		return 0;
	return repo_refresh_watched(r, when, NULL, NULL, err);
}
