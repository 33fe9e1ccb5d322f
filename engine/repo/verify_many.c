/* SPDX-License-Identifier: MIT */
/* verify_many: checks many backups, a few at a time. */
#include <pthread.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/pool.h"
#include "engine/repo/internal.h"
#include "engine/repo/verify.h"

/* Checked in one go, before the caller hears of them: enough to keep every worker busy. */
#define SLICE_PER_WORKER ((size_t)8)

struct item {
	struct backup *backup;
	struct verify_result *result;
	struct error *why; /* NULL: it could be checked */
};

struct run {
	struct repo *r;
	const struct verify_options *o;
	struct item *items;
	size_t count, capacity;
	size_t first; /* of the slice that is being worked on */

	struct repo **clones;
	pthread_mutex_t lock;
	size_t idle; /* guarded by lock; clones[0..idle) belong to nobody now */
};

static int collect(void *arg, const struct backup *b, struct error *err)
{
	struct run *run = arg;

	(void)err;
	MEM_GROW(run->items, run->count, run->capacity);
	run->items[run->count++] = (struct item){ .backup = backup_copy(b) };
	return 0;
}

int verify_sample_size(size_t *out, const char *sample, size_t count, struct error *err)
{
	size_t len = strlen(sample);
	bool percent = len > 0 && sample[len - 1] == '%';
	autofree char *digits = mem_strndup(sample, percent ? len - 1 : len);
	struct error why = ERROR_INIT;
	uint64_t n;

	if (number_parse_u64(&n, digits, percent ? 100 : UINT32_MAX, &why) < 0 || n == 0) {
		error_set(err, ERR_USAGE, "not a sample: %s", sample);
		return error_hint(err, "Give a share such as 10%%, or a number of backups.");
	}
	if (percent)
		n = ((uint64_t)count * n + 99) / 100;
	*out = n < count ? (size_t)n : count;
	return 0;
}

static int compare_newest_first(const void *a, const void *b)
{
	const struct backup *x = ((const struct item *)a)->backup;
	const struct backup *y = ((const struct item *)b)->backup;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? 1 : -1;
	if (x->created_ms != y->created_ms)
		return x->created_ms < y->created_ms ? 1 : -1;
	return strcmp(y->id, x->id);
}

/* Keeps so many by chance: each subset is as likely as any other. */
static int take_sample(struct run *run, struct error *err)
{
	size_t wanted = 0;

	if (!run->o->sample)
		return 0;
	if (verify_sample_size(&wanted, run->o->sample, run->count, err) < 0)
		return -1;
	for (size_t i = 0; i < wanted; i++) {
		struct item swap = run->items[i];
		uint64_t random;
		size_t j;

		if (random_bytes(&random, sizeof(random), err) < 0)
			return -1;
		j = i + (size_t)(random % (run->count - i));
		run->items[i] = run->items[j];
		run->items[j] = swap;
	}
	for (size_t i = wanted; i < run->count; i++)
		backup_free(run->items[i].backup);
	run->count = wanted;
	if (wanted > 0)
		qsort(run->items, wanted, sizeof(run->items[0]), compare_newest_first);
	return 0;
}

static int choose(struct run *run, struct verify_summary *out, struct error *err)
{
	const struct catalog_filter filter = {
		.database = run->o->database,
		.statuses = 1U << BACKUP_COMPLETED | 1U << BACKUP_CORRUPTED |
		            1U << BACKUP_VALIDATING,
		.created_from = run->o->max_age > 0 ? clock_now() - run->o->max_age : 0,
	};

	if (catalog_backup_each(run->r->catalog, &filter, collect, run, err) < 0)
		return -1;
	out->candidates = run->count;
	return take_sample(run, err);
}

/* A worker's own repo for the length of one item: there are as many as workers. */
static struct repo *borrow(struct run *run)
{
	struct repo *r;

	pthread_mutex_lock(&run->lock);
	r = run->clones[--run->idle];
	pthread_mutex_unlock(&run->lock);
	return r;
}

static void give_back(struct run *run, struct repo *r)
{
	pthread_mutex_lock(&run->lock);
	run->clones[run->idle++] = r;
	pthread_mutex_unlock(&run->lock);
}

