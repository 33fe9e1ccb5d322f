/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <stdlib.h>

#include "engine/base/secret.h"
#include "engine/store/azure_account.h"

/* The keys of backup.storage.azure, a line each. */
static int try_account(struct azure_account *out, const char *keys, struct error *err)
{
	DEFER(config) *c = NULL;
	autobuf yaml = BUF_INIT;

	buf_adds(&yaml, "backup:\n  storage:\n    provider: azure\n    azure:\n      ");
	for (const char *p = keys; *p; p++) {
		buf_addc(&yaml, *p);
		if (*p == '\n')
			buf_adds(&yaml, "      ");
	}
	c = parse(yaml.data);
	return azure_account_read(out, c, err);
}

static void check_endpoint(const char *keys, const char *want)
{
	autoaccount a = { .right = AZURE_IDENTITY };
	struct error err = ERROR_INIT;

	assert_ok(try_account(&a, keys, &err));
	assert_string_equal(a.endpoint, want);
}

static void an_account_has_its_usual_address(void **state)
{
	(void)state;
	check_endpoint("account_name: shop", "https://shop.blob.core.windows.net");
	check_endpoint("account_name: shop\nendpoint: https://x.example/", "https://x.example");
	check_endpoint("account_name: shop\nendpoint: http://127.0.0.1:10000",
	               "http://127.0.0.1:10000/shop");
	check_endpoint("account_name: shop\nendpoint: http://[::1]:10000/",
	               "http://[::1]:10000/shop");
	check_endpoint("account_name: shop\nendpoint: http://127.0.0.1:10000/shop",
	               "http://127.0.0.1:10000/shop");
}

static void a_connection_string_says_it_all(void **state)
{
	autoaccount a = { .right = AZURE_IDENTITY };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_account(&a,
	                      "connection_string: DefaultEndpointsProtocol=https;"
	                      "AccountName=shop;AccountKey=c2VjcmV0;"
	                      "EndpointSuffix=core.chinacloudapi.cn;",
	                      &err));
	assert_string_equal(a.name, "shop");
	assert_string_equal(a.endpoint, "https://shop.blob.core.chinacloudapi.cn");
	assert_int_equal(a.right, AZURE_SHARED_KEY);
	assert_int_equal(secret_len(a.key), 6);
	assert_memory_equal(secret_data(a.key), "secret", 6);
}

static void a_connection_string_may_hold_a_sas(void **state)
{
	autoaccount a = { .right = AZURE_IDENTITY };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_account(&a,
	                      "connection_string: BlobEndpoint=https://shop.blob.core.windows"
	                      ".net/;SharedAccessSignature=sv=2023&sig=a%3D",
	                      &err));
	assert_string_equal(a.name, "shop");
	assert_string_equal(a.endpoint, "https://shop.blob.core.windows.net");
	assert_int_equal(a.right, AZURE_SAS);
	assert_string_equal(a.sas, "sv=2023&sig=a%3D");
}

static void a_sas_goes_before_a_key_and_nothing_means_the_identity(void **state)
{
	autoaccount a = { .right = AZURE_SHARED_KEY };
	autoaccount b = { .right = AZURE_SHARED_KEY };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_account(&a, "account_name: shop\naccount_key: c2VjcmV0\nsas_token: ?sv=1",
	                      &err));
	assert_int_equal(a.right, AZURE_SAS);
	assert_string_equal(a.sas, "sv=1");
	assert_ok(try_account(&b, "account_name: shop", &err));
	assert_int_equal(b.right, AZURE_IDENTITY);
}

static void what_is_wrong_is_named_and_no_secret_shown(void **state)
{
	static const struct {
		const char *keys, *want;
	} cases[] = {
		{ "container_name: c", "account_name is not set" },
		{ "account_name: a/b",
		  "account_name: a/b: want lower-case letters and digits" },
		{ "account_name: shop\naccount_key: hush!", "account_key is not base64" },
		{ "account_name: shop\naccount_key: ''\nconnection_string: hush",
		  "connection_string: no name=value pairs" },
		{ "connection_string: AccountName=shop;AccountKey=hush!",
		  "account_key is not base64" },
		{ "connection_string: UseDevelopmentStorage=true",
		  "UseDevelopmentStorage is not supported" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autoaccount a = { .right = AZURE_IDENTITY };
		struct error err = ERROR_INIT;

		assert_int_equal(try_account(&a, cases[i].keys, &err), -1);
		assert_null(strstr(err.text, "hush"));
		assert_null(a.name);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.text, cases[i].want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_has_its_usual_address),
		cmocka_unit_test(a_connection_string_says_it_all),
		cmocka_unit_test(a_connection_string_may_hold_a_sas),
		cmocka_unit_test(a_sas_goes_before_a_key_and_nothing_means_the_identity),
		cmocka_unit_test(what_is_wrong_is_named_and_no_secret_shown),
	};

	unsetenv("AZURE_STORAGE_ACCOUNT");
	unsetenv("AZURE_STORAGE_KEY");
	unsetenv("AZURE_STORAGE_SAS_TOKEN");
	unsetenv("AZURE_STORAGE_CONNECTION_STRING");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
