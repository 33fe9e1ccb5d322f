/* SPDX-License-Identifier: MIT */
#include "fs/fsys.h"

#include <pthread.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/repo/reader.h"
#include "engine/repo/repo.h"
#include "fs/ahead.h"
#include "fs/cache.h"
#include "fs/census.h"
#include "fs/drafts.h"
#include "fs/dropbox.h"
#include "fs/live.h"
#include "fs/names.h"
#include "fs/promises.h"
#include "fs/shelf.h"

#define LOG_MODULE "fs"

/* Together with what is open, this is what a mount takes of memory. */
#define FILES_BYTES   (16U << 20)
#define PLANS_BYTES   (2U << 20)
#define EXPORTS_BYTES (4U << 20)
#define STATUS_BYTES  (256U << 10)
#define PLAN_LENGTHS  20000
#define SHELF_FILES   10000

struct workers {
	pthread_mutex_t lock;
	struct worker *idle; /* guarded by lock; the last one given is the next one taken */
	char *identity;      /* guarded by lock; of the catalog's file in this epoch */
	struct repo *repo;   /* guarded by lock; held by who clones it */
	struct error reload_failure; /* guarded by lock; no code: there was none */
};

#define IDENTITY_NOTE "identity" /* in the catalog */

static struct workers *workers_new(struct repo *r)
{
	struct workers *ws = mem_alloc(sizeof(*ws));

	ws->repo = r;
	pthread_mutex_init(&ws->lock, NULL);
	return ws;
}

static void worker_free(struct worker *w)
{
	reader_close(w->reader);
	repo_close(w->repo);
	free(w);
}

static void workers_free(struct workers *ws)
{
	struct worker *w;

	if (!ws)
		return;
	while ((w = ws->idle) != NULL) {
		ws->idle = w->next;
		worker_free(w);
	}
	free(ws->identity);
	repo_close(ws->repo);
	pthread_mutex_destroy(&ws->lock);
	free(ws);
}

struct fsys *fsys_new(struct repo *r)
{
	struct fsys *fs = mem_alloc(sizeof(*fs));

	fs->zone = repo_zone(r) ? mem_strdup(repo_zone(r)) : NULL;
	fs->started_at = clock_now();
	fs->workers = workers_new(r);
	fs->names = names_new();
	fs->shelf = shelf_new(SHELF_FILES);
	fs->files = cache_new(FILES_BYTES, 0);
	fs->plans = cache_new(PLANS_BYTES, PLAN_LENGTHS);
	fs->exports = cache_new(EXPORTS_BYTES, 0);
	fs->status = cache_new(STATUS_BYTES, 0);
	fs->drafts = drafts_new();
	fs->dropbox = dropbox_new();
	fs->census = census_new(fs->zone);
	fs->ahead = ahead_new();
	fs->live = live_new(r);
	fs->promises = promises_new(config_int(repo_config(r), "mount.live_interval") > 0);
	return fs;
}

void fsys_free(struct fsys *fs)
{
	if (!fs)
		return;
	live_free(fs->live);
	promises_free(fs->promises);
	workers_free(fs->workers);
	ahead_free(fs->ahead);
	census_free(fs->census);
	dropbox_free(fs->dropbox);
	drafts_free(fs->drafts);
	cache_free(fs->status);
	cache_free(fs->exports);
	cache_free(fs->plans);
	cache_free(fs->files);
	shelf_free(fs->shelf);
	names_free(fs->names);
	free(fs->zone);
	free(fs);
}

/* A random text that names a catalog's file. */
static int make_identity(struct catalog *c, struct error *err)
{
	unsigned char bytes[16];
	char text[2 * sizeof(bytes) + 1];

	if (random_bytes(bytes, sizeof(bytes), err) < 0)
		return -1;
	number_format_hex(text, bytes, sizeof(bytes));
	return catalog_note_set(c, IDENTITY_NOTE, text, err);
}

/* Reads it, and makes it where there is none: in a transaction, for others may try, too. */
static int read_identity(char **out, struct catalog *c, struct error *err)
{
	int found = catalog_note_get(c, IDENTITY_NOTE, out, err);

	if (found != 0)
		return found;
	if (catalog_begin(c, err) < 0)
		return -1;
	found = catalog_note_get(c, IDENTITY_NOTE, out, err);
	if (found == 0 && make_identity(c, err) == 0)
		found = catalog_note_get(c, IDENTITY_NOTE, out, err);
	if (found > 0 && catalog_commit(c, err) == 0)
		return 1;
	catalog_rollback(c);
	return -1;
}

