/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/codec/header.h"
#include "engine/codec/preamble.h"

static void make(struct buf *out, const struct cipher_ops *cipher)
{
	struct header h = {
		.seen = { .id = "sixteen bytes..",
		          .created = 1763715791,
		          .tool_version = "0.1.0" },
		.cipher = cipher,
		.codec = &compress_zstd,
	};

	header_write(out, &h);
}

static struct str view(const struct buf *b)
{
	return (struct str){ b->data, b->len };
}

static void what_is_written_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct header h;
	size_t length = 0;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b, &cipher_cobblestone);
	assert_ok(header_length(&length, view(&b), &err));
	assert_int_equal(length, b.len);
	assert_ok(header_read(&h, view(&b), &err));
	assert_true(h.seen.encrypted);
	assert_int_equal(h.seen.codec, COMPRESS_ZSTD);
	assert_int_equal(h.seen.created, 1763715791);
	assert_string_equal(h.seen.tool_version, "0.1.0");
	assert_memory_equal(h.seen.id, "sixteen bytes..", 16);
	assert_int_equal(h.block_size, 262144);
	assert_int_equal(h.length, b.len);
}

static void what_is_unknown_is_refused_by_name(void **state)
{
	static const struct {
		size_t at;
		char value;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ 32, 2, ERR_UNSUPPORTED, "unknown cipher 2" },
		{ 33, 9, ERR_UNSUPPORTED, "unknown codec 9" },
		{ 34, 23, ERR_UNSUPPORTED, "blocks of 2^23 bytes" },
		{ 34, 11, ERR_UNSUPPORTED, "blocks of 2^11 bytes" },
		{ 10, 1, ERR_CORRUPT, "flags 0x1 and cipher none" },
		{ 35, 3, ERR_CORRUPT, "0x2 comes after 0x3" },
		{ 37, 9, ERR_CORRUPT, "want 8 bytes, got 9" },
		{ 49, 9, ERR_CORRUPT, "is cut off" },
		{ 53, 0, ERR_CORRUPT, "tool version" },
	};
	struct error err = ERROR_INIT;
	struct header h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf b = BUF_INIT;

		make(&b, &cipher_none);
		b.data[cases[i].at] = cases[i].value;
		assert_fails(header_read(&h, view(&b), &err), cases[i].code, cases[i].text);
	}
}

static void a_long_tool_version_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	char text[CONTAINER_TOOL_MAX + 1] = { 0 };
	struct header h;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b, &cipher_none);
	field_add(&b, 3, "", 0);
	buf_truncate(&b, b.len - 4 - 4 - 5);
	memset(text, 'v', sizeof(text));
	field_add(&b, 2, text, sizeof(text));
	preamble_close(&b, 0);
	assert_fails(header_read(&h, view(&b), &err), ERR_CORRUPT, "64 bytes, limit 63");
}

static void every_cut_is_found(void **state)
{
	struct error err = ERROR_INIT;
	struct header h;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b, &cipher_none);
	for (size_t len = 0; len < b.len; len++)
		assert_fails(header_read(&h, str_slice(view(&b), 0, len), &err), ERR_CORRUPT,
		             "");
	buf_addc(&b, 0);
	assert_fails(header_read(&h, view(&b), &err), ERR_CORRUPT, "want");
}

static void the_context_names_backup_and_header(void **state)
{
	autobuf context = BUF_INIT;

	(void)state;
	header_context(&context, "b-1", str_of("abc"));
	assert_int_equal(context.len, 18 + 3 + 32);
	assert_memory_equal(context.data, "schemafs/1 payloadb-1\xba\x78\x16\xbf", 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_unknown_is_refused_by_name),
		cmocka_unit_test(a_long_tool_version_is_refused),
		cmocka_unit_test(every_cut_is_found),
		cmocka_unit_test(the_context_names_backup_and_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
