/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/server/apply.h"
#include "engine/server/statement_check.h"

#define ORACLE "PIPES_AS_CONCAT,ANSI_QUOTES,ORACLE"

static void statements_of_plans_pass(void **state)
{
	static const struct {
		const char *sql;
		const char *sql_mode;
	} cases[] = {
		{ "CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  `b` int(11) GENERATED ALWAYS AS "
		  "(`a` + 1) VIRTUAL CHECK (`a` like 'x;%'),\n  PRIMARY KEY (`a`)\n) "
		  "ENGINE=InnoDB COMMENT='a;b' WITH SYSTEM VERSIONING" },
		{ "CREATE TABLE `t` (`a` int /*!80023 INVISIBLE */) ENGINE=InnoDB\n/*!50100 PARTITION "
		  "BY RANGE (`a`)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */" },
		{ "CREATE TABLE `t` (`a` text /*M!100301 COMPRESSED*/ DEFAULT NULL)" },
		{ "CREATE OR REPLACE TABLE IF NOT EXISTS t (a int)" },
		{ "CREATE TABLE `c` (`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES "
		  "`other`.`p` (`id`))" },
		{ "ALTER TABLE `t` RENAME COLUMN `a` TO `b`, RENAME INDEX `k` TO `l`, RENAME TO `u`" },
		{ "ALTER TABLE `t` MODIFY `a` enum('x','y;z') CHARACTER SET utf8mb3, DROP KEY `k`" },
		{ "ALTER TABLE `t` ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o`.`p` (`id`)" },
		{ "ALTER TABLE `t` EXCHANGE PARTITION p0 WITH TABLE `u`" },
		{ "ALTER ONLINE IGNORE TABLE t ADD x int" },
		{ "RENAME TABLE `a` TO `b`, `b` TO `c`" },
		{ "DROP TABLE IF EXISTS `a`, `b` CASCADE" },
		{ "DROP VIEW `v`" },
		{ "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW "
		  "`v` AS select `other`.`t`.`a` AS `a` from `other`.`t`" },
		{ "CREATE DEFINER=`root`@`localhost` TRIGGER `t` BEFORE INSERT ON `o` FOR EACH ROW "
		  "BEGIN set new.a = 1; update other.x set a = 2; END" },
		{ "CREATE DEFINER='u'@'%' trigger tr after insert on t for each row set @a = 1" },
		{ "DROP TRIGGER IF EXISTS `t`" },
		{ "CREATE DEFINER=`r` PROCEDURE `p`(a int)\nBEGIN select 1; END" },
		{ "CREATE DEFINER=CURRENT_USER() PROCEDURE p() select 1" },
		{ "CREATE AGGREGATE FUNCTION `f`(x int) RETURNS int(11) BEGIN RETURN 1; END" },
		{ "CREATE DEFINER=\"root\"@\"localhost\" FUNCTION \"f\" RETURN int AS BEGIN RETURN 1; "
		  "END",
		  ORACLE },
		{ "CREATE DEFINER=\"root\"@\"localhost\" PACKAGE BODY \"p\" as procedure q as begin "
		  "null; end; end",
		  ORACLE },
		{ "DROP PACKAGE BODY \"p\"", ORACLE },
		{ "ALTER PROCEDURE `p` SQL SECURITY INVOKER" },
		{ "DROP FUNCTION `f`" },
		{ "CREATE DEFINER=`root`@`localhost` EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE DO "
		  "begin select 1; end" },
		{ "ALTER EVENT `e` RENAME TO `f`" },
		{ "ALTER EVENT `e` ENABLE DO begin select 1; end" },
		{ "ALTER EVENT `e` ON COMPLETION PRESERVE" },
		{ "DROP EVENT `e`" },
		{ "CREATE SEQUENCE `s` start with 1 minvalue 1 cache 5 nocycle ENGINE=InnoDB" },
		{ "ALTER SEQUENCE `s` maxvalue 7" },
		{ "DROP SEQUENCE `s`" },
		{ "CREATE UNIQUE INDEX `i` USING BTREE ON `t` (`a`)" },
		{ "DROP INDEX `i` ON `t`" },
		{ "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" },
		{ "ALTER DATABASE DEFAULT CHARACTER SET = `utf8mb4` COMMENT 'x'" },
		{ "ALTER SCHEMA COLLATE = utf8mb4_bin" },
		{ "/* made by us */ DROP TABLE t -- the end" },
		{ "CREATE TABLE `t` (`a` int) COMMENT='it''s \\'so\\''" },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (apply_check_statement(cases[i].sql, SERVER_MARIADB, cases[i].sql_mode,
		                          &err) < 0)
			fail_msg("%s: %s", cases[i].sql, err.text);
}

static void other_statements_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		";",
		"SELECT 1",
		"INSERT INTO t VALUES (1)",
		"DELETE FROM t",
		"TRUNCATE TABLE t",
		"GRANT ALL ON *.* TO x",
		"SET GLOBAL general_log = 1",
		"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
		"CALL p()",
		"DO SLEEP(1)",
		"CREATE",
		"CREATE USER u",
		"CREATE ROLE r",
		"CREATE DATABASE d",
		"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
		"CREATE TEMPORARY TABLE t (a int)",
		"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
		"CREATE AGGREGATE FUNCTION f RETURNS INTEGER SONAME 'x.so'",
		"CREATE FUNCTION f /*!99999 () */ RETURNS STRING SONAME 'x.so'",
		"DROP DATABASE d",
		"DROP SCHEMA d",
		"DROP USER u",
		"DROP SERVER s",
		"DROP TEMPORARY TABLE t",
		"ALTER USER u IDENTIFIED BY 'x'",
		"ALTER INSTANCE ROTATE INNODB MASTER KEY",
		"ALTER DATABASE other CHARACTER SET utf8mb4",
		"ALTER DATABASE `other` COLLATE utf8mb4_bin",
		"ALTER DATABASE",
		"ALTER DATABASE UPGRADE DATA DIRECTORY NAME",
		"ALTER DATABASE CHARACTER SET utf8mb4; DROP TABLE t",
		"RENAME USER a TO b",
		"RENAME TABLE a",
		"DROP TABLE",
		"DROP TABLE t; DROP TABLE u",
		"DROP TABLE t;",
		"DROP VIEW v FROM x",
		"DROP TRIGGER t ON x",
		"CREATE TABLE t (a int); DROP TABLE u",
		"CREATE VIEW v AS SELECT 1; DROP TABLE u",
		"ALTER TABLE t ADD x int; DROP TABLE u",
		"ALTER PROCEDURE p COMMENT 'x'; DROP TABLE u",
		"DROP PROCEDURE p; DROP TABLE u",
		"CREATE TRIGGER t BEFORE INSERT",
		"CREATE TABLE t LIKE u",
		"CREATE TABLE t (LIKE u)",
		"CREATE TABLE t SELECT * FROM u",
		"CREATE TABLE t AS SELECT * FROM u",
		"CREATE TABLE t (SELECT * FROM u)",
		"CREATE TABLE t (a int) SELECT * FROM u",
		"CREATE TABLE t (a int) AS TABLE u",
		"CREATE TABLE t (WITH x AS (TABLE u) TABLE x)",
		"CREATE TABLE t (VALUES ROW(1))",
		"CREATE TABLE `t (a int)",
		"CREATE TABLE t (a int) COMMENT='",
		"CREATE TABLE t (a int) /*!50100 x",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (apply_check_statement(cases[i], SERVER_MARIADB, NULL, &err) == 0)
			fail_msg("passed: %s", cases[i]);
		assert_int_equal(err.code, ERR_REFUSED);
		error_clear(&err);
	}
}

