/* SPDX-License-Identifier: MIT */
/* The whole tree, walked without a mount. */
#include "fs/node.h"

#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "fs/cache.h"
#include "fs/census.h"
#include "fs/content.h"
#include "fs/day.h"
#include "fs/dirlist.h"
#include "fs/names.h"
#include "fs/shelf.h"
#include "tests/unit/fs_test.h"

static const char *const prod[][2] = { { "environment", "production" }, { "n", "" } };
static const char *const dev[][2] = { { "environment", "a/b" } };

static void take_census(struct fs_world *w)
{
	struct error err = ERROR_INIT;

	shelf_advance(w->fs->shelf);
	assert_ok(census_take(w->fs->census, w->worker->catalog, NULL, NULL, &err));
}

/* The node at a path, held; false: there is none. */
static bool find(struct fs_world *w, const char *path, struct node *out)
{
	struct error err = ERROR_INIT;
	struct node n = NODE_ROOT_NODE;
	autofree char *copy = mem_strdup(path);
	char *rest = copy, *name;

	while ((name = strsep(&rest, "/")) != NULL) {
		struct node child;
		int found = node_lookup(w->worker, n, name, &child, &err);

		assert_ok(found);
		node_release(w->fs, n, n.kind != NODE_ROOT);
		if (found == 0)
			return false;
		n = child;
	}
	*out = n;
	return true;
}

static bool is_there(struct fs_world *w, const char *path)
{
	struct node n;
	bool there = find(w, path, &n);

	if (there)
		node_release(w->fs, n, 1);
	return there;
}

static char *read_file(struct fs_world *w, const char *path)
{
	struct error err = ERROR_INIT;
	DEFER(content) *c = NULL;
	struct node n;

	assert_true(find(w, path, &n));
	assert_int_equal(node_open(w->worker, n, &c, &err), 1);
	node_release(w->fs, n, 1);
	return mem_strndup(c->data, c->len);
}

/* by-database/DB/DATE/ID, and what follows. */
static char *path_of(const struct backup *b, const char *rest)
{
	char date[DAY_TEXT_MAX];

	day_format(date, day_of(b->created_at, "UTC"));
	return mem_printf("by-database/%s/%s/%s%s", b->database, date, b->id, rest);
}

/* Walking */

struct walk {
	struct fs_world *w;
	struct map *paths; /* path to a non-NULL pointer */
	struct map *inos;  /* text of st_ino to the first path that has it */
	size_t files, directories, links;
};

static void walk_directory(struct walk *walk, struct node n, const char *path);

static void check_file(struct walk *walk, struct node n, const struct node_attr *attr)
{
	struct error err = ERROR_INIT;
	DEFER(content) *c = NULL;

	assert_int_equal(node_open(walk->w->worker, n, &c, &err), 1);
	assert_int_equal(c->len, attr->size);
	assert_int_equal(attr->nlink, 1);
	walk->files++;
}

static void check_link(struct walk *walk, struct node n, const struct node_attr *attr,
                       const char *path)
{
	struct error err = ERROR_INIT;
	autobuf target = BUF_INIT;
	autobuf full = BUF_INIT;
	const char *rest;

	assert_int_equal(node_target(walk->w->worker, n, &target, &err), 1);
	assert_int_equal(target.len, attr->size);
	/* Follow it from where it is: up, and down again. */
	buf_add(&full, path, (size_t)(strrchr(path, '/') - path));
	for (rest = target.data; strncmp(rest, "../", 3) == 0; rest += 3) {
		char *slash = strrchr(full.data, '/');

		assert_true(full.len > 0);
		buf_truncate(&full, slash ? (size_t)(slash - full.data) : 0);
	}
	buf_addf(&full, "%s%s", full.len > 0 ? "/" : "", rest);
	assert_true(is_there(walk->w, full.data));
	walk->links++;
}

static void check_ino(struct walk *walk, uint64_t ino, enum node_kind kind, const char *path)
{
	autofree char *key = mem_printf("%llu", (unsigned long long)ino);

	/* A backup's links in different tags are one and the same. */
	if (kind != NODE_TAG_LINK && map_has(walk->inos, key))
		fail_msg("%s has an inode number of another file", path);
	map_set(walk->inos, key, walk);
}

