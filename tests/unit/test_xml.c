/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/store/xml.h"

static int add_element(void *arg, const char *path, const char *text, struct error *err)
{
	if (strcmp(text, "stop") == 0)
		return error_set(err, ERR_INVALID, "stopped");
	buf_addf(arg, "%s=%s\n", path, text);
	return 0;
}

static void elements_come_with_path_and_text(void **state)
{
	static const char xml[] = "<?xml version=\"1.0\"?><a x=\"y\"><b>1 &lt; 2<!-- c --></b>"
				  "<c><d/></c> <b><![CDATA[<]]></b></a>";
	struct error err = ERROR_INIT;
	autobuf got = BUF_INIT;

	(void)state;
	assert_ok(xml_parse(xml, strlen(xml), add_element, &got, &err));
	assert_string_equal(got.data, "a/b=1 < 2\na/c/d=\na/c=\na/b=<\na=\n");
}

static void hostile_documents_are_refused(void **state)
{
	static const char *const documents[][2] = {
		{ "", "no element found" },
		{ "<a><b>cut of", "damaged" },
		{ "<a></b>", "mismatched tag" },
		{ "no xml", "damaged" },
		{ "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "DOCTYPE" },
		{ "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "DOCTYPE" },
		{ "<a>&unknown;</a>", "undefined entity" },
		{ "<a>\xff\xfe</a>", "damaged" },
		{ "<a><b>stop</b></a>", "stopped" },
		{ "<a/><b/>", "junk after" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct error err = ERROR_INIT;
		autobuf got = BUF_INIT;

		assert_int_equal(xml_parse(documents[i][0], strlen(documents[i][0]),
		                           add_element, &got, &err),
		                 -1);
		if (!strstr(err.text, documents[i][1]))
			fail_msg("%s: %s", documents[i][0], err.text);
	}
}

static void depth_and_length_have_limits(void **state)
{
	struct error err = ERROR_INIT;
	autobuf deep = BUF_INIT, longer = BUF_INIT, got = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_adds(&deep, "<a>");
	assert_fails(xml_parse(deep.data, deep.len, add_element, &got, &err), ERR_STORE,
	             "too deep");
	buf_adds(&longer, "<a>");
	for (int i = 0; i < 20000; i++)
		buf_addc(&longer, 'x');
	buf_adds(&longer, "</a>");
	assert_fails(xml_parse(longer.data, longer.len, add_element, &got, &err), ERR_STORE,
	             "too long");
	assert_int_equal(got.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_with_path_and_text),
		cmocka_unit_test(hostile_documents_are_refused),
		cmocka_unit_test(depth_and_length_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
