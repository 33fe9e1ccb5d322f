/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/config/config.h"
#include "engine/store/http.h"
#include "engine/store/s3_credentials.h"
#include "engine/store/s3_sources.h"

static const char *const cleared[] = {
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_PROFILE",
	"AWS_ROLE_ARN",
	"AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
};

static const char credentials_file[] = "# ours\n"
				       "[default]\n"
				       "aws_access_key_id = DEFAULTKEY\n"
				       "aws_secret_access_key=default secret=\n"
				       "\n"
				       "[ work ]\r\n"
				       "aws_access_key_id=WORKKEY\r\n"
				       "aws_secret_access_key=work\r\n"
				       "aws_session_token=token\r\n"
				       "[half]\n"
				       "aws_access_key_id=HALF\n";
static const char config_file_text[] = "[profile conf]\n"
				       "region = eu-west-1\n"
				       "s3 =\n"
				       "    aws_access_key_id = NESTED\n"
				       "aws_access_key_id = CONFKEY\n"
				       "aws_secret_access_key = conf\n"
				       "[profile role]\n"
				       "role_arn = arn:aws:iam::1:role/r\n"
				       "source_profile = default\n";

static char dir[] = "/tmp/test_s3_credentials.XXXXXX";

static int set_up(void **state)
{
	struct error err = ERROR_INIT;
	autofree char *credentials = NULL, *config = NULL;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	credentials = path_join(dir, "credentials");
	config = path_join(dir, "config");
	for (size_t i = 0; i < ARRAY_SIZE(cleared); i++)
		unsetenv(cleared[i]);
	setenv("AWS_SHARED_CREDENTIALS_FILE", credentials, 1);
	setenv("AWS_CONFIG_FILE", config, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	if (file_replace(credentials, credentials_file, strlen(credentials_file), 0600, &err))
		return -1;
	return file_replace(config, config_file_text, strlen(config_file_text), 0600, &err);
}

static int tear_down(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	return dir_remove_tree(dir, &err);
}

static int get(struct s3_identity *out, const char *yaml, struct error *err)
{
	static const struct http_settings settings = { .name = "S3" };
	DEFER(config) *c = NULL;
	DEFER(s3_credentials) *k = NULL;

	if (config_parse(&c, yaml, strlen(yaml), "test", err) < 0)
		return -1;
	k = s3_credentials_new(c, "us-east-1", &settings);
	return s3_credentials_get(k, out, err);
}

#define S3(settings) "backup: {storage: {provider: s3, s3: {bucket: b" settings "}}}"

static void each_place_has_its_turn(void **state)
{
	static const struct {
		const char *yaml, *access_key, *secret_key, *token;
	} cases[] = {
		{ S3(", access_key: A, secret_key: S, session_token: T"), "A", "S", "T" },
		{ S3(""), "DEFAULTKEY", "default secret=", NULL },
		{ S3(", profile: work"), "WORKKEY", "work", "token" },
		{ S3(", profile: conf"), "CONFKEY", "conf", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autoidentity who = { .expires = 0 };

		assert_ok(get(&who, cases[i].yaml, &err));
		assert_string_equal(who.access_key, cases[i].access_key);
		assert_string_equal(who.secret_key, cases[i].secret_key);
		if (cases[i].token)
			assert_string_equal(who.session_token, cases[i].token);
		else
			assert_null(who.session_token);
	}
}

static void a_token_of_other_keys_is_not_sent(void **state)
{
	struct error err = ERROR_INIT;
	autoidentity who = { .expires = 0 };

	(void)state;
	setenv("AWS_SESSION_TOKEN", "of somebody else", 1);
	assert_ok(get(&who, S3(", access_key: A, secret_key: S"), &err));
	unsetenv("AWS_SESSION_TOKEN");
	assert_null(who.session_token);
}

static void what_is_not_there_is_explained(void **state)
{
	static const struct {
		const char *yaml;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ S3(", profile: nobody"), ERR_DENIED, "no credentials for S3" },
		{ S3(", profile: half"), ERR_CONFIG, "no aws_secret_access_key" },
		{ S3(", profile: role"), ERR_UNSUPPORTED, "role arn:aws:iam::1:role/r" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autoidentity who = { .expires = 0 };

		assert_fails(get(&who, cases[i].yaml, &err), cases[i].code, cases[i].text);
	}
}

static void a_containers_token_stays_near(void **state)
{
	static const char *const far[] = { "http://evil.example/creds",
		                           "http://127.0.0.1.evil.example/",
		                           "http://localhost@evil.example/",
		                           "http://127.0.0.1:80@evil.example/",
		                           "ftp://localhost/" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		struct error err = ERROR_INIT;
		autoidentity who = { .expires = 0 };

		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", far[i], 1);
		assert_fails(get(&who, S3(", profile: nobody"), &err), ERR_CONFIG,
		             "want https or a host of this machine");
	}
	unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_has_its_turn),
		cmocka_unit_test(a_token_of_other_keys_is_not_sent),
		cmocka_unit_test(what_is_not_there_is_explained),
		cmocka_unit_test(a_containers_token_stays_near),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