/* The listing, a lookup and the attributes agree. */
static void check_entry(struct walk *walk, struct node parent, const struct dirlist_entry *e,
                        const char *path)
{
	struct worker *w = walk->w->worker;
	struct error err = ERROR_INIT;
	struct node_attr attr;
	struct node n, back;

	assert_int_equal(node_lookup(w, parent, e->name, &n, &err), 1);
	if (e->complete)
		assert_int_equal(node_id(n), node_id(e->node));
	assert_true(node_from_id(&back, node_id(n)));
	assert_int_equal(node_id(back), node_id(n));
	assert_int_equal(node_attr(w, n, &attr, &err), 1);
	assert_int_equal(attr.ino, e->attr.ino);
	if (e->complete) {
		assert_int_equal(attr.size, e->attr.size);
		assert_int_equal(attr.mtime, e->attr.mtime);
		assert_int_equal(attr.nlink, e->attr.nlink);
	}
	check_ino(walk, attr.ino, n.kind, path);
	if (S_ISREG(node_info(n.kind)->type))
		check_file(walk, n, &attr);
	else if (S_ISLNK(node_info(n.kind)->type))
		check_link(walk, n, &attr, path);
	else if (n.kind != NODE_LIVE)
		walk_directory(walk, n, path);
	node_release(walk->w->fs, n, 1);
}

static void walk_directory(struct walk *walk, struct node n, const char *path)
{
	struct worker *w = walk->w->worker;
	struct error err = ERROR_INIT;
	DEFER(dirlist) *list = dirlist_new(walk->w->fs, false);
	struct node_attr attr;
	size_t directories = 0;

	assert_int_equal(node_list(w, n, list, &err), 1);
	dirlist_finish(list);
	for (size_t i = 0; i < dirlist_count(list); i++) {
		struct dirlist_entry e = dirlist_at(list, i);
		autofree char *below = mem_printf("%s%s%s", path, *path ? "/" : "", e.name);

		directories += S_ISDIR(node_info(e.node.kind)->type);
		map_set(walk->paths, below, walk);
		check_entry(walk, n, &e, below);
	}
	assert_int_equal(node_attr(w, n, &attr, &err), 1);
	if (attr.nlink != 2 + directories)
		fail_msg("%s: want %zu links, got %u", path, 2 + directories, attr.nlink);
	walk->directories++;
}

static void the_walk_agrees_with_itself(void **state)
{
	struct fs_world *w = *state;
	DEFER(backup) *a = fs_backup(w, "shop", prod, 2);
	DEFER(backup) *b = fs_backup(w, "shop", dev, 1);
	DEFER(backup) *c = fs_backup(w, ".x/y", NULL, 0);
	DEFER(map) *paths = map_new();
	DEFER(map) *inos = map_new();
	struct walk walk = { .w = w, .paths = paths, .inos = inos };
	autofree char *escaped = mem_printf("by-id/%s", c->id);
	autofree char *object = path_of(a, "/objects/tables/a%2Fb.sql");

	take_census(w);
	walk_directory(&walk, NODE_ROOT_NODE, "");
	assert_true(map_has(paths, "README"));
	assert_true(map_has(paths, "by-database/shop/latest"));
	assert_true(map_has(paths, "by-database/%2Ex%2Fy/latest"));
	assert_true(map_has(paths, "by-tag/environment/production"));
	assert_true(map_has(paths, "by-tag/environment/a%2Fb"));
	assert_true(map_has(paths, "by-tag/n/%"));
	assert_true(map_has(paths, escaped));
	assert_true(map_has(paths, object));
	assert_true(map_has(paths, "live"));
	/* README; schema.sql, metadata.json, plan.sql and three objects of each backup, two
	 * archives of it; two of status */
	assert_int_equal(walk.files, 1 + 3 * (6 + 2) + 2);
	/* by id, by date, by tag; latest of two databases */
	assert_int_equal(walk.links, 3 + 3 + 3 + 2);
	assert_int_equal(names_count(w->fs->names), 0);
	(void)b;
}

