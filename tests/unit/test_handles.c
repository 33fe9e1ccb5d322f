/* SPDX-License-Identifier: MIT */
#include "fs/handles.h"

#include "engine/base/buf.h"
#include "fs/content.h"
#include "tests/unit/test.h"

static const struct node file = { .kind = NODE_PLAN, .sub = 5, .row = 7 };
static const struct node newer = { .kind = NODE_PLAN, .sub = 6, .row = 7 };

static struct content *some_content(void)
{
	autobuf text = BUF_INIT;

	buf_adds(&text, "text");
	return content_new(&text);
}

static void an_open_file_keeps_its_attributes(void **state)
{
	DEFER(handles) *hs = handles_new();
	const struct node_attr attr = { .ino = 3, .size = 4 };
	struct node_attr got;
	struct handle *h = handle_file(hs, file, &attr, some_content());

	(void)state;
	assert_true(handles_attr(hs, file, &got));
	assert_int_equal(got.size, 4);
	assert_false(handles_attr(hs, newer, &got)); /* what it is now is not open */
	handle_close(h);
	assert_false(handles_attr(hs, file, &got));
}

/* Of those the box knows more. */
static void files_that_are_written_have_no_attributes(void **state)
{
	DEFER(handles) *hs = handles_new();
	const struct node drop = { .kind = NODE_IMPORT_FILE, .row = 9 };
	struct handle *h = handle_drop(hs, drop);
	struct node_attr got;

	(void)state;
	assert_int_equal(h->drop, 9);
	assert_false(handles_attr(hs, drop, &got));
	handle_close(h);
}

/* The sanitizer would tell of what is left. */
static void what_is_left_open_ends_with_the_mount(void **state)
{
	struct handles *hs = handles_new();
	const struct node_attr attr = { .size = 4 };

	(void)state;
	handle_file(hs, file, &attr, some_content());
	handle_drop(hs, newer);
	handles_free(hs);
	handles_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_file_keeps_its_attributes),
		cmocka_unit_test(files_that_are_written_have_no_attributes),
		cmocka_unit_test(what_is_left_open_ends_with_the_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
