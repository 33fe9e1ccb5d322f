/* SPDX-License-Identifier: MIT */
/*
 * repo: the product's state: configuration, store, catalog, keyring and, when
 * asked for, a session with the database server. The verbs (create.h,
 * rollback.h, ...) take a repo first.
 *
 *	DEFER(repo) *r = NULL;
 *
 *	if (repo_open(&r, config, err) < 0 || repo_refresh(r, REPO_REFRESH_STALE, err) < 0)
 *		return -1;
 *
 * A repo is not thread-safe. Another thread takes its own by repo_clone(): store,
 * keyring and configuration are shared, catalog and server session are its own.
 * What is shared ends with the last of them.
 */
#ifndef ENGINE_REPO_REPO_H
#define ENGINE_REPO_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"

struct buf;
struct catalog;
struct config;
struct error;
struct repo;
struct schema;

#define REPO_TOOL_VERSION "mysql-schema-sync 0.1.0"

/*
 * Opens store, catalog and keyring; the configured time zone becomes the
 * process's own, so call it before threads start. The config must outlive the repo.
 */
int repo_open(struct repo **out, const struct config *c, struct error *err);
/* Without store and catalog: for repo_live() and repo_live_databases() only. */
int repo_open_server(struct repo **out, const struct config *c, struct error *err);
int repo_clone(struct repo **out, struct repo *r, struct error *err);
/* One more who holds it, and closes it once more; thread-safe, as repo_clone() is. */
struct repo *repo_hold(struct repo *r);
void repo_close(struct repo *r); /* NULL is fine */
DEFINE_DEFER(repo, repo_close)

/*
 * The same store and catalog by another configuration, of which the fixed keys are as they
 * were; it is the new repo's when that could be opened. ERR_CONFIG when it leads to another
 * store, or to a secret that cannot be used.
 */
int repo_reopen(struct repo **out, struct repo *before, struct config *c, struct error *err);
/* The configuration goes with the repo and its clones. */
void repo_own_config(struct repo *r, struct config *c);

struct catalog *repo_catalog(struct repo *r);
const struct config *repo_config(const struct repo *r);
const char *repo_location(const struct repo *r); /* "local:/var/backups" */
const char *repo_zone(const struct repo *r);     /* for dates; NULL: the process's */

/* Brings the catalog up to date with the store: what came and went by other hosts. */
enum repo_refresh {
	/*
	 * What is new, when the last one is older than catalog.refresh_interval; everything,
	 * when the last listing of everything is older than catalog.full_refresh_interval.
	 */
	REPO_REFRESH_STALE,
	REPO_REFRESH_NEW, /* the same at once: old ones that were deleted may stay for a while
	                   */
	REPO_REFRESH_NOW, /* everything */
	REPO_REFRESH_ALL, /* and reads again what does not seem to have changed */
};
int repo_refresh(struct repo *r, enum repo_refresh when, struct error *err);

/*
 * Finds a backup by id, unique prefix of an id, "latest", "latest:DATABASE" or
 * "DATABASE@DATE" (the newest of that day or before). A full id that the catalog does not know
 * is looked for in the store. ERR_NOT_FOUND "backup not found: X"; ERR_USAGE when several
 * match.
 */
int repo_find(struct repo *r, const char *spec, struct backup **out, struct error *err);

/* The database that a command means: the given one, or the connection's. ERR_USAGE with a hint
 * when neither is there. */
int repo_database(const char **out, const struct repo *r, const char *given, struct error *err);

/*
 * The live schema, captured now; the session is kept for the next call and
 * opened again when it was lost. 1, 0 no such database, -1.
 */
int repo_live(struct schema **out, struct repo *r, const char *database, struct error *err);
/* The user databases of the live server, sorted. Stops with fn's -1. */
typedef int repo_name_fn(void *arg, const char *name, struct error *err);
int repo_live_databases(struct repo *r, repo_name_fn *fn, void *arg, struct error *err);

/* SHA-256 in hex of what makes a schema: equal schemas, equal hashes. */
void repo_schema_hash(char out[65], const struct schema *s);

#endif