static void files_hold_what_was_stored(void **state)
{
	struct fs_world *w = *state;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 2);
	autofree char *script_path = path_of(b, "/schema.sql");
	autofree char *object_path = path_of(b, "/objects/tables/orders.sql");
	autofree char *metadata_path = path_of(b, "/metadata.json");
	autofree char *script = read_file(w, script_path);
	autofree char *object = read_file(w, object_path);
	autofree char *metadata = read_file(w, metadata_path);

	assert_non_null(strstr(script, "CREATE ALGORITHM=UNDEFINED"));
	assert_non_null(strstr(object, "PRIMARY KEY (`id`)"));
	assert_non_null(strstr(metadata, b->id));
}

static void wrong_names_are_not_there(void **state)
{
	struct fs_world *w = *state;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 2);
	static const char *const wrong[] = {
		"nothing",
		"by-database/nothing",
		"by-database/%73hop", /* another spelling of shop */
		"by-database/shop/2001-01-01",
		"by-database/shop/x",
		"by-id/nothing",
		"by-id/a%2Fb",
		"by-date/2001-01-01",
		"by-date/latest",
		"by-tag/nothing",
		"by-tag/environment/nothing",
		"by-tag/environment/production/nothing",
	};
	static const char *const wrong_below[] = {
		"/nothing",
		"/model.json",
		"/objects/nothing",
		"/objects/sequences",
		"/objects/tables/nothing.sql",
		"/objects/tables/orders",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(is_there(w, wrong[i]));
	for (size_t i = 0; i < ARRAY_SIZE(wrong_below); i++) {
		autofree char *path = path_of(b, wrong_below[i]);

		assert_false(is_there(w, path));
	}
	assert_int_equal(names_count(w->fs->names), 0);
}

static void inode_numbers_survive_the_catalog(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *other = fs_backup(w, "aaa", NULL, 0);
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	autofree char *path = path_of(b, "/objects/views/v.sql");
	autofree char *catalog = mem_printf("%s/catalog.db", w->dir);
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct node_attr before, after;
	struct worker *old = w->worker;
	struct node n, now;

	assert_true(find(w, path, &n));
	assert_int_equal(node_attr(old, n, &before, &err), 1);

	/* Another file, with other rows: only the second backup is there at first. */
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		autofree char *file = mem_printf("%s%s", catalog, suffixes[i]);

		assert_int_equal(unlink(file), 0);
	}
	assert_ok(worker_take(&w->worker, w->fs, &err)); /* opens the new file */
	assert_int_not_equal(w->worker->age.epoch, old->age.epoch);
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	assert_ok(catalog_backup_put(w->worker->catalog, other, &err));

	assert_int_equal(node_attr(w->worker, n, &after, &err), 0); /* of the old epoch */
	assert_true(find(w, path, &now));
	assert_int_equal(node_attr(w->worker, now, &after, &err), 1);
	assert_int_equal(before.ino, after.ino);
	assert_int_not_equal(node_id(n), node_id(now));
	worker_give(old);
}

static void changed_metadata_is_another_node(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 2);
	autofree char *path = path_of(b, "/metadata.json");
	autofree char *text = NULL;
	DEFER(content) *c = NULL;
	struct node before, after;

	assert_true(find(w, path, &before));
	backup_set(&b->description, "another one");
	assert_ok(catalog_backup_put(w->worker->catalog, b, &err));
	shelf_advance(w->fs->shelf);
	assert_int_equal(node_open(w->worker, before, &c, &err), 0);
	assert_true(find(w, path, &after));
	assert_int_not_equal(node_id(before), node_id(after));
	text = read_file(w, path);
	assert_non_null(strstr(text, "another one"));
}

static void a_deleted_backup_is_gone_from_everywhere(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 2);
	autofree char *path = path_of(b, "");
	autofree char *by_id = mem_printf("by-id/%s", b->id);
	struct node n;
	struct node_attr attr;

	assert_true(find(w, path, &n));
	assert_ok(repo_remove(w->repo, b, true, &err));
	shelf_advance(w->fs->shelf);
	assert_int_equal(node_attr(w->worker, n, &attr, &err), 0);
	assert_false(is_there(w, path));
	assert_false(is_there(w, by_id));
	assert_false(is_there(w, "by-database/shop"));
	assert_false(is_there(w, "by-tag/environment"));
}