static unsigned int epoch_of(struct fsys *fs, const char *identity)
{
	struct workers *ws = fs->workers;
	unsigned int epoch;

	pthread_mutex_lock(&ws->lock);
	if (!ws->identity || strcmp(ws->identity, identity) != 0) {
		if (ws->identity) {
			log_warn("the catalog was replaced: going on with the new one");
			atomic_fetch_add(&fs->epoch, 1);
		}
		free(ws->identity);
		ws->identity = mem_strdup(identity);
	}
	epoch = atomic_load(&fs->epoch);
	pthread_mutex_unlock(&ws->lock);
	return epoch;
}

struct repo *fsys_repo(struct fsys *fs)
{
	struct repo *r;

	pthread_mutex_lock(&fs->workers->lock);
	r = repo_hold(fs->workers->repo);
	pthread_mutex_unlock(&fs->workers->lock);
	return r;
}

void fsys_renew(struct fsys *fs, struct repo *r)
{
	struct workers *ws = fs->workers;
	struct repo *before;

	pthread_mutex_lock(&ws->lock);
	before = ws->repo;
	ws->repo = r;
	pthread_mutex_unlock(&ws->lock);
	atomic_fetch_add(&fs->renewal, 1);
	live_renew(fs->live, r);
	promises_allow(fs->promises, config_int(repo_config(r), "mount.live_interval") > 0);
	repo_close(before);
}

void fsys_note_reload(struct fsys *fs, const struct error *why)
{
	const struct error none = ERROR_INIT;

	pthread_mutex_lock(&fs->workers->lock);
	fs->workers->reload_failure = why ? *why : none;
	pthread_mutex_unlock(&fs->workers->lock);
	atomic_fetch_add(&fs->reloads, 1);
}

bool fsys_reload_failure(struct fsys *fs, struct error *why)
{
	pthread_mutex_lock(&fs->workers->lock);
	*why = fs->workers->reload_failure;
	pthread_mutex_unlock(&fs->workers->lock);
	return why->code != ERR_NONE;
}

bool fsys_is_current(struct fsys *fs, const struct fsys_age *age)
{
	return age->epoch == atomic_load(&fs->epoch) &&
	       age->renewal == atomic_load(&fs->renewal);
}

int fsys_open(struct repo **out, struct fsys_age *age, struct fsys *fs, struct error *err)
{
	/* Read first: who then gets a newer one than this says only opens once more. */
	unsigned int renewal = atomic_load(&fs->renewal);
	DEFER(repo) *from = fsys_repo(fs);
	DEFER(repo) *r = NULL;
	autofree char *identity = NULL;

	if (repo_clone(&r, from, err) < 0 || read_identity(&identity, repo_catalog(r), err) < 0)
		return -1;
	*age = (struct fsys_age){ .epoch = epoch_of(fs, identity), .renewal = renewal };
	*out = take(r);
	return 0;
}

static struct worker *idle_worker(struct workers *ws)
{
	struct worker *w;

	pthread_mutex_lock(&ws->lock);
	w = ws->idle;
	if (w)
		ws->idle = w->next;
	pthread_mutex_unlock(&ws->lock);
	return w;
}

int worker_take(struct worker **out, struct fsys *fs, struct error *err)
{
	struct worker *w;

	for (w = idle_worker(fs->workers); w; w = idle_worker(fs->workers)) {
		if (fsys_is_current(fs, &w->age)) {
			*out = w;
			return 0;
		}
		worker_free(w);
	}
	w = mem_alloc(sizeof(*w));
	w->fs = fs;
	if (fsys_open(&w->repo, &w->age, fs, err) < 0) {
		free(w);
		return -1;
	}
	w->catalog = repo_catalog(w->repo);
	*out = w;
	return 0;
}

void worker_give(struct worker *w)
{
	struct workers *ws;

	if (!w)
		return;
	ws = w->fs->workers;
	pthread_mutex_lock(&ws->lock);
	w->next = ws->idle;
	ws->idle = w;
	pthread_mutex_unlock(&ws->lock);
}
