/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/schema/client.h"
#include "engine/schema/model.h"

static const struct {
	const char *sql;
	const char *sql_mode;
	const char *charset;
	bool alters;
} cases[] = {
	{ "CREATE TABLE `t` (\n  `a` int COMMENT 'it''s; -- # /* x */ \\\\'\n)", NULL, NULL,
	  false },
	{ "CREATE TABLE `a\n--` (`b;/*` int)", NULL, NULL, false },
	{ "CREATE VIEW `v` AS select 'é'", NULL, "utf8mb4", false },
	{ "CREATE VIEW `v` AS select 'é'", NULL, "utf8mb3", false },
	{ "CREATE VIEW `v` AS select 'e'", NULL, "latin1", false },
	{ "CREATE VIEW `v` AS select 'é'", NULL, "latin1", true },
	{ "BEGIN SELECT 1; SELECT 2; END", NULL, NULL, false },
	{ "BEGIN -- why\n SELECT 1; END", NULL, NULL, true },
	{ "BEGIN # why\n SELECT 1; END", NULL, NULL, true },
	{ "BEGIN /* why */ SELECT 1; END", NULL, NULL, true },
	{ "SELECT 'a\rb'", NULL, NULL, true },
	{ "SELECT `a\r`", NULL, NULL, true },
	{ "SELECT 1 AS delimiter", NULL, NULL, false },
	{ "SELECT 1 AS\n  delimiter", NULL, NULL, true },
	{ "SELECT 1 AS\nDELIMITER", NULL, NULL, true },
	{ "SELECT 'a\ndelimiter'", NULL, NULL, false },
	{ "BEGIN\n  DECLARE EXIT HANDLER", NULL, NULL, false },
	{ "BEGIN\n  EXIT HANDLER", NULL, NULL, true },
	{ "SELECT \\N", NULL, NULL, true },
	{ "SELECT '\\'", "NO_BACKSLASH_ESCAPES", NULL, true },
	{ "SELECT 'x'", "NO_BACKSLASH_ESCAPES", NULL, false },
	{ "SELECT \"a\\\"", "ANSI_QUOTES", NULL, true },
	{ "SELECT \"a\", '\\\\'", "ANSI_QUOTES", NULL, false },
	{ "SELECT 'never ends", NULL, NULL, true },
};

static void what_clients_alter_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct object_context context = { .sql_mode = cases[i].sql_mode,
			                                .client_charset = cases[i].charset };

		if (client_alters(str_of(cases[i].sql), &context) != cases[i].alters)
			fail_msg("%s: want %d", cases[i].sql, cases[i].alters);
	}
}

static void a_nul_does_not_pass(void **state)
{
	const struct object_context context = { 0 };

	(void)state;
	assert_true(client_alters((struct str){ "SELECT '\0'", 10 }, &context));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_alter_is_known),
		cmocka_unit_test(a_nul_does_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
