/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/schema/splitter.h"

/* What was found, as "line:text|", with C for comments and D for rows. */
static int collect(void *arg, const struct splitter_item *item, struct error *err)
{
	(void)err;
	buf_addf(arg, "%zu%s:%.*s|", item->line,
	         item->comment ? "C"
	         : item->data  ? "D"
	                       : "",
	         STR_ARG(item->text));
	return 0;
}

static const struct {
	const char *script, *found;
} cases[] = {
	{ "", "" },
	{ " \n\t;;\n;", "" },
	{ "a; b ;c", "1:a|1:b|1:c|" },
	{ "a\n;\n\nb;", "1:a|4:b|" },
	{ "select ';';b", "1:select ';'|1:b|" },
	{ "select 'it''s; ' ;b", "1:select 'it''s; '|1:b|" },
	{ "select 'it\\'s; ' ;b", "1:select 'it\\'s; '|1:b|" },
	{ "select \"a;`\";b", "1:select \"a;`\"|1:b|" },
	{ "select `a;\\`;b", "1:select `a;\\`|1:b|" },
	{ "select `a``;`;b", "1:select `a``;`|1:b|" },
	{ "select '\\\n;';\nb", "1:select '\\\n;'|3:b|" },
	{ "-- one; two\na;", "1C:-- one; two|2:a|" },
	{ "--no\n;a", "1:--no|2:a|" },
	{ "#one; 'two\na;", "1C:#one; 'two|2:a|" },
	{ "a -- it's; b\n;c", "1:a -- it's; b|2:c|" },
	{ "a # it's; b\n;c", "1:a # it's; b|2:c|" },
	{ "a /* it's; b */;c", "1:a /* it's; b */|1:c|" },
	{ "/* it's; b\n */a", "2:a|" },
	{ "/*!40101 SET x */;a", "1:/*!40101 SET x */|1:a|" },
	{ "/*M!100301 SET x */;a", "1:/*M!100301 SET x */|1:a|" },
	{ "/*M!999999\\- enable the sandbox mode */ \n-- x\na;", "2C:-- x|3:a|" },
	{ "delimiter //\na;b//\nDELIMITER ;\nc;d", "2:a;b|4:c|4:d|" },
	{ "DELIMITER ;;\na;b;;\nDELIMITER ;\n", "2:a;b|" },
	{ "\\C utf8mb4\na;", "2:a|" },
	{ "insert into t values (';');a", "1D:insert into t values (';')|1:a|" },
	{ "REPLACE t values (1);a", "1D:REPLACE t values (1)|1:a|" },
	{ "inserted;", "1:inserted|" },
};

static void a_script_is_read_as_the_client_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* Whole, and byte by byte: what is fed may end anywhere. */
		for (size_t step = 1; step < 1000; step += 998) {
			autobuf found = BUF_INIT;
			DEFER(splitter) *s = splitter_new(collect, &found);
			struct str rest = str_of(cases[i].script);
			struct error err = ERROR_INIT;

			while (rest.n > 0) {
				size_t n = rest.n < step ? rest.n : step;

				assert_ok(splitter_feed(s, rest.p, n, &err));
				rest = str_slice(rest, n, rest.n);
			}
			assert_ok(splitter_end(s, &err));
			assert_string_equal(found.data, cases[i].found);
		}
	}
}

static void what_never_ends_is_refused_with_its_line(void **state)
{
	static const char *const scripts[] = { "a;\nselect 'b;", "a;\n`b", "a;\nb /* c",
		                               "a;\n/* c" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		autobuf found = BUF_INIT;
		DEFER(splitter) *s = splitter_new(collect, &found);
		struct error err = ERROR_INIT;

		assert_ok(splitter_feed(s, scripts[i], strlen(scripts[i]), &err));
		assert_fails(splitter_end(s, &err), ERR_INVALID, "line 2: ");
	}
}

static void binary_is_no_script(void **state)
{
	autobuf found = BUF_INIT;
	DEFER(splitter) *s = splitter_new(collect, &found);
	struct error err = ERROR_INIT;
	char zeros[100] = { 0 };

	(void)state;
	assert_fails(splitter_feed(s, zeros, sizeof(zeros), &err), ERR_INVALID, "NUL");
}

static void backslashes_are_nothing_when_the_mode_says_so(void **state)
{
	autobuf found = BUF_INIT;
	DEFER(splitter) *s = splitter_new(collect, &found);
	struct error err = ERROR_INIT;

	(void)state;
	splitter_no_backslash(s, true);
	assert_ok(splitter_feed(s, "select '\\';b;", 13, &err));
	assert_ok(splitter_end(s, &err));
	assert_string_equal(found.data, "1:select '\\'|1:b|");
}

/* A hundred megabytes of rows leave nothing behind; of code they are refused. */
static void memory_is_bounded(void **state)
{
	autobuf found = BUF_INIT;
	DEFER(splitter) *s = splitter_new(collect, &found);
	DEFER(splitter) *code = splitter_new(collect, &found);
	struct error err = ERROR_INIT;
	autofree char *megabyte = mem_alloc(1 << 20);
	int result = 0;

	(void)state;
	memset(megabyte, 'x', 1 << 20);
	assert_ok(splitter_feed(s, "insert into t values ('", 23, &err));
	for (int i = 0; i < 100; i++)
		assert_ok(splitter_feed(s, megabyte, 1 << 20, &err));
	assert_ok(splitter_feed(s, "');", 3, &err));
	assert_ok(splitter_end(s, &err));
	assert_true(found.len < 200);
	for (int i = 0; i < 100 && result == 0; i++)
		result = splitter_feed(code, megabyte, 1 << 20, &err);
	assert_fails(result, ERR_INVALID, "more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_is_read_as_the_client_does),
		cmocka_unit_test(what_never_ends_is_refused_with_its_line),
		cmocka_unit_test(binary_is_no_script),
		cmocka_unit_test(backslashes_are_nothing_when_the_mode_says_so),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
