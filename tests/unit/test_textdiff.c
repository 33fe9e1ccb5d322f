/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/cleanup.h"
#include "engine/base/textdiff.h"

static const struct {
	const char *from, *to, *want;
} cases[] = {
	{ "", "", "" },
	{ "a\n", "a\n", "" },
	{ "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
	{ "a\n", "", "@@ -1 +0,0 @@\n-a\n" },
	{ "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n" },
	{ "a", "b\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n" },
	{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n",
	  "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+x\n" },
	/* Two hunks; then six lines in between, which join them. */
	{ "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n",
	  "@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n" },
	{ "a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n",
	  "@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n" },
	{ "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
	  "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n" },
};

static void differences_are_told_as_diff_tells_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf out = BUF_INIT;

		textdiff_unified(&out, str_of(cases[i].from), str_of(cases[i].to), NULL, NULL);
		assert_string_equal(out.data, cases[i].want);
	}
}

static const char *copy_lines(struct buf *out, const char *text, long count)
{
	for (; count > 0; count--) {
		size_t n = strcspn(text, "\n") + 1;

		if (out)
			buf_add(out, text, n);
		text += n;
	}
	return text;
}

/* What a diff says, done to the first text, gives the second one. */
static void apply(struct buf *out, const char *from, const char *diff)
{
	long at = 0; /* lines of `from` that are done */

	while (*diff) {
		size_t n = strcspn(diff, "\n") + 1;

		if (*diff == '@') {
			char *end;
			long line = strtol(diff + 4, &end, 10) - (strncmp(end, ",0 ", 3) != 0);

			from = copy_lines(out, from, line - at);
			at = line;
		}
		if (*diff == ' ' || *diff == '-') {
			from = copy_lines(NULL, from, 1);
			at++;
		}
		if (*diff == ' ' || *diff == '+')
			buf_add(out, diff + 1, n - 1);
		diff += n;
	}
	buf_adds(out, from);
}

/* Numbers without chance: the same on every machine. */
static unsigned int next(unsigned int *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return *seed >> 16;
}

static void diffs_of_many_texts_are_right(void **state)
{
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		autobuf a = BUF_INIT, b = BUF_INIT, diff = BUF_INIT, got = BUF_INIT;

		for (unsigned int i = next(&seed) % 25; i > 0; i--)
			buf_addf(&a, "%c\n", 'a' + (char)(next(&seed) % 3));
		for (unsigned int i = next(&seed) % 25; i > 0; i--)
			buf_addf(&b, "%c\n", 'a' + (char)(next(&seed) % 3));
		textdiff_unified(&diff, (struct str){ a.data, a.len },
		                 (struct str){ b.data, b.len }, NULL, NULL);
		apply(&got, a.data, diff.data);
		assert_string_equal(got.data, b.data);
	}
}

static void texts_without_a_common_line_are_one_hunk(void **state)
{
	autobuf a = BUF_INIT, b = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_addf(&a, "a%d\n", i);
		buf_addf(&b, "b%d\n", i);
	}
	textdiff_unified(&out, (struct str){ a.data, a.len }, (struct str){ b.data, b.len },
	                 "x", "y");
	assert_true(
		str_has_prefix(str_of(out.data), "--- x\n+++ y\n@@ -1,5000 +1,5000 @@\n-a0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_told_as_diff_tells_them),
		cmocka_unit_test(diffs_of_many_texts_are_right),
		cmocka_unit_test(texts_without_a_common_line_are_one_hunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
