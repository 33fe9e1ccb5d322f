/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include "engine/config/document.h"

static void broken_yaml_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *yaml, *part;
	} cases[] = {
		{ "backup: [1, 2",
		  "t.yaml:2:1: not YAML: while parsing a flow sequence from line 1: did" },
		{ "backup:\n\tenabled: true", "t.yaml:2:1: not YAML:" },
		{ "backup:\n  a: b: c",
		  "t.yaml:2:7: not YAML: mapping values are not allowed" },
		{ "a: \"\\q\"",
		  "not YAML: while parsing a quoted scalar: found unknown escape" },
		{ "backup: \xff", "t.yaml:1:9: not YAML: invalid leading UTF-8 octet" },
		{ "a: 1\nb: \x01", "t.yaml:2:4: not YAML: control characters" },
		{ "a: \"x\\0y\"", "t.yaml:1:4: a NUL character in a value" },
		{ "a: 1\nb: 2\na: 3", "t.yaml:3:1: \"a\" stands twice, here and in line 1" },
		{ "a: 1\n---\nb: 2", "a second document in one file" },
		{ "a: *x", "t.yaml:1:4: an alias without an anchor before it" },
		{ "a: &x [*x]", "an alias without an anchor before it" },
		{ "a: !secret b", "tags such as !this are not supported" },
		{ "a: !!binary aGVsbG8=", "tags such as !this are not supported" },
		{ "[a]: b", "a key must be plain text" },
		{ "? {a: b}\n: c", "a key must be plain text" },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(try_parse(cases[i].yaml, &err), ERR_CONFIG, cases[i].part);
}

static void a_byte_order_mark_and_utf16_are_fine(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(config) *a = parse("\xEF\xBB\xBFtimezone: UTC\n");
	DEFER(config) *b = NULL;
	static const char utf16[] = "\xFF\xFEv\0e\0r\0b\0o\0s\0e\0:\0 \0o\0n\0";

	(void)state;
	assert_string_equal(config_text(a, "timezone"), "UTC");
	assert_ok(config_parse(&b, utf16, sizeof(utf16) - 1, "t.yaml", &err));
	assert_true(config_bool(b, "verbose"));
}

static void anchors_and_aliases_work(void **state)
{
	DEFER(config) *c = parse("source: &s\n  host: a\n  port: 3307\ntarget: *s\n");

	(void)state;
	assert_string_equal(config_text(c, "target.host"), "a");
	assert_int_equal(config_int(c, "target.port"), 3307);
}

static void bombs_are_refused_at_once(void **state)
{
	autobuf deep = BUF_INIT;
	autobuf wide = BUF_INIT;
	autobuf many = BUF_INIT;
	autobuf large = BUF_INIT;
	autobuf laughs = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 900; i++)
		buf_addc(&deep, '[');
	assert_fails(try_parse(deep.data, &err), ERR_CONFIG, "nested more than 32 deep");
	for (int i = 0; i < 1100; i++)
		buf_addf(&wide, "k%d: 1\n", i);
	assert_fails(try_parse(wide.data, &err), ERR_CONFIG, "more than 1000 entries");
	for (int i = 0; i < 600; i++)
		buf_addf(&many, "k%d: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n", i);
	assert_fails(try_parse(many.data, &err), ERR_CONFIG, "more than 10000 values");
	while (large.len <= DOCUMENT_SIZE_MAX)
		buf_adds(&large, "# a comment\n");
	assert_fails(try_parse(large.data, &err), ERR_CONFIG, "limit 262144");
	/* A billion laughs, in a block that is ours and in one that is not. */
	buf_adds(&laughs, "a0: &a0 {backup_tags: {x: ha}}\n");
	for (int i = 1; i < 30; i++)
		buf_addf(&laughs, "a%d: &a%d {p: *a%d, q: *a%d}\n", i, i, i - 1, i - 1);
	buf_adds(&laughs, "migration: *a29\n");
	{
		DEFER(config) *c = parse(laughs.data);

		assert_int_equal(config_warning_count(c), 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_yaml_is_refused_with_its_place),
		cmocka_unit_test(a_byte_order_mark_and_utf16_are_fine),
		cmocka_unit_test(anchors_and_aliases_work),
		cmocka_unit_test(bombs_are_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
