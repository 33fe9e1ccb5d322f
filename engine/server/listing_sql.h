/* SPDX-License-Identifier: MIT */
/*
 * listing_sql: the SELECTs that list objects and their versions. Each gives
 *
 *	k kind, n name, h version, t time or NULL, x exact, a table, b timing, c event, o order
 *
 * exact: the version (a hash) covers all of the definition. Otherwise the time
 * says when it changed last, to the second; without a time nobody knows. Pure.
 * Internal to engine/server.
 */
#ifndef ENGINE_SERVER_LISTING_SQL_H
#define ENGINE_SERVER_LISTING_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/schema/model.h"

struct buf;

enum listing_source {
	LISTING_TABLES, /* tables, views, sequences: kind and name */
	LISTING_TIMES,  /* the same, and when they changed */
	LISTING_TRIGGERS,
	LISTING_ROUTINES, /* and packages */
	LISTING_EVENTS,
	LISTING_VIEWS,      /* the versions of views */
	LISTING_PARAMETERS, /* the versions of routines' parameters */
	LISTING_SOURCE_COUNT,
};

/* Appends the SELECT of one source for a database. */
void listing_sql(struct buf *sql, enum listing_source source, enum server_family family,
                 const char *database);

/* LISTING_TIMES with the next AUTO_INCREMENT value of each table (0: none) as o. */
void listing_sql_counted(struct buf *sql, enum server_family family, const char *database);

/* Names of databases as I_S compares them ignore case: appends "(column is exactly name)". */
void listing_sql_is(struct buf *sql, const char *column, const char *name);

#endif
