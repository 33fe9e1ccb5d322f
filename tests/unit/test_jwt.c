/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/codec/jwt.h"

/* Made for this test; the signature is by openssl dgst -sha256 -sign. */
static const char rsa_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDkin5WVjeqkhEj\n"
	"1K6+/NgmDRWmRdU7GkgDrdStki47djySxGnv2++sAT3EE8/uGdnSp2v56pCKCy+L\n"
	"2VpcCjoJlh/yh4LvpBR54DMrF/YsOYJw5/JyKQvhbAOTG4iIP92vWvMJtqJmkIx+\n"
	"9fbZDeBsnzGE3L4jmsH8rdmQrGGr5j81EgPV2e5USq6FHUwXTC1L8d/nAUVTJKNG\n"
	"1BzpMMEv57fUQOzBXHfu2/ntwK0JMwAdTt9u5YDQHm32EUkxQFlqo0jCXV9KcNMq\n"
	"0HiJhsmzUJwQGmZ0oiPbeaD4pjXqkRixh6nb/pUs6vNVMPn/JglMPcPuRmcAh3iR\n"
	"Ka9XfmuPAgMBAAECggEAHXnnVYdajVC4OTYt26A3g0uIu/X3Id+qjh7rdqo19aFd\n"
	"qqhT6YXPtxA/QSeKV/FURiEl116eNHprhXlhIsyG3m79wTAifnoGfLmin9o/+/A8\n"
	"QgezHhpBLVqFviwnmJB0LTETy5rsqJctfRUy40fbkZGZYhjTxTp+mUfARIfsiQOz\n"
	"lsFYLy0ViVlNP6zkZwg9bi2YtUcWf4giu3x6XWH3nvct/sozXKWMfLdeRUJez/kw\n"
	"b8nDUdjZuABWv4SdRE0wKpq8Ma0Xvzv14prfWw0Iu1mdvV44Fhehq0VzSgNhFA/+\n"
	"eiuiD+nrKcpJCZG3bssh+6UQBxcOzz5Bgwz5QK5qMQKBgQD3CxtvOPTjBH+Z64Gs\n"
	"SQbQow/1gdVW7FL4N2511ih2VNcYoq0fQkd4NBtnb4H/3Z3U6ndvBRsKiaQsZ4tS\n"
	"LtiWMH1kEjwBsFx0kAxcc3lhituXCe2YQZxL1HUDeZd0dEOcNX/TLcouoBGPdkrG\n"
	"zOMA/SK9ulsyELVrqeiznmCNCwKBgQDs06jMCo2i88IT0si/m9CQYEPlLf8Da/f7\n"
	"gxMEE+P6oRzzFm9VWvQDWxegJLL5Qluh7oJ2a/dhMMAdLVgBw3oPwb4mDbdmt961\n"
	"bagqr7vC9wTyj1+KnG19pVx9NQmx88bRKPZJItPlYLqImi/i8UAUzcWGnLJaMzSe\n"
	"mff773sGDQKBgQDQM8M2VHlGzqa/0RSjX5Rnx9WOYpKrRFaUrRriItBNEimJsKhZ\n"
	"HOHg84FZBkg4nM0FAWoQ3euxUNlVNxra83JD+a/j495AyiLRdgmE7SkSRRXWUF62\n"
	"oC0aV38ao6I6WjYU8528G+42p17FWrugmlKCpdRetC1hn2VWzIa6wrK6iwKBgDPe\n"
	"v+/At/jizrUsy487/1g/3V8Kzfnf4faSZM3V1W8FbqPHXCcjvqIlh20p3JE/eXZk\n"
	"GOr7BrmgxdMeJVJtkAR3eMA47NxwlTTDibuftc4j8E94G4LudAS6/SDnRvJU5EzX\n"
	"Xeny2No6b2CP9MEN+e0UjJjJJT8gS/wY2PmzIAzZAoGBAIFja7e1KFdBMWDGploH\n"
	"QR8vzlS9GnKLmg1vM+KvrHvQbLkX1vI8sg/EjnMwiWklpKvBQilNwRoDLjshE5Gt\n"
	"oSKNcu/5rwIehyYSbhS9UgxYt+hnSgy1TYGGLVJSrFqjCT8mR8Vn/4upyv8hSEXC\n"
	"YpAqWvVIA5OOrHn23qDeCP2H\n"
	"-----END PRIVATE KEY-----\n";
