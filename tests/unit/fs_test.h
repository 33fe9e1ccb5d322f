/* SPDX-License-Identifier: MIT */
/*
 * fs_test: a tree to test: a store and a catalog in a temporary directory, made
 * by the product's own functions, and no database server behind them.
 */
#ifndef TESTS_UNIT_FS_TEST_H
#define TESTS_UNIT_FS_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/remove.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"
#include "fs/fsys.h"
#include "tests/unit/test.h"

#define FS_TEST_SECRET "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

struct fs_world {
	char dir[64];
	struct config *config;
	struct repo *repo;
	struct fsys *fs;
	struct worker *worker;
};

/* target: the configuration's "target:" block. */
static inline void fs_world_open(struct fs_world *w, const char *target)
{
	struct error err = ERROR_INIT;
	autofree char *yaml =
		mem_printf("target: %s\n"
	                   "backup:\n"
	                   "  storage: {provider: local, local: {base_path: \"%s/store\"}}\n"
	                   "  encryption: {enabled: true, key_source: direct, key: \"%s\"}\n"
	                   "catalog: {path: \"%s/catalog.db\"}\n"
	                   "mount: {live_timeout: 1s}\n"
	                   "timezone: UTC\n",
	                   target, w->dir, FS_TEST_SECRET, w->dir);

	assert_ok(config_parse(&w->config, yaml, strlen(yaml), "test.yaml", &err));
	assert_ok(repo_open(&w->repo, w->config, &err));
	w->fs = fsys_new(repo_hold(w->repo));
	assert_ok(worker_take(&w->worker, w->fs, &err));
}

static inline void fs_world_close(struct fs_world *w)
{
	worker_give(w->worker);
	fsys_free(w->fs);
	repo_close(w->repo);
	config_free(w->config);
}

static inline int fs_world_make(void **state)
{
	struct fs_world *w = mem_alloc(sizeof(*w));
	autofree char *target = NULL;

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_fs.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	target = mem_printf("{socket: \"%s/nobody\", username: nobody}", w->dir);
	fs_world_open(w, target);
	*state = w;
	return 0;
}

static inline int fs_world_unmake(void **state)
{
	struct fs_world *w = *state;
	struct error err = ERROR_INIT;

	fs_world_close(w);
	assert_ok(dir_remove_tree(w->dir, &err));
	free(w);
	return 0;
}

/* A backup of a database with two tables and a view; tags NULL: none, else {key, value} pairs.
 */
static inline struct backup *fs_backup(struct fs_world *w, const char *database,
                                       const char *const (*tags)[2], size_t tag_count)
{
	static const char table[] = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n"
				    "  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT "
				    "CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
	static const char view[] = "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL "
				   "SECURITY DEFINER VIEW `v` AS select 1 AS `one`";
	struct error err = ERROR_INIT;
	DEFER(schema) *s = schema_new(database);
	autofree struct backup_tag *list = mem_array(tag_count + 1, sizeof(*list));
	struct create_options o = { .database = database, .captured = s };
	struct backup *b = NULL;
	struct object *v;

	for (size_t i = 0; i < tag_count; i++) {
		list[i].key = mem_strdup(tags[i][0]);
		list[i].value = mem_strdup(tags[i][1]);
	}
	o.tags = list;
	o.tag_count = tag_count;
	s->charset = "utf8mb4";
	s->collation = "utf8mb4_general_ci";
	s->server_version = "10.11.19-MariaDB";
	s->version_number = 101119;
	s->visible = OBJECT_KINDS_ALL;
	schema_add(s, OBJECT_TABLE, "orders", table, strlen(table));
	schema_add(s, OBJECT_TABLE, "a/b", table, strlen(table));
	v = schema_add(s, OBJECT_VIEW, "v", view, strlen(view));
	v->context.client_charset = "utf8mb4";
	v->context.connection_collation = "utf8mb4_general_ci";
	assert_ok(schema_finish(s, &err));
	assert_ok(repo_create(&b, w->repo, &o, &err));
	for (size_t i = 0; i < tag_count; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	return b;
}

#endif
