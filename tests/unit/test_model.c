/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/arena.h"
#include "engine/schema/model.h"
#include "engine/schema/table.h"

#define ADD(s, kind, name, sql) schema_add((s), (kind), (name), (sql), strlen(sql))
#define TABLE                   "CREATE TABLE `t` (\n  `a` int(11)\n) ENGINE=InnoDB"

static void kinds_have_words_and_folders(void **state)
{
	enum object_kind kind;

	(void)state;
	for (unsigned int i = 0; i < OBJECT_KIND_COUNT; i++) {
		const struct object_kind_info *info = object_kind_info((enum object_kind)i);

		assert_non_null(info->word);
		assert_non_null(info->sql);
		assert_true(object_kind_from_folder(&kind, info->folder));
		assert_int_equal(kind, i);
	}
	assert_false(object_kind_from_folder(&kind, "indexes"));
	assert_string_equal(object_kind_info(OBJECT_PACKAGE_BODY)->folder, "package_bodies");
}

static void objects_are_sorted_by_kind_and_bytes(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;
	size_t count;

	(void)state;
	ADD(s, OBJECT_VIEW, "a", "CREATE VIEW `a` AS select 1");
	ADD(s, OBJECT_TABLE, "\xc3\xa9", TABLE);
	ADD(s, OBJECT_TABLE, "b", TABLE);
	ADD(s, OBJECT_TABLE, "B", TABLE);
	ADD(s, OBJECT_SEQUENCE, "z", "CREATE SEQUENCE `z`");
	assert_ok(schema_finish(s, &err));
	assert_string_equal(s->objects[0].name, "z");
	assert_string_equal(s->objects[1].name, "B");
	assert_string_equal(s->objects[2].name, "b");
	assert_string_equal(s->objects[3].name, "\xc3\xa9");
	assert_string_equal(s->objects[4].name, "a");
	assert_ptr_equal(schema_find(s, OBJECT_TABLE, "b"), &s->objects[2]);
	assert_null(schema_find(s, OBJECT_TABLE, "a"));
	assert_null(schema_find(s, OBJECT_EVENT, "z"));
	assert_ptr_equal(schema_of_kind(s, OBJECT_TABLE, &count), &s->objects[1]);
	assert_int_equal(count, 3);
	assert_null(schema_of_kind(s, OBJECT_TRIGGER, &count));
	assert_int_equal(count, 0);
}

static void two_of_one_name_are_refused(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;

	(void)state;
	ADD(s, OBJECT_TABLE, "t", TABLE);
	ADD(s, OBJECT_VIEW, "t", "CREATE VIEW `t` AS select 1");
	assert_ok(schema_finish(s, &err));
	ADD(s, OBJECT_TABLE, "t", TABLE);
	assert_fails(schema_finish(s, &err), ERR_INVALID, "table t is there twice");
}

static void an_empty_schema_is_a_schema(void **state)
{
	DEFER(schema) *s = schema_new("");
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(schema_finish(s, &err));
	assert_null(schema_find(s, OBJECT_TABLE, "t"));
	schema_free(NULL);
}

static void auto_increment_is_data(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	const char *with =
		"CREATE TABLE `t` (\n  `a` int(11) NOT NULL AUTO_INCREMENT,\n"
		"  PRIMARY KEY (`a`)\n) ENGINE=InnoDB AUTO_INCREMENT=18446744073709551615 "
		"COMMENT='AUTO_INCREMENT=3'";
	const char *without = "CREATE TABLE `t` (\n  `a` int(11) NOT NULL AUTO_INCREMENT,\n"
			      "  PRIMARY KEY (`a`)\n) ENGINE=InnoDB COMMENT='AUTO_INCREMENT=3'";
	const struct object *o = ADD(s, OBJECT_TABLE, "t", with);

	(void)state;
	assert_true(o->auto_increment == UINT64_MAX);
	assert_string_equal(o->sql.p, without);
	assert_int_equal(o->sql.n, strlen(without));
	o = ADD(s, OBJECT_TABLE, "u", without);
	assert_true(o->auto_increment == 0);
	assert_string_equal(o->sql.p, without);
	o = ADD(s, OBJECT_EVENT, "e", with);
	assert_string_equal(o->sql.p, with);
}

