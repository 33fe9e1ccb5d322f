/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <stdlib.h>

#include "engine/base/mem.h"

static void the_environment_is_stronger_than_the_file(void **state)
{
	static const struct {
		const char *variable, *text, *name, *want;
	} cases[] = {
		{ "MYSQL_SCHEMA_SYNC_TARGET_USER", "eve", "target.username", "eve" },
		{ "MYSQL_SCHEMA_SYNC_TARGET_USERNAME", "eve", "target.username", "eve" },
		{ "MYSQL_SCHEMA_SYNC_SOURCE_DB", "d", "source.database", "d" },
		{ "MYSQL_SCHEMA_SYNC_DATABASE_HOST", "h", "database.host", "h" },
		{ "MYSQL_SCHEMA_SYNC_TARGET_PASSWORD", "x", "target.password", "(secret)" },
		{ "MYSQL_SCHEMA_SYNC_DRY_RUN", "1", "dry_run", "true" },
		{ "MYSQL_SCHEMA_SYNC_DEBUG", "true", "debug", "true" },
		{ "MYSQL_SCHEMA_SYNC_LOG_LEVEL", "debug", "logging.log_level", "debug" },
		{ "MYSQL_SCHEMA_SYNC_LOG_FILE", "/l", "logging.log_file", "/l" },
		{ "MYSQL_SCHEMA_SYNC_NO_COLOR", "true", "display.color_enabled", "false" },
		{ "MYSQL_SCHEMA_SYNC_NO_ICONS", "0", "display.use_icons", "true" },
		{ "MYSQL_SCHEMA_SYNC_FORMAT", "yaml", "display.output_format", "yaml" },
		{ "MYSQL_SCHEMA_SYNC_MAX_TABLE_WIDTH", "99", "display.max_table_width", "99" },
		{ "MYSQL_SCHEMA_SYNC_BACKUP_LOCAL_BASE_PATH", "/b",
		  "backup.storage.local.base_path", "/b" },
		{ "BACKUP_LOCAL_BASE_PATH", "/c", "backup.storage.local.base_path", "/c" },
		{ "BACKUP_MAX_AGE", "48h", "backup.retention.max_age", "2d" },
		{ "BACKUP_ENCRYPTION_KEY_PATH", "/k", "backup.encryption.key_file", "/k" },
		{ "BACKUP_VALIDATION_DRY_RUN", "no", "backup.validation.dry_run_validation",
		  "false" },
		{ "MYSQL_SCHEMA_SYNC_BACKUP_ENCRYPTION_PREVIOUS_KEYS", "/a, /b",
		  "backup.encryption.previous_keys", "/a, /b" },
		{ "MYSQL_SCHEMA_SYNC_MIGRATION_BACKUP_TAGS", "a=1,b=2", "migration.backup_tags",
		  "a=1, b=2" },
	};
	static const char file[] =
		"target: {username: joe}\nretention: {max_age: 1d}\n"
		"storage: {local: {base_path: /file}}\ndisplay: {use_icons: false}\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(config) *c = NULL;
		autofree char *origin = mem_printf("environment %s", cases[i].variable);

		setenv(cases[i].variable, cases[i].text, 1);
		c = parse(file);
		unsetenv(cases[i].variable);
		assert_shows(c, cases[i].name, cases[i].want);
		assert_origin(c, cases[i].name, origin);
		assert_int_equal(config_origin(c, cases[i].name), CONFIG_FROM_ENV);
	}
}

static void our_variable_comes_before_the_bare_one(void **state)
{
	DEFER(config) *c = NULL;

	(void)state;
	setenv("BACKUP_S3_BUCKET", "bare", 1);
	setenv("MYSQL_SCHEMA_SYNC_BACKUP_S3_BUCKET", "ours", 1);
	c = parse("");
	unsetenv("BACKUP_S3_BUCKET");
	unsetenv("MYSQL_SCHEMA_SYNC_BACKUP_S3_BUCKET");
	assert_string_equal(config_text(c, "backup.storage.s3.bucket"), "ours");
}

static void an_empty_variable_counts_as_not_set(void **state)
{
	DEFER(config) *c = NULL;

	(void)state;
	setenv("MYSQL_SCHEMA_SYNC_DRY_RUN", "", 1);
	c = parse("dry_run: true");
	unsetenv("MYSQL_SCHEMA_SYNC_DRY_RUN");
	assert_true(config_bool(c, "dry_run"));
}

static void a_wrong_variable_is_named(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	setenv("BACKUP_MAX_BACKUPS", "many", 1);
	assert_fails(
		try_parse("", &err), ERR_CONFIG,
		"environment BACKUP_MAX_BACKUPS: backup.retention.max_backups: \"many\" is "
		"not a whole number from 0 to 1000000");
	unsetenv("BACKUP_MAX_BACKUPS");
}

static void the_clouds_variables_are_weaker_than_the_file(void **state)
{
	DEFER(config) *none = NULL;
	DEFER(config) *given = NULL;

	(void)state;
	setenv("AWS_REGION", "eu-north-1", 1);
	setenv("AWS_ACCESS_KEY_ID", "ambient", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "ambient", 1);
	setenv("AWS_SESSION_TOKEN", "ambient", 1);
	none = parse("storage: {s3: {access_key: \"\", secret_key: \"${NOT_THERE}\"}}");
	given = parse("storage: {s3: {region: us-west-2, access_key: file, secret_key: file}}");
	unsetenv("AWS_REGION");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_SESSION_TOKEN");
	assert_string_equal(config_text(none, "backup.storage.s3.region"), "eu-north-1");
	assert_string_equal(config_text(none, "backup.storage.s3.access_key"), "ambient");
	assert_string_equal(config_text(none, "backup.storage.s3.secret_key"), "ambient");
	assert_string_equal(config_text(none, "backup.storage.s3.session_token"), "ambient");
	assert_string_equal(config_text(given, "backup.storage.s3.region"), "us-west-2");
	assert_string_equal(config_text(given, "backup.storage.s3.secret_key"), "file");
	/* The token belongs to the key in the environment, not to the one in the file. */
	assert_null(config_text(given, "backup.storage.s3.session_token"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_is_stronger_than_the_file),
		cmocka_unit_test(our_variable_comes_before_the_bare_one),
		cmocka_unit_test(an_empty_variable_counts_as_not_set),
		cmocka_unit_test(a_wrong_variable_is_named),
		cmocka_unit_test(the_clouds_variables_are_weaker_than_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
