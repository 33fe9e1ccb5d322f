/* SPDX-License-Identifier: MIT */
#include "tests/unit/schema_test.h"

#include "engine/schema/emit.h"
#include "engine/schema/model.h"

static struct object *add(struct schema *s, enum object_kind kind, const char *name,
                          const char *sql)
{
	return schema_add(s, kind, name, sql, strlen(sql));
}

static const char *script_of(struct buf *out, struct schema *s)
{
	struct error err = ERROR_INIT;

	buf_truncate(out, 0);
	assert_ok(schema_finish(s, &err));
	emit_script(out, s);
	return out->data;
}

static void assert_has(const char *script, const char *part)
{
	assert_non_null(script);
	if (!strstr(script, part)) {
		print_error("%s\n", script);
		fail_msg("no \"%s\" in this", part);
	}
}

static void assert_has_not(const char *script, const char *part)
{
	assert_non_null(script);
	if (strstr(script, part)) {
		print_error("%s\n", script);
		fail_msg("\"%s\" is in this", part);
	}
}

/* Each part comes behind the one before it. */
static void assert_order(const char *script, const char *const *parts, size_t count)
{
	const char *at = script;

	for (size_t i = 0; i < count; i++) {
		at = strstr(at, parts[i]);
		if (!at)
			fail_msg("\"%s\" is not there, or not in its place, in:\n%s", parts[i],
			         script);
		at += strlen(parts[i]);
	}
}

static void an_empty_schema_only_sets_and_gives_back(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;
	const char *script = script_of(&out, s);
	static const char *const parts[] = {
		"-- The schema of a database",
		"--   mariadb DATABASE < schema.sql\n",
		"DELIMITER ;\n",
		"SET @old_sql_mode = @@sql_mode;\n",
		"SET NAMES utf8mb4",
		"SET SESSION sql_mode = @old_sql_mode;\n",
	};

	(void)state;
	assert_order(script, parts, ARRAY_SIZE(parts));
	assert_has_not(script, "CREATE");
	assert_has_not(script, "\\C");
}

static void kinds_come_in_the_order_in_which_they_need_each_other(void **state)
{
	static const char *const parts[] = {
		"ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin;\n",
		"CREATE SEQUENCE `z`;\n",
		"CREATE TABLE `child` (",
		"CREATE TABLE `parent` (",
		"CREATE FUNCTION `f`()",
		"CREATE PROCEDURE `p`()",
		"PACKAGE `k`",
		"PACKAGE BODY `k`",
		"VIEW `lower` AS",
		"VIEW `a_upper` AS",
		"CREATE TRIGGER z1",
		"CREATE TRIGGER a2",
		"CREATE EVENT `e`",
	};
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;
	struct object *o;

	(void)state;
	s->charset = "latin1";
	s->collation = "latin1_bin";
	add(s, OBJECT_EVENT, "e", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1");
	o = add(s, OBJECT_TRIGGER, "a2",
	        "CREATE TRIGGER a2 BEFORE INSERT ON child FOR EACH ROW BEGIN END");
	o->table = "child";
	o->order = 2;
	o = add(s, OBJECT_TRIGGER, "z1",
	        "CREATE TRIGGER z1 BEFORE INSERT ON child FOR EACH ROW BEGIN END");
	o->table = "child";
	o->order = 1;
	add(s, OBJECT_VIEW, "a_upper",
	    "CREATE VIEW `a_upper` AS select `lower`.`x` AS `x` from `lower`");
	add(s, OBJECT_VIEW, "lower", "CREATE VIEW `lower` AS select 1 AS `x`");
	add(s, OBJECT_PACKAGE_BODY, "k", "CREATE PACKAGE BODY `k` AS END");
	add(s, OBJECT_PACKAGE, "k", "CREATE PACKAGE `k` AS END");
	add(s, OBJECT_PROCEDURE, "p", "CREATE PROCEDURE `p`() SELECT 1");
	add(s, OBJECT_FUNCTION, "f", "CREATE FUNCTION `f`() RETURNS int RETURN 1");
	add(s, OBJECT_TABLE, "parent", "CREATE TABLE `parent` (`id` int, PRIMARY KEY (`id`))");
	add(s, OBJECT_TABLE, "child",
	    "CREATE TABLE `child` (`id` int, KEY `id` (`id`), CONSTRAINT `c` FOREIGN KEY (`id`) "
	    "REFERENCES `parent` (`id`))");
	add(s, OBJECT_SEQUENCE, "z", "CREATE SEQUENCE `z`");
	assert_order(script_of(&out, s), parts, ARRAY_SIZE(parts));
}

static void foreign_keys_stay_in_their_tables(void **state)
{
	const char *child =
		"CREATE TABLE `a` (`id` int, KEY `id` (`id`), CONSTRAINT `c` FOREIGN KEY "
		"(`id`) REFERENCES `b` (`id`))";
	const char *parent =
		"CREATE TABLE `b` (`id` int, KEY `id` (`id`), CONSTRAINT `d` FOREIGN KEY "
		"(`id`) REFERENCES `a` (`id`))";
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_TABLE, "a", child);
	add(s, OBJECT_TABLE, "b", parent);
	assert_has(script_of(&out, s), child);
	assert_has(out.data, parent);
	assert_has(out.data, "SET SESSION foreign_key_checks = 0;\n");
	assert_has_not(out.data, "ALTER TABLE");
}