/* What keeps one backup from being checked keeps no other: only Ctrl-C ends the run. */
static int check_one(void *arg, size_t i, struct error *err)
{
	struct run *run = arg;
	struct item *item = &run->items[run->first + i];
	struct repo *r = borrow(run);
	int result = repo_verify(&item->result, r, item->backup->id, run->o->level, err);

	give_back(run, r);
	if (result == 0 || err->code == ERR_CANCELLED)
		return result;
	item->why = mem_alloc(sizeof(*item->why));
	*item->why = *err;
	error_clear(err);
	return 0;
}

static void add_up(struct verify_summary *out, const struct item *item)
{
	out->checked += item->result != NULL;
	out->unchecked += item->result == NULL;
	if (!item->result)
		return;
	out->bytes += item->result->bytes;
	out->valid += item->result->valid;
	out->invalid += !item->result->valid;
}

static int check_slice(struct run *run, size_t workers, size_t count, struct error *err)
{
	if (pool_run(workers, count, check_one, run, err) < 0)
		return -1;
	return cancel_check(err);
}

static int check_all(struct run *run, struct verify_summary *out, size_t workers, verify_fn *fn,
                     void *arg, struct error *err)
{
	uint64_t total = 0, done = 0;

	for (size_t i = 0; i < run->count; i++)
		total += run->items[i].backup->stored_size;
	for (size_t n; run->first < run->count; run->first += n) {
		n = run->count - run->first;
		if (n > workers * SLICE_PER_WORKER)
			n = workers * SLICE_PER_WORKER;
		if (check_slice(run, workers, n, err) < 0)
			return -1;
		for (size_t i = run->first; i < run->first + n; i++) {
			const struct item *item = &run->items[i];
			const struct verify_item seen = {
				.backup = item->backup,
				.result = item->result,
				.why = item->why,
				.number = i + 1,
				.count = run->count,
				.bytes_done = done += item->backup->stored_size,
				.bytes_total = total,
			};

			add_up(out, item);
			if (fn && fn(arg, &seen, err) < 0)
				return -1;
		}
	}
	return 0;
}

static size_t worker_count(const struct run *run)
{
	size_t workers = run->o->parallel ? run->o->parallel : repo_workers(run->r);

	if (workers > run->count)
		workers = run->count;
	return workers > 0 ? workers : 1;
}

static int check_with_clones(struct run *run, struct verify_summary *out, verify_fn *fn,
                             void *arg, struct error *err)
{
	size_t workers = worker_count(run);
	int result = 0;

	run->clones = mem_array(workers, sizeof(struct repo *));
	pthread_mutex_init(&run->lock, NULL);
	while (run->idle < workers && result == 0) {
		result = repo_clone(&run->clones[run->idle], run->r, err);
		run->idle += result == 0;
	}
	if (result == 0)
		result = check_all(run, out, workers, fn, arg, err);
	while (run->idle > 0)
		repo_close(run->clones[--run->idle]);
	pthread_mutex_destroy(&run->lock);
	free(run->clones);
	return result;
}

/* The words of the run in this host's history. */
static void note_end(struct run *run, int64_t row, const struct verify_summary *out, int result,
                     const struct error *err)
{
	struct error ignored = ERROR_INIT;
	autobuf text = BUF_INIT;

	if (result < 0)
		buf_adds(&text, err->text);
	else if (out->invalid + out->unchecked > 0)
		buf_addf(&text, "%zu of %zu not valid, %zu not checked", out->invalid,
		         run->count, out->unchecked);
	catalog_operation_end(run->r->catalog, row, "", out->duration_ms, text.data, &ignored);
}

int repo_verify_many(struct verify_summary *out, struct repo *r, const struct verify_options *o,
                     verify_fn *fn, void *arg, struct error *err)
{
	const struct catalog_operation operation = {
		.verb = "backup_validate",
		.backup_id = "",
		.database = o->database ? o->database : "",
		.started_at = clock_now(),
		.status = "started",
		.error = "",
	};
	struct run run = { .r = r, .o = o };
	int64_t began = clock_mono_ms(), row = 0;
	int result;

	*out = (struct verify_summary){ 0 };
	result = catalog_operation_begin(r->catalog, &operation, &row, err);
	if (result == 0) {
		result = choose(&run, out, err);
		if (result == 0)
			result = check_with_clones(&run, out, fn, arg, err);
		out->duration_ms = clock_mono_ms() - began;
		note_end(&run, row, out, result, err);
	}
	for (size_t i = 0; i < run.count; i++) {
		backup_free(run.items[i].backup);
		verify_result_free(run.items[i].result);
		free(run.items[i].why);
	}
	free(run.items);
	return result;
}
