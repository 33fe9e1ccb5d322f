/* SPDX-License-Identifier: MIT */
#include "tests/tools/fault_verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/repo/export.h"
#include "engine/repo/import.h"
#include "engine/repo/move.h"
#include "engine/repo/remove.h"
#include "engine/repo/repo.h"
#include "engine/repo/retention.h"
#include "engine/repo/rotate.h"
#include "engine/repo/scan.h"

#define ARCHIVE_MAX ((size_t)1 << 20)

static int run_create(struct fault_site *s, const struct fault_stage *st,
                      struct fault_told *told, struct error *err)
{
	DEFER(backup) *b = NULL;

	(void)st;
	if (fault_site_create(&b, s->repo, "shop", 77, err) < 0)
		return -1;
	snprintf(told->id, sizeof(told->id), "%s", b->id);
	snprintf(told->hash, sizeof(told->hash), "%s", b->schema_hash);
	return 0;
}

static int find(struct backup **out, struct fault_site *s, const char *id, struct error *err)
{
	if (repo_refresh(s->repo, REPO_REFRESH_STALE, err) < 0)
		return -1;
	return repo_find(s->repo, id, out, err);
}

static int run_delete(struct fault_site *s, const struct fault_stage *st,
                      struct fault_told *told, struct error *err)
{
	DEFER(backup) *b = NULL;

	(void)told;
	return find(&b, s, st->victim, err) < 0 ? -1 : repo_remove(s->repo, b, false, err);
}

static void expect_delete(const struct fault_stage *st, struct fault_book *b)
{
	fault_book_find(b, st->victim)->may_go = true;
}

/* After a deletion that failed half way the payload may lie there for a day, until it is swept.
 */
static int check_gone(const struct fault_site *s, const char *id, const struct fault_told *told,
                      struct error *err)
{
	static const char *const suffixes[] = { "meta", "backup" };

	for (size_t i = 0; i < (told->again ? 1 : 2); i++) {
		autofree char *path = mem_printf("%s/store/%s.%s", s->dir, id, suffixes[i]);

		if (access(path, F_OK) == 0)
			return error_set(err, ERR_CORRUPT, "%s is said to be gone", path);
	}
	return 0;
}

static int check_delete(struct fault_site *s, const struct fault_stage *st,
                        const struct fault_told *told, struct error *err)
{
	return check_gone(s, st->victim, told, err);
}

static int run_cleanup(struct fault_site *s, const struct fault_stage *st,
                       struct fault_told *told, struct error *err)
{
	const struct cleanup_options o = { 0 };
	struct cleanup_result result;

	(void)st;
	(void)told;
	return repo_cleanup(&result, s->repo, &o, NULL, NULL, err);
}

static void expect_cleanup(const struct fault_stage *st, struct fault_book *b)
{
	for (size_t i = 0; i < 2; i++)
		fault_book_find(b, st->doomed[i]->id)->may_go = true;
}

static int check_cleanup(struct fault_site *s, const struct fault_stage *st,
                         const struct fault_told *told, struct error *err)
{
	for (size_t i = 0; i < 2; i++) {
		if (check_gone(s, st->doomed[i]->id, told, err) < 0)
			return -1;
	}
	return 0;
}

static int run_rotate(struct fault_site *s, const struct fault_stage *st,
                      struct fault_told *told, struct error *err)
{
	struct rotate_result result;

	(void)st;
	(void)told;
	if (repo_rotate(&result, s->repo, false, NULL, NULL, err) < 0)
		return -1;
	/* As the command says it. */
	if (result.counts[ROTATE_FAILED] > 0)
		return error_set(err, ERR_STORE, "%zu of %zu were not rotated",
		                 result.counts[ROTATE_FAILED], result.total);
	return 0;
}

