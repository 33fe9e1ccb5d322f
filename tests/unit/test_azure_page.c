/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/store/azure_page.h"

#define BLOB(name, size, etag)                                                             \
	"<Blob><Name>" name "</Name><Properties><Last-Modified>Sun, 22 Nov 2026 04:45:00 " \
	"GMT</Last-Modified><Etag>" etag "</Etag><Content-Length>" size                    \
	"</Content-Length></Properties></Blob>"
#define PAGE(blobs, rest)                                                                  \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Prefix>p</Prefix>" \
	"<Blobs>" blobs "</Blobs>" rest "</EnumerationResults>"

static void entries_come_in_order_with_their_state(void **state)
{
	static const char xml[] =
		PAGE(BLOB("p/b&amp;c", "12", "0x8D")
	                     BLOB("p/d", "0",
	                          "\"0x8E\"") "<BlobPrefix><Name>p/a_</Name></BlobPrefix>",
	             "<NextMarker>2!64</NextMarker>");
	struct error err = ERROR_INIT;
	autopage p = { .items = NULL };

	(void)state;
	assert_ok(azure_page_parse(&p, xml, sizeof(xml) - 1, &err));
	assert_int_equal(p.count, 3);
	assert_string_equal(p.items[0].name, "p/a_");
	assert_true(p.items[0].is_prefix);
	assert_string_equal(p.items[1].name, "p/b&c");
	assert_int_equal(p.items[1].stat.size, 12);
	assert_int_equal(p.items[1].stat.modified, 1795322700);
	assert_string_equal(p.items[1].stat.version, "0x8D");
	assert_string_equal(p.items[2].stat.version, "0x8E");
	assert_string_equal(p.marker, "2!64");
}

static void pages_add_up_and_the_last_has_no_marker(void **state)
{
	static const char first[] = PAGE(BLOB("a", "1", "x"), "<NextMarker>m</NextMarker>");
	static const char second[] = PAGE(BLOB("b", "2", "y"), "<NextMarker />");
	struct error err = ERROR_INIT;
	autopage p = { .items = NULL };

	(void)state;
	assert_ok(azure_page_parse(&p, first, sizeof(first) - 1, &err));
	assert_string_equal(p.marker, "m");
	assert_ok(azure_page_parse(&p, second, sizeof(second) - 1, &err));
	assert_null(p.marker);
	assert_int_equal(p.count, 2);
}

static void damaged_pages_are_refused(void **state)
{
	static const char *const pages[] = {
		"",
		"<html>",
		PAGE("<Blob><Name>a</Name></Blob>", ""),
		PAGE("<Blob><Name></Name></Blob>", ""),
		PAGE("<BlobPrefix></BlobPrefix>", ""),
		PAGE(BLOB("a", "-1", "x"), ""),
		PAGE(BLOB("a", "99999999999999999999999", "x"), ""),
		PAGE(BLOB("a", "1", ""), ""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		struct error err = ERROR_INIT;
		autopage p = { .items = NULL };

		assert_int_equal(azure_page_parse(&p, pages[i], strlen(pages[i]), &err), -1);
		assert_int_equal(err.code, ERR_STORE);
	}
}

static void a_page_cut_anywhere_is_refused(void **state)
{
	static const char xml[] = PAGE(BLOB("a", "1", "x"), "<NextMarker>m</NextMarker>");

	(void)state;
	for (size_t len = 0; len < sizeof(xml) - 1; len++) {
		struct error err = ERROR_INIT;
		autopage p = { .items = NULL };

		assert_int_equal(azure_page_parse(&p, xml, len, &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_order_with_their_state),
		cmocka_unit_test(pages_add_up_and_the_last_has_no_marker),
		cmocka_unit_test(damaged_pages_are_refused),
		cmocka_unit_test(a_page_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
