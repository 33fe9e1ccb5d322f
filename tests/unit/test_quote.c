/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/schema/quote.h"

static void names_double_their_quotes(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	quote_name(&out, "a`b``c\n'\\");
	assert_string_equal(out.data, "`a``b````c\n'\\`");
}

static void strings_escape_what_clients_alter(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	quote_string(&out, "it's \\ \n\r\x1a \"`");
	assert_string_equal(out.data, "'it\\'s \\\\ \\n\\r\\Z \"`'");
}

static void texts_keep_their_lines_and_any_byte(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	quote_text(&out, (struct str){ "a\nb'\r\n\0c", 8 });
	assert_string_equal(out.data, "'a\nb\\'\\r\n\\0c'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_double_their_quotes),
		cmocka_unit_test(strings_escape_what_clients_alter),
		cmocka_unit_test(texts_keep_their_lines_and_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