static int is_rotated(void *arg, const struct backup *b, struct error *err)
{
	char *first = arg;

	if (b->status != BACKUP_COMPLETED)
		return 0;
	if (!*first)
		snprintf(first, 65, "%s", b->secret);
	if (b->generation < 2 || strcmp(first, b->secret) != 0)
		return error_set(err, ERR_CORRUPT, "%s is said to be rotated", b->id);
	return 0;
}

static int check_rotate(struct fault_site *s, const struct fault_stage *st,
                        const struct fault_told *told, struct error *err)
{
	const struct catalog_filter all = { 0 };
	char first[65] = "";

	(void)st;
	(void)told;
	return catalog_backup_each(repo_catalog(s->repo), &all, is_rotated, first, err);
}

static int run_rebuild(struct fault_site *s, const struct fault_stage *st,
                       struct fault_told *told, struct error *err)
{
	const struct scan_options o = { .rebuild = true, .fix = true };
	struct scan_result result;

	(void)told;
	if (repo_scan(&result, s->repo, &o, NULL, NULL, err) < 0)
		return -1;
	if (result.listed < st->book.count || result.damaged > 0)
		return error_set(err, ERR_STORE, "%zu listed, %zu damaged", result.listed,
		                 result.damaged);
	return 0;
}

static int run_import(struct fault_site *s, const struct fault_stage *st,
                      struct fault_told *told, struct error *err)
{
	const struct import_options o = { .name = "incoming.tar.gz" };
	autofree char *path = fault_site_path(s, "incoming.tar.gz");
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	DEFER(import_result) *result = NULL;

	(void)st;
	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	if (repo_import(&result, s->repo, fd, &o, err) < 0)
		return -1;
	snprintf(told->id, sizeof(told->id), "%s", result->backup->id);
	snprintf(told->hash, sizeof(told->hash), "%s", result->backup->schema_hash);
	return 0;
}

static int run_export(struct fault_site *s, const struct fault_stage *st,
                      struct fault_told *told, struct error *err)
{
	const struct export_options o = { .form = EXPORT_TAR_GZ };
	autofree char *path = fault_site_path(s, "out.tar.gz");
	struct export_result result = { 0 };
	int done = repo_export_file(&result, s->repo, st->victim, &o, path, err);

	(void)told;
	free(result.path);
	return done;
}

/* Whole or not there, whatever the run said. */
static int check_export(struct fault_site *s, const struct fault_stage *st,
                        const struct fault_told *told, struct error *err)
{
	autofree char *path = fault_site_path(s, "out.tar.gz");
	autobuf content = BUF_INIT;
	int found = file_read_if_there(&content, path, ARCHIVE_MAX, err);

	if (found < 0)
		return -1;
	if (!found)
		return told->result >= 0 && told->returned && !told->again
		               ? error_set(err, ERR_CORRUPT, "%s is said to be there", path)
		               : 0;
	if (content.len != st->exported_len ||
	    memcmp(content.data, st->exported, content.len) != 0)
		return error_set(err, ERR_CORRUPT, "%s is not the archive", path);
	return 0;
}

static int run_move(struct fault_site *s, const struct fault_stage *st, struct fault_told *told,
                    struct error *err)
{
	autofree char *place = fault_site_path(s, "elsewhere");
	const struct move_options o = { .place = place };
	enum move_outcome outcome = MOVE_FAILED;
	DEFER(backup) *b = NULL;
	struct move *m = NULL;
	int result;

	(void)told;
	if (find(&b, s, st->victim, err) < 0 || move_begin(&m, s->repo, &o, err) < 0)
		return -1;
	result = move_one(&outcome, m, b, err);
	move_end(m);
	return result < 0 || outcome == MOVE_FAILED ? -1 : 0;
}

static int check_move(struct fault_site *s, const struct fault_stage *st,
                      const struct fault_told *told, struct error *err)
{
	autofree char *path = mem_printf("%s/elsewhere/%s.meta", s->dir, st->victim);

	if (access(path, F_OK) < 0)
		return error_sys(err, errno, "%s is said to be moved", st->victim);
	return check_gone(s, st->victim, told, err);
}

