/* SPDX-License-Identifier: MIT */
#include "engine/repo/rotate.h"

#include <sys/wait.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/log.h"
#include "engine/repo/internal.h"
#include "engine/repo/keys.h"
#include "engine/repo/lease.h"
#include "engine/repo/reader.h"
#include "engine/store/provider.h"
#include "tests/unit/repo_test.h"

#define BACKUPS  5
#define OLD_IS_A "\"key:" SITE_SECRET_A "\""

struct world {
	struct site site;
	struct backup *backups[BACKUPS];
};

static int make(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	site_make(&w->site, "/tmp/test_rotate");
	site_open(&w->site, SITE_SECRET_A, NULL);
	for (int i = 0; i < BACKUPS; i++)
		w->backups[i] = site_create(&w->site, "shop", "name");
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < BACKUPS; i++)
		backup_free(w->backups[i]);
	site_close(&w->site);
	site_remove(&w->site);
	free(w);
	return 0;
}

/* How many backups can be read whole with what is configured. */
static int readable(struct world *w)
{
	DEFER(schema) *want = site_schema("shop", "name");
	int count = 0;

	for (int i = 0; i < BACKUPS; i++) {
		struct error err = ERROR_INIT;
		DEFER(reader) *rd = NULL;
		DEFER(schema) *got = NULL;

		if (reader_open(&rd, w->site.repo, w->backups[i]->id, &err) < 0) {
			assert_int_equal(err.code, ERR_DENIED);
			continue;
		}
		assert_ok(reader_schema(&got, rd, &err));
		assert_true(schema_equal(got, want));
		count++;
	}
	return count;
}

static size_t rotate(struct world *w, bool dry_run, enum rotate_outcome outcome)
{
	struct error err = ERROR_INIT;
	struct rotate_result result;

	assert_ok(repo_rotate(&result, w->site.repo, dry_run, NULL, NULL, &err));
	assert_int_equal(result.total, BACKUPS);
	return result.counts[outcome];
}

static void every_backup_comes_under_the_new_secret(void **state)
{
	struct world *w = *state;

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_int_equal(rotate(w, false, ROTATE_DONE), BACKUPS);
	assert_int_equal(readable(w), BACKUPS);
	assert_int_equal(rotate(w, false, ROTATE_ALREADY), BACKUPS);
	site_open(&w->site, SITE_SECRET_B, NULL);
	assert_int_equal(readable(w), BACKUPS);
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_int_equal(readable(w), 0);
}

static void what_a_check_found_is_not_forgotten(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *found = NULL;

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_ok(repo_refresh(w->site.repo, REPO_REFRESH_NOW, &err));
	assert_ok(catalog_backup_mark(repo_catalog(w->site.repo), w->backups[0]->id,
	                              BACKUP_CORRUPTED, "checksum mismatch",
	                              w->backups[0]->version, &err));
	assert_int_equal(rotate(w, false, ROTATE_DONE), BACKUPS);
	assert_ok(repo_find(w->site.repo, w->backups[0]->id, &found, &err));
	assert_int_equal(found->status, BACKUP_CORRUPTED);
	assert_string_equal(found->error, "checksum mismatch");
	assert_int_equal(found->generation, 2);
}

static void a_dry_run_changes_nothing(void **state)
{
	struct world *w = *state;

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_int_equal(rotate(w, true, ROTATE_DONE), BACKUPS);
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_int_equal(readable(w), BACKUPS);
}

struct told {
	size_t count, last_total;
	char reason[256];
};

static int note(void *arg, const struct rotate_progress *p, struct error *err)
{
	struct told *t = arg;

	(void)err;
	t->count++;
	assert_int_equal(p->number, t->count);
	t->last_total = p->total;
	snprintf(t->reason, sizeof(t->reason), "%s", p->reason);
	return 0;
}

static void without_the_old_secret_each_failure_says_which_is_wanted(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct rotate_result result;
	struct told told = { 0 };

	site_open(&w->site, SITE_SECRET_B, NULL);
	assert_ok(repo_rotate(&result, w->site.repo, false, note, &told, &err));
	assert_int_equal(result.counts[ROTATE_FAILED], BACKUPS);
	assert_int_equal(told.count, BACKUPS);
	assert_int_equal(told.last_total, BACKUPS);
	assert_non_null(strstr(told.reason, w->backups[0]->secret));
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_int_equal(readable(w), BACKUPS);
}

