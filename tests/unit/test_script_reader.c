/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/schema/script_reader.h"

/* The statements of a script, each with its line, on one line each. */
static int statements(struct buf *out, const char *script, struct error *err)
{
	struct script_reader r;
	struct script_statement st;
	int more;

	script_reader_init(&r, str_of(script));
	while ((more = script_reader_next(&r, &st, err)) > 0)
		buf_addf(out, "%zu:%.*s|", st.line, STR_ARG(st.sql));
	return more;
}

static const struct {
	const char *script;
	const char *want;
} cases[] = {
	{ "", "" },
	{ " ;; \n;", "" },
	{ "a; b", "1:a|1:b|" },
	{ "\xef\xbb\xbf"
	  "a;",
	  "1:a|" },
	{ "a\n;\r\n\nb ;", "1:a|4:b|" },
	{ "-- c;\n# d;\n/* e;\n */ a;", "4:a|" },
	{ "a -- c;\n;", "1:a -- c;|" },
	{ "a--1;b", "1:a--1|1:b|" },
	{ "a /* ; */ ';' \";\" `;`;b", "1:a /* ; */ ';' \";\" `;`|1:b|" },
	{ "'it''s;' '\\';';b", "1:'it''s;' '\\';'|1:b|" },
	{ "`\\`;b", "1:`\\`|1:b|" },
	{ "/*!50003 a; */;", "1:/*!50003 a|1:*/|" },
	{ "DELIMITER ;;\na;b;;\ndelimiter ;\nc;", "2:a;b|4:c|" },
	{ "delimiter $$ comment\na;b$$", "2:a;b|" },
	{ "/*M!999999\\- enable the sandbox mode */ \na;", "2:a|" },
	{ "\\C utf8mb4\na;", "2:a|" },
	{ "use shop\na;use b;c", "1:use shop|2:a|2:use b|2:c|" },
};

static void statements_are_cut_as_the_client_cuts_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;

		assert_ok(statements(&out, cases[i].script, &err));
		assert_string_equal(out.data, cases[i].want);
	}
}

static void backslashes_are_what_the_session_says(void **state)
{
	struct error err = ERROR_INIT;
	struct script_statement st;
	struct script_reader r;

	(void)state;
	script_reader_init(&r, str_of("'\\';b"));
	r.no_backslash_escapes = true;
	assert_int_equal(script_reader_next(&r, &st, &err), 1);
	assert_true(str_is(st.sql, "'\\'"));
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *script;
		enum error_code code;
		const char *part;
	} wrong[] = {
		{ "a;\n'b", ERR_INVALID, "line 2: a quote that opens here never ends" },
		{ "\nsource x.sql", ERR_REFUSED, "line 2: source x.sql: a script may not" },
		{ "\\! id", ERR_REFUSED, "a script may not do this" },
		{ "delimiter \na", ERR_INVALID, "DELIMITER names none" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;

		assert_fails(statements(&out, wrong[i].script, &err), wrong[i].code,
		             wrong[i].part);
	}
}

static const struct {
	const char *sql;
	enum server_family family;
	unsigned int version;
	const char *want;
} comments[] = {
	{ "CREATE TABLE t (a int) /*!50100 PARTITION BY x */", SERVER_MARIADB, 101100,
	  "CREATE TABLE t (a int) /*!50100 PARTITION BY x */" },
	{ "/*!50003 CREATE*/ /*!50017 DEFINER=u*/ /*!50003 TRIGGER t */", SERVER_MARIADB,
	  101100, " CREATE   DEFINER=u   TRIGGER t  " },
	{ "CREATE DATABASE /*!32312 IF NOT EXISTS*/ d /*!80016 DEFAULT ENCRYPTION='N' */",
	  SERVER_MARIADB, 101100, "CREATE DATABASE  IF NOT EXISTS  d  " },
	{ "CREATE DATABASE /*!32312 IF NOT EXISTS*/ d /*!80016 DEFAULT ENCRYPTION='N' */",
	  SERVER_MYSQL, 80400, "CREATE DATABASE  IF NOT EXISTS  d  DEFAULT ENCRYPTION='N'  " },
	{ "/*M!100301 a */ b", SERVER_MYSQL, 80400, "  b" },
	{ "/*M!100301 a */ b", SERVER_MARIADB, 101100, " a   b" },
	{ "/*!999999 a */ b", SERVER_MARIADB, 101100, "  b" },
	{ "/*! a */", SERVER_MYSQL, 80400, " a  " },
	{ "/*!50003 a /* b */ c */ d", SERVER_MARIADB, 101100, " a /* b */ c   d" },
};

static void comments_around_the_head_are_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comments); i++) {
		autobuf out = BUF_INIT;

		script_open_comments(&out, str_of(comments[i].sql), comments[i].family,
		                     comments[i].version, NULL);
		assert_string_equal(out.data, comments[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_are_cut_as_the_client_cuts_them),
		cmocka_unit_test(backslashes_are_what_the_session_says),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(comments_around_the_head_are_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
