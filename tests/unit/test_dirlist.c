/* SPDX-License-Identifier: MIT */
#include "fs/dirlist.h"

#include <stdio.h>

#include "fs/fsys.h"
#include "fs/names.h"
#include "tests/unit/test.h"

static const struct node_attr attr = { .ino = 7, .nlink = 1 };
static const struct node plain = { .kind = NODE_DATE };

static void a_fixed_directory_keeps_its_order(void **state)
{
	struct fsys fs = { .zone = NULL };
	DEFER(dirlist) *d = dirlist_new(&fs, false);

	(void)state;
	dirlist_add(d, "b", plain, &attr);
	dirlist_add_plain(d, "a", plain, 9);
	dirlist_finish(d);
	assert_int_equal(dirlist_count(d), 2);
	assert_string_equal(dirlist_at(d, 0).name, "b");
	assert_true(dirlist_at(d, 0).complete);
	assert_string_equal(dirlist_at(d, 1).name, "a");
	assert_false(dirlist_at(d, 1).complete);
	assert_int_equal(dirlist_at(d, 1).attr.ino, 9);
	assert_int_equal(dirlist_after(d, 0), 0);
	assert_int_equal(dirlist_after(d, DIRLIST_PARENT), 0);
	assert_int_equal(dirlist_after(d, dirlist_at(d, 0).cookie), 1);
	assert_int_equal(dirlist_after(d, dirlist_at(d, 1).cookie), 2);
}

/* Names 0..count-1 but for one. */
static struct dirlist *numbers(struct fsys *fs, int count, int without)
{
	struct dirlist *d = dirlist_new(fs, true);
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		if (i != without)
			dirlist_add(d, name, plain, &attr);
	}
	dirlist_finish(d);
	return d;
}

/* A reader is half way when an entry goes: all others still come exactly once. */
static void reading_on_after_a_change_misses_nothing(void **state)
{
	struct fsys fs = { .zone = NULL };
	DEFER(dirlist) *before = numbers(&fs, 1000, -1);
	DEFER(dirlist) *after = numbers(&fs, 1000, 500);
	bool seen[1000] = { false };
	size_t half = 400, next;
	int number, count = 0;

	(void)state;
	for (size_t i = 0; i < half; i++) {
		assert_int_equal(sscanf(dirlist_at(before, i).name, "n%d", &number), 1);
		seen[number] = true;
		count++;
	}
	next = dirlist_after(after, dirlist_at(before, half - 1).cookie);
	for (size_t i = next; i < dirlist_count(after); i++) {
		assert_int_equal(sscanf(dirlist_at(after, i).name, "n%d", &number), 1);
		assert_false(seen[number]);
		seen[number] = true;
		count++;
	}
	assert_int_equal(count, seen[500] ? 1000 : 999);
}

static void places_are_positive_and_beyond_the_dots(void **state)
{
	struct fsys fs = { .zone = NULL };
	DEFER(dirlist) *d = numbers(&fs, 1000, -1);

	(void)state;
	for (size_t i = 0; i < dirlist_count(d); i++) {
		assert_true(dirlist_at(d, i).cookie > DIRLIST_PARENT);
		assert_true((int64_t)dirlist_at(d, i).cookie > 0);
		assert_true(i == 0 || dirlist_at(d, i).cookie >= dirlist_at(d, i - 1).cookie);
	}
}

/* Rows 1 to 7 with two entries each, as a page of them. */
static struct dirlist *page(struct fsys *fs, uint64_t after, size_t rows)
{
	struct dirlist *d = dirlist_new(fs, true);
	int64_t row;

	dirlist_set_page(d, after, rows);
	row = dirlist_rows_after(d) + 1;
	assert_int_equal(dirlist_rows_max(d), rows);
	for (int64_t end = row + (int64_t)rows; row < end && row <= 7; row++) {
		const struct node n = { .kind = NODE_EXPORT_TAR, .row = row };
		char name[16];

		snprintf(name, sizeof(name), "%d.tar", (int)row);
		dirlist_add(d, name, n, &attr);
		snprintf(name, sizeof(name), "%d.gz", (int)row);
		dirlist_add_plain(d, name, n, 9);
	}
	dirlist_finish(d);
	return d;
}

/* Whatever the size of a page and of a reply, each entry comes once, in the same order. */
static void pages_follow_each_other(void **state)
{
	struct fsys fs = { .zone = NULL };

	(void)state;
	for (size_t rows = 2; rows <= 8; rows++) {
		uint64_t cookie = 0;
		int count = 0;

		while (cookie != DIRLIST_END) {
			DEFER(dirlist) *d = page(&fs, cookie, rows);
			size_t next = dirlist_after(d, cookie);
			struct dirlist_entry e = dirlist_at(d, next);
			char want[16];

			assert_true(dirlist_covers(d, cookie));
			snprintf(want, sizeof(want), "%d.%s", count / 2 + 1,
			         count % 2 ? "gz" : "tar");
			assert_string_equal(e.name, want);
			assert_true(e.cookie > cookie);
			cookie = e.cookie;
			count++;
		}
		assert_int_equal(count, 14);
	}
}

static void a_page_covers_what_it_holds(void **state)
{
	struct fsys fs = { .zone = NULL };
	DEFER(dirlist) *first = page(&fs, 0, 2);
	DEFER(dirlist) *middle = page(&fs, dirlist_at(first, 3).cookie, 2);
	DEFER(dirlist) *last = page(&fs, dirlist_at(middle, 3).cookie, 8);

	(void)state;
	assert_false(dirlist_covers(middle, 0));
	assert_true(dirlist_covers(middle, dirlist_at(middle, 2).cookie));
	assert_false(dirlist_covers(middle, dirlist_at(middle, 3).cookie));
	assert_false(dirlist_covers(last, dirlist_at(last, 0).cookie));
	assert_true(dirlist_covers(last, dirlist_at(last, 2).cookie));
	assert_true(dirlist_covers(last, DIRLIST_END));
}

static void the_list_gives_its_nodes_back(void **state)
{
	struct fsys fs = { .names = names_new() };
	struct dirlist *d = dirlist_new(&fs, true);
	const struct node n = { .kind = NODE_DATABASE,
		                .row = names_take(fs.names, "shop", NULL) };

	(void)state;
	dirlist_add(d, "shop", n, &attr);
	assert_int_equal(names_count(fs.names), 1);
	dirlist_free(d);
	assert_int_equal(names_count(fs.names), 0);
	names_free(fs.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_directory_keeps_its_order),
		cmocka_unit_test(reading_on_after_a_change_misses_nothing),
		cmocka_unit_test(places_are_positive_and_beyond_the_dots),
		cmocka_unit_test(pages_follow_each_other),
		cmocka_unit_test(a_page_covers_what_it_holds),
		cmocka_unit_test(the_list_gives_its_nodes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
