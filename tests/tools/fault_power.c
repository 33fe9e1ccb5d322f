/* SPDX-License-Identifier: MIT */
/*
 * The write log of a working store, replayed: what would lie on the disk when the power went
 * after each step. A disk has at least what was synced. Of the rest it has any part: a name
 * without its directory synced may be there or not, bytes without their file synced may be
 * there, or not, or be zeros with later ones behind them. A rename is one change.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/codec/digest.h"
#include "engine/repo/remove.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"
#include "engine/repo/rotate.h"
#include "tests/tools/fault_inject.h"
#include "tests/tools/fault_site.h"
#include "tests/tools/faults.h"

#define NAMES_MAX 256
#define FILES_MAX 4096

/* Which part of what was not synced the disk has. */
enum keep { KEEP_NOTHING, KEEP_NAMES, KEEP_ALL, KEEP_SOME };

struct entry {
	char name[128];
	int file;
};

struct power {
	const char *dir;
	const struct fault_step *steps;
	size_t count;
	size_t synced[FILES_MAX]; /* of each file: steps before this one are on the disk */
	size_t names_synced;      /* the same of the directory */
	struct entry names[NAMES_MAX];
	size_t name_count;
	struct map *seen; /* images that were looked at */
	size_t images, same, wrong;
	unsigned int seed;
};

static bool chance(struct power *p)
{
	return rand_r(&p->seed) % 2 == 0;
}

static struct entry *find(struct power *p, const char *name)
{
	for (size_t i = 0; i < p->name_count; i++) {
		if (strcmp(p->names[i].name, name) == 0)
			return &p->names[i];
	}
	return NULL;
}

static void set_name(struct power *p, const char *name, int file)
{
	struct entry *e = find(p, name);

	if (!e) {
		if (p->name_count == NAMES_MAX)
			abort(); /* more than this test was made for */
		e = &p->names[p->name_count++];
		snprintf(e->name, sizeof(e->name), "%s", name);
	}
	e->file = file;
}

static void drop_name(struct power *p, const char *name)
{
	struct entry *e = find(p, name);

	if (e)
		*e = p->names[--p->name_count];
}

static void change_names(struct power *p, const struct fault_step *s)
{
	const struct entry *from = find(p, s->name);

	if (s->type == FAULT_STEP_NAME)
		set_name(p, s->name, s->file);
	else if (s->type == FAULT_STEP_UNNAME)
		drop_name(p, s->name);
	else if (s->type == FAULT_STEP_RENAME && from) {
		set_name(p, s->to, from->file);
		drop_name(p, s->name);
	}
}

/* The directory and what is synced after the first n steps. */
static void replay_names(struct power *p, size_t n, enum keep keep)
{
	memset(p->synced, 0, sizeof(p->synced));
	p->names_synced = 0;
	for (size_t i = 0; i < n; i++) {
		if (p->steps[i].type == FAULT_STEP_FSYNC)
			p->synced[p->steps[i].file] = i;
		if (p->steps[i].type == FAULT_STEP_FSYNC_DIR)
			p->names_synced = i;
	}
	p->name_count = 0;
	for (size_t i = 0; i < n; i++) {
		bool there = i < p->names_synced || keep == KEEP_NAMES || keep == KEEP_ALL ||
		             (keep == KEEP_SOME && chance(p));

		if (there)
			change_names(p, &p->steps[i]);
	}
}

/* One file's bytes after n steps, into the image and its hash. */
static int write_file(struct power *p, const struct entry *e, size_t n, enum keep keep,
                      struct digest_state *hash, struct error *err)
{
	autofree char *path = mem_printf("%s/image/store/%s", p->dir, e->name);
	autoclose int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_sys(err, errno, "make %s", path);
	digest_update(hash, e->name, strlen(e->name) + 1);
	for (size_t i = 0; i < n; i++) {
		const struct fault_step *s = &p->steps[i];

		if (s->type != FAULT_STEP_WRITE || s->file != e->file)
			continue;
		if (i >= p->synced[e->file] && keep != KEEP_ALL &&
		    (keep != KEEP_SOME || chance(p)))
			continue;
		if (pwrite(fd, s->data, s->len, (off_t)s->offset) != (ssize_t)s->len)
			return error_sys(err, errno, "write %s", path);
		digest_update(hash, s->data, s->len);
	}
	return 0;
}

static void note(struct fault_book *b, const struct fault_step *mark)
{
	struct fault_known *k = fault_book_find(b, mark->name);

	if (!k)
		fault_book_add(b, mark->name, mark->to);
	else if (strcmp(mark->to, "going") == 0)
		k->may_go = true;
	else
		k->gone = true;
}

static int check_image(struct power *p, size_t n, struct error *err)
{
	autofree char *image = path_join(p->dir, "image");
	struct fault_book book = { 0 };
	struct fault_site s = { 0 };
	int result;

	for (size_t i = 0; i < n; i++) {
		if (p->steps[i].type == FAULT_STEP_MARK)
			note(&book, &p->steps[i]);
	}
	result = fault_site_open(&s, image, FAULT_SECRET_B, err);
	if (result == 0)
		result = fault_site_check(&s, &book, false, NULL, err);
	fault_site_close(&s);
	fault_book_finish(&book);
	return result;
}

