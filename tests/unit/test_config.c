/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/document.h"

/* What holds with no configuration at all. */
static void defaults_are_those_of_the_design(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "backup.enabled", "true" },
		{ "backup.storage.provider", "local" },
		{ "backup.storage.local.permissions", "0700" },
		{ "backup.compression.enabled", "true" },
		{ "backup.compression.algorithm", "zstd" },
		{ "backup.compression.level", "3" },
		{ "backup.compression.threshold", "1KB" },
		{ "backup.encryption.enabled", "false" },
		{ "backup.encryption.key_source", "env" },
		{ "backup.encryption.key_env_var", "BACKUP_ENCRYPTION_KEY" },
		{ "backup.retention.max_backups", "10" },
		{ "backup.retention.max_age", "0s" },
		{ "backup.retention.cleanup_interval", "1d" },
		{ "backup.validation.enabled", "true" },
		{ "backup.validation.checksum_algorithm", "sha256" },
		{ "backup.validation.validation_timeout", "5m" },
		{ "timeout", "30s" },
		{ "timezone", "" },
		{ "target.host", "" },
		{ "target.port", "0" },
		{ "display.theme", "dark" },
		{ "display.max_table_width", "120" },
		{ "catalog.refresh_interval", "1m" },
		{ "mount.refresh_interval", "2s" },
	};
	DEFER(config) *c = parse("");
	autofree char *data = path_join(config_home, ".local/share/mysql-schema-sync/backups");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_shows(c, cases[i].name, cases[i].want);
		assert_false(config_is_set(c, cases[i].name));
		assert_origin(c, cases[i].name, "default");
	}
	assert_string_equal(config_text(c, "backup.storage.local.base_path"), data);
	assert_null(config_text(c, "timezone"));
	assert_null(config_text(c, "catalog.path"));
	assert_null(config_file(c));
	assert_no_warnings(c);
}

static void the_default_store_follows_xdg_data_home(void **state)
{
	DEFER(config) *c = NULL;

	(void)state;
	setenv("XDG_DATA_HOME", "/srv/data", 1);
	c = parse("");
	unsetenv("XDG_DATA_HOME");
	assert_string_equal(config_text(c, "backup.storage.local.base_path"),
	                    "/srv/data/mysql-schema-sync/backups");
}

/* Every configuration of the guides, as it stands there. */
static void the_guides_configurations_load(void **state)
{
	static const char *const variables[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		                                 "AZURE_STORAGE_KEY" };
	autofree char *pattern = path_join(getenv("SOURCE_ROOT"), "tests/data/config/*.yaml");
	glob_t files;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		setenv(variables[i], "from the environment", 1);
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 21);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct error err = ERROR_INIT;
		DEFER(config) *c = NULL;
		autobuf text = BUF_INIT;

		assert_ok(file_read(&text, files.gl_pathv[i], DOCUMENT_SIZE_MAX, &err));
		assert_ok(config_parse(&c, text.data, text.len, files.gl_pathv[i], &err));
		assert_no_warnings(c);
	}
	globfree(&files);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
}

