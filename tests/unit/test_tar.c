/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/repo/tar.h"

static int keep(void *arg, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(arg, data, len);
	return 0;
}

#define LONG_NAME                                                                      \
	"x/objects/tables/a_name_that_is_longer_than_the_hundred_bytes_of_the_header_" \
	"of_an_old_tar_archive_and_so_needs_a_header_of_its_own_\xc3\xa9.sql"

static void make(struct buf *out, enum tar_filter filter)
{
	DEFER(tar_writer) *w = NULL;
	struct error err = ERROR_INIT;

	assert_ok(tar_writer_new(&w, filter, 1700000000, keep, out, &err));
	assert_ok(tar_add(w, "x/schema.sql", "create", 6, &err));
	assert_ok(tar_add(w, "x/empty", "", 0, &err));
	assert_ok(tar_add(w, LONG_NAME, "long", 4, &err));
	assert_ok(tar_end(w, &err));
}

static int list_file(void *arg, const char *name, struct buf *content, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s=%s|", name, content->data);
	return 0;
}

static int list_plain(void *arg, const char *data, size_t len, struct error *err)
{
	(void)err;
	buf_addf(arg, "plain %.*s|", (int)len, data);
	return 0;
}

static void what_was_written_is_read(void **state)
{
	(void)state;
	for (unsigned int filter = TAR_PLAIN; filter <= TAR_ZSTD; filter++) {
		autobuf first = BUF_INIT;
		autobuf second = BUF_INIT;
		autobuf found = BUF_INIT;
		const struct tar_visitor v = { list_file, list_plain, &found };
		struct error err = ERROR_INIT;

		make(&first, (enum tar_filter)filter);
		make(&second, (enum tar_filter)filter);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.data, second.data, first.len);
		assert_ok(tar_read_memory(first.data, first.len, &v, &err));
		assert_string_equal(found.data,
		                    "x/schema.sql=create|x/empty=|" LONG_NAME "=long|");
	}
}

static void blank_files_give_the_length(void **state)
{
	DEFER(tar_writer) *w = NULL;
	autobuf whole = BUF_INIT;
	autobuf blank = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	make(&whole, TAR_PLAIN);
	assert_ok(tar_writer_new(&w, TAR_PLAIN, 1, keep, &blank, &err));
	assert_ok(tar_add_blank(w, "x/schema.sql", 6, &err));
	assert_ok(tar_add_blank(w, "x/empty", 0, &err));
	assert_ok(tar_add_blank(w, LONG_NAME, 4, &err));
	assert_ok(tar_end(w, &err));
	assert_int_equal(whole.len, blank.len);
}

static int full(void *arg, const void *data, size_t len, struct error *err)
{
	(void)arg;
	(void)data;
	(void)len;
	return error_set(err, ERR_STORE, "the disk is full");
}

static void the_error_of_the_sink_is_the_error(void **state)
{
	DEFER(tar_writer) *w = NULL;
	struct error err = ERROR_INIT;
	int result;

	(void)state;
	assert_ok(tar_writer_new(&w, TAR_PLAIN, 1, full, NULL, &err));
	result = tar_add(w, "x", "y", 1, &err);
	if (result == 0)
		result = tar_end(w, &err);
	assert_fails(result, ERR_STORE, "the disk is full");
}

/* A writer that is given up must not leave what looks whole. */
static void an_archive_that_was_not_ended_is_cut(void **state)
{
	autobuf out = BUF_INIT;
	autobuf found = BUF_INIT;
	const struct tar_visitor v = { list_file, list_plain, &found };
	struct error err = ERROR_INIT;
	struct tar_writer *w = NULL;

	(void)state;
	assert_ok(tar_writer_new(&w, TAR_GZIP, 1, keep, &out, &err));
	assert_ok(tar_add(w, "x", "y", 1, &err));
	tar_writer_free(w);
	if (out.len > 0)
		assert_int_equal(tar_read_memory(out.data, out.len, &v, &err), -1);
}

static void a_script_is_plain(void **state)
{
	autobuf found = BUF_INIT;
	const struct tar_visitor v = { list_file, list_plain, &found };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(tar_read_memory("create table", 12, &v, &err));
	assert_string_equal(found.data, "plain create table|");
	assert_fails(tar_read_memory("", 0, &v, &err), ERR_INVALID, "empty");
}

static void every_cut_is_noticed(void **state)
{
	autobuf whole = BUF_INIT;

	(void)state;
	make(&whole, TAR_PLAIN);
	for (size_t n = 513; n < whole.len; n += 100) {
		autobuf found = BUF_INIT;
		const struct tar_visitor v = { list_file, list_plain, &found };
		struct error err = ERROR_INIT;
		int result = tar_read_memory(whole.data, n, &v, &err);

		/* Between two entries a cut leaves a shorter archive; SHA256SUMS finds that. */
		if (result < 0)
			assert_int_equal(err.code, ERR_CORRUPT);
		else
			assert_true(n % 512 < 100 || n > whole.len - 1024);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(blank_files_give_the_length),
		cmocka_unit_test(the_error_of_the_sink_is_the_error),
		cmocka_unit_test(an_archive_that_was_not_ended_is_cut),
		cmocka_unit_test(a_script_is_plain),
		cmocka_unit_test(every_cut_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