static void other_databases_are_refused(void **state)
{
	static const char *const cases[] = {
		"CREATE TABLE `other`.`t` (a int)",
		"CREATE TABLE other . t (a int)",
		"ALTER TABLE `other`.`t` DROP COLUMN a",
		"ALTER TABLE t RENAME TO `other`.`t`",
		"ALTER TABLE t RENAME AS other.t",
		"ALTER TABLE t RENAME = other.t",
		"ALTER TABLE t RENAME other.t",
		"ALTER TABLE t ADD x int, RENAME other.t",
		"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE other.u",
		"ALTER TABLE t CONVERT PARTITION p TO TABLE other.u",
		"RENAME TABLE a TO b, c TO other.d",
		"RENAME TABLE other.a TO b",
		"DROP TABLE a, other.b",
		"DROP VIEW v, `other`.`w`",
		"DROP SEQUENCE s, other.s",
		"CREATE VIEW other.v AS SELECT 1",
		"CREATE TRIGGER other.t BEFORE INSERT ON x FOR EACH ROW SET @a = 1",
		"CREATE TRIGGER t BEFORE INSERT ON other.x FOR EACH ROW SET @a = 1",
		"CREATE PROCEDURE other.p() SELECT 1",
		"CREATE FUNCTION other.f() RETURNS int RETURN 1",
		"CREATE EVENT other.e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
		"ALTER EVENT e RENAME TO other.e",
		"ALTER EVENT e ON COMPLETION PRESERVE RENAME TO other.e DO SELECT 1",
		"CREATE INDEX i ON other.t (a)",
		"DROP INDEX i ON other.t",
		"DROP TRIGGER other.t",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (apply_check_statement(cases[i], SERVER_MARIADB, NULL, &err) == 0)
			fail_msg("passed: %s", cases[i]);
		assert_fails(-1, ERR_REFUSED, "it names another database");
	}
}

