/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/out.h"
#include "cli/out_frame.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"

/* An out whose streams are kept. */
struct kept {
	struct out *out;
	struct out_setup setup;
	char *data, *talk;
	size_t data_len, talk_len;
};

static void begin(struct kept *k, enum out_format format)
{
	memset(k, 0, sizeof(*k));
	k->setup.data.file = open_memstream(&k->data, &k->data_len);
	k->setup.talk.file = open_memstream(&k->talk, &k->talk_len);
	k->setup.format = format;
	k->setup.zone = "UTC";
	k->out = out_new(&k->setup);
}

static const char *data(struct kept *k)
{
	fflush(k->setup.data.file);
	return k->data;
}

static const char *talk(struct kept *k)
{
	fflush(k->setup.talk.file);
	return k->talk;
}

static void end(struct kept *k)
{
	out_free(k->out);
	fclose(k->setup.data.file);
	fclose(k->setup.talk.file);
	free(k->data);
	free(k->talk);
}

static const struct out_column columns[] = {
	{ "id", "ID", "id", OUT_KIND_TEXT, true, OUT_WHOLE },
	{ "created", "CREATED", "created_at", OUT_KIND_TIME, true, OUT_WHOLE },
	{ "size", "SIZE", "size", OUT_KIND_SIZE, true, OUT_WHOLE },
	{ "status", "STATUS", "status", OUT_KIND_STATUS, true, OUT_WHOLE },
	{ "tags", "TAGS", "tags", OUT_KIND_PAIRS, false, OUT_WHOLE },
	{ "ok", "OK", "ok", OUT_KIND_BOOL, false, OUT_WHOLE },
	{ "why", "WHY", "why", OUT_KIND_LIST, false, OUT_WHOLE },
	{ NULL },
};

static struct json *row(const char *id)
{
	struct json *v = json_object(), *tags = json_object(), *why = json_array();

	json_set_str(tags, "k", "v");
	json_set_str(tags, "a", "b");
	json_append(why, json_str("x"));
	json_append(why, json_str("y"));
	json_set_str(v, "id", id);
	json_set_str(v, "created_at", "2026-11-21T09:03:11Z");
	json_set_int(v, "size", 2048);
	json_set_str(v, "status", "FAILED");
	json_set(v, "tags", tags);
	json_set_bool(v, "ok", true);
	json_set(v, "why", why);
	return v;
}

static void list_two(struct kept *k)
{
	struct error err = ERROR_INIT;
	DEFER(out_list) *l = NULL;

	assert_ok(out_list_begin(&l, k->out, columns, &err));
	out_list_add(l, row("a"));
	out_list_add(l, row("b\tc"));
	out_list_end(l);
}

static void list_none(struct kept *k)
{
	struct error err = ERROR_INIT;
	DEFER(out_list) *l = NULL;

	assert_ok(out_list_begin(&l, k->out, columns, &err));
	out_list_end(l);
}

static void a_table_has_titles_and_columns(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	list_two(&k);
	assert_string_equal(data(&k), "ID      CREATED                SIZE  STATUS\n"
	                              "a       2026-11-21 09:03:11  2.0 KB  FAILED\n"
	                              "b\\x09c  2026-11-21 09:03:11  2.0 KB  FAILED\n");
	end(&k);
}

static void a_frame_goes_around_a_table(void **state)
{
	static const size_t widths[] = { 2, 4 };
	static const char table[] = "ID NAME\n a \33[32mx\33[0m\n";
	static const char bordered[] = "ID | NAME\n a | \33[32mx\33[0m\n";
	autobuf none = BUF_INIT;
	autobuf minimal = BUF_INIT;
	autobuf border = BUF_INIT;

	(void)state;
	frame_draw(&none, OUT_FRAME_NONE, table, widths, 2);
	assert_string_equal(none.data, table);
	frame_draw(&minimal, OUT_FRAME_MINIMAL, table, widths, 2);
	assert_string_equal(minimal.data, "ID NAME\n--  ----\n a \33[32mx\33[0m\n");
	frame_draw(&border, OUT_FRAME_BORDER, bordered, widths, 2);
	assert_string_equal(border.data, "+----+------+\n| ID | NAME |\n+----+------+\n"
	                                 "|  a | \33[32mx\33[0m    |\n+----+------+\n");
}

static void an_empty_table_is_nothing(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	list_none(&k);
	assert_string_equal(data(&k), "");
	end(&k);
}

static void json_is_what_the_library_would_write(void **state)
{
	DEFER(json) *all = json_array();
	autobuf want = BUF_INIT;
	struct kept k;

	(void)state;
	json_append(all, row("a"));
	json_append(all, row("b\tc"));
	json_write(&want, all, JSON_PRETTY);
	begin(&k, OUT_JSON);
	list_two(&k);
	assert_string_equal(data(&k), want.data);
	end(&k);
}

static void empty_lists_are_lists(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_JSON);
	list_none(&k);
	assert_string_equal(data(&k), "[]\n");
	end(&k);
	begin(&k, OUT_YAML);
	list_none(&k);
	assert_string_equal(data(&k), "[]\n");
	end(&k);
	begin(&k, OUT_COMPACT);
	list_none(&k);
	assert_string_equal(data(&k), "");
	end(&k);
}

static void compact_is_a_line_with_tabs(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_COMPACT);
	k.setup.columns = "id,tags,ok,why";
	out_change(k.out, &k.setup);
	list_two(&k);
	assert_string_equal(data(&k), "a\tk=v, a=b\tyes\tx, y\nb\\tc\tk=v, a=b\tyes\tx, y\n");
	end(&k);
}

