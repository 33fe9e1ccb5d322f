/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/server/grants.h"
#include "engine/server/server.h"

#define BIT(kind) OBJECT_KIND_BIT(OBJECT_##kind)
#define ROUTINES  (BIT(FUNCTION) | BIT(PROCEDURE) | BIT(PACKAGE) | BIT(PACKAGE_BODY))
#define TABLES    (BIT(TABLE) | BIT(SEQUENCE))

static const struct server_info mariadb = { .family = SERVER_MARIADB,
	                                    .version_number = 101119 };
static const struct server_info newer = { .family = SERVER_MARIADB, .version_number = 110300 };
static const struct server_info mysql = { .family = SERVER_MYSQL, .version_number = 80400 };

static unsigned int visible(const struct server_info *server, const char *database,
                            const char *const lines[])
{
	DEFER(grants) *g = grants_new(database, server);

	for (size_t i = 0; lines[i]; i++)
		grants_add(g, str_of(lines[i]));
	return grants_visible(g);
}

/* What MySQL does not have is never hidden. */
#define NOT_IN_MYSQL (BIT(SEQUENCE) | BIT(PACKAGE) | BIT(PACKAGE_BODY))

#define LINES(...)         ((const char *const[]){ __VA_ARGS__, NULL })
#define VISIBLE(...)       visible(&mariadb, "shop", LINES(__VA_ARGS__))
#define VISIBLE_MYSQL(...) visible(&mysql, "shop", LINES(__VA_ARGS__))

static void all_privileges_show_everything(void **state)
{
	(void)state;
	assert_int_equal(
		VISIBLE("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
	                "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION"),
		OBJECT_KINDS_ALL);
}

static void the_guides_grants_hide_triggers_and_events(void **state)
{
	(void)state;
	assert_int_equal(
		VISIBLE("GRANT SELECT, PROCESS, SHOW DATABASES, LOCK TABLES, SHOW VIEW "
	                "ON *.* TO `b`@`%` IDENTIFIED BY PASSWORD '*AB'"),
		OBJECT_KINDS_ALL & ~(BIT(TRIGGER) | BIT(EVENT)));
}

static void nothing_is_visible_without_grants(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT USAGE ON *.* TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE("GRANT ALL PRIVILEGES ON `other`.* TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE("GRANT SELECT, TRIGGER ON `shop`.`orders` TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE("GRANT SELECT (`a`, `b`), SHOW VIEW (`a`) ON *.* TO `b`@`%`"),
	                 0);
	assert_int_equal(VISIBLE("GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE(""), 0);
	assert_int_equal(VISIBLE("GRANT"), 0);
	assert_int_equal(VISIBLE("GRANT SELECT ON `shop"), 0);
	assert_int_equal(VISIBLE("GRANT SELECT ON *.*"), 0);
}

static void columns_do_not_hide_what_stands_beside_them(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT INSERT (`a`, `b`), TRIGGER ON `shop`.* TO `b`@`%`"),
	                 BIT(TRIGGER));
}

static void a_view_needs_two_rights(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT SHOW VIEW ON `shop`.* TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE("GRANT SELECT, SHOW VIEW ON `shop`.* TO `b`@`%`"),
	                 TABLES | BIT(VIEW));
}

static void routines_are_read_from_the_system_table(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT SELECT ON `shop`.* TO `b`@`%`"), TABLES);
	assert_int_equal(VISIBLE("GRANT SELECT ON `mysql`.`proc` TO `b`@`%`"), ROUTINES);
	assert_int_equal(VISIBLE("GRANT SELECT ON `mysql`.* TO `b`@`%`"), ROUTINES);
	assert_int_equal(VISIBLE("GRANT SELECT ON `mysql`.`user` TO `b`@`%`"), 0);
	assert_int_equal(VISIBLE("GRANT SHOW CREATE ROUTINE ON `shop`.* TO `b`@`%`"), ROUTINES);
	/* MySQL has no such table any more. */
	assert_int_equal(VISIBLE_MYSQL("GRANT SELECT ON `mysql`.* TO `b`@`%`"), NOT_IN_MYSQL);
	assert_int_equal(VISIBLE_MYSQL("GRANT SHOW_ROUTINE ON *.* TO `b`@`%`"),
	                 ROUTINES | NOT_IN_MYSQL);
	assert_int_equal(VISIBLE_MYSQL("GRANT SELECT ON *.* TO `b`@`%`"), TABLES | ROUTINES);
}

static void all_rights_on_a_database_show_routines_on_new_servers(void **state)
{
	static const char *const lines[] = { "GRANT ALL PRIVILEGES ON `shop`.* TO `b`@`%`",
		                             NULL };

	(void)state;
	assert_int_equal(visible(&newer, "shop", lines), OBJECT_KINDS_ALL);
	assert_int_equal(visible(&mariadb, "shop", lines), OBJECT_KINDS_ALL & ~ROUTINES);
	assert_int_equal(visible(&mysql, "shop", lines),
	                 (OBJECT_KINDS_ALL & ~ROUTINES) | NOT_IN_MYSQL);
}

static void rights_of_account_role_and_public_add_up(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT `r` TO `b`@`%`", "GRANT SELECT ON `shop`.* TO `b`@`%`",
	                         "GRANT SHOW VIEW, TRIGGER ON `shop`.* TO `r`",
	                         "GRANT EVENT ON `shop`.* TO PUBLIC",
	                         "SET DEFAULT ROLE `r` FOR `b`@`%`"),
	                 TABLES | BIT(VIEW) | BIT(TRIGGER) | BIT(EVENT));
}