/* One server skips what is inside a version comment, the other reads it. */
static void version_comments_hide_nothing(void **state)
{
	static const char *const cases[] = {
		"CREATE /*!99999 TABLE t (a int) */ USER u",
		"/*!99999 CREATE TABLE t (a int) */ DROP USER u",
		"/*!99999 DROP TABLE t */",
		"DROP /*!99999 TABLE t */ USER u",
		"DROP TABLE /*!99999 t */ other.u",
		"DROP TABLE other /*!99999 , x */ .t",
		"ALTER TABLE other /*!99999 COMMENT='' */ .t DROP COLUMN a",
		"ALTER TABLE /*!99999 t ADD x int, */ other.t DROP COLUMN a",
		"ALTER TABLE t /*!99999 ADD (a int */ RENAME TO other.t /*!99999 ) */",
		"ALTER TABLE t /*!99999 COMMENT ' */ RENAME TO other.t /* ' */",
		"ALTER TABLE t /*!99999 ADD `*/ RENAME TO other.t /*` int */",
		"ALTER TABLE t /*!99999 # */ RENAME TO other.t\n */",
		"ALTER TABLE t /*!99999 -- */ RENAME TO other.t\n */",
		"ALTER TABLE t RENAME /*!99999 COLUMN a */ TO other.t",
		"ALTER TABLE t RENAME TO other /*!99999 , ADD x int */ .t",
		"CREATE TRIGGER t BEFORE INSERT /*!99999 ON x */ ON other.y FOR EACH ROW SET @a = 1",
		"CREATE TABLE t (/*!99999 a int, b int CHECK (1 */ LIKE other.x)",
		"CREATE TABLE t (/*!99999 a int) */ TABLE other.x)",
		"CREATE TABLE t (a int /*!99999 ( */) AS TABLE u /*!99999 ) */",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (apply_check_statement(cases[i], SERVER_MYSQL, NULL, &err) == 0)
			fail_msg("passed: %s", cases[i]);
		assert_int_equal(err.code, ERR_REFUSED);
		error_clear(&err);
	}
}

static void the_own_database_may_be_named(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(
		statement_check("CREATE TRIGGER shop.t BEFORE INSERT ON `shop`.x FOR EACH ROW "
	                        "SET @a = 1",
	                        SERVER_MARIADB, NULL, "shop", &err));
	assert_fails(statement_check("DROP TABLE `Shop`.t", SERVER_MARIADB, NULL, "shop", &err),
	             ERR_REFUSED, "another database");
	assert_fails(
		statement_check("DROP TABLE `shop`.t.u", SERVER_MARIADB, NULL, "shop", &err),
		ERR_REFUSED, "goes on");
	assert_fails(statement_check("DROP TABLE `shop`.", SERVER_MARIADB, NULL, "shop", &err),
	             ERR_REFUSED, "a name is missing");
}

static void mysql_has_no_sequences(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(apply_check_statement("DROP SEQUENCE s", SERVER_MYSQL, NULL, &err),
	             ERR_REFUSED, "a plan makes no such thing");
	assert_fails(apply_check_statement("DROP PACKAGE s", SERVER_MYSQL, NULL, &err),
	             ERR_REFUSED, "a plan makes no such thing");
}

static void quotes_are_read_by_the_sql_mode(void **state)
{
	static const char sql[] = "CREATE TABLE \"t\" (a int)";
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(apply_check_statement(sql, SERVER_MARIADB, ORACLE, &err));
	assert_fails(apply_check_statement(sql, SERVER_MARIADB, NULL, &err), ERR_REFUSED,
	             "a name is missing");
	/* The backslash escapes the quote, or does not. */
	assert_ok(apply_check_statement("DROP TABLE t -- '\\'", SERVER_MARIADB, NULL, &err));
	assert_fails(apply_check_statement("ALTER TABLE t COMMENT '\\', RENAME other.t -- '",
	                                   SERVER_MARIADB, "NO_BACKSLASH_ESCAPES", &err),
	             ERR_REFUSED, "another database");
	assert_ok(apply_check_statement("ALTER TABLE t COMMENT '\\', RENAME other.t -- '",
	                                SERVER_MARIADB, "", &err));
}

