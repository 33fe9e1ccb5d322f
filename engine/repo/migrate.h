/* SPDX-License-Identifier: MIT */
/*
 * migrate: brings the live schema to a wanted one: the source server's database, an SQL file, a
 * directory of SQL files, a backup.
 *
 *	if (migrate_open(&m, r, &wanted, &options, err) < 0 ||
 *	    rollback_check(m->run, r, &how, err) < 0 || rollback_judge(...) < 0 ||
 *	    rollback_execute(&result, r, m->run, &how, &watch, err) < 0)
 *		return -1;
 *
 * It is a rollback to somewhere else (rollback.h): the same plan, checks, proof, lock, journal
 * and verification. The backup before it is tagged type=pre-migration, carries the configured
 * description and tags, and retention keeps it for a week. Not thread-safe.
 */
#ifndef ENGINE_REPO_MIGRATE_H
#define ENGINE_REPO_MIGRATE_H

#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/repo/rollback.h"
#include "engine/repo/wanted.h"

struct error;
struct repo;

struct migration {
	struct rollback *run;
	char *source;         /* "file new.sql" */
	size_t rows_left_out; /* statements about rows in files */
	char plan_hash[65];   /* SHA-256 in hex of the statements */
};

/*
 * how->database NULL: the configured one. again: the words of the command that shows the plan
 * again ("migrate --schema new.sql --dry-run"). ERR_CONFIG when the only configured server is
 * the source.
 */
int migrate_open(struct migration **out, struct repo *r, const struct wanted_spec *wanted,
                 const struct rollback_options *how, const char *again, struct error *err);
void migrate_close(struct migration *m); /* NULL is fine */
DEFINE_DEFER(migration, migrate_close)

#endif
