/* SPDX-License-Identifier: MIT */
#include "fs/shelf.h"

#include "tests/unit/fs_test.h"

static struct shelf_source source(struct fs_world *w)
{
	return (struct shelf_source){ .catalog = w->worker->catalog };
}

static void a_card_has_all_files(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(shelf) *s = shelf_new(100);
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	struct card *card = NULL, *again = NULL;

	assert_int_equal(shelf_find(&card, s, source(w), b->id, &err), 1);
	assert_int_equal(card->backup->row, b->row);
	assert_non_null(card_file(card, "schema.sql"));
	assert_non_null(card_file(card, "objects/tables/orders.sql"));
	assert_null(card_file(card, "objects/tables"));
	assert_null(card_file(card, "zzz"));
	assert_int_equal(card_seek(card, "zzz"), card->backup->file_count);
	assert_int_equal(shelf_at(&again, s, source(w), b->row, &err), 1);
	assert_ptr_equal(again, card);
	card_drop(card);
	card_drop(again);
}

static void what_is_not_in_the_catalog_is_not_there(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(shelf) *s = shelf_new(100);
	struct card *card;

	assert_int_equal(shelf_find(&card, s, source(w), "nothing", &err), 0);
	assert_int_equal(shelf_at(&card, s, source(w), 77, &err), 0);
}

static void a_held_card_outlives_its_place(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(shelf) *s = shelf_new(1); /* room for one backup at a time */
	DEFER(backup) *a = fs_backup(w, "shop", NULL, 0);
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	DEFER(card) *first = NULL;
	DEFER(card) *second = NULL;
	DEFER(card) *again = NULL;

	assert_int_equal(shelf_at(&first, s, source(w), a->row, &err), 1);
	assert_int_equal(shelf_at(&second, s, source(w), b->row, &err), 1);
	assert_string_equal(first->backup->id, a->id);
	assert_int_equal(shelf_at(&again, s, source(w), a->row, &err), 1);
	assert_ptr_not_equal(again, first);
	assert_string_equal(again->backup->id, a->id);
}

static void a_new_generation_is_read_anew(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(shelf) *s = shelf_new(100);
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	DEFER(card) *before = NULL;
	DEFER(card) *after = NULL;
	struct card *gone;

	assert_int_equal(shelf_at(&before, s, source(w), b->row, &err), 1);
	backup_set(&b->description, "changed");
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	shelf_advance(s);
	assert_int_equal(shelf_at(&after, s, source(w), b->row, &err), 1);
	assert_string_not_equal(before->backup->description, "changed");
	assert_string_equal(after->backup->description, "changed");
	assert_int_equal(catalog_backup_remove(w->worker->catalog, b->id, &err), 1);
	shelf_advance(s);
	assert_int_equal(shelf_at(&gone, s, source(w), b->row, &err), 0);
}

static void epochs_do_not_share_rows(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(shelf) *s = shelf_new(100);
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	struct shelf_source other = source(w);
	DEFER(card) *one = NULL;
	DEFER(card) *two = NULL;

	other.epoch = 1;
	assert_int_equal(shelf_at(&one, s, source(w), b->row, &err), 1);
	assert_int_equal(shelf_at(&two, s, other, b->row, &err), 1);
	assert_ptr_not_equal(one, two);
}

#define ON_A_TREE(check) cmocka_unit_test_setup_teardown(check, fs_world_make, fs_world_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_TREE(a_card_has_all_files),
		ON_A_TREE(what_is_not_in_the_catalog_is_not_there),
		ON_A_TREE(a_held_card_outlives_its_place),
		ON_A_TREE(a_new_generation_is_read_anew),
		ON_A_TREE(epochs_do_not_share_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
