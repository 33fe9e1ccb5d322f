/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <yaml.h>

#include "cli/out_yaml.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"

static void assert_yaml(const char *json, const char *want)
{
	struct error err = ERROR_INIT;
	DEFER(json) *v = NULL;
	autobuf text = BUF_INIT;

	assert_ok(json_parse(&v, json, strlen(json), &err));
	yaml_write(&text, v);
	assert_string_equal(text.data, want);
}

static void blocks_are_indented(void **state)
{
	(void)state;
	assert_yaml("{\"a\": 1, \"b\": {\"c\": true, \"d\": null}, \"e\": [1.5, \"x\"]}",
	            "a: 1\nb:\n  c: true\n  d: null\ne:\n  - 1.5\n  - x\n");
}

static void lists_of_records_begin_with_a_dash(void **state)
{
	(void)state;
	assert_yaml(
		"[{\"id\": \"a\", \"tags\": {\"k\": \"v\"}}, {\"id\": \"b\", \"tags\": {}}]",
		"- id: a\n  tags:\n    k: v\n- id: b\n  tags: {}\n");
}

static void lists_in_lists_are_told_apart(void **state)
{
	(void)state;
	assert_yaml("[[1, 2], [], [[3]]]", "- - 1\n  - 2\n- []\n- - - 3\n");
}

static void empty_values_are_written_inline(void **state)
{
	(void)state;
	assert_yaml("[]", "[]\n");
	assert_yaml("{}", "{}\n");
	assert_yaml("{\"a\": [], \"b\": \"\"}", "a: []\nb: \"\"\n");
}

static void text_that_could_be_something_else_is_quoted(void **state)
{
	static const char *const texts[] = {
		"true",
		"No",
		"null",
		"~",
		"1",
		"-1",
		"1.5",
		"0x10",
		"1e3",
		"2026-11-21",
		"- a",
		"a: b",
		"a #b",
		"#a",
		"&a",
		"*a",
		"!a",
		"|",
		">",
		"%a",
		"@a",
		"`a",
		"{a}",
		"[a]",
		"\"a\"",
		"'a'",
		"? a",
		" a",
		"a ",
		"a\nb",
		"a\tb",
		"a\\b",
		"=",
		"<<",
		"y",
		"off",
		".inf",
		"a\x01",
		"\xc2\x85",
		"\xe2\x80\xa8",
		"\xef\xbb\xbfx",
		"\x7f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		DEFER(json) *v = json_str(texts[i]);
		autobuf text = BUF_INIT;

		yaml_write(&text, v);
		if (text.data[0] != '"')
			fail_msg("\"%s\" is written without quotes: %s", texts[i], text.data);
	}
}

static void text_that_is_clearly_text_is_not(void **state)
{
	(void)state;
	assert_yaml("\"zstd\"", "zstd\n");
	assert_yaml("\"backup_20261121_090311_a1b2c3d4\"", "backup_20261121_090311_a1b2c3d4\n");
	assert_yaml("\"/var/backups/x.y\"", "/var/backups/x.y\n");
	assert_yaml("\"Manual backup\"", "Manual backup\n");
}

/* The scalars that libyaml, an independent reader, finds. */
static void read_scalar(char out[256], const struct buf *text)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool done = false;

	assert_int_equal(yaml_parser_initialize(&parser), 1);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text->data, text->len);
	while (!done) {
		if (!yaml_parser_parse(&parser, &event))
			fail_msg("libyaml: %s in %s", parser.problem, text->data);
		if (event.type == YAML_SCALAR_EVENT) {
			assert_true(event.data.scalar.length < 256);
			memcpy(out, event.data.scalar.value, event.data.scalar.length + 1);
		}
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

static void another_reader_reads_the_same(void **state)
{
	static const char *const texts[] = {
		"plain",
		"it's \"quoted\" \\ back",
		"line one\nline two\n\ttabbed\r\n",
		"\x01\x1b[31mred\x7f",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe",
		"nel \xc2\x85 ls \xe2\x80\xa8 ps \xe2\x80\xa9 bom \xef\xbb\xbf",
		"- not a list",
		"key: value # no comment",
		" leading and trailing ",
		"CREATE TABLE `t` (\n  `a` int COMMENT 'x: y'\n)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		DEFER(json) *v = json_array();
		autobuf text = BUF_INIT;
		char got[256] = "";

		json_append(v, json_str(texts[i]));
		yaml_write(&text, v);
		read_scalar(got, &text);
		assert_string_equal(got, texts[i]);
	}
}

static void an_item_is_an_element_of_a_list(void **state)
{
	DEFER(json) *v = json_object();
	autobuf text = BUF_INIT;

	(void)state;
	json_set_str(v, "id", "a");
	json_set_int(v, "size", 1);
	yaml_write_item(&text, v);
	assert_string_equal(text.data, "- id: a\n  size: 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_indented),
		cmocka_unit_test(lists_of_records_begin_with_a_dash),
		cmocka_unit_test(lists_in_lists_are_told_apart),
		cmocka_unit_test(empty_values_are_written_inline),
		cmocka_unit_test(text_that_could_be_something_else_is_quoted),
		cmocka_unit_test(text_that_is_clearly_text_is_not),
		cmocka_unit_test(another_reader_reads_the_same),
		cmocka_unit_test(an_item_is_an_element_of_a_list),
	};

	return cmocka_run_group_tests_name("out_yaml", tests, NULL, NULL);
}
