/* SPDX-License-Identifier: MIT */
/*
 * catalog: the SQLite index of a store.
 *
 * It may be deleted at any time: what is about backups is rebuilt from the
 * store. What is only here is this host's history: operations and the rollback
 * journal. Tables: schema.sql; statements: statements.h. There are no
 * migrations: a catalog of another version is moved aside and begun anew.
 *
 * A struct catalog is one connection and not thread-safe (one per thread); any
 * number of them and of processes may use one file. A callback may read, but not
 * by the function that is calling it, and not write. The file must not be opened by other means
 * in a process that has a catalog: POSIX locks would be lost.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"

struct catalog;
struct error;

/*
 * Opens or creates the file (0600, its directory 0700). location is the store's: a catalog that
 * was made for another store, of another version or damaged is kept as PATH.old and begun anew,
 * by one of the processes that find it so. ERR_CONFIG: the file is another program's database.
 * *fresh: it is empty and wants to be filled. Later, a damaged page shows as ERR_CORRUPT.
 */
int catalog_open(struct catalog **out, const char *path, const char *location, bool *fresh,
                 struct error *err);
void catalog_close(struct catalog *c); /* NULL is fine */
DEFINE_DEFER(catalog, catalog_close)

/* Reads the whole file: 1 it is sound, 0 it is damaged, -1. */
int catalog_check(struct catalog *c, struct error *err);
/*
 * Keeps the file as PATH.old and begins anew, for a catalog that turned out to be damaged.
 * Other connections go on with the old file until they are opened again. ERR_BUSY in a
 * transaction.
 */
int catalog_renew(struct catalog *c, const char *location, struct error *err);

/* Everything between begin and commit is there or not. A rollback ends what was not committed.
 */
int catalog_begin(struct catalog *c, struct error *err);
int catalog_commit(struct catalog *c, struct error *err);
void catalog_rollback(struct catalog *c);

/* Adds a backup with tags and files, or replaces the one of the same id keeping its row. Sets
 * b->row. */
int catalog_backup_put(struct catalog *c, struct backup *b, struct error *err);
/* 1, 0 none, -1. Tags are filled in, files are not. */
int catalog_backup_find(struct catalog *c, const char *id, struct backup **out,
                        struct error *err);
int catalog_backup_at(struct catalog *c, int64_t row, struct backup **out, struct error *err);
/* An id that begins so: 1 one, 0 none, 2 several, -1. */
int catalog_backup_match(struct catalog *c, const char *prefix, struct backup **out,
                         struct error *err);
/* What tells whether a row is still what is in the store: cheap to read. Texts are lent. */
struct catalog_brief {
	int64_t row;
	const char *id;
	enum backup_status status;
	const char *error, *version, *location;
	bool closed; /* could not be opened: of an unknown database */
	bool encrypted;
};
typedef int catalog_brief_fn(void *arg, const struct catalog_brief *b, struct error *err);
/* 1, 0 none, -1. */
int catalog_brief_find(struct catalog *c, const char *id, catalog_brief_fn *fn, void *arg,
                       struct error *err);
/* A page of all, by row: of those made at or after a moment, and not changed since a
 * generation. */
struct catalog_brief_page {
	int64_t after_row;
	int64_t created_from;
	int64_t generation;
	size_t limit;
};
int catalog_brief_each(struct catalog *c, const struct catalog_brief_page *p,
                       catalog_brief_fn *fn, void *arg, struct error *err);

/* Changes status, error text and store version of a backup and nothing else. 1, 0 none, -1. */
int catalog_backup_mark(struct catalog *c, const char *id, enum backup_status status,
                        const char *error, const char *version, struct error *err);
/* Changes the secret that a backup needs, and the generation of its envelope. 1, 0 none, -1. */
int catalog_backup_reseal(struct catalog *c, const char *id, const char *secret,
                          uint64_t generation, struct error *err);
/* The `opening` that a backup was put with last. 1, 0 none, -1; caller frees. */
int catalog_backup_opening(struct catalog *c, int64_t row, char **out, struct error *err);
int catalog_backup_remove(struct catalog *c, const char *id, struct error *err); /* 1, 0, -1 */

/* Which backups. NULL and 0: any. */
struct catalog_filter {
	const char *database;
	const char *tag_keys[8], *tag_values[8]; /* all must match; value NULL: any value */
	size_t tag_count;
	int64_t created_from;   /* at or after */
	int64_t created_before; /* before; 0: no end */
	unsigned int statuses;  /* bits 1 << enum backup_status; 0: all */
	size_t limit;           /* 0: all */
	bool oldest_first;
	/* Instead of by time: in the order of rows, which is the order in which they came into
	 * the catalog, and only those after this one. For reading page by page. */
	bool by_row;
	int64_t after_row;
	bool without_safety; /* not those that a rollback took before it ran (type=pre-rollback)
	                      */
};
/* Newest first (of one millisecond: by id, descending). Stops with fn's -1. b is lent for the
 * call; tags yes, files no. */
