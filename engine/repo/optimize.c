/* SPDX-License-Identifier: MIT */
#include "engine/repo/optimize.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/codec/compress.h"
#include "engine/repo/reader.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"

#define LOG_MODULE "repo/optimize"

#define BLOCK_SIZE ((size_t)256 * 1024) /* of the container: each is compressed by itself */

/* What is tried. The levels are those that people set. */
static const struct {
	const char *algorithm;
	int level;
} candidates[] = {
	{ "lz4", 1 },  { "gzip", 6 }, { "gzip", 9 },
	{ "zstd", 3 }, { "zstd", 9 }, { "zstd", 19 },
};

void optimize_free(struct optimize *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->twin_count; i++) {
		free(o->twins[i].database);
		free(o->twins[i].schema_hash);
	}
	free(o->twins);
	free(o->codecs);
	free(o);
}

struct survey {
	struct optimize *result;
	struct map *places; /* "database hash" to index + 1 in twins */
	size_t twin_capacity;
	char **ids; /* of all, newest first */
	size_t id_count, id_capacity;
};

static struct optimize_twins *twins_of(struct survey *s, const struct backup *b)
{
	autofree char *key = mem_printf("%s %s", b->schema_hash, b->database);
	struct optimize *o = s->result;
	size_t place = (size_t)(uintptr_t)map_get(s->places, key);

	if (place == 0) {
		MEM_GROW(o->twins, o->twin_count, s->twin_capacity);
		o->twins[o->twin_count++] =
			(struct optimize_twins){ .database = mem_strdup(b->database),
			                         .schema_hash = mem_strdup(b->schema_hash) };
		place = o->twin_count;
		map_set(s->places, key,
		        (void *)(uintptr_t)place); // NOLINT(performance-no-int-to-ptr)
	}
	return &o->twins[place - 1];
}

/* Newest first: the first of its kind is the one that is not spare. */
static int look_at(void *arg, const struct backup *b, struct error *err)
{
	struct survey *s = arg;
	struct optimize_twins *t = twins_of(s, b);

	(void)err;
	s->result->count++;
	s->result->stored += b->stored_size;
	t->stored += b->stored_size;
	t->spare += t->count++ > 0 ? b->stored_size : 0;
	MEM_GROW(s->ids, s->id_count, s->id_capacity);
	s->ids[s->id_count++] = mem_strdup(b->id);
	return 0;
}

static int most_spare_first(const void *a, const void *b)
{
	const struct optimize_twins *x = a, *y = b;

	if (x->spare != y->spare)
		return x->spare < y->spare ? 1 : -1;
	return strcmp(x->database, y->database);
}

/* Those that are alone are no twins. */
static void keep_twins(struct optimize *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->twin_count; i++) {
		if (o->twins[i].count > 1) {
			o->twins[kept++] = o->twins[i];
			continue;
		}
		free(o->twins[i].database);
		free(o->twins[i].schema_hash);
	}
	o->twin_count = kept;
	if (kept > 1)
		qsort(o->twins, kept, sizeof(*o->twins), most_spare_first);
}

static int compress_file(struct optimize_codec *c, const struct compress_ops *ops,
                         struct compress_context *ctx, const struct buf *file,
                         struct error *err)
{
	autobuf frame = BUF_INIT;

	for (size_t at = 0; at < file->len; at += BLOCK_SIZE) {
		size_t n = file->len - at < BLOCK_SIZE ? file->len - at : BLOCK_SIZE;

		buf_truncate(&frame, 0);
		if (ops->encode(ctx, &frame, file->data + at, n, c->level, err) < 0)
			return -1;
		c->size += frame.len < n ? frame.len : n;
	}
	return 0;
}

static int try_codecs(struct optimize *o, const struct buf *file, struct error *err)
{
	for (size_t i = 0; i < o->codec_count; i++) {
		const struct compress_ops *ops = compress_by_name(o->codecs[i].algorithm);
		struct compress_context *ctx = ops->context_new ? ops->context_new() : NULL;
		int64_t began = clock_mono_us();
		int result = compress_file(&o->codecs[i], ops, ctx, file, err);

		o->codecs[i].micros += clock_mono_us() - began;
		if (ctx)
			ops->context_free(ctx);
		if (result < 0 || cancel_check(err) < 0)
			return -1;
	}
	return 0;
}

/* A backup that cannot be read is no reason to say nothing: it is left out, and counted. */
static int sample_one(struct optimize *o, struct repo *r, const char *id, struct error *err)
{
	struct error problem = ERROR_INIT;
	const struct backup *b;
	DEFER(reader) *rd = NULL;
	autobuf all = BUF_INIT;

	if (reader_open(&rd, r, id, &problem) < 0) {
		log_failure(LOG_MODULE, "sampling", &problem);
		o->unreadable++;
		return 0;
	}
	b = reader_backup(rd);
	for (size_t i = 0; i < b->file_count; i++) {
		autobuf file = BUF_INIT;

		if (reader_file(rd, b->files[i].name, &file, &problem) < 0) {
			log_failure(LOG_MODULE, "sampling", &problem);
			o->unreadable++;
			return 0;
		}
		o->sample_size += file.len;
		if (try_codecs(o, &file, err) < 0)
			return -1;
	}
	o->sampled++;
	o->sample_stored += b->stored_size;
	return 0;
}

static int smallest_first(const void *a, const void *b)
{
	const struct optimize_codec *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

static int sample(struct optimize *o, struct repo *r, const struct survey *s, size_t want,
                  struct error *err)
{
	size_t n = want < s->id_count ? want : s->id_count;

	for (size_t i = 0; i < n; i++) {
		if (sample_one(o, r, s->ids[i * s->id_count / n], err) < 0)
			return -1;
	}
	qsort(o->codecs, o->codec_count, sizeof(*o->codecs), smallest_first);
	return 0;
}

static int count_expired(void *arg, const struct retention_decision *d, struct error *err)
{
	struct optimize *o = arg;

	(void)err;
	if (!d->keep && d->backup->status == BACKUP_COMPLETED) {
		o->expired++;
		o->expired_stored += d->backup->stored_size;
	}
	return 0;
}

static int examine(struct optimize *o, struct repo *r, struct survey *s, size_t want,
                   struct error *err)
{
	const struct catalog_filter completed = { .statuses = 1U << BACKUP_COMPLETED };

	if (catalog_backup_each(repo_catalog(r), &completed, look_at, s, err) < 0)
		return -1;
	keep_twins(o);
	if (repo_retention_preview(r, NULL, count_expired, o, err) < 0)
		return -1;
	return want > 0 ? sample(o, r, s, want, err) : 0;
}

int repo_optimize(struct optimize **out, struct repo *r, size_t want, struct error *err)
{
	DEFER(optimize) *o = mem_alloc(sizeof(*o));
	DEFER(map) *places = map_new();
	struct survey s = { .result = o, .places = places };
	int result;

	o->generated_at = clock_now();
	o->codecs = mem_alloc(ARRAY_SIZE(candidates) * sizeof(*o->codecs));
	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++)
		o->codecs[o->codec_count++] = (struct optimize_codec){
			.algorithm = candidates[i].algorithm,
			.level = candidates[i].level,
		};
	result = examine(o, r, &s, want, err);
	for (size_t i = 0; i < s.id_count; i++)
		free(s.ids[i]);
	free(s.ids);
	if (result < 0)
		return -1;
	*out = take(o);
	return 0;
}
