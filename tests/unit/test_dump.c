/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/schema/dump.h"
#include "engine/schema/model.h"

static int try_read(struct schema **out, struct dump *d, const char *script, struct error *err)
{
	if (dump_feed(d, script, strlen(script), err) < 0)
		return -1;
	return dump_finish(out, d, err);
}

static struct schema *read_as(const char *database, const char *script)
{
	DEFER(dump) *d = dump_new(database);
	struct schema *s = NULL;
	struct error err = ERROR_INIT;

	assert_ok(try_read(&s, d, script, &err));
	return s;
}

/* As mysqldump writes them, and as SHOW CREATE does. */
static const struct {
	enum object_kind kind;
	const char *name, *script, *text;
} texts[] = {
	{ OBJECT_TABLE, "t", "CREATE TABLE `t` (\n  `a` int\n);",
	  "CREATE TABLE `t` (\n  `a` int\n)" },
	{ OBJECT_TABLE, "t", "create or replace table if not exists `t` (`a` int);",
	  "create table `t` (`a` int)" },
	{ OBJECT_TABLE, "t", "CREATE TABLE IF NOT EXISTS shop.`t` (`a` int);",
	  "CREATE TABLE `t` (`a` int)" },
	{ OBJECT_TABLE, "a`b", "CREATE TABLE `a``b` (`a` int);",
	  "CREATE TABLE `a``b` (`a` int)" },
	{ OBJECT_TRIGGER, "x",
	  "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER x BEFORE "
	  "INSERT ON t FOR EACH ROW begin set new.a = ';'; /* why */ end */;;\nDELIMITER ;\n",
	  "CREATE DEFINER=`r`@`%` TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a = "
	  "';'; /* why */ end" },
	{ OBJECT_VIEW, "v",
	  "/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `a`*/;\n/*!50001 DROP VIEW IF EXISTS `v`*/;\n"
	  "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`r`@`%` SQL SECURITY DEFINER "
	  "*/\n/*!50001 VIEW `v` AS select 2 AS `a` */;",
	  "CREATE ALGORITHM=UNDEFINED DEFINER=`r`@`%` SQL SECURITY DEFINER VIEW `v` AS select 2 "
	  "AS `a`" },
	{ OBJECT_EVENT, "e",
	  "/*!50106 CREATE*/ /*!50117 DEFINER=`r`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY "
	  "DO select 1 */ ;",
	  "CREATE DEFINER=`r`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY DO select 1" },
	{ OBJECT_PACKAGE_BODY, "p", "CREATE PACKAGE BODY `p` AS a int;",
	  "CREATE PACKAGE BODY `p` AS a int" },
	{ OBJECT_SEQUENCE, "s", "CREATE SEQUENCE `s` start with 1;\nDO SETVAL(`s`, 5, 0);",
	  "CREATE SEQUENCE `s` start with 1" },
};

static void the_text_is_the_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		DEFER(schema) *s = read_as("shop", texts[i].script);
		const struct object *o = schema_find(s, texts[i].kind, texts[i].name);

		if (!o)
			fail_msg("%s: not found", texts[i].script);
		else
			assert_string_equal(o->sql.p, texts[i].text);
	}
}

static void code_remembers_the_session(void **state)
{
	DEFER(schema) *s = read_as(
		NULL, "-- Host: localhost    Database: shop\n"
		      "-- Server version\t10.11.19-MariaDB-0+deb12u1\n"
		      "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET latin1 */;\n"
		      "USE `shop`;\n"
		      "SET NAMES utf8mb4;\n"
		      "SET @saved = @@character_set_client;\n"
		      "/*!50003 SET character_set_client = latin1 */ ;\n"
		      "/*!50003 SET sql_mode = 'ANSI_QUOTES,X' */ ;\n"
		      "CREATE PROCEDURE p() select 1;\n"
		      "SET character_set_client = @saved, sql_mode = '';\n"
		      "CREATE FUNCTION f() returns int return 1;\n");
	const struct object *p = schema_find(s, OBJECT_PROCEDURE, "p");
	const struct object *f = schema_find(s, OBJECT_FUNCTION, "f");

	(void)state;
	assert_string_equal(s->name, "shop");
	assert_string_equal(s->collation, "latin1_swedish_ci");
	assert_int_equal(s->version_number, 101119);
	assert_int_equal(s->family, SERVER_MARIADB);
	assert_non_null(p);
	assert_string_equal(p->context.sql_mode, "ANSI_QUOTES,X");
	assert_string_equal(p->context.client_charset, "latin1");
	assert_string_equal(p->context.connection_collation, "utf8mb4_general_ci");
	assert_string_equal(p->context.database_collation, "latin1_swedish_ci");
	assert_string_equal(f->context.sql_mode, "");
	assert_string_equal(f->context.client_charset, "utf8mb4");
}

