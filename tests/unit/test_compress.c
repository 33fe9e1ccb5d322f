/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/codec/compress.h"

#define BLOCK ((size_t)262144)

static const size_t lengths[] = { 0, 1, 2, 100, 16384, 65536, 100000, BLOCK - 1, BLOCK };

/* Lines that compress, or noise that does not. */
static void fill(struct buf *out, size_t len, bool noise)
{
	uint32_t seed = 1;

	while (out->len < len) {
		seed = seed * 1664525 + 1013904223;
		if (noise)
			buf_addc(out, (char)(seed >> 24));
		else
			buf_addf(out, "  `column_%u` int NOT NULL,\n", seed >> 28);
	}
	buf_truncate(out, len);
}

static void check_round_trip(const struct compress_ops *ops, struct compress_context *ctx,
                             const struct buf *plain, int level)
{
	struct error err = ERROR_INIT;
	autobuf frame = BUF_INIT;
	autobuf back = BUF_INIT;

	buf_adds(&frame, "> ");
	buf_adds(&back, "> ");
	assert_ok(ops->encode(ctx, &frame, plain->data, plain->len, level, &err));
	assert_ok(ops->decode(ctx, &back, frame.data + 2, frame.len - 2, plain->len, &err));
	assert_int_equal(back.len, 2 + plain->len);
	assert_memory_equal(back.data + 2, plain->data, plain->len);
	assert_int_equal(back.data[back.len], 0);
}

static void every_algorithm_gives_back_what_it_took(void **state)
{
	const struct compress_ops *ops;

	(void)state;
	for (size_t a = 0; (ops = compress_at(a)) != NULL; a++) {
		struct compress_context *ctx = ops->context_new();

		for (size_t i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
			autobuf plain = BUF_INIT;

			fill(&plain, lengths[i / 2], i % 2 == 0);
			check_round_trip(ops, ctx, &plain, ops->level_default);
		}
		ops->context_free(ctx);
	}
}

static void every_level_works_in_one_context(void **state)
{
	const struct compress_ops *ops;
	autobuf plain = BUF_INIT;

	(void)state;
	fill(&plain, 5000, false);
	for (size_t a = 0; (ops = compress_at(a)) != NULL; a++) {
		struct compress_context *ctx = ops->context_new();

		for (int level = ops->level_min; level <= ops->level_max; level++)
			check_round_trip(ops, ctx, &plain, level);
		ops->context_free(ctx);
	}
}

static void text_gets_shorter(void **state)
{
	autobuf plain = BUF_INIT;

	(void)state;
	fill(&plain, 20000, false);
	for (size_t a = 1; compress_at(a); a++) {
		const struct compress_ops *ops = compress_at(a);
		struct compress_context *ctx = ops->context_new();
		struct error err = ERROR_INIT;
		autobuf frame = BUF_INIT;

		assert_ok(ops->encode(ctx, &frame, plain.data, plain.len, ops->level_default,
		                      &err));
		assert_true(frame.len < plain.len / 4);
		ops->context_free(ctx);
	}
}

/* A failure leaves out as it was; a success gives the very bytes. */
static void check_mutant(const struct compress_ops *ops, struct compress_context *ctx,
                         const struct buf *mutant, const struct buf *plain)
{
	struct error err = ERROR_INIT;
	autobuf back = BUF_INIT;

	if (ops->decode(ctx, &back, mutant->data, mutant->len, plain->len, &err) < 0) {
		assert_int_equal(err.code, ERR_CORRUPT);
		assert_int_equal(back.len, 0);
		return;
	}
	assert_int_equal(back.len, plain->len);
	assert_memory_equal(back.data, plain->data, plain->len);
}

static void a_flipped_bit_never_gives_other_bytes(void **state)
{
	autobuf plain = BUF_INIT;

	(void)state;
	fill(&plain, 700, false);
	for (size_t a = 1; compress_at(a);
	     a++) { /* "none" has no checksum: the container has */
		const struct compress_ops *ops = compress_at(a);
		struct compress_context *ctx = ops->context_new();
		struct error err = ERROR_INIT;
		autobuf frame = BUF_INIT;

		assert_ok(ops->encode(ctx, &frame, plain.data, plain.len, ops->level_default,
		                      &err));
		for (size_t bit = 0; bit < 8 * frame.len; bit++) {
			frame.data[bit / 8] = (char)(frame.data[bit / 8] ^ 1 << bit % 8);
			check_mutant(ops, ctx, &frame, &plain);
			frame.data[bit / 8] = (char)(frame.data[bit / 8] ^ 1 << bit % 8);
		}
		ops->context_free(ctx);
	}
}

static void another_length_is_corrupt(void **state)
{
	autobuf plain = BUF_INIT;

	(void)state;
	fill(&plain, 700, false);
	for (size_t a = 0; compress_at(a); a++) {
		const struct compress_ops *ops = compress_at(a);
		struct compress_context *ctx = ops->context_new();
		struct error err = ERROR_INIT;
		autobuf frame = BUF_INIT;
		autobuf back = BUF_INIT;

		assert_ok(ops->encode(ctx, &frame, plain.data, plain.len, ops->level_default,
		                      &err));
		assert_fails(ops->decode(ctx, &back, frame.data, frame.len, 699, &err),
		             ERR_CORRUPT, "");
		assert_fails(ops->decode(ctx, &back, frame.data, frame.len, 701, &err),
		             ERR_CORRUPT, "");
		for (size_t len = 0; len < frame.len; len++)
			assert_fails(ops->decode(ctx, &back, frame.data, len, 700, &err),
			             ERR_CORRUPT, "");
		buf_addc(&frame, 0);
		assert_fails(ops->decode(ctx, &back, frame.data, frame.len, 700, &err),
		             ERR_CORRUPT, "");
		assert_int_equal(back.len, 0);
		ops->context_free(ctx);
	}
}

static void two_frames_are_not_one(void **state)
{
	(void)state;
	for (size_t a = 1; compress_at(a); a++) {
		const struct compress_ops *ops = compress_at(a);
		struct compress_context *ctx = ops->context_new();
		struct error err = ERROR_INIT;
		autobuf frames = BUF_INIT;
		autobuf back = BUF_INIT;

		for (int i = 0; i < 2; i++)
			assert_ok(
				ops->encode(ctx, &frames, "abc", 3, ops->level_default, &err));
		assert_fails(ops->decode(ctx, &back, frames.data, frames.len, 6, &err),
		             ERR_CORRUPT, "");
		ops->context_free(ctx);
	}
}

static void stored_numbers_and_names_stay(void **state)
{
	static const char *const names[] = { "none", "gzip", "lz4", "zstd" };

	(void)state;
	for (unsigned int id = 0; id < ARRAY_SIZE(names); id++) {
		assert_string_equal(compress_by_id(id)->name, names[id]);
		assert_int_equal(compress_by_name(names[id])->id, id);
	}
	assert_ptr_equal(compress_by_name("ZSTD"), &compress_zstd);
	assert_null(compress_by_id(4));
	assert_null(compress_by_name("brotli"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm_gives_back_what_it_took),
		cmocka_unit_test(every_level_works_in_one_context),
		cmocka_unit_test(text_gets_shorter),
		cmocka_unit_test(a_flipped_bit_never_gives_other_bytes),
		cmocka_unit_test(another_length_is_corrupt),
		cmocka_unit_test(two_frames_are_not_one),
		cmocka_unit_test(stored_numbers_and_names_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
