/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/codec/index.h"

#define BLOCK  ((size_t)4096)
#define BLOCKS (100 + 4096 + 7 + 5) /* stored bytes of the sample's blocks */

/* Offsets in the sample's index. */
enum {
	AT_PARTS = 0,
	AT_BLOCKS = 4,
	AT_NAME_LENGTH = 8,
	AT_NAME = 10,
	AT_SIZE = 11,
	AT_FIRST = 51,
	AT_COUNT = 55,
	AT_SECOND_NAME = 61,
	AT_STORED = 8 + 3 * 51,
};

/* a: 3 blocks, b: none, c: 1 block. */
static void make(struct buf *out)
{
	DEFER(index) *x = index_new(BLOCK);
	struct digest d = { { 1, 2, 3 } };
	struct error err = ERROR_INIT;

	assert_ok(index_add_part(x, "a", 2 * BLOCK + 7, &err));
	index_set_sum(x, &d);
	index_add_block(x, 100);
	index_add_block(x, BLOCK);
	index_add_block(x, 7);
	assert_ok(index_add_part(x, "b", 0, &err));
	index_set_sum(x, &d);
	assert_ok(index_add_part(x, "c", 5, &err));
	index_set_sum(x, &d);
	index_add_block(x, 5);
	assert_ok(index_write(out, x, &err));
}

static struct str without_trailer(const struct buf *b)
{
	return (struct str){ b->data, b->len - INDEX_TRAILER_SIZE };
}

static void what_is_written_is_read(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(index) *x = NULL;
	autobuf b = BUF_INIT;
	const struct index_part *p;
	size_t len = 0;

	(void)state;
	make(&b);
	assert_ok(index_length(
		&len, (struct str){ b.data + b.len - INDEX_TRAILER_SIZE, INDEX_TRAILER_SIZE },
		&err));
	assert_int_equal(len, b.len - INDEX_TRAILER_SIZE);
	assert_ok(index_read(&x, without_trailer(&b), BLOCKS, BLOCK, &err));
	assert_int_equal(index_count(x), 3);
	p = index_find(x, "a");
	assert_ptr_equal(p, index_at(x, 0));
	assert_int_equal(p->seen.size, 2 * BLOCK + 7);
	assert_int_equal(p->seen.sha256.bytes[2], 3);
	assert_int_equal(p->block_count, 3);
	assert_int_equal(index_block(x, p, 1).offset, 100);
	assert_int_equal(index_block(x, p, 1).stored_len, BLOCK);
	assert_int_equal(index_block(x, p, 1).plain_len, BLOCK);
	assert_int_equal(index_block(x, p, 2).plain_len, 7);
	assert_int_equal(index_find(x, "b")->block_count, 0);
	assert_int_equal(index_block(x, index_find(x, "c"), 0).offset, BLOCKS - 5);
	assert_null(index_find(x, "d"));
}

static void what_contradicts_itself_is_refused(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
		const char *text;
	} cases[] = {
		{ AT_PARTS, 2, "want 3 blocks, got 4" },
		{ AT_PARTS, 4, "4 parts and 4 blocks in 177 bytes" },
		{ AT_PARTS + 3, 255, "parts and 4 blocks in" },
		{ AT_BLOCKS, 3, "want 4 blocks, got 3" },
		{ AT_BLOCKS + 3, 255, "blocks in" },
		{ AT_NAME_LENGTH, 0, "a name of 0 bytes" },
		{ AT_NAME_LENGTH + 1, 0x7f, "is cut off" },
		{ AT_NAME, 0, "a name of 1 bytes, or with NUL" },
		{ AT_NAME, 'c', "two parts are named c" },
		{ AT_SIZE + 4, 1, "bytes, limit 1073741824" },
		{ AT_SIZE + 1, 16, "want 2 blocks from 0, got 3 from 0" },
		{ AT_FIRST, 1, "got 3 from 1" },
		{ AT_COUNT, 4, "got 4 from 0" },
		{ AT_STORED, 0, "block of 4096 bytes stored in 0" },
		{ AT_STORED, 99, "blocks take 4207 bytes, there are 4208" },
		{ AT_STORED + 1, 255, "stored in 65380" },
		{ AT_STORED + 8, 8, "block of 7 bytes stored in 8" },
	};
	struct error err = ERROR_INIT;
	DEFER(index) *x = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf b = BUF_INIT;

		make(&b);
		b.data[cases[i].at] = (char)cases[i].value;
		assert_fails(index_read(&x, without_trailer(&b), BLOCKS, BLOCK, &err),
		             ERR_CORRUPT, cases[i].text);
		assert_null(x);
	}
}

static void every_cut_is_found(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(index) *x = NULL;
	autobuf b = BUF_INIT;

	(void)state;
	make(&b);
	for (size_t len = 0; len < without_trailer(&b).n; len++)
		assert_fails(index_read(&x, (struct str){ b.data, len }, len == 0 ? 1 : BLOCKS,
		                        BLOCK, &err),
		             ERR_CORRUPT, "");
	assert_fails(index_read(&x, (struct str){ b.data, b.len }, BLOCKS, BLOCK, &err),
	             ERR_CORRUPT, "want 4 blocks");
}

static void an_index_needs_its_end_mark(void **state)
{
	struct error err = ERROR_INIT;
	size_t len = 0;

	(void)state;
	assert_ok(index_length(&len, (struct str){ "\x05\0\0\0MSB1-END", 12 }, &err));
	assert_int_equal(len, 5);
	assert_fails(index_length(&len, (struct str){ "\x05\0\0\0MSB1-ENd", 12 }, &err),
	             ERR_CORRUPT, "end mark");
	assert_fails(index_length(&len, (struct str){ "\x05\0\0\0MSB1-END", 11 }, &err),
	             ERR_CORRUPT, "end mark");
	assert_fails(index_length(&len, (struct str){ "\x01\0\0\x04MSB1-END", 12 }, &err),
	             ERR_CORRUPT, "67108865 bytes, limit 67108864");
}

static void the_writer_checks_names_and_sizes(void **state)
{
	char name[CONTAINER_NAME_MAX + 2] = { 0 };
	DEFER(index) *x = index_new(BLOCK);
	struct error err = ERROR_INIT;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	assert_fails(index_add_part(x, name, 0, &err), ERR_INVALID, "513 bytes");
	assert_fails(index_add_part(x, "", 0, &err), ERR_INVALID, "0 bytes");
	assert_fails(index_add_part(x, "a", CONTAINER_PART_MAX + 1, &err), ERR_INVALID,
	             "part a: 1073741825 bytes");
	name[CONTAINER_NAME_MAX] = '\0';
	assert_ok(index_add_part(x, name, CONTAINER_PART_MAX, &err));
	assert_fails(index_add_part(x, name, 0, &err), ERR_EXISTS, "two parts are named");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(every_cut_is_found),
		cmocka_unit_test(an_index_needs_its_end_mark),
		cmocka_unit_test(the_writer_checks_names_and_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
