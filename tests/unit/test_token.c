/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/store/http_headers.h"
#include "engine/store/token.h"

struct source {
	atomic_int fetched;
	int64_t lifetime;
	bool fails;
};

static int fetch(void *arg, struct buf *token, int64_t *lifetime, struct error *err)
{
	struct source *s = arg;
	struct timespec moment = { .tv_nsec = 20000000 };
	int n = ++s->fetched;

	nanosleep(&moment, NULL);
	if (s->fails)
		return error_set(err, ERR_DENIED, "no token");
	buf_addf(token, "t%d", n);
	*lifetime = s->lifetime;
	return 0;
}

static void expect(struct token *t, const char *want)
{
	autoheaders h = HTTP_HEADERS_INIT;
	struct error err = ERROR_INIT;

	assert_ok(token_authorize(t, &h, &err));
	assert_string_equal(http_headers_get(&h, "Authorization"), want);
}

static void a_token_is_fetched_once_and_again_when_forgotten(void **state)
{
	struct source s = { .lifetime = 3600 };
	DEFER(token) *t = token_new(fetch, &s);

	(void)state;
	expect(t, "Bearer t1");
	expect(t, "Bearer t1");
	token_forget(t);
	expect(t, "Bearer t2");
}

static void a_token_is_renewed_before_its_end(void **state)
{
	struct timespec most_of_a_second = { .tv_nsec = 700000000 };
	struct source s = { .lifetime = 1 };
	DEFER(token) *t = token_new(fetch, &s);

	(void)state;
	expect(t, "Bearer t1");
	nanosleep(&most_of_a_second, NULL);
	expect(t, "Bearer t2");
	/* What cannot be renewed serves to its end. */
	s.fails = true;
	nanosleep(&most_of_a_second, NULL);
	expect(t, "Bearer t2");
}

static void a_failure_is_the_callers(void **state)
{
	struct source s = { .fails = true };
	DEFER(token) *t = token_new(fetch, &s);
	autoheaders h = HTTP_HEADERS_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(token_authorize(t, &h, &err), ERR_DENIED, "no token");
	assert_null(http_headers_get(&h, "Authorization"));
}

static void *use_it(void *arg)
{
	expect(arg, "Bearer t1");
	return NULL;
}

static void many_at_once_fetch_one(void **state)
{
	struct source s = { .lifetime = 3600 };
	DEFER(token) *t = token_new(fetch, &s);
	pthread_t threads[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_it, t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(s.fetched, 1);
}

static void answers_of_token_endpoints_are_read(void **state)
{
	static const char *const good[] = {
		"{\"access_token\":\"ya29\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
		"{\"access_token\":\"ya29\",\"expires_in\":\"3599\",\"resource\":\"x\"}",
	};
	static const char *const bad[] = {
		"",
		"[]",
		"hush",
		"{\"access_token\":7,\"expires_in\":1}",
		"{\"access_token\":\"hush\"}",
		"{\"access_token\":\"hush\",\"expires_in\":0}",
		"{\"access_token\":\"hush\",\"expires_in\":99999999999}",
		"{\"access_token\":\"\",\"expires_in\":9}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct error err = ERROR_INIT;
		autobuf token = BUF_INIT;
		int64_t lifetime;

		assert_ok(token_parse(&token, &lifetime, good[i], strlen(good[i]), &err));
		assert_string_equal(token.data, "ya29");
		assert_int_equal(lifetime, 3599);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = ERROR_INIT;
		autobuf token = BUF_INIT;
		int64_t lifetime;

		assert_fails(token_parse(&token, &lifetime, bad[i], strlen(bad[i]), &err),
		             ERR_DENIED, "the token server");
		assert_null(strstr(err.text, "hush"));
		assert_int_equal(token.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_fetched_once_and_again_when_forgotten),
		cmocka_unit_test(a_token_is_renewed_before_its_end),
		cmocka_unit_test(a_failure_is_the_callers),
		cmocka_unit_test(many_at_once_fetch_one),
		cmocka_unit_test(answers_of_token_endpoints_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