typedef int catalog_backup_fn(void *arg, const struct backup *b, struct error *err);
int catalog_backup_each(struct catalog *c, const struct catalog_filter *f,
                        catalog_backup_fn *fn, void *arg, struct error *err);
/*
 * What "latest" means: the newest completed backup of a database (NULL: any) before a moment
 * (0: any) that somebody took; a safety backup of a rollback only when there is nothing else.
 * 1, 0, -1.
 */
int catalog_backup_latest(struct catalog *c, const char *database, int64_t before,
                          struct backup **out, struct error *err);
/* Stops counting at the limit: a million take a while. -1: failed. */
int64_t catalog_backup_count(struct catalog *c, const struct catalog_filter *f,
                             struct error *err);

/* The files of a backup whose name begins with prefix ("" for all), in name order. */
typedef int catalog_file_fn(void *arg, const char *name, uint64_t size, struct error *err);
int catalog_file_each(struct catalog *c, int64_t row, const char *prefix, catalog_file_fn *fn,
                      void *arg, struct error *err);
int catalog_file_size(struct catalog *c, int64_t row, const char *name, uint64_t *size,
                      struct error *err); /* 1, 0 none, -1 */

/* Distinct values, sorted. COMPLETED backups only. */
typedef int catalog_text_fn(void *arg, const char *text, struct error *err);
int catalog_databases(struct catalog *c, catalog_text_fn *fn, void *arg, struct error *err);
int catalog_tag_keys(struct catalog *c, catalog_text_fn *fn, void *arg, struct error *err);
int catalog_tag_values(struct catalog *c, const char *key, catalog_text_fn *fn, void *arg,
                       struct error *err);

/* Rises by one or more with every committed change to backups, by any process: for caches. */
int64_t catalog_generation(struct catalog *c, struct error *err);
/*
 * What changed after a generation: first what was added or changed, then the ids of what was
 * removed, which may have come again since. 1; 0: that is too long ago to know, nobody is told
 * anything; -1.
 */
int catalog_changes(struct catalog *c, int64_t after, catalog_backup_fn *changed,
                    catalog_text_fn *gone, void *arg, struct error *err);

#define CATALOG_NOTE_OF "of/" /* "of/ID/WHAT": a note that goes with the backup */
/* Small texts by name that outlive a process ("refreshed_after"). 1, 0 none, -1; caller frees.
 */
int catalog_note_get(struct catalog *c, const char *name, char **out, struct error *err);
int catalog_note_set(struct catalog *c, const char *name, const char *value, struct error *err);

/* This host's history: one row per run of a verb. */
struct catalog_operation {
	int64_t row;
	const char *verb;      /* "backup_create", "rollback_execute", ... */
	const char *backup_id; /* "" when there is none yet */
	const char *database;
	int64_t started_at; /* seconds since the epoch */
	int64_t duration_ms;
	const char *status; /* "started", "completed", "failed" */
	const char *error;  /* "" */
};
int catalog_operation_begin(struct catalog *c, const struct catalog_operation *o, int64_t *row,
                            struct error *err);
int catalog_operation_end(struct catalog *c, int64_t row, const char *backup_id,
                          int64_t duration_ms, const char *error, struct error *err);
/* Newest first; verb NULL: all; since 0: all. */
typedef int catalog_operation_fn(void *arg, const struct catalog_operation *o,
                                 struct error *err);
int catalog_operation_each(struct catalog *c, const char *verb, int64_t since,
                           catalog_operation_fn *fn, void *arg, struct error *err);

/* The rollback journal: the steps of a plan that was begun. */
struct catalog_step {
	int64_t operation; /* row of the operation */
	size_t number;     /* from 0 */
	const char *type;
	const char *object;
	const char *sql;
	const char *status; /* "pending", "running", "done", "failed" */
	const char *error;
};
int catalog_journal_put(struct catalog *c, const struct catalog_step *s, struct error *err);
/* Durable when it returns (synchronous=FULL for this one). */
int catalog_journal_mark(struct catalog *c, int64_t operation, size_t number,
                         const char *status, const char *error, struct error *err);
/* The newest rollback_execute of a backup: begin is told of the run, fn of each step in order.
 * 1 there is one, 0, -1. */
typedef int catalog_step_fn(void *arg, const struct catalog_step *s, struct error *err);
int catalog_journal_last(struct catalog *c, const char *backup_id, catalog_operation_fn *begin,
                         catalog_step_fn *fn, void *arg, struct error *err);

#endif
