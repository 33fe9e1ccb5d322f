/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/override.h"
#include "cli/prompt.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

static const struct opt host = OPT_CONFIG(0, "host", "target.host", "H", COMPLETE_NOTHING, "h");
static const struct opt port = OPT_CONFIG(0, "port", "target.port", "P", COMPLETE_NOTHING, "p");
static const struct opt sock =
	OPT_CONFIG(0, "socket", "target.socket", "S", COMPLETE_NOTHING, "s");
static const struct opt key =
	OPT_CONFIG_ALSO(0, "encryption-key", "backup.encryption.key_file",
                        "backup.encryption.key_source=file backup.encryption.enabled=true", "F",
                        COMPLETE_NOTHING, "f");

static struct config *configured(const char *yaml)
{
	struct error err = ERROR_INIT;
	struct config *c = NULL;

	assert_ok(config_parse(&c, yaml, strlen(yaml), "test.yaml", &err));
	return c;
}

static int apply(struct config *c, const struct opt *o, const char *value, struct error *err)
{
	struct opt_override one = { o, value };
	const struct parse p = { .overrides = &one, .override_count = 1 };

	return override_apply(c, &p, err);
}

static void options_go_to_the_block_that_says_the_server(void **state)
{
	DEFER(config) *target = configured("target: {username: u}\nsource: {host: s}\n");
	DEFER(config) *database = configured("database: {username: u}\nsource: {host: s}\n");
	DEFER(config) *source = configured("source: {username: u}\n");
	DEFER(config) *none = configured("");
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(apply(target, &host, "h", &err));
	assert_string_equal(config_text(target, "target.host"), "h");
	assert_ok(apply(database, &host, "h", &err));
	assert_string_equal(config_text(database, "database.host"), "h");
	assert_false(config_is_set(database, "target.host"));
	assert_ok(apply(source, &port, "3307", &err));
	assert_int_equal(config_int(source, "source.port"), 3307);
	assert_ok(apply(none, &host, "h", &err));
	assert_string_equal(config_text(none, "target.host"), "h");
}

static void a_host_replaces_a_socket_and_back(void **state)
{
	DEFER(config) *c = configured("target: {socket: /s}\n");
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(apply(c, &host, "h", &err));
	assert_null(config_text(c, "target.socket"));
	assert_ok(apply(c, &sock, "/t", &err));
	assert_null(config_text(c, "target.host"));
	assert_string_equal(config_text(c, "target.socket"), "/t");
}

static void an_option_may_set_more_than_one_key(void **state)
{
	DEFER(config) *c = configured("");
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(apply(c, &key, "/k", &err));
	assert_string_equal(config_text(c, "backup.encryption.key_file"), "/k");
	assert_string_equal(config_text(c, "backup.encryption.key_source"), "file");
	assert_true(config_bool(c, "backup.encryption.enabled"));
}

static void wrong_values_name_the_option(void **state)
{
	DEFER(config) *c = configured("");
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(apply(c, &port, "70000", &err), ERR_USAGE, "--port: ");
	assert_fails(apply(c, &port, "x", &err), ERR_USAGE, "\"x\"");
}

/* A password file with a mode. */
static char *written(const char *text, mode_t mode)
{
	char *path = mem_strdup("/tmp/test_override.XXXXXX");
	struct error err = ERROR_INIT;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_ok(fd_write_all(fd, text, strlen(text), &err));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void a_password_file_is_its_first_line(void **state)
{
	DEFER(config) *c = configured("database: {host: h}\n");
	autofree char *path = written("gehe im\r\nmore\n", 0600);
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(override_password_file(c, path, &err));
	unlink(path);
	assert_string_equal(config_text(c, "database.password"), "gehe im");
}

static void an_open_password_file_is_refused(void **state)
{
	DEFER(config) *c = configured("");
	autofree char *path = written("x\n", 0640);
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(override_password_file(c, path, &err), ERR_DENIED,
	             "open to others (mode 0640)");
	unlink(path);
	assert_fails(override_password_file(c, path, &err), ERR_SYSTEM, "no such file");
}

static void a_password_can_be_typed(void **state)
{
	DEFER(config) *c = configured("target: {host: h}\n");
	struct prompt p = { .out = stderr };
	struct error err = ERROR_INIT;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "typed\n", 6), 6);
	close(fds[1]);
	p.in = fds[0];
	assert_ok(override_password_prompt(c, &p, &err));
	close(fds[0]);
	assert_string_equal(config_text(c, "target.password"), "typed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_go_to_the_block_that_says_the_server),
		cmocka_unit_test(a_host_replaces_a_socket_and_back),
		cmocka_unit_test(an_option_may_set_more_than_one_key),
		cmocka_unit_test(wrong_values_name_the_option),
		cmocka_unit_test(a_password_file_is_its_first_line),
		cmocka_unit_test(an_open_password_file_is_refused),
		cmocka_unit_test(a_password_can_be_typed),
	};

	return cmocka_run_group_tests_name("override", tests, NULL, NULL);
}
