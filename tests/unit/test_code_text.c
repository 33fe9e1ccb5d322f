/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/schema/code_text.h"

#define NO_BACKSLASH "NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION"

static struct object code(enum object_kind kind, const char *sql, const char *mode)
{
	struct object o = { .kind = kind, .name = "n", .sql = str_of(sql) };

	o.context.sql_mode = mode;
	return o;
}

static const struct {
	enum object_kind kind;
	const char *sql;
	const char *comment;
} comments[] = {
	{ OBJECT_PROCEDURE, "CREATE PROCEDURE `n`()\n    COMMENT 'it''s \\\\'\nset @x = 1",
	  "'it''s \\\\'" },
	{ OBJECT_FUNCTION,
	  "CREATE FUNCTION `n`(a enum('\n','(')) RETURNS int\n    DETERMINISTIC\n    SQL SECURITY "
	  "INVOKER\n    COMMENT 'c'\nreturn 1",
	  "'c'" },
	{ OBJECT_FUNCTION, "CREATE FUNCTION `n`() RETURNS int\nreturn '\n    COMMENT \'x\''",
	  "" },
	{ OBJECT_PROCEDURE, "CREATE PROCEDURE `n`()\nbegin\n    COMMENT 'x' end", "" },
	{ OBJECT_PROCEDURE, "CREATE PROCEDURE `n`()", "" },
	{ OBJECT_PROCEDURE, "(", "" },
	{ OBJECT_PROCEDURE, "", "" },
	{ OBJECT_EVENT,
	  "CREATE EVENT `COMMENT` ON SCHEDULE EVERY 1 DAY COMMENT 'a' DO set @x = 'b'", "'a'" },
	{ OBJECT_EVENT, "CREATE EVENT `n` ON SCHEDULE EVERY 1 DAY DO set @x = comment('b')",
	  "" },
	{ OBJECT_TRIGGER, "CREATE TRIGGER `n` BEFORE INSERT ON `t` FOR EACH ROW COMMENT 'a'",
	  "" },
};

static void comments_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comments); i++) {
		struct object o = code(comments[i].kind, comments[i].sql, "");
		struct str got = code_comment(&o);

		if (!str_equal(got, str_of(comments[i].comment)))
			fail_msg("%s: want %s, got %.*s", comments[i].sql, comments[i].comment,
			         STR_ARG(got));
	}
}

static void comments_are_said_as_the_mode_reads_them(void **state)
{
	static const char sql[] =
		"CREATE PROCEDURE `n`()\n    COMMENT 'a\\n\\\\''b'\nset @x = '\\'";
	struct object o = code(OBJECT_PROCEDURE, sql, NO_BACKSLASH);
	autobuf plain = BUF_INIT;
	autobuf sjis = BUF_INIT;
	autobuf same = BUF_INIT;

	(void)state;
	code_to_run(&plain, &o);
	assert_string_equal(plain.data,
	                    "CREATE PROCEDURE `n`()\n    COMMENT 'a\n\\''b'\nset @x = '\\'");
	o.context.sql_mode = "";
	code_to_run(&same, &o);
	assert_string_equal(same.data, sql);
	o.context.client_charset = "sjis";
	code_to_run(&sjis, &o);
	assert_string_equal(sjis.data, plain.data);
}

static void strings_of_a_view_in_sjis_are_plain(void **state)
{
	struct object o = code(
		OBJECT_VIEW,
		"CREATE VIEW `a\\'` AS select 'it\\'s' AS `x`,_latin1'\\\\n' AS `y`", NULL);
	autobuf out = BUF_INIT;

	(void)state;
	o.context.client_charset = "sjis";
	code_to_run(&out, &o);
	assert_string_equal(out.data,
	                    "CREATE VIEW `a\\'` AS select 'it''s' AS `x`,_latin1'\\n' AS `y`");
}

static void an_event_of_a_mode_that_binds_not_closely_is_read(void **state)
{
	struct object o = code(OBJECT_EVENT,
	                       "CREATE EVENT `n` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT "
	                       "PRESERVE ENABLE DO set @x = ' ON COMPLETION NOT PRESERVE'",
	                       "HIGH_NOT_PRECEDENCE");
	autobuf out = BUF_INIT;

	(void)state;
	code_to_run(&out, &o);
	assert_string_equal(out.data,
	                    "CREATE EVENT `n` ON SCHEDULE EVERY 1 DAY ENABLE DO set @x = "
	                    "' ON COMPLETION NOT PRESERVE'");
}

static void misprinted_names_and_comments_are_mended(void **state)
{
	struct object o =
		code(OBJECT_EVENT,
	             "CREATE DEFINER=`r`@`h` EVENT `\xc3\x83\xc2\xa4` ON SCHEDULE EVERY 1 "
	             "DAY COMMENT '\xc3\x83\xc2\xa4' DO set @x = '\xc3\xa4'",
	             "");
	autobuf out = BUF_INIT;

	(void)state;
	assert_false(code_is_misprinted(&o));
	o.context.client_charset = "utf8mb3";
	assert_false(code_is_misprinted(&o));
	o.context.client_charset = "latin1";
	assert_true(code_is_misprinted(&o));
	o.name = "\xc3\xa4";
	code_mended(&out, &o, str_of("it's\n\xc3\xa4"));
	assert_string_equal(out.data,
	                    "CREATE DEFINER=`r`@`h` EVENT `\xc3\xa4` ON SCHEDULE EVERY 1 "
	                    "DAY COMMENT 'it''s\\n\xc3\xa4' DO set @x = '\xc3\xa4'");
}

static void a_trigger_has_its_table_mended(void **state)
{
	struct object o = code(
		OBJECT_TRIGGER,
		"CREATE TRIGGER `wrong` BEFORE INSERT ON `wrong` FOR EACH ROW set @x = 1", "");
	autobuf out = BUF_INIT;

	(void)state;
	o.table = "t`";
	code_mended(&out, &o, (struct str){ NULL, 0 });
	assert_string_equal(
		out.data, "CREATE TRIGGER `n` BEFORE INSERT ON `t``` FOR EACH ROW set @x = 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_are_found),
		cmocka_unit_test(comments_are_said_as_the_mode_reads_them),
		cmocka_unit_test(strings_of_a_view_in_sjis_are_plain),
		cmocka_unit_test(an_event_of_a_mode_that_binds_not_closely_is_read),
		cmocka_unit_test(misprinted_names_and_comments_are_mended),
		cmocka_unit_test(a_trigger_has_its_table_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
