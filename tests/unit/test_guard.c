/* SPDX-License-Identifier: MIT */
/* Somebody who can write the store puts an unencrypted backup in the place of an encrypted one.
 */
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/repo/verify.h"
#include "tests/unit/repo_test.h"

static int make(void **state)
{
	struct site *s = mem_alloc(sizeof(*s));

	site_make(s, "/tmp/test_guard");
	*state = s;
	return 0;
}

static int unmake(void **state)
{
	struct site *s = *state;

	site_close(s);
	site_remove(s);
	free(s);
	return 0;
}

static void unlink_stored(const struct site *s, const char *id)
{
	autofree char *payload = mem_printf("%s/store/%s.backup", s->dir, id);
	autofree char *envelope = mem_printf("%s/store/%s.meta", s->dir, id);

	assert_int_equal(unlink(payload), 0);
	assert_int_equal(unlink(envelope), 0);
}

/* A backup under the id of an encrypted one, made by somebody without the secret. */
static char *forge(struct site *s)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *evil = site_schema("shop", "evil");
	DEFER(backup) *b = NULL;
	DEFER(backup) *other = backup_new();
	char *id;

	site_open(s, SITE_SECRET_A, NULL);
	b = site_create(s, "shop", "name");
	assert_true(b->encrypted);
	id = mem_strdup(b->id);
	unlink_stored(s, id);
	site_open(s, NULL, NULL);
	backup_set(&other->id, id);
	backup_set(&other->database, "shop");
	other->created_at = b->created_at;
	assert_ok(repo_save(s->repo, other, evil, &err));
	assert_false(other->encrypted);
	return id;
}

static void assert_refused(struct site *s, const char *id)
{
	struct error err = ERROR_INIT;
	DEFER(reader) *rd = NULL;

	assert_int_equal(reader_open(&rd, s->repo, id, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_non_null(strstr(err.text, "was encrypted"));
}

static void a_forgery_is_not_read(void **state)
{
	struct site *s = *state;
	autofree char *id = forge(s);

	site_open(s, SITE_SECRET_A, NULL);
	assert_refused(s, id);
}

static void a_forgery_is_not_valid_at_any_level(void **state)
{
	struct site *s = *state;
	autofree char *id = forge(s);

	site_open(s, SITE_SECRET_A, NULL);
	for (int level = VERIFY_LISTING; level <= VERIFY_DECODE; level++) {
		struct error err = ERROR_INIT;
		DEFER(verify_result) *v = NULL;

		assert_ok(repo_verify(&v, s->repo, id, (enum verify_level)level, &err));
		assert_false(v->valid);
	}
}

static void a_forgery_is_listed_as_damaged(void **state)
{
	static const enum repo_refresh all[] = { REPO_REFRESH_NEW, REPO_REFRESH_NOW,
		                                 REPO_REFRESH_ALL };
	struct site *s = *state;
	autofree char *id = forge(s);

	site_open(s, SITE_SECRET_A, NULL);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct error err = ERROR_INIT;
		DEFER(backup) *b = NULL;

		assert_ok(repo_refresh(s->repo, all[i], &err));
		assert_int_equal(catalog_backup_find(repo_catalog(s->repo), id, &b, &err), 1);
		assert_int_equal(b->status, BACKUP_CORRUPTED);
		assert_true(b->encrypted); /* as it was */
	}
	assert_refused(s, id);
}

static void without_encryption_nothing_is_expected_of_it(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	autofree char *id = forge(s);
	DEFER(reader) *rd = NULL;

	site_open(s, NULL, NULL);
	assert_ok(reader_open(&rd, s->repo, id, &err));
}

static void plain_backups_stay_readable_when_encryption_is_switched_on(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;
	DEFER(reader) *rd = NULL;

	site_open(s, NULL, NULL);
	b = site_create(s, "shop", "name");
	site_open(s, SITE_SECRET_A, NULL);
	assert_ok(repo_refresh(s->repo, REPO_REFRESH_ALL, &err));
	assert_ok(reader_open(&rd, s->repo, b->id, &err));
}

static void what_must_be_encrypted_is_no_goal_without(void **state)
{
	struct site *s = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;

	site_open(s, NULL, NULL);
	b = site_create(s, "shop", "name");
	assert_ok(guard_source(s->repo, b, &err));
	assert_ok(config_set(s->config, "backup.encryption.required", "true", &err));
	assert_int_equal(guard_source(s->repo, b, &err), -1);
	assert_int_equal(err.code, ERR_REFUSED);
	error_clear(&err);
	b->encrypted = true;
	assert_ok(guard_source(s->repo, b, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_forgery_is_not_read, make, unmake),
		cmocka_unit_test_setup_teardown(a_forgery_is_not_valid_at_any_level, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(a_forgery_is_listed_as_damaged, make, unmake),
		cmocka_unit_test_setup_teardown(without_encryption_nothing_is_expected_of_it,
		                                make, unmake),
		cmocka_unit_test_setup_teardown(
			plain_backups_stay_readable_when_encryption_is_switched_on, make,
			unmake),
		cmocka_unit_test_setup_teardown(what_must_be_encrypted_is_no_goal_without, make,
		                                unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
