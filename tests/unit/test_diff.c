/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/schema/diff.h"
#include "tests/unit/schema_json.h"

static struct schema *schema(const char *objects)
{
	struct error err = ERROR_INIT;
	struct schema *s = NULL;
	autobuf text = BUF_INIT;

	buf_addf(&text, "{\"name\": \"d\", \"objects\": [%s]}", objects);
	assert_ok(schema_from_json(&s, text.data, text.len, &err));
	return s;
}

#define TABLE(name, body)                                                               \
	"{\"kind\": \"tables\", \"name\": \"" name "\", \"sql\": \"CREATE TABLE `" name \
	"` (\\n" body "\\n) ENGINE=InnoDB\"}"

static void missing_extra_and_changed_objects_are_found(void **state)
{
	DEFER(schema) *from = schema(TABLE("a", "`x` int") "," TABLE("b", "`x` int"));
	DEFER(schema) *to = schema(TABLE("b", "`x` bigint") "," TABLE("c", "`x` int"));
	DEFER(diff) *d = diff_schemas(from, to);
	static const char *const want[] = { "extra table: a", "changed table: b",
		                            "missing table: c" };

	(void)state;
	assert_int_equal(d->count, ARRAY_SIZE(want));
	for (size_t i = 0; i < d->count; i++) {
		autobuf line = BUF_INIT;

		change_describe(&line, &d->changes[i]);
		assert_string_equal(line.data, want[i]);
	}
	assert_int_equal(d->changes[1].detail_count, 1);
	assert_string_equal(d->changes[1].details[0], "column x: int, want bigint");
}

static void parts_of_a_table_are_named(void **state)
{
	DEFER(schema) *from = schema(TABLE("t", "`a` int,\\n`b` int,\\nKEY `k` (`a`)"));
	DEFER(schema) *to = schema(TABLE("t", "`b` int,\\n`c` int,\\nKEY `k` (`b`)"));
	DEFER(diff) *d = diff_schemas(from, to);
	static const char *const want[] = { "extra column: a", "missing column: c",
		                            "index k: KEY `k` (`a`), want KEY `k` (`b`)" };

	(void)state;
	assert_int_equal(d->count, 1);
	assert_int_equal(d->changes[0].detail_count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(d->changes[0].details[i], want[i]);
}

static void order_of_columns_counts(void **state)
{
	DEFER(schema) *from = schema(TABLE("t", "`a` int,\\n`b` int"));
	DEFER(schema) *to = schema(TABLE("t", "`b` int,\\n`a` int"));
	DEFER(diff) *d = diff_schemas(from, to);

	(void)state;
	assert_int_equal(d->count, 1);
	assert_string_equal(d->changes[0].details[0], "the columns stand in another order");
}

static void unseen_kinds_are_left_out(void **state)
{
	DEFER(schema) *from = schema(TABLE("t", "`a` int"));
	DEFER(schema) *to = schema("");
	DEFER(diff) *d = NULL;

	(void)state;
	to->visible &= ~OBJECT_KIND_BIT(OBJECT_TABLE);
	d = diff_schemas(from, to);
	assert_int_equal(d->count, 0);
	assert_int_equal(d->unseen, OBJECT_KIND_BIT(OBJECT_TABLE));
}

static void a_view_that_only_became_broken_is_equal(void **state)
{
#define VIEW(text) \
	"{\"kind\": \"views\", \"name\": \"v\", \"sql\": \"CREATE VIEW `v` AS " text "\"}"
	DEFER(schema) *from = schema(VIEW("select `t`.`a` AS `a` from `t`"));
	DEFER(schema) *to = schema(VIEW("select `d`.`t`.`a` AS `a` from `d`.`t`"));
	DEFER(diff) *d = diff_schemas(from, to);

	(void)state;
	assert_int_equal(d->count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_extra_and_changed_objects_are_found),
		cmocka_unit_test(parts_of_a_table_are_named),
		cmocka_unit_test(order_of_columns_counts),
		cmocka_unit_test(unseen_kinds_are_left_out),
		cmocka_unit_test(a_view_that_only_became_broken_is_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
