/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/store/http_headers.h"

static void names_are_compared_without_case(void **state)
{
	autoheaders h = HTTP_HEADERS_INIT;

	(void)state;
	http_headers_set(&h, "ETag", "one");
	http_headers_setf(&h, "etag", "%d", 2);
	assert_int_equal(h.count, 1);
	assert_string_equal(http_headers_get(&h, "ETAG"), "2");
	assert_null(http_headers_get(&h, "ETa"));
}

static void a_line_of_the_wire_is_taken_apart(void **state)
{
	static const struct {
		const char *line, *name, *value;
	} lines[] = {
		{ "Content-Type:  text/xml \r\n", "content-type", "text/xml" },
		{ "x:\r\n", "X", "" },
		{ "Date: Thu, 01 Jan 1970 00:00:00 GMT", "date",
		  "Thu, 01 Jan 1970 00:00:00 GMT" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		autoheaders h = HTTP_HEADERS_INIT;

		http_headers_parse(&h, lines[i].line, strlen(lines[i].line));
		assert_string_equal(http_headers_get(&h, lines[i].name), lines[i].value);
	}
}

static void what_is_no_header_is_passed_over(void **state)
{
	static const char *const lines[] = { "", "\r\n", "no colon\r\n", ": no name\r\n" };
	autoheaders h = HTTP_HEADERS_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		http_headers_parse(&h, lines[i], strlen(lines[i]));
	assert_int_equal(h.count, 0);
}

static void a_value_cannot_begin_another_header(void **state)
{
	autoheaders h = HTTP_HEADERS_INIT;

	(void)state;
	http_headers_set(&h, "x-token", "a\r\nHost: evil");
	assert_string_equal(http_headers_get(&h, "x-token"), "a  Host: evil");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_compared_without_case),
		cmocka_unit_test(a_line_of_the_wire_is_taken_apart),
		cmocka_unit_test(what_is_no_header_is_passed_over),
		cmocka_unit_test(a_value_cannot_begin_another_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
