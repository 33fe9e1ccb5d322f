/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/config/config.h"
#include "engine/config/connection.h"

static struct config *parse(const char *yaml)
{
	struct error err = ERROR_INIT;
	struct config *c = NULL;

	assert_ok(config_parse(&c, yaml, strlen(yaml), "t.yaml", &err));
	return c;
}

static void assert_text(const char *got, const char *want)
{
	if (want && got)
		assert_string_equal(got, want);
	else if (want || got)
		fail_msg("want %s, got %s", want ? want : "nothing", got ? got : "nothing");
}

static void the_first_block_that_is_there_counts(void **state)
{
	static const struct {
		const char *yaml, *target, *source; /* users; source NULL: refused */
	} cases[] = {
		{ "target: {username: t}\ndatabase: {username: d}\nsource: {username: s}", "t",
		  "s" },
		{ "database: {username: d}\nsource: {username: s}", "d", "s" },
		{ "source: {username: s}", "s", "s" },
		{ "target: {username: t}", "t", NULL },
		/* A source that is only a database is one of the target's server. */
		{ "target: {username: t}\nsource: {database: d}", "t", "t" },
		{ "database: {username: d}\nsource: {database: x, password: p}", "d", "d" },
		/* What says nothing about which server does not hide the block that does. */
		{ "target: {password: p, timeout: 3s}\ndatabase: {username: d}", "d", NULL },
		{ "target: {host: \"\"}\ndatabase: {username: d}", "d", NULL },
		{ "target:\ndatabase: {username: d}", "d", NULL },
		{ "target: {socket: /s}\ndatabase: {username: d}", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct connection conn;
		DEFER(config) *c = parse(cases[i].yaml);

		assert_ok(connection_from_config(&conn, c, CONNECTION_TARGET, &err));
		assert_text(conn.user, cases[i].target);
		if (cases[i].source) {
			assert_ok(connection_from_config(&conn, c, CONNECTION_SOURCE, &err));
			assert_text(conn.user, cases[i].source);
		} else {
			assert_fails(connection_from_config(&conn, c, CONNECTION_SOURCE, &err),
			             ERR_CONFIG, "no source server in the configuration");
		}
	}
}

static void all_members_are_filled(void **state)
{
	struct error err = ERROR_INIT;
	struct connection conn;
	DEFER(config) *c = parse(
		"target:\n  host: db\n  port: 3307\n  username: u\n  password: p\n  database: d\n"
		"  defaults_file: /f\n  ssl_ca: /ca\n  ssl_cert: /c\n  ssl_key: /k\n"
		"  ssl_mode: VERIFY_CA\n  timeout: 7s\n  read_timeout: 1m\n");

	(void)state;
	assert_ok(connection_from_config(&conn, c, CONNECTION_TARGET, &err));
	assert_text(conn.host, "db");
	assert_text(conn.socket, NULL);
	assert_text(conn.user, "u");
	assert_text(conn.password, "p");
	assert_text(conn.database, "d");
	assert_text(conn.defaults_file, "/f");
	assert_text(conn.ssl_ca, "/ca");
	assert_text(conn.ssl_cert, "/c");
	assert_text(conn.ssl_key, "/k");
	assert_text(conn.ssl_mode, "verify_ca");
	assert_int_equal(conn.port, 3307);
	assert_int_equal(conn.connect_timeout, 7);
	assert_int_equal(conn.read_timeout, 60);
	assert_true(conn.said);
}

static void with_no_configuration_nothing_is_said(void **state)
{
	struct error err = ERROR_INIT;
	struct connection conn;
	DEFER(config) *c = parse("timeout: 5s");

	(void)state;
	assert_ok(connection_from_config(&conn, c, CONNECTION_TARGET, &err));
	assert_false(conn.said);
	assert_text(conn.host, NULL);
	assert_text(conn.ssl_mode, NULL);
	assert_int_equal(conn.port, 0);
	assert_int_equal(conn.connect_timeout, 5);
	assert_int_equal(conn.read_timeout, 0);
}

static void a_port_on_localhost_is_reached_by_tcp(void **state)
{
	static const struct {
		const char *yaml, *host;
	} cases[] = {
		{ "target: {host: localhost}", "localhost" },
		{ "target: {host: localhost, port: 3306}", "localhost" },
		{ "target: {host: localhost, port: 3307}", "127.0.0.1" },
		{ "target: {port: 3307}", "127.0.0.1" },
		{ "target: {port: 3307, socket: /s}", NULL },
		{ "target: {host: db, port: 3307}", "db" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct connection conn;
		DEFER(config) *c = parse(cases[i].yaml);

		assert_ok(connection_from_config(&conn, c, CONNECTION_TARGET, &err));
		assert_text(conn.host, cases[i].host);
	}
}

static void contradictions_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *yaml, *part;
	} cases[] = {
		{ "target: {host: db, socket: /s}",
		  "t.yaml:1:28: target.socket is /s, but target.host is db" },
		{ "target: {host: 127.0.0.1, socket: /s}", "target.host is 127.0.0.1" },
		{ "database: {host: db, ssl_mode: verify_ca}",
		  "t.yaml:1:32: database.ssl_mode needs database.ssl_ca" },
		{ "target: {host: db, ssl_cert: /c}", "target.ssl_cert needs target.ssl_key" },
		{ "target: {host: db, ssl_key: /k}", "target.ssl_key needs target.ssl_cert" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct connection conn;
		DEFER(config) *c = parse(cases[i].yaml);

		assert_fails(connection_from_config(&conn, c, CONNECTION_TARGET, &err),
		             ERR_CONFIG, cases[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_block_that_is_there_counts),
		cmocka_unit_test(all_members_are_filled),
		cmocka_unit_test(with_no_configuration_nothing_is_said),
		cmocka_unit_test(a_port_on_localhost_is_reached_by_tcp),
		cmocka_unit_test(contradictions_are_refused_with_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