static void the_guides_configurations_mean_what_they_say(void **state)
{
	static const struct {
		const char *file, *name, *want;
	} cases[] = {
		{ "quick-start", "backup.storage.local.base_path", "./backups" },
		{ "quick-start", "backup.storage.local.permissions", "0755" },
		{ "quick-start", "backup.retention.max_age", "7d" },
		{ "complete", "backup.retention.max_backups", "10" },
		{ "complete", "backup.retention.cleanup_interval", "1h" },
		{ "complete", "backup.retention.keep_monthly", "12" },
		{ "complete", "backup.compression.algorithm", "gzip" },
		{ "complete", "backup.compression.level", "6" },
		{ "complete", "backup.encryption.enabled", "true" },
		{ "complete", "backup.encryption.rotation_days", "90" },
		{ "storage-s3", "backup.storage.provider", "s3" },
		{ "storage-s3", "backup.storage.s3.access_key", "" },
		{ "storage-s3", "backup.storage.s3.prefix", "mysql-backups/" },
		{ "storage-azure", "backup.storage.azure.container_name", "backups" },
		{ "storage-gcs", "backup.storage.gcs.credentials_path",
		  "/path/to/service-account.json" },
		{ "encryption-file", "backup.encryption.key_source", "file" },
		{ "encryption-file", "backup.encryption.key_file", "/secure/path/backup.key" },
		{ "storage-permissions", "backup.storage.local.permissions", "0600" },
		{ "audit-log", "logging.enable_audit_log", "true" },
		{ "audit-log", "logging.log_level", "info" },
		{ "development", "backup.compression.level", "1" },
		{ "development", "backup.retention.max_age", "1d" },
		{ "production", "backup.storage.s3.bucket", "prod-mysql-backups" },
		{ "production", "backup.retention.max_age", "90d" },
		{ "production", "backup.compression.level", "6" },
		{ "compression-fast", "backup.compression.threshold", "10KB" },
		{ "parallel", "backup.max_workers", "4" },
		{ "memory", "backup.buffer_size", "64MB" },
		{ "memory", "backup.streaming", "true" },
		{ "s3-speed", "backup.storage.s3.multipart_chunksize", "16MB" },
		{ "s3-speed", "backup.storage.s3.use_accelerate_endpoint", "true" },
		{ "azure-timeouts", "backup.storage.azure.connection_timeout", "5m" },
		{ "azure-timeouts", "backup.storage.azure.retry_attempts", "5" },
		{ "retention-smaller", "backup.retention.max_backups", "3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		DEFER(config) *c = NULL;
		autofree char *path = mem_printf("%s/tests/data/config/%s.yaml",
		                                 getenv("SOURCE_ROOT"), cases[i].file);

		assert_ok(config_load(&c, path, &err));
		assert_shows(c, cases[i].name, cases[i].want);
		assert_string_equal(config_file(c), path);
	}
}

static void wrong_values_are_named_with_place_and_range(void **state)
{
	static const struct {
		const char *yaml, *part;
	} cases[] = {
		{ "target:\n  port: 70000",
		  "t.yaml:2:9: target.port: \"70000\" is not a whole number from 1 to 65535" },
		{ "target:\n  port: -1", "t.yaml:2:9: target.port: \"-1\" is not" },
		{ "target:\n  port: 33o6", "\"33o6\" is not a whole number from 1 to 65535" },
		{ "backup:\n  enabled: perhaps", "\"perhaps\" is not true or false" },
		{ "backup:\n  storage:\n    provider: ftp",
		  "t.yaml:3:15: backup.storage.provider: \"ftp\" is not one of local, s3, azure,"
		  " gcs" },
		{ "backup: {retention: {max_age: 3 parsecs}}",
		  "t.yaml:1:31: backup.retention.max_age: \"3 parsecs\" is not a duration such" },
		{ "backup: {buffer_size: 12 XB}",
		  "is not a size such as 64MB, from 1MB to 4GB" },
		{ "backup: {buffer_size: 4KB}",
		  "\"4KB\" is not a size such as 64MB, from 1MB" },
		{ "storage: {local: {permissions: 0799}}", "\"0799\" is not a file mode" },
		{ "display: {max_table_width: 39}", "from 40 to 300" },
		{ "timeout: 0", "timeout: \"0\" is not a duration" },
		{ "timeout: [30]", "timeout: a list is not a duration" },
		{ "timeout: {s: 30}", "timeout: a block of keys is not a duration" },
		{ "backup: {enabled: \"\"}", "\"\" is not true or false" },
		{ "backup: {enabled: \"${NOT_THERE}\"}",
		  "empty: environment variable NOT_THERE is not set" },
		{ "backup: yes", "t.yaml:1:9: backup is a block of keys, not a value" },
		{ "backup: [1]", "backup is a block of keys" },
		{ "encryption: {previous_keys: {a: b}}", "a block of keys is not a list" },
		{ "encryption: {previous_keys: [[a]]}", "a block or list is not a list" },
		{ "migration: {backup_tags: [a]}", "a list is not a list of name=value" },
		{ "validation: {checksum_algorithm: crc32}",
		  "\"crc32\" is not one of sha256, sha512, md5" },
		{ "timezone: Europe/Atlantis", "t.yaml:1:11: timezone: no time zone" },
		{ "timezone: ../../etc/passwd", "no time zone" },
		{ "verbose: true\nquiet: true", "quiet: contradicts verbose" },
		{ "backup: {enabled: \"a\\x01\\x1b[2J\"}", "\"a\\x01\\x1b[2J\" is not" },
		{ "[1, 2]", "t.yaml:1:1: a configuration is a block of keys" },
		{ "backup", "t.yaml:1:1: a configuration is a block of keys" },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(try_parse(cases[i].yaml, &err), ERR_CONFIG, cases[i].part);
}

static void a_wrong_choice_gets_a_suggestion(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(try_parse("compression: {algorithm: gizp}", &err), -1);
	assert_string_equal(err.hint, "Did you mean gzip?");
}

static void a_tilde_is_the_home_directory(void **state)
{
	DEFER(config) *c = parse("log_file: ~/x.log\nencryption: {previous_keys: [~/k]}");
	autofree char *log = path_join(config_home, "x.log");
	autofree char *key = path_join(config_home, "k");

	(void)state;
	assert_string_equal(config_text(c, "log_file"), log);
	assert_string_equal(config_list_at(c, "backup.encryption.previous_keys", 0), key);
}

static void two_spellings_must_not_contradict_each_other(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(try_parse("retention: {max_age: 1d}\n"
	                       "backup:\n  retention: {max_age: 2d}",
	                       &err),
	             ERR_CONFIG, "is there twice with different values, here and in line 1");
}

static void lists_and_maps_are_read_item_by_item(void **state)
{
	DEFER(config) *c = parse("migration: {backup_tags: {team: \"a,b\", n: ~}}\n"
	                         "encryption:\n  previous_keys:\n    - \"/a,b\"\n    - /c\n");
	const char *value = NULL;

	(void)state;
	assert_int_equal(config_map_count(c, "migration.backup_tags"), 1);
	assert_string_equal(config_map_at(c, "migration.backup_tags", 0, &value), "team");
	assert_string_equal(value, "a,b");
	assert_int_equal(config_list_count(c, "backup.encryption.previous_keys"), 2);
	assert_string_equal(config_list_at(c, "backup.encryption.previous_keys", 0), "/a,b");
}

static void variables_in_values_are_replaced(void **state)
{
	DEFER(config) *c = NULL;

	(void)state;
	setenv("T_NAME", "shop", 1);
	setenv("T_YAML", "x: [1", 1);
	c = parse("target:\n  host: ${T_HOST:-db.example.com}\n  port: ${T_PORT:-3307}\n"
	          "  database: \"${T_NAME}\"\n  username: \"${T_YAML}\"\n"
	          "  password: \"${T_PASSWORD}\"\n");
	unsetenv("T_NAME");
	unsetenv("T_YAML");
	assert_string_equal(config_text(c, "target.host"), "db.example.com");
	assert_int_equal(config_int(c, "target.port"), 3307);
	assert_string_equal(config_text(c, "target.database"), "shop");
	assert_string_equal(config_text(c, "target.username"), "x: [1");
	assert_null(config_text(c, "target.password"));
	assert_int_equal(config_warning_count(c), 1);
	assert_string_equal(
		config_warning(c, 0),
		"t.yaml:6:13: target.password: environment variable T_PASSWORD is not set");
}

static void flags_are_strongest(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;

	(void)state;
	setenv("MYSQL_SCHEMA_SYNC_TARGET_HOST", "env", 1);
	c = parse("target: {host: file}\nverbose: true");
	unsetenv("MYSQL_SCHEMA_SYNC_TARGET_HOST");
	assert_ok(config_set(c, "target.host", "flag", &err));
	assert_string_equal(config_text(c, "target.host"), "flag");
	assert_origin(c, "target.host", "flag");
	assert_ok(config_set(c, "quiet", "true", &err));
	assert_false(config_bool(c, "verbose"));
	assert_ok(config_set(c, "migration.backup_tags", "a=1,b=2", &err));
	assert_int_equal(config_map_count(c, "migration.backup_tags"), 2);
	assert_fails(config_set(c, "target.port", "0", &err), ERR_USAGE,
	             "target.port: \"0\" is not a whole number from 1 to 65535");
	assert_fails(config_set(c, "migration.backup_tags", "=1", &err), ERR_USAGE,
	             "is not a list of name=value");
}

static void secrets_are_never_shown(void **state)
{
	static const char canary[] = "canary-7f3a";
	struct error err = ERROR_INIT;
	size_t count;
	const struct config_key *keys = config_keys(&count);
	unsigned int secrets = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		DEFER(config) *c = parse("");
		autobuf all = BUF_INIT;

		if (!keys[i].secret)
			continue;
		secrets++;
		assert_ok(config_set(c, keys[i].name,
		                     keys[i].type == CONFIG_MAP ? "A=canary-7f3a" : canary,
		                     &err));
		show_all(&all, c);
		assert_null(strstr(all.data, canary));
		assert_shows(c, keys[i].name, "(secret)");
	}
	assert_true(secrets >= 12);
}

static void secrets_are_in_no_error_or_warning(void **state)
{
	static const char *const broken[] = {
		"target: {password: [canary-7f3a]}",
		"target: {password: \"${canary-7f3a}\"}",
		"target: {password: \"${X:-canary-7f3a\"}",
		"target: {password: {canary: canary-7f3a}}",
		"target: {password: canary-7f3a}\ntarget: {}",
		"target: {port: \"${T_PASSWORD}\"}",
		"notifications: {webhook: {headers: \"canary-7f3a\"}}",
		"notifications: {webhook: {headers: {A: [canary-7f3a]}}}",
		"encryption: {key: canary-7f3a, enabled: true, key_source: file}",
		"target: {password: canary-7f3a}\ndatabase: [",
	};

	(void)state;
	setenv("T_PASSWORD", "canary-7f3a", 1);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct error err = ERROR_INIT;

		assert_int_equal(try_parse(broken[i], &err), -1);
		if (strstr(err.text, "7f3a") || strstr(err.hint, "7f3a"))
			fail_msg("%s", err.text);
	}
	unsetenv("T_PASSWORD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_design),
		cmocka_unit_test(the_default_store_follows_xdg_data_home),
		cmocka_unit_test(the_guides_configurations_load),
		cmocka_unit_test(the_guides_configurations_mean_what_they_say),
		cmocka_unit_test(wrong_values_are_named_with_place_and_range),
		cmocka_unit_test(a_wrong_choice_gets_a_suggestion),
		cmocka_unit_test(a_tilde_is_the_home_directory),
		cmocka_unit_test(two_spellings_must_not_contradict_each_other),
		cmocka_unit_test(lists_and_maps_are_read_item_by_item),
		cmocka_unit_test(variables_in_values_are_replaced),
		cmocka_unit_test(flags_are_strongest),
		cmocka_unit_test(secrets_are_never_shown),
		cmocka_unit_test(secrets_are_in_no_error_or_warning),
	};

	return cmocka_run_group_tests(tests, config_home_make, config_home_unmake);
}
