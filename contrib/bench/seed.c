/* SPDX-License-Identifier: MIT */
/*
 * seed: many backups quickly, for measuring.
 *
 *	bench_seed CONFIG backups COUNT ID     in store and catalog, of ID's schema
 *	bench_seed CONFIG rows COUNT ID        in the catalog, spread over days; in the
 *	                                       store they are links to ID's envelope
 *
 * Databases are named shop_000 to shop_099, a hundred of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/reader.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"

#define DATABASES  100
#define BATCH      10000
#define APART      1800 /* seconds between the rows of the catalog */
#define CREATED_AT ((int64_t)1700000000)

static void database_name(char out[16], uint64_t i)
{
	snprintf(out, 16, "shop_%03u", (unsigned int)(i % DATABASES));
}

static int seed_backups(struct repo *r, uint64_t count, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;
	DEFER(schema) *s = NULL;
	char name[16];

	if (reader_open(&rd, r, id, err) < 0 || reader_schema(&s, rd, err) < 0)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		const struct create_options o = { .database = name, .captured = s };
		DEFER(backup) *b = NULL;

		database_name(name, i);
		if (repo_create(&b, r, &o, err) < 0)
			return -1;
	}
	return 0;
}

/* So that a listing of the store shows it, unchanged since the catalog took it in. */
static int link_envelope(const struct repo *r, const char *of, const char *id,
                         struct error *err)
{
	const char *base = config_text(repo_config(r), "backup.storage.local.base_path");
	autofree char *from = mem_printf("%s/%s.meta", base, of);
	autofree char *to = mem_printf("%s/%s.meta", base, id);

	return link(from, to) < 0 ? error_sys(err, errno, "link %s", to) : 0;
}

static int seed_batch(struct repo *r, const char *of, struct backup *b, uint64_t from,
                      uint64_t count, struct error *err)
{
	struct catalog *c = repo_catalog(r);
	char name[16];

	if (catalog_begin(c, err) < 0)
		return -1;
	for (uint64_t i = from; i < from + count; i++) {
		autofree char *id = mem_printf("backup_20240101_000000_%08" PRIx64, i);

		database_name(name, i);
		backup_set(&b->id, id);
		backup_set(&b->database, name);
		b->created_at = CREATED_AT + (int64_t)i * APART / DATABASES;
		if (link_envelope(r, of, id, err) < 0 || catalog_backup_put(c, b, err) < 0)
			return -1;
	}
	return catalog_commit(c, err);
}

static int seed_rows(struct repo *r, uint64_t count, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;
	DEFER(backup) *known = NULL;
	DEFER(backup) *b = NULL;

	if (reader_open(&rd, r, id, err) < 0 ||
	    catalog_backup_find(repo_catalog(r), id, &known, err) < 0)
		return -1;
	if (!known)
		return error_set(err, ERR_NOT_FOUND, "no backup %s", id);
	b = backup_copy(reader_backup(rd));
	backup_set(&b->version, known->version);
	for (uint64_t at = 0; at < count; at += BATCH) {
		uint64_t n = count - at < BATCH ? count - at : BATCH;

		if (seed_batch(r, id, b, at, n, err) < 0)
			return -1;
	}
	return 0;
}

static int run(char **argv, struct error *err)
{
	DEFER(config) *config = NULL;
	DEFER(repo) *r = NULL;
	uint64_t count;

	if (config_load(&config, argv[1], err) < 0 || repo_open(&r, config, err) < 0 ||
	    number_parse_u64(&count, argv[3], 100000000, err) < 0)
		return -1;
	return strcmp(argv[2], "rows") == 0 ? seed_rows(r, count, argv[4], err)
	                                    : seed_backups(r, count, argv[4], err);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	if (argc != 5) {
		fprintf(stderr, "usage: bench_seed CONFIG backups|rows COUNT ID\n");
		return 2;
	}
	if (run(argv, &err) < 0) {
		fprintf(stderr, "bench_seed: %s\n", err.text);
		return 1;
	}
	return 0;
}
