/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/server/load_rules.h"

struct rule {
	const char *sql;
	enum load_action action;
	const char *rewritten; /* of LOAD_DATABASE */
};

static void check(const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autobuf rewritten = BUF_INIT;
		autobuf database = BUF_INIT;
		const char *reason = "";
		enum load_action got = load_rules_choose(str_of(rules[i].sql), NULL, &rewritten,
		                                         &database, &reason);

		if (got != rules[i].action)
			fail_msg("%s: action %d, want %d (%s)", rules[i].sql, got,
			         rules[i].action, reason);
		if (got == LOAD_DATABASE)
			assert_string_equal(rewritten.data, rules[i].rewritten);
		if (got == LOAD_REFUSE)
			assert_string_not_equal(reason, "");
	}
}

static void objects_are_run(void **state)
{
	static const struct rule rules[] = {
		{ "CREATE TABLE t (a int)", LOAD_RUN, NULL },
		{ "create or replace view v as select 1", LOAD_RUN, NULL },
		{ "ALTER TABLE t ADD b int", LOAD_RUN, NULL },
		{ "DROP TABLE IF EXISTS t", LOAD_RUN, NULL },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void a_table_may_be_like_another_of_the_script(void **state)
{
	static const struct rule rules[] = {
		{ "CREATE TABLE a LIKE b", LOAD_LIKE, NULL },
		{ "create table if not exists `a b` like `c`;", LOAD_LIKE, NULL },
		{ "CREATE OR REPLACE TABLE a (LIKE b)", LOAD_LIKE, NULL },
		/* statement_check() refuses what is left. */
		{ "CREATE TABLE a LIKE other.b", LOAD_RUN, NULL },
		{ "CREATE TABLE other.a LIKE b", LOAD_RUN, NULL },
		{ "CREATE TABLE a (LIKE other.b)", LOAD_RUN, NULL },
		{ "CREATE TABLE a (LIKE b", LOAD_RUN, NULL },
		{ "CREATE TABLE a LIKE b; DROP DATABASE x", LOAD_RUN, NULL },
		{ "CREATE TABLE a LIKE b SELECT * FROM mysql.user", LOAD_RUN, NULL },
		{ "CREATE TEMPORARY TABLE a LIKE b", LOAD_RUN, NULL },
		{ "CREATE TABLE a LIKE 'b'", LOAD_RUN, NULL },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void rows_and_housekeeping_are_left_out(void **state)
{
	static const struct rule rules[] = {
		{ "INSERT INTO t VALUES (1)", LOAD_DATA, NULL },
		{ "REPLACE INTO t VALUES (1)", LOAD_DATA, NULL },
		{ "LOCK TABLES t WRITE", LOAD_IGNORE, NULL },
		{ "DROP DATABASE shop", LOAD_IGNORE, NULL },
		{ "USE shop", LOAD_IGNORE, NULL },
		{ "", LOAD_IGNORE, NULL },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void what_makes_no_schema_is_refused(void **state)
{
	static const struct rule rules[] = {
		{ "GRANT ALL ON *.* TO x", LOAD_REFUSE, NULL },
		{ "LOAD DATA INFILE '/etc/passwd' INTO TABLE t", LOAD_REFUSE, NULL },
		{ "SHUTDOWN", LOAD_REFUSE, NULL },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void settings_run_when_they_can_do_no_harm(void **state)
{
	static const struct rule rules[] = {
		{ "SET NAMES utf8mb4", LOAD_SET, NULL },
		{ "SET @@SESSION.sql_mode = 'ANSI_QUOTES', foreign_key_checks = 0", LOAD_SET,
		  NULL },
		{ "SET GLOBAL read_only = 1", LOAD_IGNORE, NULL },
		{ "SET sql_mode = (SELECT 'x')", LOAD_IGNORE, NULL },
		{ "SET sql_mode = sleep(10)", LOAD_IGNORE, NULL },
		{ "SET PASSWORD = 'x'", LOAD_IGNORE, NULL },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void the_database_loses_its_name(void **state)
{
	static const struct rule rules[] = {
		{ "CREATE DATABASE IF NOT EXISTS `shop`", LOAD_IGNORE, NULL },
		{ "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4", LOAD_DATABASE,
		  "ALTER DATABASE DEFAULT CHARACTER SET utf8mb4" },
		{ "ALTER DATABASE `shop` COLLATE utf8mb4_bin", LOAD_DATABASE,
		  "ALTER DATABASE COLLATE utf8mb4_bin" },
	};

	(void)state;
	check(rules, ARRAY_SIZE(rules));
}

static void a_script_is_about_one_database(void **state)
{
	autobuf rewritten = BUF_INIT;
	autobuf database = BUF_INIT;
	const char *reason = "";

	(void)state;
	assert_int_equal(
		load_rules_choose(str_of("USE shop"), NULL, &rewritten, &database, &reason),
		LOAD_IGNORE);
	assert_string_equal(database.data, "shop");
	assert_int_equal(
		load_rules_choose(str_of("USE `shop`"), NULL, &rewritten, &database, &reason),
		LOAD_IGNORE);
	assert_int_equal(
		load_rules_choose(str_of("USE other"), NULL, &rewritten, &database, &reason),
		LOAD_REFUSE);
	assert_string_equal(reason, "the script is about more than one database");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_run),
		cmocka_unit_test(a_table_may_be_like_another_of_the_script),
		cmocka_unit_test(rows_and_housekeeping_are_left_out),
		cmocka_unit_test(what_makes_no_schema_is_refused),
		cmocka_unit_test(settings_run_when_they_can_do_no_harm),
		cmocka_unit_test(the_database_loses_its_name),
		cmocka_unit_test(a_script_is_about_one_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