/* clang-format off */
const struct fault_verb fault_verbs[] = {
	{ .name = "create", .run = run_create },
	{ .name = "delete", .again = ERR_NOT_FOUND, .run = run_delete, .expect = expect_delete, .check = check_delete },
	{ .name = "cleanup", .run = run_cleanup, .expect = expect_cleanup, .check = check_cleanup },
	{ .name = "rotate", .secret = FAULT_SECRET_B, .run = run_rotate, .check = check_rotate },
	{ .name = "rebuild", .run = run_rebuild },
	{ .name = "rebuild-damaged", .damaged_catalog = true, .run = run_rebuild },
	{ .name = "import", .again = ERR_EXISTS, .run = run_import },
	{ .name = "export", .again = ERR_EXISTS, .check_always = true, .run = run_export, .check = check_export },
	{ .name = "move", .run = run_move, .check = check_move },
};
/* clang-format on */
const size_t fault_verb_count = sizeof(fault_verbs) / sizeof(fault_verbs[0]);

static int add_backup(struct fault_stage *st, struct fault_site *s, const char *database,
                      unsigned int number, struct error *err)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	DEFER(backup) *b = NULL;

	nanosleep(&millisecond, NULL); /* retention goes by the order of their moments */
	if (fault_site_create(&b, s->repo, database, number, err) < 0)
		return -1;
	fault_book_add(&st->book, b->id, b->schema_hash);
	if (number < 2)
		st->doomed[number] = take(b);
	return 0;
}

/* An archive of a backup that is not there any more. */
static int make_incoming(struct fault_stage *st, struct fault_site *s, struct error *err)
{
	const struct export_options o = { .form = EXPORT_TAR_GZ };
	autofree char *path = fault_site_path(s, "incoming.tar.gz");
	struct export_result result = { 0 };
	DEFER(backup) *b = NULL;

	if (fault_site_create(&b, s->repo, "crm", 90, err) < 0 ||
	    repo_export_file(&result, s->repo, b->id, &o, path, err) < 0 ||
	    repo_remove(s->repo, b, true, err) < 0)
		return -1;
	free(result.path);
	snprintf(st->incoming, sizeof(st->incoming), "%s", b->id);
	return 0;
}

/* What an export is to be: they are the same byte for byte. */
static int make_exported(struct fault_stage *st, struct fault_site *s, struct error *err)
{
	autofree char *path = fault_site_path(s, "out.tar.gz");
	struct fault_told told;
	autobuf content = BUF_INIT;

	if (run_export(s, st, &told, err) < 0 ||
	    file_read(&content, path, ARCHIVE_MAX, err) < 0)
		return -1;
	st->exported = mem_alloc(content.len);
	memcpy(st->exported, content.data, content.len);
	st->exported_len = content.len;
	unlink(path);
	return 0;
}

static int fill(struct fault_stage *st, struct fault_site *s, struct error *err)
{
	for (unsigned int i = 0; i < 6; i++) {
		/* The first two are the oldest of four of one database. */
		if (add_backup(st, s, i < 4 ? "shop" : "crm", i, err) < 0)
			return -1;
	}
	snprintf(st->victim, sizeof(st->victim), "%s", st->book.items[1].id);
	return make_incoming(st, s, err) < 0 || make_exported(st, s, err) < 0 ? -1 : 0;
}

int fault_stage_make(struct fault_stage *st, const char *dir, struct error *err)
{
	struct fault_site s = { 0 };
	int result;

	if (dir_create(dir, 0700, err) < 0)
		return -1;
	result = fault_site_open(&s, dir, FAULT_SECRET_A, err);
	if (result == 0)
		result = fill(st, &s, err);
	fault_site_close(&s);
	return result;
}

void fault_stage_finish(struct fault_stage *st)
{
	fault_book_finish(&st->book);
	backup_free(st->doomed[0]);
	backup_free(st->doomed[1]);
	free(st->exported);
}