static void what_cannot_be_rotated_to_is_said(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct rotate_result result;

	site_open(&w->site, NULL, OLD_IS_A);
	assert_fails(repo_rotate(&result, w->site.repo, false, NULL, NULL, &err), ERR_CONFIG,
	             "encryption is off");
	site_open(&w->site, "abcd", OLD_IS_A);
	assert_fails(repo_rotate(&result, w->site.repo, false, NULL, NULL, &err), ERR_INVALID,
	             "encryption key");
}

static void a_lease_of_others_is_respected(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct rotate_result result;
	struct lease *l = NULL;

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_ok(lease_take(&l, w->site.repo->store, "cleanup", &err));
	assert_fails(repo_rotate(&result, w->site.repo, false, NULL, NULL, &err), ERR_BUSY,
	             "key rotation");
	assert_int_equal(rotate(w, true, ROTATE_DONE), BACKUPS);
	lease_release(l);
	assert_int_equal(rotate(w, false, ROTATE_DONE), BACKUPS);
}

/* A store that goes wrong at one of its writes. */
enum fault { FAULT_BEFORE, FAULT_AFTER, FAULT_KILL_BEFORE, FAULT_KILL_AFTER, FAULT_COUNT };

struct faulty {
	struct store base;
	struct store *real;
	enum fault fault;
	int left; /* writes until it happens */
};

static struct store *real(struct store *s)
{
	return ((struct faulty *)s)->real;
}

static int before_write(struct faulty *f, bool now, struct error *err)
{
	if (now && f->fault == FAULT_KILL_BEFORE)
		_exit(0);
	if (now && f->fault == FAULT_BEFORE)
		return error_set(err, ERR_STORE, "503 slow down");
	return 0;
}

static int after_write(struct faulty *f, bool now, int result, struct error *err)
{
	if (now && f->fault == FAULT_KILL_AFTER)
		_exit(0);
	if (now && f->fault == FAULT_AFTER && result == 0)
		return error_set(err, ERR_STORE, "the reply was lost");
	return result;
}

static int faulty_put(struct store *s, const char *key, const struct store_body *body,
                      struct error *err)
{
	struct faulty *f = (struct faulty *)s;
	bool now = f->left-- == 0;

	if (before_write(f, now, err) < 0)
		return -1;
	return after_write(f, now, store_put_body(f->real, key, body, err), err);
}

static int faulty_replace(struct store *s, const char *key, const char *version,
                          const void *data, size_t len, struct error *err)
{
	struct faulty *f = (struct faulty *)s;
	bool now = f->left-- == 0;

	if (before_write(f, now, err) < 0)
		return -1;
	return after_write(f, now, store_replace(f->real, key, version, data, len, err), err);
}

static int faulty_get(struct store *s, const char *key, struct store_range range,
                      struct buf *out, struct store_stat *stat, struct error *err)
{
	return store_get(real(s), key, range, out, stat, err);
}

static int faulty_stat(struct store *s, const char *key, struct store_stat *out,
                       struct error *err)
{
	return store_stat(real(s), key, out, err);
}

static int faulty_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
                       struct error *err)
{
	return store_list(real(s), *after ? after : NULL, fn, arg, err);
}

static int faulty_remove(struct store *s, const char *key, struct error *err)
{
	return store_remove(real(s), key, err);
}

static const struct store_ops faulty_ops = {
	.scheme = "faulty",
	.put = faulty_put,
	.replace = faulty_replace,
	.get = faulty_get,
	.stat = faulty_stat,
	.list = faulty_list,
	.remove = faulty_remove,
};

/* Rotates with a fault at the n-th write, in another process when that is to die. */
static void rotate_with(struct world *w, enum fault fault, int n)
{
	struct faulty f = {
		.base = { .ops = &faulty_ops, .location = w->site.repo->store->location },
		.real = w->site.repo->store,
		.fault = fault,
		.left = n,
	};
	bool dies = fault == FAULT_KILL_BEFORE || fault == FAULT_KILL_AFTER;
	struct error err = ERROR_INIT;
	struct rotate_result result;
	pid_t child = dies ? fork() : 0;

	if (child > 0) {
		assert_int_equal(waitpid(child, NULL, 0), child);
		return;
	}
	assert_ok(config_set(w->site.config, "backup.max_workers", "1", &err));
	w->site.repo->store = &f.base;
	if (repo_rotate(&result, w->site.repo, false, NULL, NULL, &err) == 0 && n < BACKUPS + 1)
		assert_true(result.counts[ROTATE_FAILED] <= 1);
	w->site.repo->store = f.real;
	if (dies)
		_exit(1);
}