static int try_image(struct power *p, size_t n, enum keep keep, struct error *err)
{
	autofree char *store = mem_printf("%s/image/store", p->dir);
	autofree char *image = path_join(p->dir, "image");
	struct digest_state *hash = digest_begin();
	struct error why = ERROR_INIT;
	struct digest sum;
	char hex[DIGEST_HEX_SIZE];
	int result;

	replay_names(p, n, keep);
	result = dir_remove_tree(image, err) < 0 || dir_create(store, 0700, err) < 0 ? -1 : 0;
	for (size_t i = 0; i < p->name_count && result == 0; i++)
		result = write_file(p, &p->names[i], n, keep, hash, err);
	for (size_t i = 0; i < n; i++) {
		if (p->steps[i].type == FAULT_STEP_MARK)
			digest_update(hash, &i, sizeof(i));
	}
	digest_end(hash, &sum);
	if (result < 0)
		return -1;
	digest_hex(hex, &sum);
	if (map_has(p->seen, hex)) {
		p->same++;
		return 0;
	}
	map_set(p->seen, hex, p);
	p->images++;
	if (check_image(p, n, &why) < 0) {
		p->wrong++;
		fprintf(stderr, "WRONG: power cut after step %zu of %zu, keeping %d: %s\n", n,
		        p->count, (int)keep, why.text);
	}
	return 0;
}

static int replay(struct power *p, size_t variants, struct error *err)
{
	for (size_t n = 0; n <= p->count; n++) {
		for (size_t v = 0; v < KEEP_SOME + variants; v++) {
			enum keep keep = v < KEEP_SOME ? (enum keep)v : KEEP_SOME;

			if (try_image(p, n, keep, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int mark_going(void *arg, const struct retention_decision *d, struct error *err)
{
	(void)arg;
	(void)err;
	if (!d->keep)
		faults_mark(d->backup->id, "going");
	return 0;
}

static int work_a(struct fault_site *s, struct error *err)
{
	for (unsigned int i = 0; i < 5; i++) {
		DEFER(backup) *b = NULL;

		if (fault_site_create(&b, s->repo, i < 4 ? "shop" : "crm", i, err) < 0)
			return -1;
		faults_mark(b->id, b->schema_hash);
		if (i != 1)
			continue;
		faults_mark(b->id, "going");
		if (repo_remove(s->repo, b, true, err) < 0)
			return -1;
		faults_mark(b->id, "gone");
	}
	return 0;
}

static int work_b(struct fault_site *s, struct error *err)
{
	const struct cleanup_options dry = { .dry_run = true }, real = { 0 };
	struct cleanup_result result;
	struct rotate_result rotated;
	DEFER(backup) *b = NULL;

	if (repo_rotate(&rotated, s->repo, false, NULL, NULL, err) < 0 ||
	    fault_site_create(&b, s->repo, "crm", 9, err) < 0)
		return -1;
	faults_mark(b->id, b->schema_hash);
	if (repo_cleanup(&result, s->repo, &dry, mark_going, NULL, err) < 0)
		return -1;
	if (repo_cleanup(&result, s->repo, &real, NULL, NULL, err) < 0)
		return -1;
	return result.deleted > 0
	               ? 0
	               : error_set(err, ERR_BUG, "the cleanup had nothing to delete");
}

static int record(struct power *p, struct error *err)
{
	static int (*const work[])(struct fault_site * s, struct error * err) = { work_a,
		                                                                  work_b };
	autofree char *live = path_join(p->dir, "live");
	autofree char *store = path_join(live, "store");
	int result = dir_create(store, 0700, err);

	faults_record(store);
	for (int i = 0; i < 2 && result == 0; i++) {
		struct fault_site s = { 0 };

		result = fault_site_open(&s, live, i == 0 ? FAULT_SECRET_A : FAULT_SECRET_B,
		                         err);
		if (result == 0)
			result = work[i](&s, err);
		fault_site_close(&s);
	}
	faults_record(NULL);
	p->steps = faults_steps(&p->count);
	return result;
}

int fault_power(const char *dir, size_t variants, struct error *err)
{
	struct power *p = mem_alloc(sizeof(*p));
	int64_t began = clock_mono_ms();
	int result;

	p->dir = dir;
	p->seed = 1;
	p->seen = map_new();
	result = record(p, err) < 0 ? -1 : replay(p, variants, err);
	if (result == 0)
		printf("{\"steps\": %zu, \"images\": %zu, \"same\": %zu, \"wrong\": %zu, "
		       "\"seconds\": %.1f}\n",
		       p->count, p->images, p->same, p->wrong,
		       (double)(clock_mono_ms() - began) / 1000);
	if (result == 0 && p->wrong > 0)
		result = 1;
	map_free(p->seen);
	free(p);
	return result;
}
