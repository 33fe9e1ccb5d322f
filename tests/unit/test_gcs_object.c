/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/store/gcs_object.h"

#define OBJECT(name)                                                                  \
	"{\"name\":\"" name "\",\"size\":\"12\",\"generation\":\"1795324576719001\"," \
	"\"updated\":\"2026-11-22T04:45:00.123Z\",\"metadata\":{\"schemafs_put\":\"m1\"}}"

static void an_object_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct store_stat stat;
	char mark[CLOUD_MARK_SIZE];

	(void)state;
	assert_ok(gcs_object_parse(&stat, mark, OBJECT("a"), sizeof(OBJECT("a")) - 1, &err));
	assert_int_equal(stat.size, 12);
	assert_int_equal(stat.modified, 1795322700);
	assert_string_equal(stat.version, "1795324576719001");
	assert_string_equal(mark, "m1");
}

static void damaged_objects_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"<html>",
		"{\"size\":12,\"generation\":\"1\",\"updated\":\"2026-11-22T04:45:00Z\"}",
		"{\"size\":\"-1\",\"generation\":\"1\",\"updated\":\"2026-11-22T04:45:00Z\"}",
		"{\"size\":\"1\",\"generation\":\"x\",\"updated\":\"2026-11-22T04:45:00Z\"}",
		"{\"size\":\"1\",\"generation\":\"1\",\"updated\":\"soon\"}",
		"{\"size\":\"1\",\"generation\":\"1\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error err = ERROR_INIT;
		struct store_stat stat;

		assert_int_equal(
			gcs_object_parse(&stat, NULL, texts[i], strlen(texts[i]), &err), -1);
		assert_int_equal(err.code, ERR_STORE);
	}
}

static int add_name(void *arg, const char *name, const struct store_stat *stat,
                    struct error *err)
{
	(void)err;
	assert_int_equal(stat->size, 12);
	buf_addf(arg, "%s;", name);
	return 0;
}

static void pages_give_their_objects_and_the_next(void **state)
{
	static const char page[] =
		"{\"items\":[" OBJECT("a") "," OBJECT("b") "],\"nextPageToken\":\"t\"}";
	struct error err = ERROR_INIT;
	autofree char *next = NULL;
	char *last = NULL;
	autobuf names = BUF_INIT;

	(void)state;
	assert_ok(gcs_page_parse(page, sizeof(page) - 1, add_name, &names, &next, &err));
	assert_string_equal(names.data, "a;b;");
	assert_string_equal(next, "t");
	assert_ok(gcs_page_parse("{}", 2, add_name, &names, &last, &err));
	assert_null(last);
}

static void damaged_pages_are_refused(void **state)
{
	static const char *const pages[] = {
		"{\"items\":[{}]}",
		"{\"items\":[7]}",
		"{\"items\":[{\"name\":\"a\"}]}",
		"{\"items\":",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		struct error err = ERROR_INIT;
		autobuf names = BUF_INIT;
		char *next = NULL;

		assert_int_equal(gcs_page_parse(pages[i], strlen(pages[i]), add_name, &names,
		                                &next, &err),
		                 -1);
		assert_int_equal(err.code, ERR_STORE);
		assert_null(next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_read),
		cmocka_unit_test(damaged_objects_are_refused),
		cmocka_unit_test(pages_give_their_objects_and_the_next),
		cmocka_unit_test(damaged_pages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
