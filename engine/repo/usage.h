/* SPDX-License-Identifier: MIT */
/*
 * usage: what the store holds, in figures: altogether and by database. One pass
 * over the catalog, no request to the store. Not thread-safe (a repo is not).
 *
 *	DEFER(usage) *u = NULL;
 *	DEFER(json) *v = NULL;
 *
 *	if (repo_usage(&u, r, NULL, err) < 0)
 *		return -1;
 *	v = usage_json(u, true);
 */
#ifndef ENGINE_REPO_USAGE_H
#define ENGINE_REPO_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "engine/base/name.h"

struct error;
struct json;
struct repo;

/* How old: at most a day, a week, 30 days, older. */
enum usage_age { USAGE_DAILY, USAGE_WEEKLY, USAGE_MONTHLY, USAGE_OLDER, USAGE_AGE_COUNT };

struct usage_total {
	uint64_t count;
	uint64_t size;   /* plain bytes */
	uint64_t stored; /* bytes in the store */
};

struct usage_extreme {
	char id[NAME_BACKUP_ID_MAX + 1]; /* "": there is none */
	uint64_t stored;
};

/* Backups that lie in the store, and attempts that do not (statuses only). */
struct usage_sum {
	struct usage_total all;
	struct usage_total ages[USAGE_AGE_COUNT];
	uint64_t statuses[BACKUP_STATUS_COUNT];
	struct usage_extreme largest, smallest;
	int64_t oldest, newest; /* seconds since the epoch; 0: none */
};

struct usage_database {
	char *name; /* "": backups whose envelope could not be read */
	struct usage_sum sum;
};

struct usage {
	struct usage_sum sum;
	struct usage_database *databases; /* sorted by name */
	size_t database_count;
	char *location; /* "local:/var/backups" */
	int64_t generated_at;
};
void usage_free(struct usage *u); /* NULL is fine */
DEFINE_DEFER(usage, usage_free)

/* database NULL: all. */
int repo_usage(struct usage **out, struct repo *r, const char *database, struct error *err);

/* Bytes in the store divided by plain bytes, four decimals; 0 for nothing. */
double usage_ratio(const struct usage_total *t);

/*
 * The figures as docs/api-docs.md describes them; detailed: every database with
 * ages, statuses, growth. The caller frees.
 */
struct json *usage_json(const struct usage *u, bool detailed);

#endif
