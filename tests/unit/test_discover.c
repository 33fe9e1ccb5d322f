/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/fsutil.h"
#include "engine/base/mem.h"

static void write_file(const char *name, const char *text, mode_t mode)
{
	struct error err = ERROR_INIT;
	autofree char *dir = path_parent(name);

	assert_ok(dir_create(dir, 0700, &err));
	assert_ok(file_replace(name, text, strlen(text), mode, &err));
}

static void a_named_file_must_be_there_and_readable(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;

	(void)state;
	assert_fails(config_load(&c, "nowhere.yaml", &err), ERR_CONFIG,
	             "configuration: open nowhere.yaml: no such file");
	setenv("MYSQL_SCHEMA_SYNC_CONFIG", "nowhere.yaml", 1);
	assert_fails(config_load(&c, NULL, &err), ERR_CONFIG, "nowhere.yaml");
	unsetenv("MYSQL_SCHEMA_SYNC_CONFIG");
	assert_fails(config_load(&c, config_home, &err), ERR_CONFIG, "is a directory");
	write_file("broken.yaml", "backup: [", 0600);
	assert_fails(config_load(&c, "broken.yaml", &err), ERR_CONFIG,
	             "broken.yaml:2:1: not YAML");
	assert_int_equal(unlink("broken.yaml"), 0);
	assert_null(c);
}

static void a_named_file_wins_over_the_variable(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *named = NULL;
	DEFER(config) *variable = NULL;

	(void)state;
	write_file("a.yaml", "timezone: UTC\n", 0600);
	write_file("b.yaml", "dry_run: true\n", 0600);
	setenv("MYSQL_SCHEMA_SYNC_CONFIG", "b.yaml", 1);
	assert_ok(config_load(&named, "a.yaml", &err));
	assert_ok(config_load(&variable, NULL, &err));
	unsetenv("MYSQL_SCHEMA_SYNC_CONFIG");
	assert_string_equal(config_file(named), "a.yaml");
	assert_string_equal(config_file(variable), "b.yaml");
	assert_origin(variable, "dry_run", "b.yaml:1:10");
}

/* From the weakest place to the strongest: each new file must win over those before. */
static void the_file_is_found_in_the_documented_order(void **state)
{
	static const char *const places[] = {
		"home/mysql-schema-sync.yaml",
		"home/.mysql-schema-sync.yaml",
		"home/.config/mysql-schema-sync.yaml",
		"home/.config/mysql-schema-sync/mysql-schema-sync.yaml",
		"home/.config/mysql-schema-sync/config.yaml",
		"here/config.yaml",
		"here/mysql-schema-sync.yaml",
		"here/.mysql-schema-sync.yaml",
	};
	autofree char *below = path_join(config_home, "home");
	struct error err = ERROR_INIT;

	(void)state;
	setenv("HOME", below, 1);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		DEFER(config) *c = NULL;
		autofree char *path = path_join(config_home, places[i]);
		autofree char *text = mem_printf("target: {host: h%zu}\n", i);
		autofree char *want = mem_printf("h%zu", i);

		write_file(path, text, 0600);
		if (strncmp(places[i], "here/", 5) == 0)
			assert_int_equal(chdir("here"), 0);
		assert_ok(config_load(&c, NULL, &err));
		assert_int_equal(chdir(config_home), 0);
		assert_string_equal(config_text(c, "target.host"), want);
		assert_no_warnings(c);
	}
	assert_ok(dir_remove_tree(below, &err));
	setenv("HOME", config_home, 1);
}

static void xdg_config_home_is_honoured(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;
	autofree char *dir = path_join(config_home, "xdg");

	(void)state;
	write_file("xdg/mysql-schema-sync.yaml", "timezone: UTC\n", 0600);
	setenv("XDG_CONFIG_HOME", dir, 1);
	assert_ok(config_load(&c, NULL, &err));
	unsetenv("XDG_CONFIG_HOME");
	assert_string_equal(config_text(c, "timezone"), "UTC");
}

static void another_programs_config_yaml_is_left_alone(void **state)
{
	static const struct {
		const char *text;
		bool ours;
	} cases[] = {
		{ "database:\n  adapter: mysql2\nlogging: {level: 3}\n", false },
		{ "backups: 3\nx: {backup: 1}\n", false },
		{ "{ this is not YAML", false },
		{ "# ours\nbackup:\n  enabled: true\n", true },
		{ "\xEF\xBB\xBFtarget: {host: h}\n", true },
		{ "x: 1\nretention:\n  max_backups: 3\n", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		DEFER(config) *c = NULL;

		write_file("config.yaml", cases[i].text, 0600);
		assert_ok(config_load(&c, NULL, &err));
		assert_int_equal(config_file(c) != NULL, cases[i].ours);
	}
	assert_int_equal(unlink("config.yaml"), 0);
}

static void a_broken_file_of_ours_is_found_and_refused(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;

	(void)state;
	write_file("config.yaml", "backup:\n  enabled: [\n", 0600);
	assert_fails(config_load(&c, NULL, &err), ERR_CONFIG, "config.yaml:3:1: not YAML");
	assert_int_equal(unlink("config.yaml"), 0);
}

static void written_secrets_in_an_open_file_are_warned_about(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		bool warned;
	} cases[] = {
		{ "target: {password: x}\n", 0644, true },
		{ "target: {password: x}\n", 0640, true },
		{ "target: {password: x}\n", 0600, false },
		{ "target: {password: \"${HOME}\"}\n", 0644, false },
		{ "target: {host: x}\n", 0644, false },
		{ "target: {host: x}\n", 0666, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		DEFER(config) *c = NULL;

		write_file("c.yaml", cases[i].text, cases[i].mode);
		assert_ok(config_load(&c, "c.yaml", &err));
		assert_int_equal(config_warning_count(c), cases[i].warned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_file_must_be_there_and_readable),
		cmocka_unit_test(a_named_file_wins_over_the_variable),
		cmocka_unit_test(the_file_is_found_in_the_documented_order),
		cmocka_unit_test(xdg_config_home_is_honoured),
		cmocka_unit_test(another_programs_config_yaml_is_left_alone),
		cmocka_unit_test(a_broken_file_of_ours_is_found_and_refused),
		cmocka_unit_test(written_secrets_in_an_open_file_are_warned_about),
	};

	return cmocka_run_group_tests(tests, config_home_make, config_home_unmake);
}
