/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <math.h>

#include "engine/base/buf.h"
#include "engine/base/json.h"

static void assert_json(const struct json *v, const char *want)
{
	autobuf text = BUF_INIT;

	json_write(&text, v, JSON_COMPACT);
	assert_string_equal(text.data, want);
}

static void values_are_written(void **state)
{
	DEFER(json) *o = json_object();
	struct json *list = json_array();

	(void)state;
	json_set_str(o, "id", "b1");
	json_set_int(o, "size", INT64_MIN);
	json_set_real(o, "ratio", 0.1);
	json_set_bool(o, "done", true);
	json_set_bool(o, "failed", false);
	json_set_str(o, "note", NULL);
	json_append(list, json_int(1));
	json_append(list, json_str("x"));
	json_append(list, NULL);
	json_append(list, json_object());
	json_set(o, "list", list);
	json_set(o, "none", NULL);
	assert_json(o, "{\"id\":\"b1\",\"size\":-9223372036854775808,\"ratio\":0.1,"
	               "\"done\":true,\"failed\":false,\"note\":null,"
	               "\"list\":[1,\"x\",null,{}],\"none\":null}");
}

static void members_keep_their_order(void **state)
{
	DEFER(json) *o = json_object();

	(void)state;
	json_set_int(o, "z", 1);
	json_set_int(o, "a", 2);
	json_set_int(o, "z", 3);
	assert_json(o, "{\"z\":3,\"a\":2}");
}

static void pretty_has_two_spaces_and_an_end(void **state)
{
	DEFER(json) *o = json_object();
	autobuf text = BUF_INIT;

	(void)state;
	json_set_int(o, "a", 1);
	json_write(&text, o, JSON_PRETTY);
	assert_string_equal(text.data, "{\n  \"a\": 1\n}\n");
}

