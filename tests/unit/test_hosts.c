/* SPDX-License-Identifier: MIT */
/* Hosts with a catalog each on one store: what one does the other learns, and nothing is lost.
 */
#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/repo/internal.h"
#include "engine/repo/keys.h"
#include "engine/repo/reader.h"
#include "engine/repo/remove.h"
#include "engine/repo/retention.h"
#include "engine/repo/rotate.h"
#include "engine/repo/verify.h"
#include "tests/unit/repo_test.h"

#define HOSTS      2
#define OPERATIONS 120 /* of each host */

static int make(void **state)
{
	struct site *sites = mem_array(HOSTS, sizeof(*sites));

	site_make(&sites[0], "/tmp/test_hosts");
	sites[0].name = "host0";
	sites[1] = sites[0];
	sites[1].name = "host1";
	*state = sites;
	return 0;
}

static int unmake(void **state)
{
	struct site *sites = *state;

	for (int i = 0; i < HOSTS; i++)
		site_close(&sites[i]);
	site_remove(&sites[0]);
	free(sites);
	return 0;
}

static int64_t known(struct site *s)
{
	const struct catalog_filter all = { .statuses = 1U << BACKUP_COMPLETED };
	struct error err = ERROR_INIT;

	return catalog_backup_count(repo_catalog(s->repo), &all, &err);
}

static void refresh(struct site *s, enum repo_refresh when)
{
	struct error err = ERROR_INIT;

	assert_ok(repo_refresh(s->repo, when, &err));
}

static void what_is_new_is_listed_alone(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *first = NULL;
	DEFER(backup) *second = NULL;
	DEFER(backup) *old = backup_new();

	site_open(&s[0], SITE_SECRET_A, NULL);
	site_open(&s[1], SITE_SECRET_A, NULL);
	first = site_create(&s[0], "shop", "name");
	refresh(&s[1], REPO_REFRESH_NEW);
	assert_int_equal(known(&s[1]), 1);

	/* One of long ago that is in the catalog and, by now, not in the store. */
	backup_set(&old->id, "backup_20200101_000000_00000000");
	backup_set(&old->database, "shop");
	old->created_at = 1577836800;
	old->status = BACKUP_COMPLETED;
	assert_ok(catalog_backup_put(repo_catalog(s[1].repo), old, &err));
	second = site_create(&s[0], "shop", "name");
	refresh(&s[1], REPO_REFRESH_NEW);
	assert_int_equal(known(&s[1]), 3);
	assert_ok(repo_remove(s[0].repo, second, true, &err));
	refresh(&s[1], REPO_REFRESH_NEW);
	assert_int_equal(known(&s[1]), 2);
	refresh(&s[1], REPO_REFRESH_NOW);
	assert_int_equal(known(&s[1]), 1);
}

static void old_ones_are_looked_for_at_an_interval(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;
	DEFER(backup) *old = backup_new();

	site_open(&s[0], SITE_SECRET_A, NULL);
	b = site_create(&s[0], "shop", "name");
	refresh(&s[0], REPO_REFRESH_NOW);
	backup_set(&old->id, "backup_20200101_000000_00000000");
	backup_set(&old->database, "shop");
	old->created_at = 1577836800;
	old->status = BACKUP_COMPLETED;
	assert_ok(catalog_backup_put(repo_catalog(s[0].repo), old, &err));
	assert_ok(config_set(s[0].config, "catalog.refresh_interval", "0", &err));
	refresh(&s[0], REPO_REFRESH_STALE);
	assert_int_equal(known(&s[0]), 2);
	assert_ok(config_set(s[0].config, "catalog.full_refresh_interval", "0", &err));
	refresh(&s[0], REPO_REFRESH_STALE);
	assert_int_equal(known(&s[0]), 1);
}

static void a_rotation_elsewhere_shows_in_the_catalog_here(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	struct rotate_result result;
	DEFER(backup) *b = NULL;
	DEFER(backup) *found = NULL;
	DEFER(key_report) *k = NULL;

	site_open(&s[0], SITE_SECRET_A, NULL);
	site_open(&s[1], SITE_SECRET_A, NULL);
	b = site_create(&s[0], "shop", "name");
	refresh(&s[1], REPO_REFRESH_NOW);
	site_open(&s[0], SITE_SECRET_B, "\"key:" SITE_SECRET_A "\"");
	assert_ok(repo_rotate(&result, s[0].repo, false, NULL, NULL, &err));
	refresh(&s[1], REPO_REFRESH_NOW);
	/* It cannot be opened there any more, but what is known of it stays. */
	assert_ok(repo_find(s[1].repo, b->id, &found, &err));
	assert_string_equal(found->database, "shop");
	assert_int_equal(found->generation, 2);
	assert_ok(repo_keys(&k, s[1].repo, &err));
	assert_int_equal(k->count, 2);
	assert_int_equal(k->keys[1].role, KEY_MISSING);
	assert_string_equal(k->keys[1].fingerprint, found->secret);
}

