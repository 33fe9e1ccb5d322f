/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/codec/signature.h"

/* RFC 4231, test cases 2 and 6. */
static void hmac_is_that_of_rfc_4231(void **state)
{
	static const char data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	char hex[DIGEST_HEX_SIZE];
	unsigned char secret[131];
	struct digest d;

	(void)state;
	signature_hmac(&d, "Jefe", 4, "what do ya want for nothing?", 28);
	digest_hex(hex, &d);
	assert_string_equal(hex,
	                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(secret, 0xaa, sizeof(secret));
	signature_hmac(&d, secret, sizeof(secret), data, sizeof(data) - 1);
	digest_hex(hex, &d);
	assert_string_equal(hex,
	                    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 4648, section 10. */
static void base64_is_that_of_rfc_4648(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "foobar", "Zm9vYmFy" }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;

		buf_adds(&out, "> ");
		signature_base64(&out, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(out.data + 2, pairs[i][1]);
		buf_truncate(&out, 0);
		assert_ok(signature_unbase64(&out, pairs[i][1], &err));
		assert_string_equal(out.data, pairs[i][0]);
		assert_int_equal(out.len, strlen(pairs[i][0]));
	}
}

static void what_is_no_base64_is_refused_without_being_shown(void **state)
{
	static const char *const texts[] = { "Zg", "Zg=", "secret!!", "====", "Zm9vYg=x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;

		assert_int_equal(signature_unbase64(&out, texts[i], &err), -1);
		assert_int_equal(err.code, ERR_INVALID);
		assert_null(strstr(err.text, texts[i]));
		assert_int_equal(out.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_is_that_of_rfc_4231),
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(what_is_no_base64_is_refused_without_being_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
