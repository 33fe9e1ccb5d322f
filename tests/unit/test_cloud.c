/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/clock.h"
#include "engine/store/azure_sign.h"
#include "engine/store/cloud.h"

static void check_range(struct store_range range, const char *want, size_t want_limit)
{
	autobuf text = BUF_INIT;
	size_t limit;

	cloud_range_text(&text, &limit, &range);
	assert_string_equal(text.data, want);
	assert_int_equal(limit, want_limit);
}

static void a_range_asks_for_a_byte_more_than_wanted_at_most(void **state)
{
	(void)state;
	check_range((struct store_range){ 0, UINT64_MAX, 100 }, "bytes=0-100", 101);
	check_range((struct store_range){ 10, 20, 100 }, "bytes=10-29", 20);
	check_range((struct store_range){ 10, 1, 0 }, "bytes=10-10", 1);
	check_range((struct store_range){ UINT64_MAX, 20, 100 }, "bytes=18446744073709551615-",
	            20);
	check_range((struct store_range){ 5, UINT64_MAX, SIZE_MAX }, "bytes=5-", SIZE_MAX);
}

static int take_range(struct buf *out, uint64_t *size, const char *header, const char *body,
                      struct error *err)
{
	struct store_range range = { 10, 5, 100 };
	autoresponse rsp = HTTP_RESPONSE_INIT;

	if (header)
		http_headers_set(&rsp.headers, "Content-Range", header);
	buf_adds(&rsp.body, body);
	return cloud_range_take(out, size, &rsp, &range, "k", err);
}

static void a_range_that_fits_is_taken(void **state)
{
	struct error err = ERROR_INIT;
	autobuf out = BUF_INIT;
	uint64_t size;

	(void)state;
	assert_ok(take_range(&out, &size, "bytes 10-14/1000", "abcde", &err));
	assert_ok(take_range(&out, &size, "bytes 10-12/13", "fgh", &err));
	assert_string_equal(out.data, "abcdefgh");
	assert_int_equal(size, 13);
}

static void other_ranges_are_refused(void **state)
{
	static const struct {
		const char *header, *body, *want;
	} cases[] = {
		{ NULL, "abcde", "no Content-Range" },
		{ "bytes 0-4/1000", "abcde", "asked for bytes from 10" },
		{ "bytes 10-14/*", "abcde", "asked for bytes from 10" },
		{ "bytes", "abcde", "asked for bytes from 10" },
		{ "bytes -14/1000", "abcde", "asked for bytes from 10" },
		{ "bytes 10-14/1000", "abcd", "want 5 bytes, got 4" },
		{ "bytes 10-14/1000", "abcdef", "want 5 bytes, got 6" },
		{ "bytes 10-14/12", "abcde", "want 2 bytes, got 5" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;
		uint64_t size;

		assert_fails(take_range(&out, &size, cases[i].header, cases[i].body, &err),
		             ERR_STORE, cases[i].want);
		assert_int_equal(out.len, 0);
	}
}

static const struct cloud_meaning meanings[] = {
	{ "KeyWrong", ERR_DENIED, "the key is wrong", "Look at the key." },
	{ NULL },
};

static void refuse(struct error *err, int status, const char *code, int64_t server_time)
{
	struct cloud_answer answer = { .message = "No.\nRequestId:1" };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf date = BUF_INIT;

	snprintf(answer.code, sizeof(answer.code), "%s", code);
	azure_sign_date(&date, server_time);
	http_headers_set(&rsp.headers, "Date", date.data);
	rsp.status = status;
	assert_int_equal(cloud_refused(meanings, &answer, &rsp, err), -1);
}

static void a_refusal_says_what_it_means_and_what_was_said(void **state)
{
	struct error known = ERROR_INIT, unknown = ERROR_INIT, other = ERROR_INIT;

	(void)state;
	refuse(&known, 403, "KeyWrong", clock_now());
	assert_int_equal(known.code, ERR_DENIED);
	assert_string_equal(known.text, "the key is wrong (403 KeyWrong: No.)");
	assert_string_equal(known.hint, "Look at the key.");
	refuse(&unknown, 401, "Nonsense", clock_now());
	assert_int_equal(unknown.code, ERR_DENIED);
	assert_string_equal(unknown.text, "the server says no (401 Nonsense: No.)");
	refuse(&other, 500, "", clock_now());
	assert_int_equal(other.code, ERR_STORE);
}

static void a_clock_that_is_wrong_is_the_reason(void **state)
{
	struct error ahead = ERROR_INIT, behind = ERROR_INIT, elsewhere = ERROR_INIT;

	(void)state;
	refuse(&ahead, 403, "KeyWrong", clock_now() - 3600);
	assert_non_null(strstr(ahead.text, " s ahead (403 KeyWrong"));
	refuse(&behind, 401, "KeyWrong", clock_now() + 3600);
	assert_non_null(strstr(behind.text, " s behind (401 KeyWrong"));
	refuse(&elsewhere, 409, "KeyWrong", clock_now() + 3600);
	assert_null(strstr(elsewhere.text, "clock"));
}

static void a_piece_reads_what_it_is_of(void **state)
{
	struct str text = str_of("0123456789");
	struct store_body whole = store_body_of_text(&text);
	struct cloud_piece piece = { &whole, 3 };
	struct store_body body = cloud_body_of_piece(&piece, 4);
	struct error err = ERROR_INIT;
	char got[3] = "";

	(void)state;
	assert_int_equal(body.size, 4);
	assert_ok(body.read_at(body.arg, 1, got, 2, &err));
	assert_string_equal(got, "45");
}

static void a_location_has_no_slash_at_its_end(void **state)
{
	static const char *const pairs[][2] = {
		{ "a", "azure://c/a" },
		{ "a/b/", "azure://c/a/b" },
		{ "", "azure://c" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		autofree char *location = cloud_location("azure", "c", pairs[i][0]);

		assert_string_equal(location, pairs[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_asks_for_a_byte_more_than_wanted_at_most),
		cmocka_unit_test(a_range_that_fits_is_taken),
		cmocka_unit_test(other_ranges_are_refused),
		cmocka_unit_test(a_refusal_says_what_it_means_and_what_was_said),
		cmocka_unit_test(a_clock_that_is_wrong_is_the_reason),
		cmocka_unit_test(a_piece_reads_what_it_is_of),
		cmocka_unit_test(a_location_has_no_slash_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
