/* SPDX-License-Identifier: MIT */
#include "engine/store/union.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/mem.h"
#include "engine/store/provider.h"
#include "tests/unit/test.h"

static bool is_shared(const char *key)
{
	return str_has_suffix(str_of(key), ".meta");
}

static const struct store_range all = { .length = UINT64_MAX, .max = 1 << 20 };

static void put(struct store *s, const char *key, const char *text)
{
	struct error err = ERROR_INIT;

	assert_ok(store_put(s, key, text, strlen(text), &err));
}

static void assert_holds(struct store *s, const char *key, const char *want)
{
	struct error err = ERROR_INIT;
	autobuf got = BUF_INIT;

	assert_int_equal(store_get(s, key, all, &got, NULL, &err), want != NULL);
	if (want)
		assert_string_equal(got.data, want);
}

static int add_key(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s:%d ", key, (int)stat->size);
	return 0;
}

struct world {
	struct store *first, *other, *both;
};

static int make(void **state)
{
	static struct world w;
	struct error err = ERROR_INIT;

	w.first = store_open_memory();
	w.other = store_open_memory();
	w.both = store_open_union(w.first, is_shared);
	/* All memory stores have one location, so the second one would be taken for the first.
	 */
	free(w.other->location);
	w.other->location = mem_strdup("memory:other");
	*state = &w;
	return store_union_add(w.both, w.other, &err);
}

static int unmake(void **state)
{
	struct world *w = *state;

	store_close(w->both);
	return 0;
}

static void what_is_new_goes_to_the_first(void **state)
{
	const struct world *w = *state;

	put(w->both, "a.meta", "1");
	assert_holds(w->first, "a.meta", "1");
	assert_holds(w->other, "a.meta", NULL);
}

static void what_others_hold_is_found_replaced_and_removed_there(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	struct store *holder = NULL;
	struct store_stat stat;

	put(w->other, "a.meta", "1");
	assert_holds(w->both, "a.meta", "1");
	assert_int_equal(store_union_find(&holder, w->both, "a.meta", &err), 1);
	assert_ptr_equal(holder, w->other);
	assert_int_equal(store_stat(w->both, "a.meta", &stat, &err), 1);
	assert_ok(store_replace(w->both, "a.meta", stat.version, "22", 2, &err));
	assert_holds(w->other, "a.meta", "22");
	assert_int_equal(store_put(w->both, "a.meta", "3", 1, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	error_clear(&err);
	put(w->first, "a.meta", "copy");
	assert_int_equal(store_remove(w->both, "a.meta", &err), 1);
	assert_holds(w->first, "a.meta", NULL);
	assert_holds(w->other, "a.meta", NULL);
}

static void listing_merges_and_the_first_wins(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;
	autobuf keys = BUF_INIT, rest = BUF_INIT;

	put(w->first, "b.meta", "1");
	put(w->first, "d.meta", "1");
	put(w->other, "a.meta", "22");
	put(w->other, "b.meta", "22");
	put(w->other, "e.meta", "22");
	put(w->other, "c.lease", "22");
	assert_ok(store_list(w->both, NULL, add_key, &keys, &err));
	assert_string_equal(keys.data, "a.meta:2 b.meta:1 d.meta:1 e.meta:2 ");
	assert_ok(store_list(w->both, "b.meta", add_key, &rest, &err));
	assert_string_equal(rest.data, "d.meta:1 e.meta:2 ");
}

static void what_is_not_shared_is_the_first_stores(void **state)
{
	const struct world *w = *state;
	struct error err = ERROR_INIT;

	put(w->other, "x.lease", "theirs");
	assert_holds(w->both, "x.lease", NULL);
	put(w->both, "x.lease", "ours");
	assert_int_equal(store_remove(w->both, "x.lease", &err), 1);
	assert_holds(w->other, "x.lease", "theirs");
}

#define WITH_UNION(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_UNION(what_is_new_goes_to_the_first),
		WITH_UNION(what_others_hold_is_found_replaced_and_removed_there),
		WITH_UNION(listing_merges_and_the_first_wins),
		WITH_UNION(what_is_not_shared_is_the_first_stores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
