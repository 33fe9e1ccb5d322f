/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/store/http_headers.h"
#include "engine/store/s3_sign.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HOST  "https://examplebucket.s3.amazonaws.com"

/* The examples of Amazon's "Signature Calculations for the Authorization Header". */
static const struct {
	const char *method, *url, *payload;
	const char *headers[3][2];
	const char *names, *signature;
} examples[] = {
	{ "GET",
	  HOST "/test.txt",
	  EMPTY,
	  { { "Range", "bytes=0-9" } },
	  "host;range;x-amz-content-sha256;x-amz-date",
	  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
	{ "PUT",
	  HOST "/test%24file.text",
	  "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
	  { { "Date", "Fri, 24 May 2013 00:00:00 GMT" },
	    { "x-amz-storage-class", "REDUCED_REDUNDANCY" } },
	  "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	  "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
	{ "GET",
	  HOST "/?lifecycle",
	  EMPTY,
	  { { NULL } },
	  "host;x-amz-content-sha256;x-amz-date",
	  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
	{ "GET",
	  HOST "/?prefix=J&max-keys=2", /* sorted by us */
	  EMPTY,
	  { { NULL } },
	  "host;x-amz-content-sha256;x-amz-date",
	  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};

static struct s3_identity amazons_example(void)
{
	return (struct s3_identity){
		.access_key = mem_strdup("AKIAIOSFODNN7EXAMPLE"),
		.secret_key = mem_strdup("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
	};
}

static void signatures_are_those_of_amazons_examples(void **state)
{
	autoidentity who = amazons_example();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		autoheaders h = HTTP_HEADERS_INIT;
		const struct s3_sign_request rq = { .method = examples[i].method,
			                            .url = examples[i].url,
			                            .region = "us-east-1",
			                            .service = "s3",
			                            .payload = examples[i].payload,
			                            .now = 1369353600 };
		autofree char *want =
			mem_printf("AWS4-HMAC-SHA256 "
		                   "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
		                   "aws4_request, SignedHeaders=%s, Signature=%s",
		                   examples[i].names, examples[i].signature);

		for (size_t k = 0; k < 3 && examples[i].headers[k][0]; k++)
			http_headers_set(&h, examples[i].headers[k][0],
			                 examples[i].headers[k][1]);
		http_headers_set(&h, "x-amz-content-sha256", examples[i].payload);
		s3_sign(&h, &who, &rq);
		assert_string_equal(http_headers_get(&h, "Authorization"), want);
		assert_string_equal(http_headers_get(&h, "x-amz-date"), "20130524T000000Z");
	}
}

static void a_session_token_is_sent_and_signed(void **state)
{
	autoidentity who = amazons_example();
	autoheaders h = HTTP_HEADERS_INIT;
	const struct s3_sign_request rq = { "GET", HOST "/a", "eu-central-1",
		                            "s3",  EMPTY,     1369353600 };

	(void)state;
	who.session_token = mem_strdup("token==");
	s3_sign(&h, &who, &rq);
	assert_string_equal(http_headers_get(&h, "x-amz-security-token"), "token==");
	assert_non_null(strstr(http_headers_get(&h, "Authorization"), "x-amz-security-token"));
}

static void a_port_is_part_of_the_host_unless_it_is_the_schemes_own(void **state)
{
	static const char *const urls[][2] = {
		{ "http://127.0.0.1:7480/b/k", "127.0.0.1:7480" },
		{ "http://host:80/b", "host" },
		{ "https://host:443", "host" },
		{ "https://host:80/?a=b", "host:80" },
		{ "https://[::1]:9000/b", "[::1]:9000" },
	};
	autoidentity who = amazons_example();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		autoheaders h = HTTP_HEADERS_INIT;
		const struct s3_sign_request rq = { "GET", urls[i][0], "r", "s3", EMPTY, 0 };

		s3_sign(&h, &who, &rq);
		assert_string_equal(http_headers_get(&h, "host"), urls[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_amazons_examples),
		cmocka_unit_test(a_session_token_is_sent_and_signed),
		cmocka_unit_test(a_port_is_part_of_the_host_unless_it_is_the_schemes_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