static void settings_are_of_the_session_only(void **state)
{
	static const char *const good[] = {
		"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
		"SET SESSION sql_mode = 'ANSI_QUOTES,GLOBAL'",
		"SET SESSION foreign_key_checks = 0",
		"SET SESSION timestamp = UNIX_TIMESTAMP('2020-01-01 00:00:00')",
		"/*M!100000 SET SESSION old_mode = '' */",
		"SET @a = @@sql_mode, @@session.sql_mode = ''",
		"ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin",
	};
	static const char *const bad[] = {
		"",
		"SET GLOBAL general_log = 1",
		"SET SESSION sql_mode = '', GLOBAL general_log = 1",
		"SET a = 1, @@global.general_log = 1",
		"SET a = 1, @@GLOBAL.general_log = 1",
		"SET PERSIST x = 1",
		"SET @@persist_only.x = 1",
		"SET PASSWORD = 'x'",
		"SET ROLE r",
		"SET @a = (SELECT 1)",
		"SET @a = 1; DROP TABLE t",
		"SET SESSION sql_mode = 'x",
		"SELECT 1",
		"DROP USER u",
		"/*!99999 SET @a = 1 */ ; DROP TABLE t",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(statement_check_setting(good[i], SERVER_MARIADB, &err));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (statement_check_setting(bad[i], SERVER_MARIADB, &err) == 0)
			fail_msg("passed: %s", bad[i]);
		error_clear(&err);
	}
}

static void rows_move_to_the_quarantine_only(void **state)
{
	static const char *const good[] = {
		"RENAME TABLE `t` TO `q`.`1_t`",
		"CREATE TABLE `q`.`x` (\n  `a` int NOT NULL,\n  PRIMARY KEY (`a`)\n) ENGINE=InnoDB",
		"INSERT INTO `q`.`x` (`a`, `b`) SELECT `a`, `b` FROM `t`",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `t` PARTITION (`p0`, `p1`)",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `t` WHERE (`a` IS NOT NULL OR `b` IS NOT "
		"NULL)",
	};
	static const char *const bad[] = {
		"DROP TABLE `q`.`x`",
		"RENAME TABLE `t` TO `mysql`.`user`",
		"RENAME TABLE `q`.`t` TO `q`.`x`",
		"RENAME TABLE `mysql`.`user` TO `q`.`x`",
		"RENAME TABLE `t` TO `x`, `mysql`.`user` TO `q`.`x`",
		"RENAME TABLE `t` TO `q`.`x`, `u` TO `q`.`y`",
		"CREATE TABLE `x` (a int)",
		"CREATE TABLE `q`.`x` AS SELECT * FROM mysql.user",
		"CREATE TABLE `q`.`x` (a int) SELECT 1",
		"CREATE OR REPLACE TABLE `q`.`x` (a int)",
		"INSERT INTO `mysql`.`user` (`a`) SELECT `a` FROM `t`",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `mysql`.`user`",
		"INSERT INTO `q`.`x` (`a`) SELECT sleep(9) FROM `t`",
		"INSERT INTO `q`.`x` (`a`) VALUES (1)",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `t` INTO OUTFILE '/tmp/x'",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `t` WHERE (`a` IS NOT NULL) UNION SELECT 1",
		"INSERT INTO `q`.`x` (`a`) SELECT `a` FROM `t`; DROP TABLE `t`",
		"INSERT INTO `q`./*!1 `y`*/`x` (`a`) SELECT `a` FROM `t`",
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(statement_check_preserve(good[i], "q", &err));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (statement_check_preserve(bad[i], "q", &err) == 0)
			fail_msg("passed: %s", bad[i]);
		assert_int_equal(err.code, ERR_REFUSED);
		error_clear(&err);
	}
	/* And the other statements of a plan do not name it. */
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(statement_check(good[i], SERVER_MARIADB, NULL, "shop", &err),
		                 -1);
		error_clear(&err);
	}
}

static void excerpts_are_short_and_on_one_line(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	statement_excerpt(&out, "CREATE TABLE `t` (\n\t`a` int\n)");
	assert_string_equal(out.data, "CREATE TABLE `t` (  `a` int )");
	buf_truncate(&out, 0);
	/* 79 letters, then one of two bytes: it is not cut in the middle */
	statement_excerpt(
		&out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaa\xc3\xbc and more");
	assert_int_equal(out.len, 79 + 3);
	assert_true(str_has_suffix((struct str){ out.data, out.len }, "a..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_of_plans_pass),
		cmocka_unit_test(other_statements_are_refused),
		cmocka_unit_test(other_databases_are_refused),
		cmocka_unit_test(version_comments_hide_nothing),
		cmocka_unit_test(the_own_database_may_be_named),
		cmocka_unit_test(mysql_has_no_sequences),
		cmocka_unit_test(quotes_are_read_by_the_sql_mode),
		cmocka_unit_test(settings_are_of_the_session_only),
		cmocka_unit_test(rows_move_to_the_quarantine_only),
		cmocka_unit_test(excerpts_are_short_and_on_one_line),
	};

	return cmocka_run_group_tests_name("statement_check", tests, NULL, NULL);
}