static void a_child_that_does_not_fit_comes_before_its_parent(void **state)
{
	static const char *const parts[] = { "CREATE TABLE `child`",
		                             "CREATE TABLE `a_parent`" };
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_TABLE, "a_parent",
	    "CREATE TABLE `a_parent` (`id` varchar(5), PRIMARY KEY (`id`))");
	add(s, OBJECT_TABLE, "child",
	    "CREATE TABLE `child` (`id` int, KEY `id` (`id`), CONSTRAINT `c` FOREIGN KEY (`id`) "
	    "REFERENCES `a_parent` (`id`))");
	assert_order(script_of(&out, s), parts, ARRAY_SIZE(parts));
}

static void the_databases_own_name_is_left_out(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_SEQUENCE, "s", "CREATE SEQUENCE `s`");
	add(s, OBJECT_TABLE, "t",
	    "CREATE TABLE `t` (`a` int DEFAULT nextval(`shop`.`s`), `b` text "
	    "DEFAULT '`shop`.`s`')");
	add(s, OBJECT_VIEW, "v",
	    "CREATE VIEW `v` AS select `f`.`x` AS `x` from (`shop`.`t` join "
	    "`far`.`f`)");
	assert_has(script_of(&out, s), "DEFAULT nextval(`s`)");
	assert_has(out.data, "DEFAULT '`shop`.`s`'");
	assert_has(out.data, "from (`t` join `far`.`f`)");
}

static void options_in_comments_are_options_again(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_TABLE, "t",
	    "CREATE TABLE `t` (`a` int /* `x`='1' */) ENGINE=InnoDB /* `y`=2 */");
	assert_has(script_of(&out, s), "(`a` int  `x`='1' ) ENGINE=InnoDB  `y`=2 ;");
	assert_has(out.data, "sql_mode = 'IGNORE_BAD_TABLE_OPTIONS,NO_ENGINE_SUBSTITUTION'");
}

static void code_gets_a_delimiter_of_its_own(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_PROCEDURE, "p",
	    "CREATE PROCEDURE `p`() BEGIN SELECT ';;'; SELECT 2; END");
	assert_has(script_of(&out, s),
	           "DELIMITER ;;;\n"
	           "CREATE PROCEDURE `p`() BEGIN SELECT ';;'; SELECT 2; END\n"
	           ";;;\n"
	           "DELIMITER ;\n");
}

