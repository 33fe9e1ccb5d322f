/* SPDX-License-Identifier: MIT */
/*
 * schema_test: what the tests of engine/schema share: the recorded texts under
 * tests/data/schema/tables, one CREATE TABLE each.
 */
#ifndef TESTS_UNIT_SCHEMA_TEST_H
#define TESTS_UNIT_SCHEMA_TEST_H

#include "tests/unit/test.h"

#include <dirent.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"

#define RECORDED_MAX ((size_t)1024 * 1024)

/* Calls fn with each text whose file's name begins with prefix; the number of them. */
typedef void recorded_fn(void *arg, const char *file, struct str text);

static inline size_t each_recorded_table(const char *prefix, recorded_fn *fn, void *arg)
{
	const char *root = getenv("SOURCE_ROOT");
	autofree char *folder = mem_printf("%s/tests/data/schema/tables", root ? root : ".");
	struct error err = ERROR_INIT;
	struct dirent **files = NULL;
	int count = scandir(folder, &files, NULL, alphasort);
	size_t seen = 0;

	for (int i = 0; i < count; i++) {
		autofree struct dirent *file = files[i];
		autofree char *path = path_join(folder, file->d_name);
		autobuf text = BUF_INIT;

		if (strncmp(file->d_name, prefix, strlen(prefix)) != 0)
			continue;
		assert_ok(file_read(&text, path, RECORDED_MAX, &err));
		fn(arg, file->d_name, (struct str){ text.data, text.len });
		seen++;
	}
	free(files);
	return seen;
}

static inline struct str recorded_table(struct buf *out, const char *file)
{
	const char *root = getenv("SOURCE_ROOT");
	autofree char *path =
		mem_printf("%s/tests/data/schema/tables/%s", root ? root : ".", file);
	struct error err = ERROR_INIT;

	buf_truncate(out, 0);
	assert_ok(file_read(out, path, RECORDED_MAX, &err));
	return (struct str){ out->data, out->len };
}

static inline void assert_str(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("want \"%s\", got \"%.*s\"", want, STR_ARG(got));
}

#endif
