/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <stdlib.h>

#include "engine/base/mem.h"

static void a_level_must_fit_its_algorithm(void **state)
{
	static const struct {
		const char *yaml, *want; /* want NULL: refused */
	} cases[] = {
		{ "compression: {algorithm: zstd}", "3" },
		{ "compression: {algorithm: gzip}", "6" },
		{ "compression: {algorithm: LZ4}", "1" },
		{ "compression: {level: 19}", "19" },
		{ "compression: {algorithm: gzip, level: 9}", "9" },
		{ "compression: {algorithm: lz4, level: 12}", "12" },
		{ "compression: {algorithm: none, level: 12}", "12" },
		{ "compression: {algorithm: gzip, level: 10}", NULL },
		{ "compression: {algorithm: lz4, level: 13}", NULL },
		{ "compression: {level: 23}", NULL },
		{ "compression: {level: 0}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;

		if (cases[i].want) {
			DEFER(config) *c = parse(cases[i].yaml);

			assert_shows(c, "backup.compression.level", cases[i].want);
		} else {
			assert_fails(try_parse(cases[i].yaml, &err), ERR_CONFIG,
			             "backup.compression.level");
		}
	}
	struct error err = ERROR_INIT;

	assert_fails(try_parse("compression: {algorithm: gzip, level: 10}", &err), ERR_CONFIG,
	             "t.yaml:1:39: backup.compression.level: 10 is not a level of gzip, which "
	             "has 1 to 9");
}

static void a_flags_algorithm_sends_the_files_level_away(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = parse("compression: {algorithm: zstd, level: 19}");

	(void)state;
	assert_ok(config_set(c, "backup.compression.algorithm", "gzip", &err));
	assert_shows(c, "backup.compression.level", "6");
	assert_ok(config_set(c, "backup.compression.level", "9", &err));
	assert_fails(config_set(c, "backup.compression.level", "10", &err), ERR_USAGE,
	             "flag: backup.compression.level: 10 is not a level of gzip");
}

static void ten_backups_are_kept_unless_another_policy_is_set(void **state)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
		{ "", "10" },
		{ "retention: {cleanup_interval: 1h}", "10" },
		{ "retention: {max_age: 7d}", "0" },
		{ "retention: {keep_yearly: 3}", "0" },
		{ "retention: {max_backups: 0}", "0" },
		{ "retention: {max_backups: 7, keep_daily: 2}", "7" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(config) *c = parse(cases[i].yaml);

		assert_shows(c, "backup.retention.max_backups", cases[i].want);
	}
}

static void the_secrets_source_is_found(void **state)
{
	static const struct {
		const char *yaml, *want; /* a source, or a part of the error */
		bool refused;
	} cases[] = {
		{ "{}", "env", false },
		{ "{enabled: true}", "env", false },
		{ "{enabled: true, key_file: /k}", "file", false },
		{ "{enabled: true, key_path: /k}", "file", false },
		{ "{enabled: true, key_fd: 0}", "fd", false },
		{ "{enabled: true, key_credential: k}", "credential", false },
		{ "{enabled: true, key: abc}", "direct", false },
		{ "{enabled: true, key: abc, key_file: /k, key_source: env}", "env", false },
		{ "{enabled: true, key: abc, key_file: /k}", "key_file as well", true },
		{ "{enabled: true, key_source: file}", "file needs backup.encryption.key_file",
		  true },
		{ "{enabled: true, key_source: fd}", "fd needs", true },
		{ "{enabled: true, key_source: direct}", "direct needs", true },
		{ "{enabled: true, key_env_var: \"\"}", "env", false },
		{ "{enabled: false, key_source: file}", "file", false },
		{ "{key_source: external}", "not one of env, file, direct, fd, credential",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autofree char *yaml = mem_printf("encryption: %s", cases[i].yaml);

		if (cases[i].refused) {
			assert_fails(try_parse(yaml, &err), ERR_CONFIG, cases[i].want);
		} else {
			DEFER(config) *c = parse(yaml);

			assert_shows(c, "backup.encryption.key_source", cases[i].want);
		}
	}
}

static void a_secret_in_the_environment_does_not_choose_the_source(void **state)
{
	DEFER(config) *c = NULL;

	(void)state;
	setenv("MYSQL_SCHEMA_SYNC_BACKUP_ENCRYPTION_KEY", "00ff", 1);
	c = parse("encryption: {enabled: true}");
	unsetenv("MYSQL_SCHEMA_SYNC_BACKUP_ENCRYPTION_KEY");
	assert_shows(c, "backup.encryption.key_source", "env");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_must_fit_its_algorithm),
		cmocka_unit_test(a_flags_algorithm_sends_the_files_level_away),
		cmocka_unit_test(ten_backups_are_kept_unless_another_policy_is_set),
		cmocka_unit_test(the_secrets_source_is_found),
		cmocka_unit_test(a_secret_in_the_environment_does_not_choose_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