/* What a host does: its own numbers decide, so that a failure can be repeated. */
struct host {
	struct site site;
	unsigned int seed;
	int number;
	FILE *acknowledged; /* ids that were created, and ids that were to go: "+id", "-id" */
};

static unsigned int draw(struct host *h, unsigned int below)
{
	h->seed = h->seed * 1664525 + 1013904223;
	return (h->seed >> 16) % below;
}

/* Every line is in the file before the next operation begins. */
static void note(struct host *h, char sign, const char *id)
{
	fprintf(h->acknowledged, "%c%s\n", sign, id);
	fflush(h->acknowledged);
}

static void do_create(struct host *h)
{
	autofree char *database = mem_printf("db%u", draw(h, 3));
	DEFER(backup) *b = site_create(&h->site, database, "name");

	note(h, '+', b->id);
}

/*
 * A host that is told to wait is no failure, and neither is a cleanup that finds its newest
 * backup half deleted by the other and stops.
 */
static void expect_done_or_busy(int result, struct error *err)
{
	if (result < 0 && err->code != ERR_BUSY && !strstr(err->text, "is missing")) {
		print_message("%s\n", err->text);
		_exit(1);
	}
	error_clear(err);
}

static int note_deleted(void *arg, const struct retention_decision *d, struct error *err)
{
	(void)err;
	if (!d->keep)
		note(arg, '-', d->backup->id);
	return 0;
}

static void do_cleanup(struct host *h)
{
	const struct cleanup_options o = { 0 };
	struct cleanup_result result;
	struct error err = ERROR_INIT;

	expect_done_or_busy(repo_cleanup(&result, h->site.repo, &o, note_deleted, h, &err),
	                    &err);
}

static void open_with(struct host *h, int secret);

static void do_rotate(struct host *h)
{
	struct rotate_result result = { 0 };
	struct error err = ERROR_INIT;

	open_with(h, (int)draw(h, 2));
	expect_done_or_busy(repo_rotate(&result, h->site.repo, false, NULL, NULL, &err), &err);
	if (result.counts[ROTATE_FAILED] > 0)
		_exit(2);
}

/* Deletes one of its own, or of the other's. */
static void do_delete(struct host *h)
{
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;

	if (repo_find(h->site.repo, "latest", &b, &err) < 0)
		return;
	note(h, '-', b->id);
	if (repo_remove(h->site.repo, b, true, &err) < 0)
		_exit(3);
}

static void do_verify(struct host *h)
{
	struct error err = ERROR_INIT;
	DEFER(verify_result) *v = NULL;
	DEFER(backup) *b = NULL;

	refresh(&h->site, REPO_REFRESH_NEW);
	if (repo_find(h->site.repo, "latest", &b, &err) < 0)
		return;
	/* Gone meanwhile is an answer; there and not whole is not. */
	if (repo_verify(&v, h->site.repo, b->id, VERIFY_DECODE, &err) < 0) {
		if (err.code != ERR_NOT_FOUND)
			_exit(4);
	} else if (!v->valid && !strstr(v->errors[0], "missing")) {
		_exit(5);
	}
}

/* Out of ten, how often. */
static const struct {
	unsigned int share;
	void (*run)(struct host *h);
} operations[] = {
	{ 5, do_create }, { 1, do_cleanup }, { 2, do_rotate },
	{ 1, do_delete }, { 1, do_verify },
};

static void open_with(struct host *h, int secret)
{
	struct error err = ERROR_INIT;

	site_open(&h->site, secret ? SITE_SECRET_A : SITE_SECRET_B,
	          secret ? "\"key:" SITE_SECRET_B "\"" : "\"key:" SITE_SECRET_A "\"");
	assert_ok(config_set(h->site.config, "backup.retention.max_backups", "6", &err));
}

