/* SPDX-License-Identifier: MIT */
/*
 * repo_test: a directory store, a catalog and a repo over them, for tests of the verbs that
 * need no server.
 *
 *	struct site s;
 *
 *	site_make(&s, "/tmp/test_x");
 *	site_open(&s, SITE_SECRET_A, NULL);
 *	...
 *	site_close(&s);
 *	site_remove(&s);
 */
#ifndef TESTS_UNIT_REPO_TEST_H
#define TESTS_UNIT_REPO_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"
#include "tests/unit/test.h"

#define SITE_SECRET_A "8f0a6c5e2b7d41930c9e5af17d3b6248e1907c5fa2d84b3660f9175c3ead8b21"
#define SITE_SECRET_B "3b91d7c05e8f426ab27c1df0945e6a83c8507b2e9d14f6a05b3e7c8192d4f06a"
#define SITE_SECRET_C "c54e0b9a7d213f8865a1d0e37b924cf81e6d5093ab7f24c810d9e6357fa2b481"

struct site {
	char dir[64];     /* of everything */
	const char *name; /* of this host: its catalog's */
	struct config *config;
	struct repo *repo;
};

static inline void site_make(struct site *s, const char *prefix)
{
	*s = (struct site){ .name = "host" };
	snprintf(s->dir, sizeof(s->dir), "%s.XXXXXX", prefix);
	assert_non_null(mkdtemp(s->dir));
}

static inline void site_close(struct site *s)
{
	repo_close(take(s->repo));
	config_free(take(s->config));
}

static inline void site_remove(struct site *s)
{
	struct error err = ERROR_INIT;

	assert_ok(dir_remove_tree(s->dir, &err));
}

/* secret NULL: without encryption. previous: items of previous_keys, NULL: none. */
static inline void site_open(struct site *s, const char *secret, const char *previous)
{
	struct error err = ERROR_INIT;
	autofree char *yaml =
		mem_printf("backup:\n"
	                   "  storage: {provider: local, local: {base_path: \"%s/store\"}}\n"
	                   "  encryption: {enabled: %s, key_source: direct, key: \"%s\","
	                   " previous_keys: [%s]}\n"
	                   "catalog: {path: \"%s/%s.db\"}\n",
	                   s->dir, secret ? "true" : "false", secret ? secret : "",
	                   previous ? previous : "", s->dir, s->name);

	site_close(s);
	assert_ok(config_parse(&s->config, yaml, strlen(yaml), "test.yaml", &err));
	assert_ok(repo_open(&s->repo, s->config, &err));
}

/* A schema of one table; its column's name makes it another one. Caller frees. */
static inline struct schema *site_schema(const char *database, const char *column)
{
	struct error err = ERROR_INIT;
	struct schema *s = schema_new(database);
	autofree char *orders = mem_printf("CREATE TABLE `orders` (\n"
	                                   "  `id` int(11) NOT NULL,\n"
	                                   "  `%s` varchar(20) DEFAULT NULL,\n"
	                                   "  PRIMARY KEY (`id`)\n"
	                                   ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
	                                   "COLLATE=utf8mb4_general_ci",
	                                   column);

	s->charset = "utf8mb4";
	s->collation = "utf8mb4_general_ci";
	s->server_version = "10.11.19-MariaDB";
	s->version_number = 101119;
	s->visible = OBJECT_KINDS_ALL;
	schema_add(s, OBJECT_TABLE, "orders", orders, strlen(orders));
	assert_ok(schema_finish(s, &err));
	return s;
}

/* A stored backup of that; caller frees. */
static inline struct backup *site_create(struct site *s, const char *database,
                                         const char *column)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *schema = site_schema(database, column);
	const struct create_options o = { .database = database, .captured = schema };
	struct backup *b = NULL;

	assert_ok(repo_create(&b, s->repo, &o, &err));
	return b;
}

#endif