static void chosen_columns_are_the_members(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_YAML);
	k.setup.columns = "size, ID";
	out_change(k.out, &k.setup);
	list_two(&k);
	assert_string_equal(data(&k), "- size: 2048\n  id: a\n- size: 2048\n  id: \"b\\tc\"\n");
	end(&k);
}

static void a_plus_adds_columns(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_COMPACT);
	k.setup.columns = "+ok";
	out_change(k.out, &k.setup);
	list_two(&k);
	assert_memory_equal(data(&k), "a\t2026-11-21 09:03:11\t2.0 KB\tFAILED\tyes\n", 40);
	end(&k);
}

static void unknown_columns_are_named(void **state)
{
	static const char *const wrong[] = { "idd", "id,,size", "", "+", "id,idd" };
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error err = ERROR_INIT;
		struct out_list *l = NULL;

		k.setup.columns = wrong[i];
		out_change(k.out, &k.setup);
		assert_fails(out_list_begin(&l, k.out, columns, &err), ERR_USAGE,
		             "is not one of id, created, size, status, tags, ok, why");
	}
	end(&k);
}

static void a_record_shows_what_is_there(void **state)
{
	struct json *v = row("a");
	struct kept k;

	(void)state;
	json_set(v, "status", json_null());
	begin(&k, OUT_TABLE);
	out_record(k.out, columns, v);
	assert_string_equal(data(&k),
	                    "ID       a\nCREATED  2026-11-21 09:03:11\nSIZE     2.0 KB\n"
	                    "TAGS     k=v, a=b\nOK       yes\nWHY      x, y\n");
	end(&k);
	begin(&k, OUT_COMPACT);
	out_record(k.out, columns, v);
	assert_memory_equal(data(&k), "id\ta\ncreated\t2026", 17);
	end(&k);
	json_free(v);
}

static void colours_come_where_they_are_wanted(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	out_text(k.out, OUT_BAD, "x\n");
	assert_string_equal(data(&k), "x\n");
	k.setup.data.color = true;
	out_change(k.out, &k.setup);
	out_text(k.out, OUT_BAD, "y\n");
	assert_string_equal(data(&k), "x\n\33[31my\33[0m\n");
	end(&k);
}

static void control_characters_do_nothing_on_a_terminal(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	out_text(k.out, OUT_PLAIN, "%s", "a\33[31mb");
	assert_string_equal(data(&k), "a\33[31mb"); /* a file gets what there is */
	k.setup.data.terminal = true;
	out_change(k.out, &k.setup);
	out_text(k.out, OUT_PLAIN, "%s", "\n\33[31m\xc2\x9b\x7f\xc3\xa9\n");
	assert_string_equal(data(&k), "a\33[31mb\n\\x1b[31m\\x9b\\x7f\xc3\xa9\n");
	end(&k);
}

static void talk_is_apart_from_data(void **state)
{
	struct error err = ERROR_INIT;
	struct kept k;

	(void)state;
	begin(&k, OUT_JSON);
	out_note(k.out, "note");
	out_warning(k.out, "careful");
	out_success(k.out, "done");
	out_step(k.out, 1, 10, "step");
	error_set(&err, ERR_STORE, "what: why");
	error_hint(&err, "Do this.");
	out_error(k.out, &err);
	assert_string_equal(data(&k), "");
	assert_string_equal(talk(&k),
	                    "note\nWarning: careful\ndone\nError: what: why\nHint: Do this.\n");
	end(&k);
}

static void quiet_leaves_warnings_and_errors(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	k.setup.quiet = true;
	k.setup.progress = true;
	out_change(k.out, &k.setup);
	out_note(k.out, "note");
	out_success(k.out, "done");
	out_step(k.out, 1, 10, "step");
	out_warning(k.out, "careful");
	assert_string_equal(talk(&k), "Warning: careful\n");
	end(&k);
}

static void steps_are_numbered(void **state)
{
	struct kept k;

	(void)state;
	begin(&k, OUT_TABLE);
	k.setup.progress = true;
	out_change(k.out, &k.setup);
	out_step(k.out, 3, 12, "create %s", "x");
	assert_string_equal(talk(&k), "[ 3/12] create x\n");
	end(&k);
}

static void a_full_disk_is_noticed(void **state)
{
	struct error err = ERROR_INIT;
	struct kept k;
	FILE *memory;

	(void)state;
	begin(&k, OUT_TABLE);
	assert_ok(out_finish(k.out, &err));
	memory = k.setup.data.file;
	k.setup.data.file = fopen("/dev/full", "w");
	if (!k.setup.data.file) {
		k.setup.data.file = memory;
		end(&k);
		skip_because("there is no /dev/full");
		return;
	}
	out_change(k.out, &k.setup);
	out_text(k.out, OUT_PLAIN, "x\n");
	assert_fails(out_finish(k.out, &err), ERR_SYSTEM,
	             "write to standard output: no space left on device");
	fclose(k.setup.data.file);
	k.setup.data.file = memory;
	end(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_has_titles_and_columns),
		cmocka_unit_test(a_frame_goes_around_a_table),
		cmocka_unit_test(an_empty_table_is_nothing),
		cmocka_unit_test(json_is_what_the_library_would_write),
		cmocka_unit_test(empty_lists_are_lists),
		cmocka_unit_test(compact_is_a_line_with_tabs),
		cmocka_unit_test(chosen_columns_are_the_members),
		cmocka_unit_test(a_plus_adds_columns),
		cmocka_unit_test(unknown_columns_are_named),
		cmocka_unit_test(a_record_shows_what_is_there),
		cmocka_unit_test(colours_come_where_they_are_wanted),
		cmocka_unit_test(control_characters_do_nothing_on_a_terminal),
		cmocka_unit_test(talk_is_apart_from_data),
		cmocka_unit_test(quiet_leaves_warnings_and_errors),
		cmocka_unit_test(steps_are_numbered),
		cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