static void live(struct host *h)
{
	open_with(h, h->number);
	for (int i = 0; i < OPERATIONS; i++) {
		unsigned int which = draw(h, 10);

		for (size_t o = 0; o < ARRAY_SIZE(operations); o++) {
			if (which < operations[o].share) {
				operations[o].run(h);
				break;
			}
			which -= operations[o].share;
		}
	}
	site_close(&h->site);
}

static void note_line(struct map *created, struct map *gone, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	map_set(*line == '+' ? created : gone, line + 1, created);
}

struct tally {
	struct map *gone, *stored;
	size_t lost;
};

static void look_for(void *arg, const char *id, void *value)
{
	struct tally *t = arg;

	(void)value;
	t->lost += !map_has(t->gone, id) && !map_has(t->stored, id);
}

/* Names in the store: each envelope has its payload, and nothing else is there. */
static void list_store(const struct site *s, struct map *stored)
{
	autofree char *path = path_join(s->dir, "store");
	DIR *d = opendir(path);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (e->d_name[0] == '.')
			continue;
		assert_true(n > 5);
		if (strcmp(e->d_name + n - 5, ".meta") == 0) {
			autofree char *id = mem_strndup(e->d_name, n - 5);
			autofree char *payload = mem_printf("%s/%s.backup", path, id);

			assert_int_equal(access(payload, R_OK), 0);
			map_set(stored, id, stored);
		} else {
			assert_non_null(strstr(e->d_name, ".backup"));
		}
	}
	closedir(d);
}

static int same_row(void *arg, const struct backup *b, struct error *err)
{
	struct catalog *other = arg;
	DEFER(backup) *same = NULL;

	if (b->status == BACKUP_FAILED)
		return 0;
	assert_int_equal(catalog_backup_find(other, b->id, &same, err), 1);
	assert_string_equal(same->secret, b->secret);
	assert_string_equal(same->version, b->version);
	assert_int_equal(same->generation, b->generation);
	return 0;
}

static void hosts_do_everything_at_once_and_nothing_is_lost(void **state)
{
	const struct catalog_filter everything = { 0 };
	struct site *s = *state;
	struct error err = ERROR_INIT;
	DEFER(map) *created = map_new();
	DEFER(map) *gone = map_new();
	DEFER(map) *stored = map_new();
	struct tally tally = { .gone = gone, .stored = stored };
	struct host hosts[HOSTS] = { 0 };
	struct key_check check;
	int status, failed = 0;

	for (int i = 0; i < HOSTS; i++) {
		hosts[i] = (struct host){ .site = s[i], .seed = (unsigned int)i, .number = i };
		hosts[i].acknowledged = tmpfile();
		assert_non_null(hosts[i].acknowledged);
		if (fork() == 0) {
			live(&hosts[i]);
			_exit(0);
		}
	}
	for (int i = 0; i < HOSTS; i++) {
		assert_true(wait(&status) > 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	for (int i = 0; i < HOSTS; i++) {
		char line[128];

		rewind(hosts[i].acknowledged);
		while (fgets(line, sizeof(line), hosts[i].acknowledged))
			note_line(created, gone, line);
		fclose(hosts[i].acknowledged);
	}
	list_store(&s[0], stored);
	map_each(created, look_for, &tally);
	print_message("# %d operations: %zu created, %zu deleted, %zu stored, %zu lost\n",
	              HOSTS * OPERATIONS, map_count(created), map_count(gone),
	              map_count(stored), tally.lost);
	assert_int_equal(tally.lost, 0);

	for (int i = 0; i < HOSTS; i++) {
		hosts[i].site = s[i];
		open_with(&hosts[i], i);
		refresh(&hosts[i].site, REPO_REFRESH_NOW);
		assert_int_equal(known(&hosts[i].site), map_count(stored));
		assert_ok(repo_key_check(&check, hosts[i].site.repo, NULL, NULL, &err));
		assert_int_equal(check.opened, map_count(stored));
	}
	for (int i = 0; i < HOSTS; i++)
		assert_ok(catalog_backup_each(repo_catalog(hosts[i].site.repo), &everything,
		                              same_row, repo_catalog(hosts[!i].site.repo),
		                              &err));
	for (int i = 0; i < HOSTS; i++)
		site_close(&hosts[i].site);
}

#define IN_WORLD(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(what_is_new_is_listed_alone),
		IN_WORLD(old_ones_are_looked_for_at_an_interval),
		IN_WORLD(a_rotation_elsewhere_shows_in_the_catalog_here),
		IN_WORLD(hosts_do_everything_at_once_and_nothing_is_lost),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
