/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/number.h"
#include "engine/codec/aead.h"

static struct str text(const char *s)
{
	return str_of(s);
}

/* Test case 13 of the GCM specification: nothing under a key of zeros. */
static void the_published_vector_holds(void **state)
{
	unsigned char key[AEAD_KEY_SIZE] = { 0 }, nonce[AEAD_NONCE_SIZE] = { 0 };
	unsigned char out[AEAD_TAG_SIZE], want[AEAD_TAG_SIZE];
	DEFER(aead) *a = aead_new(key);

	(void)state;
	assert_true(
		number_parse_hex(want, sizeof(want), "530f8afbc74536b9a963b4f1c4cb738b", 32));
	aead_seal(a, nonce, text(""), text(""), out);
	assert_memory_equal(out, want, sizeof(want));
}

static void one_context_seals_and_opens(void **state)
{
	unsigned char key[AEAD_KEY_SIZE] = "a key", nonce[AEAD_NONCE_SIZE] = "number one";
	unsigned char sealed[5 + AEAD_TAG_SIZE], plain[5];
	struct str view = { (const char *)sealed, sizeof(sealed) };
	DEFER(aead) *a = aead_new(key);

	(void)state;
	for (int i = 0; i < 3; i++) {
		aead_seal(a, nonce, text("with"), text("hello"), sealed);
		assert_true(aead_open(a, nonce, text("with"), view, plain));
		assert_memory_equal(plain, "hello", 5);
	}
}

static void what_differs_does_not_open(void **state)
{
	unsigned char key[AEAD_KEY_SIZE] = "a key", nonce[AEAD_NONCE_SIZE] = "number one";
	unsigned char sealed[5 + AEAD_TAG_SIZE], plain[sizeof(sealed)];
	struct str view = { (const char *)sealed, sizeof(sealed) };
	DEFER(aead) *a = aead_new(key);

	(void)state;
	aead_seal(a, nonce, text("with"), text("hello"), sealed);
	assert_false(aead_open(a, nonce, text("without"), view, plain));
	for (size_t n = 0; n < view.n; n++)
		assert_false(aead_open(a, nonce, text("with"), str_slice(view, 0, n), plain));
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(aead_open(a, nonce, text("with"), view, plain));
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	nonce[11] ^= 1;
	assert_false(aead_open(a, nonce, text("with"), view, plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vector_holds),
		cmocka_unit_test(one_context_seals_and_opens),
		cmocka_unit_test(what_differs_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
