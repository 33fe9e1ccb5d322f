/* SPDX-License-Identifier: MIT */
#include "fs/watch.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/keys.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"
#include "fs/ahead.h"
#include "fs/dropbox.h"
#include "fs/fsys.h"
#include "fs/plan.h"
#include "fs/promises.h"
#include "fs/shelf.h"

#define LOG_MODULE "fs/watch"

#define DAY_MS        ((int64_t)86400 * 1000)
#define POLL_MS       200
#define TEND_MS       250
#define REFRESH_SHARE 10   /* of a large store no more than a tenth of the time */
#define REOPEN_MS     2000 /* SQLite goes on with a file that was deleted: look for another one */

struct watch {
	struct fsys *fs;
	watch_fn *fn;
	void *arg;

	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopping;      /* guarded by lock */
	unsigned int wakes; /* guarded by lock */
	size_t running;     /* guarded by lock; threads */
	pthread_t poller, refresher, tender, keeper;
};

/* One line when it fails, one when it works again. */
struct state {
	const char *doing;
	bool failing;
};

static void note_failure(struct state *s, struct error *err)
{
	if (!s->failing)
		log_failure(LOG_MODULE, s->doing, err);
	s->failing = true;
	error_clear(err);
}

static void note_success(struct state *s)
{
	if (s->failing)
		log_info("%s: works again", s->doing);
	s->failing = false;
}