static void what_clients_alter_is_executed_from_a_string(void **state)
{
	const char *sql = "CREATE PROCEDURE `p`() SELECT 'it''s' -- why";
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_PROCEDURE, "p", sql)->context.client_charset = "latin1";
	assert_has(script_of(&out, s),
	           "SET @statement = 'CREATE PROCEDURE `p`() SELECT \\'it\\'\\'s\\' -- why';\n"
	           "SET SESSION character_set_client = 'latin1';\n");
	assert_has(out.data, "EXECUTE IMMEDIATE @statement;\n");
	s->family = SERVER_MYSQL;
	assert_has(script_of(&out, s), sql);
	assert_has(out.data, "mysql --comments DATABASE < schema.sql");
	assert_has_not(out.data, "EXECUTE IMMEDIATE");
}

static void mysql_prepares_what_its_client_alters(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	s->family = SERVER_MYSQL;
	add(s, OBJECT_TABLE, "t", "CREATE TABLE `t` (`a\r\nb` int)");
	assert_has(script_of(&out, s),
	           "SET @statement = 'CREATE TABLE `t` (`a\\r\nb` int)';\n");
	assert_has(out.data, "PREPARE statement FROM @statement;\nEXECUTE statement;\n");
}

static void mysqls_needless_collations_are_not_said(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	s->family = SERVER_MYSQL;
	add(s, OBJECT_TABLE, "t",
	    "CREATE TABLE `t` (`a` text COLLATE x NOT NULL,`b` text COLLATE y,`c` "
	    "text CHARACTER SET z COLLATE x,`d` int COMMENT 'COLLATE x') "
	    "DEFAULT CHARSET=z COLLATE=x");
	assert_has(script_of(&out, s),
	           "(`a` text NOT NULL,`b` text COLLATE y,`c` text CHARACTER SET z "
	           "COLLATE x,`d` int COMMENT 'COLLATE x') DEFAULT");
}

static void every_setting_is_given_back(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;
	const char *at = script_of(&out, s);

	(void)state;
	while ((at = strstr(at, "SET @old_")) != NULL) {
		autobuf back = BUF_INIT;
		size_t n = strcspn(at + 9, " ");

		buf_addf(&back, "SET SESSION %.*s = @old_%.*s", (int)n, at + 9, (int)n, at + 9);
		assert_has(at, back.data);
		at += 9;
	}
}

static void a_client_is_told_utf8_when_it_matters(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_TABLE, "t", "CREATE TABLE `t` (`größe` int)");
	assert_has(script_of(&out, s), "\n\\C utf8mb4\nDELIMITER ;\n");
}

static void what_cannot_be_made_is_said(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	add(s, OBJECT_VIEW, "it's", "")->problem = "no right to see it";
	add(s, OBJECT_VIEW, "broken",
	    "CREATE VIEW `broken` AS select `x`.`a` AS `a` from `far`.`x`")
		->problem = "refers to nothing";
	assert_has(script_of(&out, s),
	           "SELECT 'view it\\'s could not be read, and is not made' AS warning;\n");
	assert_has(out.data,
	           "  DECLARE EXIT HANDLER FOR SQLEXCEPTION\n"
	           "  SELECT 'view broken is broken, and could not be made' AS warning;\n"
	           "  EXECUTE IMMEDIATE @statement;\n"
	           "END;;\n");
}

static void a_nul_is_not_cut_off_in_silence(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	autobuf out = BUF_INIT;

	(void)state;
	schema_add(s, OBJECT_PROCEDURE, "p", "CREATE PROCEDURE `p`() SELECT '\0'", 32);
	assert_has(script_of(&out, s),
	           "SELECT 'procedure p holds a NUL byte, and is not made' AS warning;\n");
	assert_has_not(out.data, "CREATE");
}

static void the_order_of_adding_does_not_matter(void **state)
{
	DEFER(schema) *a = schema_new("shop");
	DEFER(schema) *b = schema_new("shop");
	autobuf out = BUF_INIT;
	autobuf other = BUF_INIT;

	(void)state;
	for (char c = 'a'; c <= 'e'; c++) {
		const char name[] = { c, '\0' };
		const char reverse[] = { (char)('a' + 'e' - c), '\0' };

		add(a, OBJECT_TABLE, name, "CREATE TABLE `x` (`a` int) AUTO_INCREMENT=5");
		add(b, OBJECT_TABLE, reverse, "CREATE TABLE `x` (`a` int) AUTO_INCREMENT=6");
	}
	assert_string_equal(script_of(&out, a), script_of(&other, b));
	assert_has_not(out.data, "AUTO_INCREMENT");
}

