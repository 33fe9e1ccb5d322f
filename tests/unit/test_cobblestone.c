/* SPDX-License-Identifier: MIT */
/* The vector of docs/format.md, made with the openssl command. */
#include "tests/unit/test.h"

#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/cipher.h"
#include "engine/codec/cobblestone.h"

#define COMMITMENT "ea8aa1a2dd863dc5684e4dd609b1c0ffda24fcda390f3bd18df61744a0f4bdff"

static struct secret *data_key(void)
{
	unsigned char bytes[32];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	return secret_new(bytes, sizeof(bytes));
}

static void make_lead(unsigned char lead[CIPHER_LEAD_MAX])
{
	for (size_t i = 0; i < COBBLESTONE_SALT; i++)
		lead[i] = (unsigned char)(0x80 + i);
	assert_true(number_parse_hex(lead + COBBLESTONE_SALT, 32, COMMITMENT, 64));
}

static void assert_hex(const void *data, size_t len, const char *want)
{
	char hex[256];

	assert_true(2 * len < sizeof(hex));
	number_format_hex(hex, data, len);
	assert_string_equal(hex, want);
}

static void the_keys_are_those_of_the_vector(void **state)
{
	DEFER(secret) *key = data_key();
	unsigned char lead[CIPHER_LEAD_MAX];
	struct cobblestone_keys keys;

	(void)state;
	make_lead(lead);
	cobblestone_derive(&keys, key, lead, str_of("msb1-test"));
	assert_hex(keys.key, sizeof(keys.key),
	           "2d56cc6328fc93e3d961cc2f5c86612cec6bf93b075b01f8954c20c7eb6f92d1");
	assert_hex(keys.base_nonce, sizeof(keys.base_nonce), "4933fc77f280e7a657419aa2");
	assert_hex(keys.commitment, sizeof(keys.commitment), COMMITMENT);
}

static void the_chunks_are_those_of_the_vector(void **state)
{
	DEFER(secret) *key = data_key();
	DEFER(cipher_stream) *s = NULL;
	struct error err = ERROR_INIT;
	unsigned char lead[CIPHER_LEAD_MAX], sealed[32], plain[32];

	(void)state;
	make_lead(lead);
	assert_ok(cipher_cobblestone.resume(&s, lead, key, str_of("msb1-test"), &err));
	s->ops->seal(s, 0, str_of("hello"), sealed);
	assert_hex(sealed, 21, "baa9295adf4d60223da1026b1d713641517a26b682");
	assert_true(s->ops->open(s, 0, (struct str){ (char *)sealed, 21 }, plain));
	assert_memory_equal(plain, "hello", 5);
	s->ops->seal(s, 0, str_of(""), sealed);
	assert_hex(sealed, 16, "18607e48806070e0b9bef870ff8c1525");
}

static void a_chunk_opens_under_its_own_number_only(void **state)
{
	static const uint64_t numbers[] = {
		0, 1, 255, 256, 65536, UINT32_MAX, (uint64_t)1 << 40
	};
	DEFER(secret) *key = data_key();
	DEFER(cipher_stream) *s = NULL;
	struct error err = ERROR_INIT;
	unsigned char lead[CIPHER_LEAD_MAX], sealed[21], plain[5];
	struct str view = { (char *)sealed, sizeof(sealed) };

	(void)state;
	make_lead(lead);
	assert_ok(cipher_cobblestone.resume(&s, lead, key, str_of("msb1-test"), &err));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		s->ops->seal(s, numbers[i], str_of("hello"), sealed);
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			assert_int_equal(s->ops->open(s, numbers[k], view, plain), i == k);
	}
}

static void the_commitment_is_checked(void **state)
{
	DEFER(secret) *key = data_key();
	DEFER(secret) *other = secret_new("another key of thirty-two bytes!", 32);
	DEFER(secret) *shorter = secret_new("short", 5);
	DEFER(cipher_stream) *s = NULL;
	struct error err = ERROR_INIT;
	unsigned char lead[CIPHER_LEAD_MAX];
	struct str context = str_of("msb1-test");

	(void)state;
	make_lead(lead);
	assert_fails(cipher_cobblestone.resume(&s, lead, other, context, &err), ERR_DENIED,
	             "does not fit");
	assert_fails(cipher_cobblestone.resume(&s, lead, key, str_of("msb1-tesT"), &err),
	             ERR_DENIED, "does not fit");
	assert_fails(cipher_cobblestone.resume(&s, lead, NULL, context, &err), ERR_DENIED,
	             "no data key");
	assert_fails(cipher_cobblestone.resume(&s, lead, shorter, context, &err), ERR_DENIED,
	             "want 32 bytes, got 5");
	for (size_t bit = 0; bit < 8 * cipher_cobblestone.lead; bit++) {
		lead[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_fails(cipher_cobblestone.resume(&s, lead, key, context, &err),
		             ERR_DENIED, "does not fit");
		lead[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_null(s);
}

static void no_two_streams_share_a_salt(void **state)
{
	DEFER(secret) *key = data_key();
	struct error err = ERROR_INIT;
	unsigned char leads[2][CIPHER_LEAD_MAX];

	(void)state;
	for (int i = 0; i < 2; i++) {
		DEFER(cipher_stream) *s = NULL;

		assert_ok(cipher_cobblestone.begin(&s, leads[i], key, str_of("x"), &err));
	}
	assert_memory_not_equal(leads[0], leads[1], COBBLESTONE_SALT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_are_those_of_the_vector),
		cmocka_unit_test(the_chunks_are_those_of_the_vector),
		cmocka_unit_test(a_chunk_opens_under_its_own_number_only),
		cmocka_unit_test(the_commitment_is_checked),
		cmocka_unit_test(no_two_streams_share_a_salt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
