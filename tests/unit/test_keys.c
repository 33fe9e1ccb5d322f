/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include "engine/base/mem.h"
#include "engine/config/keys.h"
#include "engine/config/value.h"

static void the_table_is_in_order(void **state)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct config_key *k = &keys[i];
		struct error err = ERROR_INIT;
		autovalue v = VALUE_INIT;

		/* Each is found under its own name only, and is not a block as well. */
		assert_ptr_equal(config_key_find(k->name), k);
		assert_false(keys_is_block(k->name));
		assert_true(k->help && k->help[0] && k->help[strlen(k->help) - 1] != '.');
		assert_true(k->min <= k->max);
		assert_true((k->type == CONFIG_CHOICE) == (k->choices != NULL));
		if (k->fallback)
			assert_ok(value_parse(&v, k, k->fallback, &err));
	}
}

static void every_block_has_a_heading(void **state)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		autofree char *name = mem_strdup(keys[i].name);

		for (char *dot = strrchr(name, '.'); dot; dot = strrchr(name, '.')) {
			*dot = '\0';
			if (!keys_heading(name))
				fail_msg("%s has no heading", name);
		}
	}
}

static void no_variable_means_two_keys(void **state)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	autobuf seen = BUF_INIT;

	(void)state;
	buf_addc(&seen, '\n');
	for (size_t i = 0; i < count; i++) {
		autobuf own = BUF_INIT;
		struct keys_variable v;
		size_t step = 0;

		while (keys_variable_next(&v, &keys[i], &step)) {
			autofree char *line = mem_printf("\n%s\n", v.name);

			if (strstr(seen.data, line))
				fail_msg("%s: %s is another key's", keys[i].name, v.name);
			buf_addf(&own, "%s\n", v.name);
		}
		buf_adds(&seen, own.data);
	}
}

static void unknown_keys_are_warnings_with_a_suggestion(void **state)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
		{ "bakup: {enabled: true}",
		  "t.yaml:1:1: unknown key \"bakup\", did you mean backup?" },
		{ "backup:\n  retention:\n    max_backup: 3",
		  "t.yaml:3:5: unknown key \"backup.retention.max_backup\", did you mean "
		  "backup.retention.max_backups?" },
		{ "retention:\n  keep_dialy: 3", "did you mean backup.retention.keep_daily?" },
		{ "backup: {compress: {level: 3}}", "did you mean backup.compression?" },
		{ "backup: {max_age: 7d}", "did you mean backup.retention.max_age?" },
		{ "monitoring: {enabled: true}", "t.yaml:1:1: unknown key \"monitoring\"" },
		{ "backup: {storage: {bucket: b}}",
		  "t.yaml:1:20: unknown key \"backup.storage.bucket\"" },
		{ "<<: {a: b}", "t.yaml:1:1: unknown key \"<<\"" },
		{ "\"\": 1", "t.yaml:1:1: unknown key \"\"" },
		{ "1: 2", "t.yaml:1:1: unknown key \"1\"" },
		{ "\"a\\nb\": 1", "t.yaml:1:1: unknown key \"a\\x0ab\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(config) *c = parse(cases[i].yaml);

		assert_int_equal(config_warning_count(c), 1);
		if (!strstr(config_warning(c, 0), cases[i].want))
			fail_msg("\"%s\" is not in \"%s\"", cases[i].want,
			         config_warning(c, 0));
	}
}

static void blocks_and_keys_are_found_under_other_spellings(void **state)
{
	static const struct {
		const char *yaml, *name, *want;
	} cases[] = {
		{ "backup: {logging: {log_level: debug}}", "logging.log_level", "debug" },
		{ "backup: {performance: {max_workers: 7}}", "backup.max_workers", "7" },
		{ "options: {dry_run: true}", "dry_run", "true" },
		{ "display: {verbose: true}", "verbose", "true" },
		{ "display: {format: JSON}", "display.output_format", "json" },
		{ "display: {color_output: false}", "display.color_enabled", "false" },
		{ "log_file: /tmp/x.log", "logging.log_file", "/tmp/x.log" },
		{ "log_file: ~/x.log", "log_file", "" },
		{ "target: {user: joe}", "target.username", "joe" },
		{ "database: {connection_timeout: 10s}", "database.timeout", "10s" },
		{ "database: {connection_pool: {read_timeout: 60s}}", "database.read_timeout",
		  "1m" },
		{ "verbose: true\ndisplay: {verbose: on}", "verbose", "true" },
		{ "backup.enabled: false", "backup.enabled", "false" },
		{ "backup:\nretention:\n  ~\ntimezone: UTC", "timezone", "UTC" },
		{ "timezone: Local", "timezone", "" },
		{ "encryption: {previous_keys: /a}", "backup.encryption.previous_keys", "/a" },
		{ "encryption: {previous_keys: [/a, /b, ~]}", "backup.encryption.previous_keys",
		  "/a, /b" },
		{ "migration: {backup_tags: {a: 1, b: \"x y\"}}", "migration.backup_tags",
		  "a=1, b=x y" },
		{ "migration: {backup_tags: \"a=1,b=2\"}", "migration.backup_tags",
		  "a=1, b=2" },
		{ "storage: {local: {permissions: 0750}}", "backup.storage.local.permissions",
		  "0750" },
		{ "storage: {s3: {prefix: \"\"}}", "backup.storage.s3.prefix", "" },
		{ "storage: {s3: {prefix: }}", "backup.storage.s3.prefix", "backups/" },
		{ "retention: {max_age: \"\"}", "backup.retention.max_age", "0s" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(config) *c = parse(cases[i].yaml);

		assert_no_warnings(c);
		if (strcmp(cases[i].want, "") != 0 || !config_text(c, cases[i].name))
			assert_shows(c, cases[i].name, cases[i].want);
	}
}

static void warnings_are_limited(void **state)
{
	autobuf yaml = BUF_INIT;
	DEFER(config) *c = NULL;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_addf(&yaml, "k%d: 1\n", i);
	c = parse(yaml.data);
	assert_int_equal(config_warning_count(c), 101);
	assert_string_equal(config_warning(c, 100), "more warnings like these");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(every_block_has_a_heading),
		cmocka_unit_test(no_variable_means_two_keys),
		cmocka_unit_test(unknown_keys_are_warnings_with_a_suggestion),
		cmocka_unit_test(blocks_and_keys_are_found_under_other_spellings),
		cmocka_unit_test(warnings_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
