/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/codec/cursor.h"
#include "engine/codec/preamble.h"

static const struct preamble_kind kind = {
	.name = "thing",
	.magic = { 0x89, 'T', 'S', 'T', '1', 0x0d, 0x0a, 0x1a },
	.fixed = 18,
};

static void make(struct buf *out)
{
	preamble_add(out, &kind, true);
	buf_adds(out, "xy");
	preamble_close(out, 0);
}

static int read_back(struct preamble *p, const struct buf *b, struct error *err)
{
	struct cursor c = { (const unsigned char *)b->data, b->len };

	return preamble_read(p, &kind, &c, err);
}

static void what_is_written_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct preamble p;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b);
	assert_ok(read_back(&p, &b, &err));
	assert_int_equal(p.clear_length, 18);
	assert_int_equal(p.flags, PREAMBLE_ENCRYPTED);
}

static void a_start_that_is_not_ours_is_refused_by_name(void **state)
{
	static const struct {
		size_t at;
		char value;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ 0, 0x09, ERR_CORRUPT, "first bytes of the thing are damaged" },
		{ 5, 0x0a, ERR_CORRUPT, "first bytes of the thing are damaged" },
		{ 1, 'P', ERR_CORRUPT, "not a backup thing" },
		{ 8, 2, ERR_UNSUPPORTED, "thing version 2.0, known is 1" },
		{ 11, 0x40, ERR_UNSUPPORTED, "unknown critical flags 0x4000" },
		{ 12, 17, ERR_CORRUPT, "want 18 to 65536 bytes, got 17" },
		{ 14, 2, ERR_CORRUPT, "got 131090" },
	};
	struct error err = ERROR_INIT;
	struct preamble p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf b = BUF_INIT;

		make(&b);
		b.data[cases[i].at] = cases[i].value;
		assert_fails(read_back(&p, &b, &err), cases[i].code, cases[i].text);
	}
}

static void what_may_be_ignored_is(void **state)
{
	struct error err = ERROR_INIT;
	struct preamble p;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b);
	b.data[9] = 7;     /* minor version */
	b.data[10] = 0x7f; /* flags 1 to 6 */
	assert_ok(read_back(&p, &b, &err));
	assert_int_equal(p.flags, 0x7f);
}

static void every_cut_is_found(void **state)
{
	struct error err = ERROR_INIT;
	struct preamble p;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b);
	for (size_t len = PREAMBLE_SIZE; len-- > 0;) {
		buf_truncate(&b, len);
		assert_fails(read_back(&p, &b, &err), ERR_CORRUPT, "cut off");
	}
}

/* Knows field 3 only, and wants no value of it to be "bad". */
static int read_three(void *arg, uint16_t type, struct str value, struct error *err)
{
	if (type != 3)
		return 0;
	if (str_is(value, "bad"))
		return error_set(err, ERR_CORRUPT, "bad value");
	*(struct str *)arg = value;
	return 1;
}

static int read_fields(struct str *out, const struct buf *b, struct error *err)
{
	struct cursor c = { (const unsigned char *)b->data, b->len };

	return field_read_all(&c, read_three, out, err);
}

static void known_fields_are_read_and_others_skipped(void **state)
{
	struct error err = ERROR_INIT;
	struct str value = { 0 };
	autobuf b = BUF_INIT;

	(void)state;
	field_add(&b, 1, "one", 3);
	field_add(&b, 3, "three", 5);
	field_add(&b, 0x7fff, "", 0);
	assert_ok(read_fields(&value, &b, &err));
	assert_true(str_is(value, "three"));
	field_add(&b, 0x8001, "new", 3);
	assert_fails(read_fields(&value, &b, &err), ERR_UNSUPPORTED,
	             "critical header field 0x8001 is unknown");
}

static void fields_ascend_and_end_where_they_should(void **state)
{
	struct error err = ERROR_INIT;
	struct str value = { 0 };
	autobuf b = BUF_INIT;

	(void)state;
	field_add(&b, 3, "three", 5);
	for (size_t len = 1; len < b.len; len++) {
		autobuf part = BUF_INIT;

		buf_add(&part, b.data, len);
		assert_fails(read_fields(&value, &part, &err), ERR_CORRUPT, "cut off");
	}
	field_add(&b, 3, "again", 5);
	assert_fails(read_fields(&value, &b, &err), ERR_CORRUPT, "0x3 comes after 0x3");
	buf_truncate(&b, 0);
	field_add(&b, 3, "bad", 3);
	assert_fails(read_fields(&value, &b, &err), ERR_CORRUPT, "bad value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_start_that_is_not_ours_is_refused_by_name),
		cmocka_unit_test(what_may_be_ignored_is),
		cmocka_unit_test(every_cut_is_found),
		cmocka_unit_test(known_fields_are_read_and_others_skipped),
		cmocka_unit_test(fields_ascend_and_end_where_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
