/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/secret.h"
#include "engine/codec/cipher.h"

/* Lengths around the places where the number of chunks changes. */
static const size_t lengths[] = { 0, 1, 16383, 16384, 16385, 32767, 32768, 32769, 100000 };

struct fixture {
	const struct cipher_ops *ops;
	struct secret *key;
};

static int with_none(void **state)
{
	static struct fixture f = { .ops = &cipher_none };

	*state = &f;
	return 0;
}

static int with_cobblestone(void **state)
{
	static struct fixture f = { .ops = &cipher_cobblestone };

	f.key = secret_new("a key that has thirty-two bytes.", 32);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	secret_free(f->key);
	return 0;
}

static struct str view(const struct buf *b)
{
	return (struct str){ b->data, b->len };
}

static void fill(struct buf *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addc(out, (char)(i * 7 + i / 251));
}

static void a_stream_gives_back_what_it_took(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		autobuf plain = BUF_INIT;
		autobuf sealed = BUF_INIT;
		autobuf back = BUF_INIT;
		uint64_t len;

		fill(&plain, lengths[i]);
		assert_ok(cipher_seal(&sealed, f->ops, f->key, str_of("here"), view(&plain),
		                      &err));
		assert_int_equal(sealed.len, f->ops->lead + cipher_sealed_size(lengths[i]));
		assert_true(cipher_plain_size(&len, sealed.len - f->ops->lead));
		assert_int_equal(len, lengths[i]);
		assert_ok(cipher_open(&back, f->ops, f->key, str_of("here"), view(&sealed),
		                      &err));
		assert_true(str_equal(view(&back), view(&plain)));
	}
}

static void chunks_from_the_middle_open_alone(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	DEFER(cipher_stream) *s = NULL;
	autobuf plain = BUF_INIT;
	autobuf sealed = BUF_INIT;
	autobuf back = BUF_INIT;
	struct str chunks;

	fill(&plain, 3 * CIPHER_CHUNK + 5);
	assert_ok(cipher_seal(&sealed, f->ops, f->key, str_of("here"), view(&plain), &err));
	assert_ok(
		f->ops->resume(&s, (unsigned char *)sealed.data, f->key, str_of("here"), &err));
	chunks = str_slice(view(&sealed), f->ops->lead, sealed.len);
	assert_ok(cipher_open_chunks(s, 1, str_slice(chunks, CIPHER_STRIDE, 3 * CIPHER_STRIDE),
	                             &back, &err));
	assert_true(str_equal(view(&back),
	                      str_slice(view(&plain), CIPHER_CHUNK, 3 * CIPHER_CHUNK)));
	buf_truncate(&back, 0);
	assert_ok(cipher_open_chunks(s, 3, str_slice(chunks, 3 * CIPHER_STRIDE, chunks.n),
	                             &back, &err));
	assert_true(
		str_equal(view(&back), str_slice(view(&plain), 3 * CIPHER_CHUNK, plain.len)));
	/* Under another number, or swapped, they are nothing. */
	assert_fails(cipher_open_chunks(s, 0,
	                                str_slice(chunks, CIPHER_STRIDE, 2 * CIPHER_STRIDE),
	                                &back, &err),
	             ERR_CORRUPT, "chunk 0");
}

static void every_flipped_bit_is_found(void **state)
{
	const struct fixture *f = *state;
	autobuf sealed = BUF_INIT;
	autobuf back = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(cipher_seal(&sealed, f->ops, f->key, str_of("here"), str_of("some words"),
	                      &err));
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ 1 << bit % 8);
		if (cipher_open(&back, f->ops, f->key, str_of("here"), view(&sealed), &err) ==
		    0)
			fail_msg("bit %zu", bit);
		error_clear(&err);
		assert_int_equal(back.len, 0);
		sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ 1 << bit % 8);
	}
}

static void every_other_end_is_found(void **state)
{
	const struct fixture *f = *state;
	autobuf plain = BUF_INIT;
	autobuf sealed = BUF_INIT;
	struct error err = ERROR_INIT;

	fill(&plain, CIPHER_CHUNK + 20);
	assert_ok(cipher_seal(&sealed, f->ops, f->key, str_of("here"), view(&plain), &err));
	for (size_t len = 0; len < sealed.len; len += len % 1000 == 999 ? 97 : 1) {
		autobuf back = BUF_INIT;

		if (cipher_open(&back, f->ops, f->key, str_of("here"),
		                str_slice(view(&sealed), 0, len), &err) == 0)
			fail_msg("length %zu", len);
		error_clear(&err);
	}
	buf_addc(&sealed, 0);
	assert_fails(cipher_open(&plain, f->ops, f->key, str_of("here"), view(&sealed), &err),
	             ERR_CORRUPT, "chunk 1");
}

static void another_context_opens_nothing(void **state)
{
	const struct fixture *f = *state;
	autobuf sealed = BUF_INIT;
	autobuf back = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(cipher_seal(&sealed, f->ops, f->key, str_of("here"), str_of("words"), &err));
	assert_fails(cipher_open(&back, f->ops, f->key, str_of("there"), view(&sealed), &err),
	             f->key ? ERR_DENIED : ERR_CORRUPT, "of another backup");
}

static void there_is_one_chunking_per_length(void **state)
{
	uint64_t plain = 0, last = 0;

	(void)state;
	assert_false(cipher_plain_size(&plain, 0));
	assert_false(cipher_plain_size(&plain, 15));
	assert_false(cipher_plain_size(&plain, CIPHER_STRIDE));
	assert_false(cipher_plain_size(&plain, CIPHER_STRIDE + 15));
	for (uint64_t sealed = 16; sealed < 3 * CIPHER_STRIDE; sealed++) {
		if (!cipher_plain_size(&plain, sealed))
			continue;
		assert_int_equal(cipher_sealed_size(plain), sealed);
		assert_true(sealed == 16 || plain == last + 1);
		last = plain;
	}
}

static void stored_numbers_stay(void **state)
{
	(void)state;
	assert_ptr_equal(cipher_by_id(0), &cipher_none);
	assert_ptr_equal(cipher_by_id(1), &cipher_cobblestone);
	assert_null(cipher_by_id(2));
}

#define ON(cipher, check) cmocka_unit_test_setup_teardown(check, with_##cipher, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(none, a_stream_gives_back_what_it_took),
		ON(cobblestone, a_stream_gives_back_what_it_took),
		ON(none, chunks_from_the_middle_open_alone),
		ON(cobblestone, chunks_from_the_middle_open_alone),
		ON(none, every_flipped_bit_is_found),
		ON(cobblestone, every_flipped_bit_is_found),
		ON(none, every_other_end_is_found),
		ON(cobblestone, every_other_end_is_found),
		ON(none, another_context_opens_nothing),
		ON(cobblestone, another_context_opens_nothing),
		cmocka_unit_test(there_is_one_chunking_per_length),
		cmocka_unit_test(stored_numbers_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
