/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/codec/keyring.h"

#define HEX   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "ff0102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
#define RAW   "thirty-two bytes of a raw secret"

static int set_up(void **state)
{
	*state = mem_strdup("/tmp/test_keyring.XXXXXX");
	unsetenv("SCHEMAFS_TEST_KEY");
	unsetenv("SCHEMAFS_TEST_KEY_2");
	unsetenv("CREDENTIALS_DIRECTORY");
	return mkdtemp(*state) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct error err = ERROR_INIT;
	int rc = dir_remove_tree(*state, &err);

	free(*state);
	return rc;
}

/* Adds a secret that may be refused; what counts is err. */
static int add(struct keyring *k, const char *kind, const char *value, struct error *err)
{
	const struct keyring_source source = { kind, value };

	return keyring_add(k, &source, err);
}

static char *make_file(const char *dir, const char *text, mode_t mode)
{
	char *path = path_join(dir, "key");
	struct error err = ERROR_INIT;

	assert_ok(file_replace(path, text, strlen(text), mode, &err));
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void assert_is_hex_secret(const struct secret *s)
{
	assert_non_null(s);
	assert_int_equal(secret_len(s), 32);
	for (unsigned int i = 0; i < 32; i++)
		assert_int_equal(secret_data(s)[i], i);
}

static void the_first_is_current_and_all_are_found(void **state)
{
	DEFER(keyring) *k = keyring_new();
	struct error err = ERROR_INIT;
	struct fingerprint unknown = { { 1 } };
	char a[FINGERPRINT_HEX_SIZE], b[FINGERPRINT_HEX_SIZE];

	(void)state;
	assert_ok(add(k, "direct", HEX, &err));
	assert_ok(add(k, "direct", OTHER, &err));
	assert_int_equal(keyring_count(k), 2);
	assert_is_hex_secret(keyring_secret(k, 0));
	assert_ptr_equal(keyring_find(k, keyring_fingerprint(k, 1)), keyring_secret(k, 1));
	assert_null(keyring_find(k, &unknown));
	assert_null(keyring_secret(k, 2));
	assert_null(keyring_fingerprint(k, 2));
	/* printf 'schemafs secret id' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001… */
	fingerprint_hex(a, keyring_fingerprint(k, 0));
	assert_string_equal(a, "507d2b4ef4f1b14f8769dbc5b607ab8f");
	fingerprint_hex(b, keyring_fingerprint(k, 1));
	assert_string_not_equal(a, b);
}

static void text_and_raw_bytes_are_understood(void **state)
{
	static const char *const forms[] = { HEX, HEX "\n", HEX "\r\n" };
	DEFER(keyring) *raw = keyring_new();
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		DEFER(keyring) *k = keyring_new();

		assert_ok(add(k, "direct", forms[i], &err));
		assert_is_hex_secret(keyring_secret(k, 0));
	}
	assert_ok(add(raw, "direct", RAW, &err));
	assert_memory_equal(secret_data(keyring_secret(raw, 0)), RAW, 32);
}

static void what_is_no_secret_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *want;
	} cases[] = {
		{ "", ERR_DENIED, "encryption key not found: configured key is empty" },
		{ "\n", ERR_DENIED, "encryption key not found: configured key is empty" },
		{ "abc", ERR_INVALID, "want 64 hex characters or 32 raw bytes, got 3" },
		{ RAW "\n", ERR_INVALID, "got 33" },
		{ HEX "00", ERR_INVALID, "got 66" },
		{ "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		  ERR_INVALID, "64 characters, and not all are hex digits" },
	};
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	autobuf longer = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int result = add(k, "direct", cases[i].text, &err);

		assert_true(err.hint[0] != '\0');
		assert_fails(result, cases[i].code, cases[i].want);
	}
	while (longer.len < 100000)
		buf_adds(&longer, HEX);
	assert_fails(add(k, "direct", longer.data, &err), ERR_INVALID, "got more than 256");
	assert_fails(add(k, "vault", "x", &err), ERR_CONFIG, "encryption key source vault");
	assert_int_equal(keyring_count(k), 0);
}

