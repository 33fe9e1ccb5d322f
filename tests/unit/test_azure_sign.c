/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/secret.h"
#include "engine/store/azure_sign.h"
#include "engine/store/http_headers.h"

static const char url[] = "http://127.0.0.1:1/acct1/backups/a%20b.meta"
			  "?comp=block&Empty&blockid=AA%3D%3D";

static void set_headers(struct http_headers *h)
{
	http_headers_set(h, "x-ms-version", "2023-11-03");
	http_headers_set(h, "If-None-Match", "*");
	http_headers_set(h, "X-MS-Date", "Sun, 22 Nov 2026 04:45:00 GMT");
	http_headers_set(h, "Content-Type", "application/octet-stream");
	http_headers_set(h, "x-ms-blob-type", "BlockBlob");
	http_headers_set(h, "Accept", "*/*");
}

static void everything_of_weight_is_signed_in_order(void **state)
{
	autoheaders h = HTTP_HEADERS_INIT;
	struct azure_sign_request rq = { "acct1", "PUT", url, 5, &h };
	autobuf text = BUF_INIT;

	(void)state;
	set_headers(&h);
	azure_sign_text(&text, &rq);
	assert_string_equal(text.data, "PUT\n"
	                               "\n"
	                               "\n"
	                               "5\n"
	                               "\n"
	                               "application/octet-stream\n"
	                               "\n"
	                               "\n"
	                               "\n"
	                               "*\n"
	                               "\n"
	                               "\n"
	                               "x-ms-blob-type:BlockBlob\n"
	                               "x-ms-date:Sun, 22 Nov 2026 04:45:00 GMT\n"
	                               "x-ms-version:2023-11-03\n"
	                               "/acct1/acct1/backups/a%20b.meta\n"
	                               "blockid:AA==\n"
	                               "comp:block\n"
	                               "empty:");
}

/* By hmac and base64 of Python. */
static void the_signature_names_the_account(void **state)
{
	autoheaders h = HTTP_HEADERS_INIT;
	struct azure_sign_request rq = { "acct1", "PUT", url, 5, &h };
	DEFER(secret) *key = secret_new("sixteen byte key", 16);
	autobuf value = BUF_INIT;

	(void)state;
	set_headers(&h);
	azure_sign(&value, &rq, key);
	assert_string_equal(value.data,
	                    "SharedKey acct1:55m4TL/t1/jva9JuI5kGzIhC4QA1afzrXdHUl4Fu3dw=");
}

static void no_body_means_no_length_and_no_query_no_lines(void **state)
{
	autoheaders h = HTTP_HEADERS_INIT;
	struct azure_sign_request rq = { "a", "GET", "https://a.blob.core.windows.net/c", 0,
		                         &h };
	autobuf text = BUF_INIT;

	(void)state;
	azure_sign_text(&text, &rq);
	assert_string_equal(text.data, "GET\n\n\n\n\n\n\n\n\n\n\n\n/a/c");
}

static void dates_are_those_of_http(void **state)
{
	autobuf date = BUF_INIT;

	(void)state;
	azure_sign_date(&date, 1795322700);
	assert_string_equal(date.data, "Sun, 22 Nov 2026 04:45:00 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_of_weight_is_signed_in_order),
		cmocka_unit_test(the_signature_names_the_account),
		cmocka_unit_test(no_body_means_no_length_and_no_query_no_lines),
		cmocka_unit_test(dates_are_those_of_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
