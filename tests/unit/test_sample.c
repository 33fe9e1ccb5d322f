/* SPDX-License-Identifier: MIT */
#include "tests/unit/config_test.h"

/* Removes the # of every line that is a key; comments have a blank behind it. */
static void switch_on(struct buf *out, const char *sample)
{
	for (const char *line = sample; *line;) {
		size_t n = strcspn(line, "\n") + 1;
		size_t blanks = strspn(line, " ");

		if (line[blanks] == '#' && line[blanks + 1] >= 'a' && line[blanks + 1] <= 'z') {
			buf_add(out, line, blanks);
			buf_add(out, line + blanks + 1, n - blanks - 1);
		} else {
			buf_add(out, line, n);
		}
		line += n;
	}
}

static void the_sample_says_the_defaults(void **state)
{
	autobuf sample = BUF_INIT;
	autobuf on = BUF_INIT;
	autobuf want = BUF_INIT;
	DEFER(config) *none = parse("");

	(void)state;
	config_sample(&sample);
	switch_on(&on, sample.data);
	assert_true(strlen(sample.data) > strlen(on.data) + 100);
	show_all(&want, none);
	for (int i = 0; i < 2; i++) {
		DEFER(config) *c = parse(i == 0 ? sample.data : on.data);
		autobuf got = BUF_INIT;

		assert_no_warnings(c);
		show_all(&got, c);
		assert_string_equal(got.data, want.data);
		assert_int_equal(config_is_set(c, "backup.storage.provider"), i);
	}
}

static void the_sample_names_every_key_once(void **state)
{
	size_t count, lines = 0;
	autobuf sample = BUF_INIT;
	autobuf on = BUF_INIT;

	(void)state;
	config_keys(&count);
	config_sample(&sample);
	switch_on(&on, sample.data);
	lines = sample.len - on.len; /* one # each */
	assert_int_equal(lines, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_says_the_defaults),
		cmocka_unit_test(the_sample_names_every_key_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