static const char token[] =
	"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiJtZSIsIm4iOjd9"
	".NLRDh5r4ls1BdbPzps3It5Zyr-V_cbugyMtbxz2eaYIal_6UHwxyusyD5P70vCRM0USm_rziECH"
	"9upqCeUwxevNqcQlaFqOKJDHVCD8fcyqdJzzFSeGN60Mbco9jIUWoSHlSNl_7QDWhRzLWC1TK1aQ"
	"-ReU0vnOldqxFdRYs3BkzylCowj4tj89WoromwgoEYTDh-yfVbPCCMhmJ0Y61mX7q3dLuLg6zIqK"
	"S44D6Bopw7tBP9m64KI_yKdJeoHdb5KdtZwv3Mw1_aBl2Xa6PzPZHplqsbybNkhqcjVmaGQ8Ugr9"
	"W9xyTzwRkz46tUzD91FipFLUmWChEmmJedognzQ";

static const char small_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAN90DqmaSMiZ5Hls\n"
	"GJpQbsIdsaVs6jWiSh/c5xtvMrgHBq/pSe37o9xdFpMxeRGIa0C7xKBA4GdqZHoL\n"
	"RG4XLvPuf3j9h+t4kQCuOd6zvQWuMlh4griFCkDfTxgcQzXLI7jZ4/RbZT932gE4\n"
	"H3L5AQxSKT5e/Dckutd402F5NSm5AgMBAAECgYAipCthv7lo3/K7oDZwNef10ASq\n"
	"UKg+iFpVdjmd1y9VuEEhJFmBu3E7yHKnfxP10+BMuM9SyLwBTE0nXnfNWWq9vB3d\n"
	"U59iW+D9cz3iSD+fTdET+08TjcT2RZL04dOn0CgIQr+8gPbQqod4k1/uwV6Fjlmr\n"
	"xV2pSqjOf9+iPZmTAQJBAPTu9ekIxYaz5xO+ccLk626TRcan/GTTrfGdAw4GfTcV\n"
	"i5S28HmBZI91aftxMxb56XEZcLzqlIui4Fevf59vy0UCQQDpjKVPcHvvXEKeOmEY\n"
	"Tgj6RSAW98pQx5shEPZLtDarCe7p3M6mI+oxj6ZIj45229MiZDWrgb6b3N/uY+4D\n"
	"zdHlAkEAoT1aJ0F9/xIZcbbyXvGiRxWuXnuhvKJZJPBO3YHKFmQZkhnoLqTOlV4f\n"
	"GcbIcjysv6aWv9bRWScs9qxyoHvQ3QJAUx8gktZo9bbzatdCSWE0psZFdoc4dWml\n"
	"V65uymDYeCVv58ITtmPf7UXAG+EkBj+UtI/P3juuOFDzTig4xRfS1QJAT2oaLbWq\n"
	"j97Ef9v7lsQirpZ0NYPGpI5PRacQySlRa0vs8bn3k89FUuyZrS8/anhTzT9Brrs2\n"
	"PPcUc60qDpwYlw==\n"
	"-----END PRIVATE KEY-----\n";

static const char curve_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgI97QY6XXcQKgjxLU\n"
	"q4JkU6dU5YF+1lpBEz6a7FuM58GhRANCAARkwKHKgai59CSm7TSk2SPUyUY35tQS\n"
	"PLVTYw8tz82+7XItXvFw1N4oVnXn+2XxFwtg/iKw4kWtPrX+LdMo6rxv\n"
	"-----END PRIVATE KEY-----\n";

static void a_token_is_what_openssl_makes(void **state)
{
	DEFER(json) *claims = json_object();
	struct error err = ERROR_INIT;
	autobuf made = BUF_INIT;

	(void)state;
	json_set_str(claims, "iss", "me");
	json_set_int(claims, "n", 7);
	assert_ok(jwt_sign(&made, claims, "k1", str_of(rsa_key), &err));
	assert_string_equal(made.data, token);
}

static void refuse(struct str pem, const char *want)
{
	DEFER(json) *claims = json_object();
	struct error err = ERROR_INIT;
	autobuf made = BUF_INIT;

	assert_int_equal(jwt_sign(&made, claims, NULL, pem, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	assert_string_equal(err.text, want);
	assert_int_equal(made.len, 0);
}

static void other_keys_are_refused(void **state)
{
	(void)state;
	refuse(str_of(""), "private key: not a key in PEM");
	refuse((struct str){ rsa_key, sizeof(rsa_key) / 2 }, "private key: not a key in PEM");
	refuse(str_of(small_key),
	       "private key: want RSA of 2048 bits or more, got RSA of 1024");
	refuse(str_of(curve_key), "private key: want RSA of 2048 bits or more, got EC of 256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_what_openssl_makes),
		cmocka_unit_test(other_keys_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
