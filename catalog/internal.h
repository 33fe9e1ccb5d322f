/* SPDX-License-Identifier: MIT */
/* internal: what the files of the catalog share. */
#ifndef CATALOG_INTERNAL_H
#define CATALOG_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"
#include "catalog/statements.h"

extern const char catalog_schema[];      /* schema.sql */
extern const int catalog_schema_version; /* another number for every other schema */
extern const char *const catalog_statements[STATEMENT_COUNT];

struct catalog {
	sqlite3 *db;
	char *path;
	bool in_transaction;                       /* between catalog_begin() and its end */
	sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared on first use */
};

/* A statement that resets itself and drops its bindings at the end of its scope. */
static inline void statement_release(sqlite3_stmt **st)
{
	if (*st) {
		sqlite3_reset(*st);
		sqlite3_clear_bindings(*st);
	}
}
#define autostmt __attribute__((cleanup(statement_release))) sqlite3_stmt

int statement_get(struct catalog *c, enum statement which, sqlite3_stmt **out,
                  struct error *err);
/* Sets the error from SQLite's own words. */
int catalog_fail(struct catalog *c, const char *doing, struct error *err);
/* Runs a statement that gives no rows. */
int statement_run(struct catalog *c, sqlite3_stmt *st, const char *doing, struct error *err);
/* The first column of the first row; caller frees. 1, 0 there is no row, -1. */
int statement_text(struct catalog *c, sqlite3_stmt *st, char **out, const char *doing,
                   struct error *err);

void bind_text(sqlite3_stmt *st, int at,
               const char *text);                  /* lent until the statement is released */
const char *column_text(sqlite3_stmt *st, int at); /* "" for NULL */

/* For how many generations back it is known what was removed. */
#define CATALOG_CHANGES_KEPT 10000

/* A backup from a row of BACKUP_COLUMNS, with its tags. */
int backup_from_row(struct catalog *c, sqlite3_stmt *st, struct backup **out,
                    struct error *err);

/* A transaction of its own unless the caller began one. */
int write_begin(struct catalog *c, bool *mine, struct error *err);
int write_end(struct catalog *c, bool mine, int result, struct error *err);

#endif