static void check_object(void *arg, const char *file, struct str text)
{
	const enum object_kind *kind = arg;
	struct object o = { .kind = *kind, .name = file, .sql = text };
	autobuf out = BUF_INIT;
	size_t begin;

	buf_adds(&out, "before");
	begin = emit_object(&out, &o);
	assert_true(begin >= 6 && begin + text.n <= out.len);
	assert_memory_equal(out.data + begin, text.p, text.n);
	assert_int_equal(out.data[out.len - 1], '\n');
}

static void an_objects_file_holds_its_text(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
		each_recorded_table("m", check_object, &kind);
}

static void an_objects_file_says_what_it_needs(void **state)
{
	const struct object o = {
		.kind = OBJECT_TRIGGER,
		.name = "t`1\nDROP TABLE x",
		.sql = str_of("CREATE TRIGGER t BEFORE INSERT ON o FOR EACH ROW BEGIN END"),
		.order = 2,
		.context = { "ANSI_QUOTES", "latin1", "latin1_bin", "utf8mb4_bin", NULL },
	};
	autobuf out = BUF_INIT;

	(void)state;
	emit_object(&out, &o);
	assert_string_equal(out.data,
	                    "-- trigger `t``1\n"
	                    "-- DROP TABLE x`, number 2 of its table, time and event\n"
	                    "-- the database's collation: utf8mb4_bin\n"
	                    "SET SESSION sql_mode = 'ANSI_QUOTES';\n"
	                    "SET SESSION character_set_client = 'latin1';\n"
	                    "SET SESSION collation_connection = 'latin1_bin';\n"
	                    "DELIMITER ;;\n"
	                    "CREATE TRIGGER t BEFORE INSERT ON o FOR EACH ROW BEGIN END\n"
	                    ";;\n"
	                    "DELIMITER ;\n");
}

static void a_tables_file_is_its_text(void **state)
{
	const struct object o = { .kind = OBJECT_TABLE,
		                  .name = "orders",
		                  .sql = str_of("CREATE TABLE `orders` (\n  `id` int\n)") };
	autobuf out = BUF_INIT;

	(void)state;
	assert_int_equal(emit_object(&out, &o), 18);
	assert_string_equal(out.data,
	                    "-- table `orders`\nCREATE TABLE `orders` (\n  `id` int\n);\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_schema_only_sets_and_gives_back),
		cmocka_unit_test(kinds_come_in_the_order_in_which_they_need_each_other),
		cmocka_unit_test(foreign_keys_stay_in_their_tables),
		cmocka_unit_test(a_child_that_does_not_fit_comes_before_its_parent),
		cmocka_unit_test(the_databases_own_name_is_left_out),
		cmocka_unit_test(options_in_comments_are_options_again),
		cmocka_unit_test(code_gets_a_delimiter_of_its_own),
		cmocka_unit_test(what_clients_alter_is_executed_from_a_string),
		cmocka_unit_test(mysql_prepares_what_its_client_alters),
		cmocka_unit_test(mysqls_needless_collations_are_not_said),
		cmocka_unit_test(every_setting_is_given_back),
		cmocka_unit_test(a_client_is_told_utf8_when_it_matters),
		cmocka_unit_test(what_cannot_be_made_is_said),
		cmocka_unit_test(a_nul_is_not_cut_off_in_silence),
		cmocka_unit_test(the_order_of_adding_does_not_matter),
		cmocka_unit_test(an_objects_file_holds_its_text),
		cmocka_unit_test(an_objects_file_says_what_it_needs),
		cmocka_unit_test(a_tables_file_is_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