/* Interrupted at every write, in every way: nothing is lost, and the next run does the rest. */
static void an_interrupted_rotation_loses_nothing_and_can_be_resumed(void **state)
{
	static const char *const secrets[] = { SITE_SECRET_A, SITE_SECRET_B };
	struct world *w = *state;
	size_t side = 0;

	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		for (int n = 0; n <= BACKUPS; n++) {
			const char *old = secrets[side], *new = secrets[!side];
			autofree char *previous = mem_printf("\"key:%s\"", old);

			site_open(&w->site, new, previous);
			rotate_with(w, (enum fault)fault, n);
			site_open(&w->site, new, previous);
			assert_int_equal(readable(w), BACKUPS);
			assert_int_equal(rotate(w, false, ROTATE_FAILED), 0);
			site_open(&w->site, new, NULL);
			assert_int_equal(readable(w), BACKUPS);
			side = !side;
		}
	}
}

static void backups_without_encryption_stay_as_they_are(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct rotate_result result;
	DEFER(backup) *plain = NULL;

	site_open(&w->site, NULL, NULL);
	plain = site_create(&w->site, "open", "name");
	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_ok(repo_rotate(&result, w->site.repo, false, NULL, NULL, &err));
	assert_int_equal(result.counts[ROTATE_PLAIN], 1);
	assert_int_equal(result.counts[ROTATE_DONE], BACKUPS);
}

static const struct key_info *key_of(const struct key_report *k, enum key_role role)
{
	static const struct key_info none = { .backups = SIZE_MAX, .fingerprint = "none" };

	for (size_t i = 0; i < k->count; i++) {
		if (k->keys[i].role == role)
			return &k->keys[i];
	}
	return &none;
}

static void the_report_says_which_secrets_are_needed(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(key_report) *before = NULL;
	DEFER(key_report) *after = NULL;
	DEFER(key_report) *without = NULL;

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_ok(repo_keys(&before, w->site.repo, &err));
	assert_int_equal(before->count, 2);
	assert_int_equal(key_of(before, KEY_CURRENT)->backups, 0);
	assert_int_equal(key_of(before, KEY_PREVIOUS)->backups, BACKUPS);
	assert_string_equal(key_of(before, KEY_PREVIOUS)->fingerprint, w->backups[0]->secret);
	assert_int_equal(rotate(w, false, ROTATE_DONE), BACKUPS);
	assert_ok(repo_keys(&after, w->site.repo, &err));
	assert_int_equal(key_of(after, KEY_CURRENT)->backups, BACKUPS);
	assert_int_equal(key_of(after, KEY_PREVIOUS)->backups, 0);
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_ok(repo_keys(&without, w->site.repo, &err));
	assert_int_equal(key_of(without, KEY_MISSING)->backups, BACKUPS);
}

static void unusable_and_weak_secrets_are_named(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(key_report) *k = NULL;
	autofree char *open_file = path_join(w->site.dir, "open.key");
	autofree char *previous = NULL;

	assert_ok(file_replace(open_file, SITE_SECRET_A, 64, 0644, &err));
	previous = mem_printf(
		"\"%s\", \"env:NO_SUCH_VARIABLE\", \"credential:none\", \"key:ab\","
		" \"key:0102030405060708010203040506070801020304050607080102030405060708\"",
		open_file);
	site_open(&w->site, SITE_SECRET_B, previous);
	assert_ok(repo_keys(&k, w->site.repo, &err));
	assert_int_equal(k->count, 7); /* the missing one, too */
	assert_non_null(strstr(k->keys[1].problem, "weak: a pattern"));
	assert_string_equal(k->keys[2].source, open_file);
	assert_non_null(strstr(k->keys[2].problem, "lets others read it"));
	assert_non_null(strstr(k->keys[3].problem, "NO_SUCH_VARIABLE is not set"));
	assert_non_null(strstr(k->keys[4].problem, "CREDENTIALS_DIRECTORY"));
	assert_string_equal(k->keys[5].source, "configured key");
	assert_non_null(strstr(k->keys[5].problem, "want 64 hex characters"));
	assert_int_equal(k->keys[6].role, KEY_MISSING);
}