static void damaged_backups_fail_and_say_why(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *bad = fs_backup(w, "shop", NULL, 0);
	DEFER(backup) *good = fs_backup(w, "shop", NULL, 0);
	autofree char *file = mem_printf("%s/store/%s.backup", w->dir, bad->id);
	autofree char *bad_path = path_of(bad, "/schema.sql");
	autofree char *good_path = path_of(good, "/schema.sql");
	autofree char *text = NULL;
	autobuf bytes = BUF_INIT;
	DEFER(content) *c = NULL;
	struct node n;

	assert_ok(file_read(&bytes, file, 1U << 20, &err));
	bytes.data[bytes.len / 2] ^= 1;
	assert_ok(file_replace(file, bytes.data, bytes.len, 0600, &err));
	assert_true(find(w, bad_path, &n));
	assert_fails(node_open(w->worker, n, &c, &err), ERR_CORRUPT, bad->id);
	text = read_file(w, good_path);
	assert_true(strlen(text) > 0);
}

static void without_a_server_the_plan_says_so(void **state)
{
	struct fs_world *w = *state;
	DEFER(backup) *b = fs_backup(w, "shop", NULL, 0);
	autofree char *path = path_of(b, "/plan.sql");
	autofree char *text = read_file(w, path);
	struct error err = ERROR_INIT;
	struct node_attr attr;
	struct node n;

	assert_true(find(w, path, &n));
	assert_int_equal(node_attr(w->worker, n, &attr, &err), 1);
	assert_int_equal(attr.size, strlen(text));
	assert_non_null(strstr(text, "the live schema is not known"));
	assert_int_equal(strncmp(text, "-- ", 3), 0);
	for (const char *p = strchr(text, '\n'); p[1]; p = strchr(p + 1, '\n'))
		assert_int_equal(strncmp(p + 1, "-- ", 3), 0); /* nothing but comments */
}

static int note_attribute(void *arg, const char *name, const char *value, struct error *err)
{
	struct buf *out = arg;

	(void)err;
	buf_addf(out, "%s=%s\n", name, value);
	return 0;
}

static void attributes_tell_of_the_backup(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = fs_backup(w, "shop", prod, 2);
	autofree char *path = path_of(b, "");
	autofree char *id = mem_printf("user.schemafs.id=%s\n", b->id);
	autobuf text = BUF_INIT;
	struct node n;

	assert_true(find(w, path, &n));
	assert_int_equal(node_xattrs(w->worker, n, note_attribute, &text, &err), 1);
	assert_non_null(strstr(text.data, id));
	assert_non_null(strstr(text.data, "user.schemafs.status=COMPLETED\n"));
	assert_non_null(strstr(text.data, "user.schemafs.tag.environment=production\n"));
	assert_non_null(strstr(text.data, b->checksum));
}

static void the_table_is_whole(void **state)
{
	struct node n;

	(void)state;
	assert_int_equal(node_id(NODE_ROOT_NODE), 1); /* FUSE's number of the root */
	for (int k = 0; k < NODE_KIND_COUNT; k++) {
		const struct node_info *info = node_info((enum node_kind)k);

		assert_non_null(info->path);
		assert_non_null(info->ops);
		assert_non_null(info->ops->attr);
		assert_true(!S_ISREG(info->type) || info->ops->open);
		assert_true(!S_ISLNK(info->type) || info->ops->target);
	}
	assert_false(node_from_id(&n, UINT64_MAX));
}

#define ON_A_TREE(check) cmocka_unit_test_setup_teardown(check, fs_world_make, fs_world_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_whole),
		ON_A_TREE(the_walk_agrees_with_itself),
		ON_A_TREE(files_hold_what_was_stored),
		ON_A_TREE(wrong_names_are_not_there),
		ON_A_TREE(inode_numbers_survive_the_catalog),
		ON_A_TREE(changed_metadata_is_another_node),
		ON_A_TREE(a_deleted_backup_is_gone_from_everywhere),
		ON_A_TREE(damaged_backups_fail_and_say_why),
		ON_A_TREE(without_a_server_the_plan_says_so),
		ON_A_TREE(attributes_tell_of_the_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