/* Waits, until watch_wake() at most; true: time to end. */
static bool pause_for(struct watch *w, int64_t ms)
{
	int64_t at = clock_mono_ms() + ms;
	struct timespec until = { .tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000 };
	unsigned int wakes;
	int result = 0;
	bool stopping;

	pthread_mutex_lock(&w->lock);
	wakes = w->wakes;
	while (!w->stopping && w->wakes == wakes && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&w->stop, &w->lock, &until);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

static bool is_stopping(struct watch *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

static void thread_ends(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->running--;
	pthread_cond_broadcast(&w->stop);
	pthread_mutex_unlock(&w->lock);
}

/* News of a census, kept until they are told: nobody is called in mid-census. */
struct collection {
	struct watch_news *news;
	size_t count, capacity;
	char **texts; /* that the news point to */
	size_t text_count, text_capacity;
};

static const char *keep_text(struct collection *c, const char *text)
{
	if (!text)
		return NULL;
	MEM_GROW(c->texts, c->text_count, c->text_capacity);
	return c->texts[c->text_count++] = mem_strdup(text);
}

static void collect(void *arg, const struct census_dir *dir, const char *name)
{
	struct collection *c = arg;
	struct watch_news *news;

	MEM_GROW(c->news, c->count, c->capacity);
	news = &c->news[c->count++];
	*news = (struct watch_news){ .dir = *dir };
	news->dir.a = keep_text(c, dir->a);
	news->dir.b = keep_text(c, dir->b);
	news->name = keep_text(c, name);
}

static void collection_finish(struct collection *c)
{
	for (size_t i = 0; i < c->text_count; i++)
		free(c->texts[i]);
	free(c->texts);
	free(c->news);
}

struct poll {
	struct watch *w;
	struct repo *repo;
	struct fsys_age age; /* of the repo */
	int64_t opened_at;
	int64_t generation; /* of the last census */
	bool counted;       /* there was a census */
	struct state state;
};

/* Any name in it: to forget that waits for those who are reading the directory now. */
#define ANY_NAME "."

/* What was seen before there was news of it, and may have gone again. */
static void collect_ahead(struct collection *c, struct fsys *fs)
{
	size_t count;
	autofree struct ahead_item *items = ahead_take(&count, fs->ahead);

	for (size_t i = 0; i < count; i++) {
		const char *name = keep_text(c, items[i].name ? items[i].name : ANY_NAME);

		MEM_GROW(c->news, c->count, c->capacity);
		c->news[c->count++] = (struct watch_news){ .id = items[i].id, .name = name };
		free(items[i].name);
	}
}

static int take_census(struct poll *p, int64_t generation, struct error *err)
{
	struct fsys *fs = p->w->fs;
	struct collection c = { .news = NULL };
	int result;

	/* Before the kernel is told, and asks again. */
	shelf_advance(fs->shelf);
	atomic_fetch_add(&fs->changes, 1);
	result = census_take(fs->census, repo_catalog(p->repo), p->counted ? collect : NULL, &c,
	                     err);
	collect_ahead(&c, fs);
	if (c.count > 0)
		p->w->fn(p->w->arg, c.news, c.count);
	collection_finish(&c);
	if (result < 0)
		return -1;
	p->generation = generation;
	p->counted = true;
	return 0;
}

/* 1: the catalog's file is another one now; 0, -1. */
static int reopen(struct poll *p, struct error *err)
{
	struct repo *now = NULL;
	struct fsys_age age;
	bool replaced;

	p->opened_at = clock_mono_ms();
	if (fsys_open(&now, &age, p->w->fs, err) < 0)
		return -1;
	replaced = p->repo && age.epoch != p->age.epoch;
	repo_close(p->repo);
	p->repo = now;
	p->age = age;
	return replaced;
}

static int poll_once(struct poll *p, struct error *err)
{
	int64_t generation;
	int replaced = 0;

	if (!p->repo || clock_mono_ms() - p->opened_at >= REOPEN_MS)
		replaced = reopen(p, err);
	if (replaced < 0)
		return -1;
	if (replaced > 0)
		census_restart(p->w->fs->census);
	generation = catalog_generation(repo_catalog(p->repo), err);
	if (generation < 0)
		return -1;
	if (p->counted && generation == p->generation && replaced == 0 &&
	    !ahead_any(p->w->fs->ahead))
		return 0;
	return take_census(p, generation, err);
}

static void *poll_catalog(void *arg)
{
	struct watch *w = arg;
	struct poll p = { .w = w, .state.doing = "look at the catalog" };

	do {
		struct error err = ERROR_INIT;

		if (poll_once(&p, &err) < 0) {
			atomic_store(&w->fs->watching, false);
			note_failure(&p.state, &err);
		} else {
			atomic_store(&w->fs->watching, true);
			note_success(&p.state);
		}
	} while (!pause_for(w, POLL_MS));
	atomic_store(&w->fs->watching, false);
	repo_close(p.repo);
	thread_ends(w);
	return NULL;
}

/* A secret that is due is said at the beginning and once a day. */
static void look_at_secret(struct repo *r, int64_t *looked_at)
{
	int64_t now = clock_mono_ms();

	if (*looked_at != 0 && now - *looked_at < DAY_MS)
		return;
	*looked_at = now;
	repo_rotation_warn(r);
}

/* Only what somebody wrote down is a reason to delete: without a ceiling nothing goes. */
static bool has_ceiling(const struct config *c)
{
	return config_is_set(c, "backup.retention.max_backups") ||
	       config_is_set(c, "backup.retention.max_age");
}

/*
 * Retention, first when the mount is as old as the interval: who mounts to have a look deletes
 * nothing. What is open stays readable, since its bytes are held. Another host that holds the
 * lease does the same work.
 */
static void clean_up_when_due(struct repo *r, int64_t *cleaned_at)
{
	static const struct cleanup_options usual = { 0 };
	const struct config *c = repo_config(r);
	int64_t interval_ms = config_int(c, "backup.retention.cleanup_interval") * 1000;
	struct cleanup_result result;
	struct error err = ERROR_INIT;

	if (!has_ceiling(c) || clock_mono_ms() - *cleaned_at < interval_ms)
		return;
	*cleaned_at = clock_mono_ms();
	if (repo_cleanup(&result, r, &usual, NULL, NULL, &err) < 0)
		log_failure(LOG_MODULE, "cleanup", &err);
}

/* With a repo of its own, and another one when the catalog's file or the configuration was
 * replaced. */
static int take_repo(struct repo **r, struct fsys_age *age, struct fsys *fs, struct error *err)
{
	if (*r && !fsys_is_current(fs, age)) {
		repo_close(*r);
		*r = NULL;
	}
	if (!*r && fsys_open(r, age, fs, err) < 0)
		return -1;
	return 0;
}

/* An interval of the configuration in force, in milliseconds. */
static int64_t interval_of(struct watch *w, const char *key)
{
	DEFER(repo) *r = fsys_repo(w->fs);

	return config_int(repo_config(r), key) * 1000;
}

/* How often the whole store may be looked at. */
struct looks {
	int64_t began_at; /* the last look at everything; 0: there was none */
	int64_t took_ms;
	bool was_all; /* the last look of any kind */
};

/* Everything, unless that took too long not long ago; then what is new. */
static int refresh_from_store(struct repo *r, struct looks *l, struct error *err)
{
	int64_t now = clock_mono_ms();
	bool all = l->began_at == 0 || now - l->began_at >= l->took_ms * REFRESH_SHARE;

	l->was_all = false;
	if (repo_refresh(r, all ? REPO_REFRESH_NOW : REPO_REFRESH_NEW, err) < 0)
		return -1;
	l->was_all = all;
	if (all) {
		l->began_at = now;
		l->took_ms = clock_mono_ms() - now;
	}
	return 0;
}

static void *refresh_now_and_then(void *arg)
{
	struct watch *w = arg;
	struct state state = { .doing = "refresh from the store" };
	struct repo *r = NULL;
	struct fsys_age age = { 0 };
	struct looks looks = { 0 };
	int64_t pause, interval_ms, looked_at = 0, cleaned_at = clock_mono_ms();

	do {
		struct error err = ERROR_INIT;
		int64_t begin = clock_mono_ms();

		if (take_repo(&r, &age, w->fs, &err) < 0 ||
		    refresh_from_store(r, &looks, &err) < 0) {
			note_failure(&state, &err);
		} else {
			note_success(&state);
			look_at_secret(r, &looked_at);
			clean_up_when_due(r, &cleaned_at);
		}
		/* The next look after one at everything is only for what is new. */
		pause = looks.was_all ? 0 : (clock_mono_ms() - begin) * REFRESH_SHARE;
		interval_ms = interval_of(w, "mount.refresh_interval");
	} while (!pause_for(w, pause > interval_ms ? pause : interval_ms));
	repo_close(r);
	thread_ends(w);
	return NULL;
}

/* Directories in import/ that nobody writes to any more. */
static void *tend_import(void *arg)
{
	struct watch *w = arg;

	while (!pause_for(w, TEND_MS)) {
		struct error err = ERROR_INIT;
		DEFER(worker) *worker = NULL;

		if (!dropbox_waits(w->fs->dropbox))
			continue;
		if (worker_take(&worker, w->fs, &err) < 0)
			log_failure(LOG_MODULE, "import", &err);
		else
			dropbox_tend(w->fs->dropbox, worker->repo);
	}
	thread_ends(w);
	return NULL;
}

/* Tells of the plans of a database that are others now. */
static void tell_of_plans(struct watch *w, const char *database)
{
	size_t count;
	autofree int64_t *rows = plan_news(&count, w->fs, database);
	autofree struct watch_news *news = mem_array(count, sizeof(*news));

	for (size_t i = 0; i < count; i++)
		news[i] = (struct watch_news){ .dir = { .kind = NODE_BACKUP, .row = rows[i] },
			                       .name = "plan.sql" };
	if (count > 0)
		w->fn(w->arg, news, count);
}

/* The server is looked at for no more than a tenth of the time. */
static void *keep_promises(void *arg)
{
	struct watch *w = arg;
	int64_t pause = POLL_MS;
	bool over = false;

	while (!over && !pause_for(w, pause)) {
		int64_t interval_ms = interval_of(w, "mount.live_interval");
		int64_t begin = clock_mono_ms();
		size_t count;
		char **databases = promises_databases(&count, w->fs->promises);

		for (size_t i = 0; i < count; i++) {
			over = over || is_stopping(w);
			if (!over)
				tell_of_plans(w, databases[i]);
			free(databases[i]);
		}
		free(databases);
		pause = (clock_mono_ms() - begin) * REFRESH_SHARE;
		if (pause < interval_ms)
			pause = interval_ms;
		if (pause < POLL_MS)
			pause = POLL_MS;
	}
	thread_ends(w);
	return NULL;
}

static int start_thread(struct watch *w, pthread_t *thread, void *(*run)(void *),
                        struct error *err)
{
	int failure;

	pthread_mutex_lock(&w->lock);
	failure = pthread_create(thread, NULL, run, w);
	w->running += failure == 0;
	pthread_mutex_unlock(&w->lock);
	return failure == 0 ? 0 : error_sys(err, failure, "start a thread");
}

int watch_start(struct watch **out, struct fsys *fs, watch_fn *fn, void *arg, struct error *err)
{
	struct watch *w = mem_alloc(sizeof(*w));
	pthread_condattr_t attr;

	w->fs = fs;
	w->fn = fn;
	w->arg = arg;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->stop, &attr);
	pthread_condattr_destroy(&attr);
	*out = w; /* from here on watch_stop() knows what runs */
	if (start_thread(w, &w->poller, poll_catalog, err) < 0 ||
	    start_thread(w, &w->refresher, refresh_now_and_then, err) < 0 ||
	    start_thread(w, &w->tender, tend_import, err) < 0 ||
	    start_thread(w, &w->keeper, keep_promises, err) < 0)
		return -1;
	return 0;
}

void watch_wake(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->wakes++;
	pthread_cond_broadcast(&w->stop);
	pthread_mutex_unlock(&w->lock);
}

bool watch_stop(struct watch *w, int64_t patience_ms)
{
	int64_t at = clock_mono_ms() + patience_ms;
	struct timespec until = { .tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000 };
	int result = 0;
	bool ended;

	if (!w)
		return true;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->stop);
	while (w->running > 0 && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&w->stop, &w->lock, &until);
	ended = w->running == 0;
	pthread_mutex_unlock(&w->lock);
	return ended;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->poller)
		pthread_join(w->poller, NULL);
	if (w->refresher)
		pthread_join(w->refresher, NULL);
	if (w->tender)
		pthread_join(w->tender, NULL);
	if (w->keeper)
		pthread_join(w->keeper, NULL);
	pthread_cond_destroy(&w->stop);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
