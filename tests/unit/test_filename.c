/* SPDX-License-Identifier: MIT */
#include "fs/filename.h"

#include <limits.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "tests/unit/test.h"

static void names_come_back(void **state)
{
	static const char *const names[] = { "shop", "",   ".hidden",   "a/b",    "100%",
		                             "%",    "%~", "tab\there", "Müller", "a~b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		autobuf file = BUF_INIT;
		autobuf back = BUF_INIT;

		filename_add(&file, names[i]);
		assert_true(file.len > 0);
		assert_null(strchr(file.data, '/'));
		assert_int_equal(filename_read(&back, file.data), FILENAME_WHOLE);
		assert_string_equal(back.data, names[i]);
	}
}

static void other_spellings_are_refused(void **state)
{
	static const char *const wrong[] = {
		"%41", "a%2f", "%2", "%zz", ".", "..", ".x", "%%"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		autobuf back = BUF_INIT;

		assert_int_equal(filename_read(&back, wrong[i]), FILENAME_IS_WRONG);
	}
}

static void long_names_are_cut_and_stay_different(void **state)
{
	char a[257], b[257];
	autobuf fa = BUF_INIT;
	autobuf fb = BUF_INIT;
	autobuf back = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 256; i += 2)
		memcpy(a + i, "\xc3\xbc", 2); /* ü: half of one would not be UTF-8 */
	a[256] = '\0';
	memcpy(b, a, sizeof(b));
	b[254] = b[255] = 'x';
	filename_add(&fa, a);
	filename_add(&fb, b);
	assert_true(fa.len <= NAME_MAX && fb.len <= NAME_MAX);
	assert_string_not_equal(fa.data, fb.data);
	assert_int_equal(filename_read(&back, fa.data), FILENAME_CUT);
	assert_int_equal((unsigned char)fa.data[fa.len - 19], 0xbc); /* a whole ü before "%~" */
}

static void escapes_are_not_torn_by_the_cut(void **state)
{
	char name[200];
	autobuf file = BUF_INIT;

	(void)state;
	memset(name, '\x01', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	filename_add(&file, name);
	assert_true(file.len <= NAME_MAX);
	for (size_t i = 0; i < file.len - 18; i += 3)
		assert_memory_equal(file.data + i, "%01", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(other_spellings_are_refused),
		cmocka_unit_test(long_names_are_cut_and_stay_different),
		cmocka_unit_test(escapes_are_not_torn_by_the_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
