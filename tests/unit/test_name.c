/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/name.h"

static void names_are_escaped_and_back(void **state)
{
	static const struct {
		const char *name;
		const char *escaped;
	} cases[] = {
		{ "orders", "orders" },
		{ "a b-c_d$", "a b-c_d$" },
		{ "a/b", "a%2Fb" },
		{ "..", "%2E." },
		{ ".", "%2E" },
		{ ".hidden", "%2Ehidden" },
		{ "a.b", "a.b" },
		{ "100%", "100%25" },
		{ "a%2Fb", "a%252Fb" },
		{ "a\nb\x7f", "a%0Ab%7F" },
		{ "gr\xc3\xb6\xc3\x9f"
		  "e",
		  "gr\xc3\xb6\xc3\x9f"
		  "e" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf escaped = BUF_INIT;
		autobuf back = BUF_INIT;

		name_escape(&escaped, cases[i].name);
		assert_string_equal(escaped.data, cases[i].escaped);
		assert_true(name_unescape(&back, escaped.data));
		assert_string_equal(back.data, cases[i].name);
	}
}

static void every_byte_goes_there_and_back(void **state)
{
	(void)state;
	for (int a = 1; a < 256; a++) {
		for (int b = 1; b < 256; b++) {
			char name[3] = { (char)a, (char)b, '\0' };
			autobuf escaped = BUF_INIT;
			autobuf back = BUF_INIT;

			name_escape(&escaped, name);
			assert_null(strchr(escaped.data, '/'));
			assert_true(escaped.data[0] != '.');
			assert_true(name_unescape(&back, escaped.data));
			assert_string_equal(back.data, name);
		}
	}
}

static void what_is_no_escaped_name_is_refused(void **state)
{
	static const char *const cases[] = {
		"%",   "%2",  "%2f",  "%41",  "a%2E", "%00", "a/b", ".a",
		"a\n", "%GG", "a%2G", "100%", "%2F/", "%+2", "% 2",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf out = BUF_INIT;

		buf_adds(&out, "before");
		if (name_unescape(&out, cases[i]))
			fail_msg("%s gives %s", cases[i], out.data);
		assert_string_equal(out.data, "before");
	}
}

static void output_is_appended(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	buf_adds(&out, "objects/");
	name_escape(&out, ".a");
	assert_string_equal(out.data, "objects/%2Ea");
}

static void backup_ids_are_checked(void **state)
{
	char longest[NAME_BACKUP_ID_MAX + 2];

	(void)state;
	assert_true(name_is_backup_id("backup_20261121_090311_0a1b2c3d"));
	assert_true(name_is_backup_id("A-z_9"));
	assert_false(name_is_backup_id(""));
	assert_false(name_is_backup_id("a.b"));
	assert_false(name_is_backup_id("a/b"));
	assert_false(name_is_backup_id("a b"));
	assert_false(name_is_backup_id("\xc3\xa4"));
	memset(longest, 'x', sizeof(longest));
	longest[NAME_BACKUP_ID_MAX] = '\0';
	assert_true(name_is_backup_id(longest));
	longest[NAME_BACKUP_ID_MAX] = 'x';
	longest[NAME_BACKUP_ID_MAX + 1] = '\0';
	assert_false(name_is_backup_id(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_escaped_and_back),
		cmocka_unit_test(every_byte_goes_there_and_back),
		cmocka_unit_test(what_is_no_escaped_name_is_refused),
		cmocka_unit_test(output_is_appended),
		cmocka_unit_test(backup_ids_are_checked),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
