/* SPDX-License-Identifier: MIT */
#include "engine/schema/renames.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/model.h"
#include "tests/unit/test.h"

static void options_are_read_as_they_are_written(void **state)
{
	static const struct {
		const char *text, *table, *column, *to, *option;
	} cases[] = {
		{ "orders.total=sum", "orders", "total", "sum", "--rename orders.total=sum" },
		{ "old=new", "old", NULL, "new", "--rename old=new" },
		{ "`a.b`.`c=d`=`e``f`", "a.b", "c=d", "e`f", "--rename '`a.b`.`c=d`=`e``f`'" },
		{ "a b.c=d'e", "a b", "c", "d'e", "--rename 'a b.c=d'\\''e'" },
	};
	DEFER(arena) *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		autobuf option = BUF_INIT;
		struct rename r;

		assert_ok(rename_parse(&r, a, cases[i].text, &err));
		assert_string_equal(r.table, cases[i].table);
		if (cases[i].column)
			assert_string_equal(r.column, cases[i].column);
		else
			assert_null(r.column);
		assert_string_equal(r.to, cases[i].to);
		rename_option(&option, &r);
		assert_string_equal(option.data, cases[i].option);
	}
}

static void what_is_no_rename_is_refused(void **state)
{
	static const char *const cases[] = { "",       "a",      "=b",   "a=",
		                             "a.=b",   ".a=b",   "`a=b", "a.b.c",
		                             "`a`x=b", "a=`b`c", "a.b=", "``=b" };
	DEFER(arena) *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		struct rename r;

		assert_int_equal(rename_parse(&r, a, cases[i], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
}

static struct schema *shop(const char *const tables[][2], size_t count)
{
	struct error err = ERROR_INIT;
	struct schema *s = schema_new("shop");

	s->visible = OBJECT_KINDS_ALL;
	for (size_t i = 0; i < count; i++)
		schema_add(s, OBJECT_TABLE, tables[i][0], tables[i][1], strlen(tables[i][1]));
	assert_ok(schema_finish(s, &err));
	return s;
}

static const char *const before[][2] = {
	{ "a", "CREATE TABLE `a` (\n  `a` int(11) NOT NULL,\n  `b` int(11) DEFAULT NULL,\n"
	       "  PRIMARY KEY (`a`),\n  KEY `a` (`a`,`b`),\n"
	       "  CONSTRAINT `a` FOREIGN KEY (`a`) REFERENCES `a` (`a`),\n"
	       "  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`a`),\n"
	       "  CONSTRAINT `c` CHECK (`a` > 0)\n) COMMENT='`a`'\n"
	       " PARTITION BY RANGE (`a`)\n(PARTITION `a` VALUES LESS THAN (1))" },
	{ "p", "CREATE TABLE `p` (\n  `a` int(11) DEFAULT NULL,\n"
	       "  CONSTRAINT `g` FOREIGN KEY (`a`) REFERENCES `a` (`a`)\n)" },
};

static void texts_follow_as_the_server_writes_them(void **state)
{
	static const struct rename renames[] = { { "a", NULL, "t" }, { "a", "a", "x" } };
	DEFER(schema) *s = shop(before, 2);
	DEFER(schema) *done = renames_done(s, renames, 2);

	(void)state;
	assert_null(schema_find(done, OBJECT_TABLE, "a"));
	assert_string_equal(
		schema_find(done, OBJECT_TABLE, "t")->sql.p,
		"CREATE TABLE `t` (\n  `x` int(11) NOT NULL,\n  `b` int(11) DEFAULT NULL,\n"
		"  PRIMARY KEY (`x`),\n  KEY `a` (`x`,`b`),\n"
		"  CONSTRAINT `a` FOREIGN KEY (`x`) REFERENCES `t` (`x`),\n"
		"  CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES `p` (`a`),\n"
		"  CONSTRAINT `c` CHECK (`x` > 0)\n) COMMENT='`a`'\n"
		" PARTITION BY RANGE (`x`)\n(PARTITION `a` VALUES LESS THAN (1))");
	assert_string_equal(schema_find(done, OBJECT_TABLE, "p")->sql.p,
	                    "CREATE TABLE `p` (\n  `a` int(11) DEFAULT NULL,\n"
	                    "  CONSTRAINT `g` FOREIGN KEY (`a`) REFERENCES `t` (`x`)\n)");
}

static const char *const two[][2] = {
	{ "t",
	  "CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n  `b` int(11) DEFAULT NULL\n)" },
	{ "u", "CREATE TABLE `u` (\n  `a` int(11) DEFAULT NULL\n)" },
};
static const char *const wanted[][2] = {
	{ "t",
	  "CREATE TABLE `t` (\n  `c` int(11) DEFAULT NULL,\n  `b` int(11) DEFAULT NULL\n)" },
	{ "v", "CREATE TABLE `v` (\n  `a` int(11) DEFAULT NULL\n)" },
};

static void only_what_fits_is_done(void **state)
{
	static const struct {
		struct rename r;
		const char *error; /* NULL: fine */
		size_t left;
	} cases[] = {
		{ { "t", "a", "c" }, NULL, 1 },
		{ { "u", NULL, "v" }, NULL, 1 },
		{ { "x", NULL, "u" }, NULL, 0 },
		{ { "t", "x", "b" }, NULL, 0 },
		{ { "x", NULL, "y" }, "there is no such table", 0 },
		{ { "x", "a", "b" }, "there is no such table", 0 },
		{ { "t", "x", "y" }, "the table has no such column", 0 },
		{ { "t", "a", "b" }, "the table has a column of the new name", 0 },
		{ { "t", "a", "d" }, "no column of the new name is wanted", 0 },
		{ { "t", NULL, "u" }, "the new name is taken", 0 },
		{ { "t", NULL, "w" }, "no table of the new name is wanted", 0 },
	};
	DEFER(schema) *from = shop(two, 2);
	DEFER(schema) *to = shop(wanted, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		struct rename r = cases[i].r;
		size_t count = 1;

		assert_int_equal(renames_choose(&r, &count, from, to, &err),
		                 cases[i].error ? -1 : 0);
		if (cases[i].error)
			assert_non_null(strstr(err.text, cases[i].error));
		else
			assert_int_equal(count, cases[i].left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_as_they_are_written),
		cmocka_unit_test(what_is_no_rename_is_refused),
		cmocka_unit_test(texts_follow_as_the_server_writes_them),
		cmocka_unit_test(only_what_fits_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