static void a_weak_secret_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	char zeros[65] = { 0 };

	(void)state;
	memset(zeros, '0', 64);
	assert_fails(add(k, "direct", zeros, &err), ERR_INVALID, "32 equal bytes");
	assert_fails(add(k, "direct", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &err), ERR_INVALID,
	             "32 equal bytes");
	assert_ok(add(k, "direct", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", &err));
}

static void no_error_shows_the_text(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();

	(void)state;
	assert_int_equal(add(k, "direct", "hunter2hunter2", &err), -1);
	assert_null(strstr(err.text, "hunter2"));
	assert_null(strstr(err.hint, "hunter2"));
}

static void the_first_variable_that_is_set_counts(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();

	(void)state;
	assert_fails(add(k, "env", "SCHEMAFS_TEST_KEY SCHEMAFS_TEST_KEY_2", &err), ERR_DENIED,
	             "encryption key not found: environment variable SCHEMAFS_TEST_KEY "
	             "SCHEMAFS_TEST_KEY_2 is not set");
	setenv("SCHEMAFS_TEST_KEY_2", HEX, 1);
	assert_ok(add(k, "env", "SCHEMAFS_TEST_KEY SCHEMAFS_TEST_KEY_2", &err));
	assert_is_hex_secret(keyring_secret(k, 0));
	setenv("SCHEMAFS_TEST_KEY", "", 1);
	assert_fails(add(k, "env", "SCHEMAFS_TEST_KEY SCHEMAFS_TEST_KEY_2", &err), ERR_DENIED,
	             "environment variable SCHEMAFS_TEST_KEY is empty");
}

static void a_file_must_be_closed_to_others(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	autofree char *path = make_file(*state, HEX "\n", 0600);

	assert_ok(add(k, "file", path, &err));
	assert_is_hex_secret(keyring_secret(k, 0));
	assert_int_equal(chmod(path, 0640), 0);
	assert_fails(add(k, "file", path, &err), ERR_DENIED,
	             "has mode 0640, which lets others read it");
	assert_int_equal(chmod(path, 0604), 0);
	assert_fails(add(k, "file", path, &err), ERR_DENIED, "mode 0604");
	assert_fails(add(k, "file", *state, &err), ERR_DENIED, "is not a regular file");
	assert_int_equal(unlink(path), 0);
	assert_fails(add(k, "file", path, &err), ERR_DENIED,
	             "encryption key not found: file /");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_fails(add(k, "file", path, &err), ERR_DENIED, "is not a regular file");
}

static void a_file_must_belong_to_the_user_or_root(void **state)
{
	if (geteuid() != 0)
		skip_because("only root can give files away");

	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	autofree char *path = make_file(*state, HEX, 0600);

	assert_int_equal(chown(path, 12345, 0), 0);
	assert_fails(add(k, "file", path, &err), ERR_DENIED, "belongs to user 12345");
}

static void a_descriptor_is_read_to_its_end(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	char number[16];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], HEX, 10), 10);
	assert_int_equal(write(ends[1], HEX + 10, 54), 54);
	close(ends[1]);
	snprintf(number, sizeof(number), "%d", ends[0]);
	assert_ok(add(k, "fd", number, &err));
	assert_is_hex_secret(keyring_secret(k, 0));
	assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
	close(ends[0]);
	assert_fails(add(k, "fd", number, &err), ERR_DENIED,
	             "encryption key not found: file descriptor");
	assert_fails(add(k, "fd", "three", &err), ERR_INVALID, "encryption key descriptor");
}

static void a_credential_comes_from_its_directory(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(keyring) *k = keyring_new();
	autofree char *path = make_file(*state, HEX, 0440); /* as systemd's access list shows */

	assert_fails(add(k, "credential", "key", &err), ERR_DENIED,
	             "CREDENTIALS_DIRECTORY is not set");
	setenv("CREDENTIALS_DIRECTORY", *state, 1);
	assert_ok(add(k, "credential", "key", &err));
	assert_is_hex_secret(keyring_secret(k, 0));
	assert_fails(add(k, "credential", "../key", &err), ERR_INVALID, "no credential's name");
	assert_fails(add(k, "credential", "other", &err), ERR_DENIED, "not found");
	assert_int_equal(chmod(path, 0444), 0);
	assert_fails(add(k, "credential", "key", &err), ERR_DENIED, "mode 0444");
}

#define WITH_DIR(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(the_first_is_current_and_all_are_found),
		WITH_DIR(text_and_raw_bytes_are_understood),
		WITH_DIR(what_is_no_secret_is_refused),
		WITH_DIR(a_weak_secret_is_refused),
		WITH_DIR(no_error_shows_the_text),
		WITH_DIR(the_first_variable_that_is_set_counts),
		WITH_DIR(a_file_must_be_closed_to_others),
		WITH_DIR(a_file_must_belong_to_the_user_or_root),
		WITH_DIR(a_descriptor_is_read_to_its_end),
		WITH_DIR(a_credential_comes_from_its_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