static void only_the_most_specific_pattern_counts(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE("GRANT TRIGGER ON `sh%`.* TO `b`@`%`",
	                         "GRANT EVENT ON `shop`.* TO `b`@`%`"),
	                 BIT(EVENT));
	assert_int_equal(VISIBLE("GRANT EVENT ON `shop`.* TO `b`@`%`",
	                         "GRANT TRIGGER ON `sh%`.* TO `b`@`%`"),
	                 BIT(EVENT));
	assert_int_equal(VISIBLE("GRANT TRIGGER ON `s%`.* TO `b`@`%`",
	                         "GRANT EVENT ON `sho%`.* TO `b`@`%`"),
	                 BIT(EVENT));
	/* Equally specific: what both give. */
	assert_int_equal(VISIBLE("GRANT TRIGGER, EVENT ON `s%`.* TO `b`@`%`",
	                         "GRANT EVENT ON `s_op`.* TO `b`@`%`"),
	                 BIT(EVENT));
	/* Another grantee's patterns are another matter. */
	assert_int_equal(
		VISIBLE("GRANT TRIGGER ON `s%`.* TO `r`", "GRANT EVENT ON `shop`.* TO `b`@`%`"),
		BIT(TRIGGER) | BIT(EVENT));
}

static void revokes_take_away_from_global_rights(void **state)
{
	(void)state;
	assert_int_equal(VISIBLE_MYSQL("GRANT SELECT, TRIGGER ON *.* TO `b`@`%`",
	                               "REVOKE TRIGGER ON `shop`.* FROM `b`@`%`"),
	                 TABLES | ROUTINES);
	assert_int_equal(VISIBLE_MYSQL("GRANT TRIGGER ON *.* TO `b`@`%`",
	                               "REVOKE TRIGGER ON `mysql`.* FROM `b`@`%`"),
	                 BIT(TRIGGER) | NOT_IN_MYSQL);
}

static void a_server_without_accounts_shows_everything(void **state)
{
	DEFER(grants) *g = grants_new("shop", &mariadb);

	(void)state;
	grants_add_everything(g);
	assert_int_equal(grants_visible(g), OBJECT_KINDS_ALL);
	assert_true(grants_see_processes(g));
}

static void processes_need_a_global_right(void **state)
{
	DEFER(grants) *g = grants_new("shop", &mariadb);

	(void)state;
	grants_add(g, str_of("GRANT ALL PRIVILEGES ON `shop`.* TO `b`@`%`"));
	assert_false(grants_see_processes(g));
	grants_add(g, str_of("GRANT PROCESS ON *.* TO `b`@`%`"));
	assert_true(grants_see_processes(g));
}

static void odd_names_are_read_whole(void **state)
{
	static const char *const lines[] = {
		"GRANT SELECT ON `a``b.*\n ON x`.* TO `we``ird TO`@`%` REQUIRE SSL", NULL
	};

	(void)state;
	assert_int_equal(visible(&mariadb, "a`b.*\n ON x", lines), TABLES);
}

static void patterns_match_as_in_the_server(void **state)
{
	static const struct {
		const char *pattern;
		const char *name;
		bool matches;
	} cases[] = {
		{ "shop", "shop", true },
		{ "shop", "shops", false },
		{ "shops", "shop", false },
		{ "", "", true },
		{ "", "a", false },
		{ "%", "", true },
		{ "%", "anything", true },
		{ "sh%", "shop", true },
		{ "%op", "shop", true },
		{ "s%o%", "shop", true },
		{ "s%x%", "shop", false },
		{ "s_op", "shop", true },
		{ "s_op", "s_op", true },
		{ "s\\_op", "s_op", true },
		{ "s\\_op", "shop", false },
		{ "100\\%", "100%", true },
		{ "100\\%", "1000", false },
		{ "_", "\xc3\xbc", true }, /* one character of two bytes */
		{ "_", "ab", false },
		{ "a\\", "a\\", true },
		{ "a\\\\b", "a\\b", true },
		{ "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%b",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
		{ "_%_", "a", false },
		{ "_%_", "ab", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (grants_pattern_matches(cases[i].pattern, cases[i].name) != cases[i].matches)
			fail_msg("%s and %s", cases[i].pattern, cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_privileges_show_everything),
		cmocka_unit_test(the_guides_grants_hide_triggers_and_events),
		cmocka_unit_test(nothing_is_visible_without_grants),
		cmocka_unit_test(columns_do_not_hide_what_stands_beside_them),
		cmocka_unit_test(a_view_needs_two_rights),
		cmocka_unit_test(routines_are_read_from_the_system_table),
		cmocka_unit_test(all_rights_on_a_database_show_routines_on_new_servers),
		cmocka_unit_test(rights_of_account_role_and_public_add_up),
		cmocka_unit_test(only_the_most_specific_pattern_counts),
		cmocka_unit_test(revokes_take_away_from_global_rights),
		cmocka_unit_test(a_server_without_accounts_shows_everything),
		cmocka_unit_test(processes_need_a_global_right),
		cmocka_unit_test(odd_names_are_read_whole),
		cmocka_unit_test(patterns_match_as_in_the_server),
	};

	return cmocka_run_group_tests_name("grants", tests, NULL, NULL);
}