static const struct {
	const char *sql;
	const char *want;
} heads[] = {
	{ "CREATE DEFINER=`u`@`h` TRIGGER `shop`.`t` BEFORE INSERT ON shop.orders FOR EACH ROW "
	  "SET @a = shop.f()",
	  "CREATE DEFINER=`u`@`h` TRIGGER `t` BEFORE INSERT ON orders FOR EACH ROW "
	  "SET @a = shop.f()" },
	{ "CREATE trigger shop . t before insert on \"shop\" . \"o\" for each row begin end",
	  "CREATE trigger t before insert on \"o\" for each row begin end" },
	{ "CREATE TRIGGER t BEFORE INSERT ON o FOR EACH ROW SET NEW.a = 1",
	  "CREATE TRIGGER t BEFORE INSERT ON o FOR EACH ROW SET NEW.a = 1" },
	{ "CREATE TRIGGER a..b", "CREATE TRIGGER .b" },
	{ "", "" },
};

static void the_head_of_a_trigger_names_no_database(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		DEFER(schema) *s = schema_new("shop");

		assert_string_equal(ADD(s, OBJECT_TRIGGER, "t", heads[i].sql)->sql.p,
		                    heads[i].want);
	}
}

static void a_table_that_is_not_understood_stays_text(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;

	(void)state;
	ADD(s, OBJECT_TABLE, "a", TABLE);
	ADD(s, OBJECT_TABLE, "b", "CREATE TABLE `b` (`x` int");
	assert_ok(schema_finish(s, &err));
	assert_non_null(s->objects[0].parsed);
	assert_int_equal(s->objects[0].parsed->column_count, 1);
	assert_null(s->objects[1].parsed);
}

#define KEYS(a, b)                                         \
	"CREATE TABLE `t` (\n  `x` int,\n  CONSTRAINT `" a \
	"` FOREIGN KEY (`x`) REFERENCES `p` "              \
	"(`y`),\n  CONSTRAINT `" b "` FOREIGN KEY (`x`) REFERENCES `p` (`y`)\n)"

static void forgotten_backticks_in_names_of_keys_are_doubled(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;

	(void)state;
	ADD(s, OBJECT_TABLE, "a", KEYS("a`b, (", "c"));
	ADD(s, OBJECT_TABLE, "b", KEYS("a``b", "c"));
	ADD(s, OBJECT_TABLE, "c", KEYS("a``b", "c`"));
	ADD(s, OBJECT_TABLE, "e", KEYS("a`b", "c`d"));
	ADD(s, OBJECT_TABLE, "d", "CREATE TABLE `t` (\n  CONSTRAINT `a`b, FOREIGN KEY");
	ADD(s, OBJECT_TABLE, "f",
	    "CREATE TABLE `t` (\n  `a``` int,\n  CONSTRAINT `f` FOREIGN KEY (`a``, `b`) REFERENCES "
	    "`p```.`q` (`c`, `d`e`) ON DELETE CASCADE\n)");
	assert_ok(schema_finish(s, &err));
	assert_string_equal(
		s->objects[5].sql.p,
		"CREATE TABLE `t` (\n  `a``` int,\n  CONSTRAINT `f` FOREIGN KEY "
		"(`a```, `b`) REFERENCES `p```.`q` (`c`, `d``e`) ON DELETE CASCADE\n)");
	assert_string_equal(s->objects[0].sql.p, KEYS("a``b, (", "c"));
	assert_string_equal(s->objects[0].parsed->foreign_keys[0].name, "a`b, (");
	assert_string_equal(s->objects[1].sql.p, KEYS("a``b", "c"));
	assert_string_equal(s->objects[1].parsed->foreign_keys[0].name, "a`b");
	assert_string_equal(s->objects[2].parsed->foreign_keys[1].name, "c`");
	assert_string_equal(s->objects[4].sql.p, KEYS("a``b", "c``d"));
	assert_null(s->objects[3].parsed);
	assert_string_equal(s->objects[3].sql.p,
	                    "CREATE TABLE `t` (\n  CONSTRAINT `a`b, FOREIGN KEY");
}