static int count_failure(void *arg, const char *id, const char *reason, struct error *err)
{
	(void)id;
	(void)err;
	assert_non_null(strstr(reason, "not configured"));
	++*(int *)arg;
	return 0;
}

static void every_backup_is_opened_by_a_check(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct key_check check;
	int failures = 0;

	assert_ok(repo_key_check(&check, w->site.repo, count_failure, &failures, &err));
	assert_int_equal(check.opened, BACKUPS);
	site_open(&w->site, SITE_SECRET_B, NULL);
	assert_ok(repo_key_check(&check, w->site.repo, count_failure, &failures, &err));
	assert_int_equal(check.failed, BACKUPS);
	assert_int_equal(failures, BACKUPS);
}

static void a_secret_is_due_when_it_has_been_in_use_for_long(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct rotation_due due;
	autofree char *catalog = path_join(w->site.dir, "host.db");

	assert_ok(repo_rotation_due(&due, w->site.repo, &err));
	assert_false(due.watched || due.due);
	assert_true(due.since > 0);
	assert_ok(repo_secret_note(w->site.repo, w->backups[0]->secret,
	                           due.since - (int64_t)91 * 86400, &err));
	assert_ok(
		config_set(w->site.config, "backup.encryption.rotation_enabled", "true", &err));
	assert_ok(repo_rotation_due(&due, w->site.repo, &err));
	assert_true(due.due);
	assert_int_equal(due.age_days, 91);

	/* A later backup carries it on: a new catalog knows it without the first ones. */
	backup_free(w->backups[0]);
	w->backups[0] = site_create(&w->site, "shop", "name");
	site_close(&w->site);
	assert_int_equal(unlink(catalog), 0);
	site_open(&w->site, SITE_SECRET_A, NULL);
	assert_ok(
		config_set(w->site.config, "backup.encryption.rotation_enabled", "true", &err));
	assert_ok(repo_refresh(w->site.repo, REPO_REFRESH_NOW, &err));
	assert_ok(repo_rotation_due(&due, w->site.repo, &err));
	assert_true(due.due);

	site_open(&w->site, SITE_SECRET_B, OLD_IS_A);
	assert_ok(
		config_set(w->site.config, "backup.encryption.rotation_enabled", "true", &err));
	assert_ok(repo_rotation_due(&due, w->site.repo, &err));
	assert_false(due.due);
	assert_int_equal(due.behind, BACKUPS + 1);
}

static void the_encryption_test_opens_the_backup(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct encryption_test t;

	assert_ok(repo_test_encryption(&t, w->site.repo, w->backups[0]->id, &err));
	assert_int_equal(t.sealed, 1 << 20);
	assert_string_equal(t.fingerprint, w->backups[0]->secret);
	assert_string_equal(t.backup_fingerprint, w->backups[0]->secret);
	assert_string_equal(t.backup_source, "configured key");
	assert_true(t.files > 0);
	site_open(&w->site, SITE_SECRET_B, NULL);
	assert_fails(repo_test_encryption(&t, w->site.repo, w->backups[0]->id, &err),
	             ERR_DENIED, w->backups[0]->secret);
	assert_int_equal(t.sealed, 1 << 20);
	assert_null(t.backup_source);
}

#define IN_WORLD(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(every_backup_comes_under_the_new_secret),
		IN_WORLD(what_a_check_found_is_not_forgotten),
		IN_WORLD(a_dry_run_changes_nothing),
		IN_WORLD(without_the_old_secret_each_failure_says_which_is_wanted),
		IN_WORLD(what_cannot_be_rotated_to_is_said),
		IN_WORLD(a_lease_of_others_is_respected),
		IN_WORLD(an_interrupted_rotation_loses_nothing_and_can_be_resumed),
		IN_WORLD(backups_without_encryption_stay_as_they_are),
		IN_WORLD(the_report_says_which_secrets_are_needed),
		IN_WORLD(unusable_and_weak_secrets_are_named),
		IN_WORLD(every_backup_is_opened_by_a_check),
		IN_WORLD(a_secret_is_due_when_it_has_been_in_use_for_long),
		IN_WORLD(the_encryption_test_opens_the_backup),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