static void single_values_are_documents(void **state)
{
	DEFER(json) *s = json_str("a\"\\\n\x01");
	DEFER(json) *t = json_bool(true);
	DEFER(json) *n = json_null();

	(void)state;
	assert_json(s, "\"a\\\"\\\\\\n\\u0001\"");
	assert_json(t, "true");
	assert_json(n, "null");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	static const struct {
		const char *bytes;
		const char *want;
	} cases[] = {
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xac",
		  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xac" },
		{ "caf\xe9", "caf\xef\xbf\xbd" },
		{ "\xc3", "\xef\xbf\xbd" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(json) *v = json_str(cases[i].bytes);
		DEFER(json) *o = json_object();
		const struct json *value = NULL;

		assert_string_equal(json_text(v, NULL), cases[i].want);
		json_set_int(o, cases[i].bytes, 1);
		assert_string_equal(json_member(o, 0, &value), cases[i].want);
	}
}

static void a_nul_is_text_too(void **state)
{
	DEFER(json) *v = json_strn("a\0b", 3);
	DEFER(json) *back = NULL;
	struct error err = ERROR_INIT;
	autobuf text = BUF_INIT;
	size_t len = 0;

	(void)state;
	json_write(&text, v, JSON_COMPACT);
	assert_string_equal(text.data, "\"a\\u0000b\"");
	assert_ok(json_parse(&back, text.data, text.len, &err));
	assert_memory_equal(json_text(back, &len), "a\0b", 4);
	assert_int_equal(len, 3);
}

static void what_is_no_number_is_null(void **state)
{
	DEFER(json) *v = json_array();

	(void)state;
	json_append(v, json_real(NAN));
	json_append(v, json_real(INFINITY));
	json_append(v, json_real(2));
	assert_json(v, "[null,null,2.0]");
}

static void values_are_read(void **state)
{
	static const char text[] =
		"{\"s\": \"x\", \"i\": 42, \"r\": 1.5, \"t\": true, \"n\": null, \"a\": [1, 2]}";
	DEFER(json) *o = NULL;
	struct error err = ERROR_INIT;
	const struct json *a;

	(void)state;
	assert_ok(json_parse(&o, text, strlen(text), &err));
	a = json_get(o, "a");
	assert_true(json_is_object(o));
	assert_true(json_is_array(a));
	assert_true(json_is_string(json_get(o, "s")));
	assert_true(json_is_int(json_get(o, "i")));
	assert_true(json_is_real(json_get(o, "r")));
	assert_false(json_is_int(json_get(o, "r")));
	assert_true(json_is_bool(json_get(o, "t")));
	assert_true(json_is_null(json_get(o, "n")));
	assert_string_equal(json_get_str(o, "s", "?"), "x");
	assert_int_equal(json_get_int(o, "i", -1), 42);
	assert_true(json_real_value(json_get(o, "r"), 0) == 1.5);
	assert_true(json_real_value(json_get(o, "i"), 0) == 42);
	assert_true(json_get_bool(o, "t", false));
	assert_int_equal(json_count(o), 6);
	assert_int_equal(json_count(a), 2);
	assert_int_equal(json_int_value(json_at(a, 1), -1), 2);
}

static void what_is_not_there_is_otherwise(void **state)
{
	DEFER(json) *o = json_object();
	const struct json *value = NULL;

	(void)state;
	json_set_str(o, "s", "x");
	assert_null(json_get(o, "a"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_at(o, 0));
	assert_null(json_at(NULL, 0));
	assert_null(json_text(json_get(o, "a"), NULL));
	assert_null(json_member(o, 1, &value));
	assert_null(json_member(NULL, 0, &value));
	assert_int_equal(json_count(NULL), 0);
	assert_int_equal(json_count(json_get(o, "s")), 0);
	assert_false(json_is_null(NULL));
	assert_false(json_is_bool(NULL));
	assert_int_equal(json_get_int(o, "s", 7), 7);
	assert_true(json_get_bool(o, "s", true));
	assert_string_equal(json_get_str(o, "a", "otherwise"), "otherwise");
	assert_true(json_real_value(json_get(o, "s"), 2.5) == 2.5);
}

static void members_are_counted_in_order(void **state)
{
	static const char *const keys[] = { "b", "a", "c" };
	DEFER(json) *o = json_object();
	const struct json *value = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		json_set_int(o, keys[i], (int64_t)i);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(json_member(o, i, &value), keys[i]);
		assert_int_equal(json_int_value(value, -1), i);
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{ "", "line 1, column 0" },
		{ "{", "line 1" },
		{ "{\n  \"a\": x}", "line 2" },
		{ "[1] 2", "end of file expected" },
		{ "{\"a\":1,\"a\":2}", "duplicate" },
		{ "\"\xff\"", "decode byte 0xff" },
		{ "[1,]", "line 1" },
		{ "99999999999999999999", "big" },
	};
	struct error err = ERROR_INIT;
	struct json *v = NULL;
	autobuf deep = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(json_parse(&v, cases[i].text, strlen(cases[i].text), &err),
		             ERR_INVALID, cases[i].part);
	for (int i = 0; i < 100000; i++)
		buf_addc(&deep, '[');
	assert_fails(json_parse(&v, deep.data, deep.len, &err), ERR_INVALID, "depth");
	assert_null(v);
}

static void a_shared_value_outlives_its_container(void **state)
{
	struct json *list = json_array();
	DEFER(json) *shared = NULL;

	(void)state;
	json_append(list, json_str("x"));
	shared = json_share(json_at(list, 0));
	json_free(list);
	assert_json(shared, "\"x\"");
	assert_null(json_share(NULL));
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	json_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_written),
		cmocka_unit_test(members_keep_their_order),
		cmocka_unit_test(pretty_has_two_spaces_and_an_end),
		cmocka_unit_test(single_values_are_documents),
		cmocka_unit_test(bytes_that_are_no_text_are_replaced),
		cmocka_unit_test(a_nul_is_text_too),
		cmocka_unit_test(what_is_no_number_is_null),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(what_is_not_there_is_otherwise),
		cmocka_unit_test(members_are_counted_in_order),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_shared_value_outlives_its_container),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