static const struct {
	const char *sql;
	const char *sql_mode;
	const char *want;
} definers[] = {
	{ "CREATE DEFINER=`u`@`h` PROCEDURE `p`() select 1", NULL, "`u`@`h`" },
	{ "CREATE ALGORITHM=MERGE DEFINER=`a``b`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1",
	  NULL, "`a``b`@`%`" },
	{ "CREATE DEFINER=`role` FUNCTION `f`() RETURNS int RETURN 1", NULL, "`role`" },
	{ "CREATE DEFINER=\"u\"@\"h\" PACKAGE \"p\" AS END", "ANSI_QUOTES,ORACLE",
	  "\"u\"@\"h\"" },
	{ "CREATE DEFINER='u'@'h' TRIGGER t", NULL, "'u'@'h'" },
	{ "CREATE OR REPLACE /*!50017 DEFINER=`u`@`h`*/ TRIGGER t", NULL, "`u`@`h`" },
	{ "CREATE SQL SECURITY DEFINER VIEW `v` AS select `DEFINER`=1", NULL, NULL },
	{ "CREATE VIEW `v` AS select DEFINER=`x` from t", NULL, NULL },
	{ "", NULL, NULL },
	{ "CREATE DEFINER=", NULL, NULL },
};

static void definers_are_found_in_the_head(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(definers); i++) {
		DEFER(schema) *s = schema_new("shop");
		struct error err = ERROR_INIT;
		struct object *o = ADD(s, OBJECT_VIEW, "v", definers[i].sql);

		o->context.sql_mode = definers[i].sql_mode;
		assert_ok(schema_finish(s, &err));
		if (definers[i].want)
			assert_string_equal(s->objects[0].definer, definers[i].want);
		else
			assert_null(s->objects[0].definer);
	}
}

static void equality_looks_at_text_and_context(void **state)
{
	DEFER(schema) *s = schema_new("shop");
	struct object a = *ADD(s, OBJECT_TRIGGER, "t", "CREATE TRIGGER t");
	struct object b = a;

	(void)state;
	a.context.sql_mode = "ANSI";
	assert_false(object_equal(&a, &b));
	b.context.sql_mode = arena_strdup(s->arena, "ANSI");
	assert_true(object_equal(&a, &b));
	b.order = 2;
	assert_false(object_equal(&a, &b));
	b.order = 0;
	b.auto_increment = 7;
	b.problem = "unreadable";
	assert_true(object_equal(&a, &b));
	b.context.time_zone = "SYSTEM";
	assert_false(object_equal(&a, &b));
	b = a;
	b.sql.n--;
	assert_false(object_equal(&a, &b));
	b = a;
	b.name = "T";
	assert_false(object_equal(&a, &b));
}

static void schemas_are_equal_by_objects_and_collation(void **state)
{
	DEFER(schema) *a = schema_new("shop");
	DEFER(schema) *b = schema_new("other");
	struct error err = ERROR_INIT;

	(void)state;
	a->collation = "utf8mb4_bin";
	ADD(a, OBJECT_TABLE, "t", TABLE);
	assert_ok(schema_finish(a, &err));
	assert_false(schema_equal(a, b));
	ADD(b, OBJECT_TABLE, "t", TABLE " AUTO_INCREMENT=4");
	assert_ok(schema_finish(b, &err));
	assert_false(schema_equal(a, b));
	b->collation = "utf8mb4_bin";
	assert_true(schema_equal(a, b));
	b->objects[0].name = "u";
	assert_false(schema_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_words_and_folders),
		cmocka_unit_test(objects_are_sorted_by_kind_and_bytes),
		cmocka_unit_test(two_of_one_name_are_refused),
		cmocka_unit_test(an_empty_schema_is_a_schema),
		cmocka_unit_test(auto_increment_is_data),
		cmocka_unit_test(the_head_of_a_trigger_names_no_database),
		cmocka_unit_test(a_table_that_is_not_understood_stays_text),
		cmocka_unit_test(forgotten_backticks_in_names_of_keys_are_doubled),
		cmocka_unit_test(definers_are_found_in_the_head),
		cmocka_unit_test(equality_looks_at_text_and_context),
		cmocka_unit_test(schemas_are_equal_by_objects_and_collation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
