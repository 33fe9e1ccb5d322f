/* SPDX-License-Identifier: MIT */
#include "fs/listings.h"

#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "tests/unit/test.h"

static const struct node_attr attr = { .ino = 7, .nlink = 1 };
static struct fsys fs;

static struct dirlist *some_list(void)
{
	struct dirlist *d = dirlist_new(&fs, false);

	dirlist_add(d, "a", (struct node){ .kind = NODE_DATE }, &attr);
	dirlist_finish(d);
	return d;
}

static void a_list_is_found_until_it_was_read(void **state)
{
	DEFER(listings) *ls = listings_new();
	DEFER(dirlist) *list = some_list();
	struct dirlist *found;

	(void)state;
	assert_null(listings_find(ls, 5, 1, 0));
	listings_put(ls, 5, 1, list);
	found = listings_find(ls, 5, 1, 0);
	assert_ptr_equal(found, list);
	dirlist_free(found);
	assert_null(listings_find(ls, 6, 1, 0));
	listings_remove(ls, list);
	assert_null(listings_find(ls, 5, 1, 0));
}

static void a_change_ends_all_lists_of_before(void **state)
{
	DEFER(listings) *ls = listings_new();
	DEFER(dirlist) *old = some_list();
	DEFER(dirlist) *now = some_list();
	struct dirlist *found;

	(void)state;
	listings_put(ls, 5, 1, old);
	assert_null(listings_find(ls, 5, 2, 0));
	listings_put(ls, 5, 2, now);
	assert_null(listings_find(ls, 5, 1, 0));
	found = listings_find(ls, 5, 2, 0);
	assert_ptr_equal(found, now);
	dirlist_free(found);
}

/* Lists that nobody reads on are dropped for those of others. */
static void few_are_kept(void **state)
{
	DEFER(listings) *ls = listings_new();
	DEFER(dirlist) *last = NULL;
	size_t kept = 0;

	(void)state;
	for (uint64_t id = 1; id <= 100; id++) {
		DEFER(dirlist) *list = some_list();

		listings_put(ls, id, 1, list);
	}
	for (uint64_t id = 1; id <= 100; id++) {
		DEFER(dirlist) *list = listings_find(ls, id, 1, 0);

		kept += list != NULL;
	}
	assert_in_range(kept, 1, 20);
	last = listings_find(ls, 100, 1, 0);
	assert_non_null(last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_found_until_it_was_read),
		cmocka_unit_test(a_change_ends_all_lists_of_before),
		cmocka_unit_test(few_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