static void triggers_keep_their_order(void **state)
{
	DEFER(schema) *s = read_as(
		"shop", "CREATE TABLE t (a int);\n"
			"CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW set @a = 1;\n"
			"CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW set @a = 1;\n"
			"CREATE TRIGGER b AFTER INSERT ON t FOR EACH ROW set @a = 1;\n");

	(void)state;
	assert_int_equal(schema_find(s, OBJECT_TRIGGER, "z")->order, 1);
	assert_int_equal(schema_find(s, OBJECT_TRIGGER, "a")->order, 2);
	assert_int_equal(schema_find(s, OBJECT_TRIGGER, "b")->order, 1);
	assert_string_equal(schema_find(s, OBJECT_TRIGGER, "b")->timing, "AFTER");
	assert_string_equal(schema_find(s, OBJECT_TRIGGER, "b")->table, "t");
}

/* A dump made without --routines must not have a rollback drop the routines. */
static void only_what_is_shown_to_be_complete_is_visible(void **state)
{
	DEFER(schema) *tables = read_as("shop", "CREATE TABLE t (a int);\n");
	DEFER(schema) *all = read_as("shop", "CREATE TABLE t (a int);\n"
	                                     "-- Dumping events for database 'shop'\n"
	                                     "-- Dumping routines for database 'shop'\n");

	(void)state;
	assert_true(tables->visible & OBJECT_KIND_BIT(OBJECT_TABLE));
	assert_false(tables->visible & OBJECT_KIND_BIT(OBJECT_PROCEDURE));
	assert_false(tables->visible & OBJECT_KIND_BIT(OBJECT_EVENT));
	assert_true(all->visible & OBJECT_KIND_BIT(OBJECT_PROCEDURE));
	assert_true(all->visible & OBJECT_KIND_BIT(OBJECT_EVENT));
}

static void rows_and_accounts_are_counted(void **state)
{
	DEFER(dump) *d = dump_new("shop");
	DEFER(schema) *s = NULL;
	struct dump_report report;
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_read(
		&s, d,
		"LOCK TABLES `t` WRITE;\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n"
		"INSERT INTO t VALUES (1);\nREPLACE t VALUES (2);\nGRANT ALL ON *.* TO x;\n"
		"CREATE USER x;\nUNLOCK TABLES;\nCREATE TABLE t (a int);\n"
		"CREATE TABLE u AS SELECT 1;\n",
		&err));
	dump_report(&report, d);
	assert_int_equal(report.data_statements, 2);
	assert_int_equal(report.other_statements, 2);
	assert_int_equal(report.table_count, 1);
	assert_int_equal(s->count, 2);
}

static const struct {
	const char *script;
	enum error_code code;
} refusals[] = {
	{ "", ERR_INVALID },
	{ "SELECT 1;", ERR_INVALID },
	{ "CREATE", ERR_INVALID },
	{ "CREATE TABLE", ERR_INVALID },
	{ "CREATE TABLE 'x' (a int)", ERR_INVALID },
	{ "CREATE TABLE `` (a int)", ERR_INVALID },
	{ "CREATE TABLE other.t (a int); CREATE TABLE shop.u (a int)", ERR_UNSUPPORTED },
	{ "CREATE TRIGGER t SOMETIMES", ERR_INVALID },
	{ "CREATE TABLE t (a int); RENAME TABLE t TO u", ERR_INVALID },
	{ "CREATE TABLE t (a int); ALTER TABLE t ADD b int", ERR_UNSUPPORTED },
	{ "CREATE TABLE t (a int); DROP INDEX i ON t", ERR_UNSUPPORTED },
	{ "BEGIN NOT ATOMIC SELECT 1; END", ERR_UNSUPPORTED },
	{ "source /etc/passwd", ERR_INVALID },
	{ "system rm", ERR_INVALID },
};

static void what_cannot_be_known_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		DEFER(dump) *d = dump_new(NULL);
		DEFER(schema) *s = NULL;
		struct error err = ERROR_INIT;

		if (try_read(&s, d, refusals[i].script, &err) == 0)
			fail_msg("%s: taken", refusals[i].script);
		if (err.code != refusals[i].code)
			fail_msg("%s: %s", refusals[i].script, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_the_servers),
		cmocka_unit_test(code_remembers_the_session),
		cmocka_unit_test(triggers_keep_their_order),
		cmocka_unit_test(only_what_is_shown_to_be_complete_is_visible),
		cmocka_unit_test(rows_and_accounts_are_counted),
		cmocka_unit_test(what_cannot_be_known_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
