/* SPDX-License-Identifier: MIT */
#include "fs/drafts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "tests/unit/test.h"

static void add(struct drafts *d, const char *key, const char *value)
{
	struct error err = ERROR_INIT;

	assert_ok(drafts_add(d, key, value, &err));
}

static bool has(struct drafts *d, const char *key, const char *value)
{
	int64_t made_at = 0;
	bool found = drafts_has(d, key, value, &made_at);

	assert_true(found == (made_at > 0));
	return found;
}

static void list(void *arg, const char *text)
{
	buf_addf(arg, "%s ", text);
}

static void assert_list(struct drafts *d, const char *key, const char *want)
{
	autobuf text = BUF_INIT;

	drafts_each(d, key, list, &text);
	assert_string_equal(text.data, want);
}

static void a_key_and_its_values_are_told_apart(void **state)
{
	DEFER(drafts) *d = drafts_new();

	(void)state;
	assert_false(has(d, "env", NULL));
	add(d, "env", NULL);
	assert_true(has(d, "env", NULL));
	assert_false(has(d, "env", "test"));
	assert_false(drafts_drop(d, "env", "test"));
	add(d, "env", "test");
	assert_true(has(d, "env", "test"));
	assert_true(drafts_drop(d, "env", NULL));
	assert_true(has(d, "env", NULL)); /* one of its values is there yet */
	assert_true(drafts_drop(d, "env", "test"));
	assert_false(has(d, "env", NULL));
	assert_false(drafts_drop(d, "env", "test"));
}

static void keys_and_values_are_listed(void **state)
{
	DEFER(drafts) *d = drafts_new();

	(void)state;
	assert_list(d, NULL, "");
	add(d, "env", NULL);
	add(d, "env", "test");
	add(d, "env", "");
	add(d, "other", "x");
	assert_list(d, NULL, "env env env other ");
	assert_list(d, "env", "test  ");
	assert_list(d, "other", "x ");
	assert_list(d, "en", "");
	assert_true(has(d, "env", ""));
}

static void the_same_is_there_once(void **state)
{
	DEFER(drafts) *d = drafts_new();

	(void)state;
	for (int i = 0; i < 3; i++)
		add(d, "env", "test");
	assert_list(d, "env", "test ");
	assert_true(drafts_drop(d, "env", "test"));
	assert_false(has(d, "env", "test"));
}

static void there_is_an_end_to_them(void **state)
{
	DEFER(drafts) *d = drafts_new();
	struct error err = ERROR_INIT;
	char value[16];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(value, sizeof(value), "v%d", i);
		add(d, "k", value);
	}
	assert_fails(drafts_add(d, "k", "more", &err), ERR_SYSTEM, "10000 empty directories");
	assert_int_equal(drafts_add(d, "k", "more", &err), -1);
	assert_int_equal(err.sys_errno, ENOSPC);
	error_clear(&err);
	add(d, "k", "v77"); /* is there already */
	assert_true(drafts_drop(d, "k", "v77"));
	add(d, "k", "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_and_its_values_are_told_apart),
		cmocka_unit_test(keys_and_values_are_listed),
		cmocka_unit_test(the_same_is_there_once),
		cmocka_unit_test(there_is_an_end_to_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
