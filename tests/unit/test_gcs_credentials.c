/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

#include <stdlib.h>

#include "engine/store/gcs_credentials.h"

static int try_text(struct gcs_credentials *out, const char *text, struct error *err)
{
	return gcs_credentials_parse(out, str_of(text), "key.json", err);
}

static void assert_secret(const struct secret *s, const char *want)
{
	assert_non_null(s);
	assert_int_equal(secret_len(s), strlen(want));
	assert_memory_equal(secret_data(s), want, strlen(want));
}

static void a_service_account_is_read(void **state)
{
	autocredentials c = { .right = GCS_METADATA };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_text(&c,
	                   "{\"type\":\"service_account\",\"project_id\":\"p\","
	                   "\"private_key_id\":\"k\",\"private_key\":\"PEM\\n\","
	                   "\"client_email\":\"a@p\",\"client_id\":\"1\"}",
	                   &err));
	assert_int_equal(c.right, GCS_SERVICE_ACCOUNT);
	assert_string_equal(c.email, "a@p");
	assert_string_equal(c.key_id, "k");
	assert_string_equal(c.project, "p");
	assert_string_equal(c.source, "key.json");
	assert_string_equal(c.token_uri, "https://oauth2.googleapis.com/token");
	assert_secret(c.private_key, "PEM\n");
}

static void what_gcloud_leaves_is_read(void **state)
{
	autocredentials c = { .right = GCS_METADATA };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(try_text(&c,
	                   "{\"type\":\"authorized_user\",\"client_id\":\"i\","
	                   "\"client_secret\":\"s\",\"refresh_token\":\"r\","
	                   "\"token_uri\":\"https://t/token\"}",
	                   &err));
	assert_int_equal(c.right, GCS_USER);
	assert_string_equal(c.client_id, "i");
	assert_secret(c.client_secret, "s");
	assert_secret(c.refresh_token, "r");
	assert_string_equal(c.token_uri, "https://t/token");
	assert_null(c.project);
}

static void what_is_wrong_is_named_and_no_secret_shown(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "key.json: no JSON object" },
		{ "hush", "key.json: no JSON object" },
		{ "[\"hush\"]", "key.json: no JSON object" },
		{ "{\"private_key\":\"hush\"", "key.json: no JSON object" },
		{ "{\"private_key\":\"hush\"}", "credentials of type \"\"" },
		{ "{\"type\":\"external_account\"}",
		  "credentials of type \"external_account\"" },
		{ "{\"type\":\"service_account\",\"private_key\":\"hush\"}",
		  "no \"client_email\" in it" },
		{ "{\"type\":\"service_account\",\"client_email\":\"a@p\"}",
		  "no \"private_key\" in it" },
		{ "{\"type\":\"service_account\",\"client_email\":7,\"private_key\":\"hush\"}",
		  "no \"client_email\" in it" },
		{ "{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"hush\"}",
		  "no \"refresh_token\" in it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autocredentials c = { .right = GCS_METADATA };
		struct error err = ERROR_INIT;

		assert_int_equal(try_text(&c, cases[i].text, &err), -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.text, cases[i].want));
		assert_null(strstr(err.text, "hush"));
		assert_null(c.source);
	}
}

static void files_are_looked_for_where_google_looks(void **state)
{
	DEFER(config) *named =
		parse("backup: {storage: {gcs: {credentials_path: /none.json}}}");
	DEFER(config) *plain = parse("backup: {storage: {gcs: {bucket: b}}}");
	autocredentials c = { .right = GCS_USER };
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(gcs_credentials_read(&c, named, &err), ERR_CONFIG,
	             "credentials_path: /none.json does not exist");
	setenv("CLOUDSDK_CONFIG", "/none", 1);
	gcs_credentials_finish(&c);
	assert_ok(gcs_credentials_read(&c, plain, &err));
	assert_int_equal(c.right, GCS_METADATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_account_is_read),
		cmocka_unit_test(what_gcloud_leaves_is_read),
		cmocka_unit_test(what_is_wrong_is_named_and_no_secret_shown),
		cmocka_unit_test(files_are_looked_for_where_google_looks),
	};

	unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
