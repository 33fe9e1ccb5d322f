/* SPDX-License-Identifier: MIT */
/*
 * server: a session with a MySQL or MariaDB server. With capture.h and apply.h
 * the only code that talks to one; libmariadb's types stay in this folder.
 *
 * A session is not thread-safe (one per thread).
 */
#ifndef ENGINE_SERVER_SERVER_H
#define ENGINE_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "engine/config/connection.h"
#include "engine/schema/model.h"

struct error;
struct server;

/*
 * Connects and normalises the session, whatever option files and the server's configuration
 * say: utf8mb4, sql_mode '', quoted names, UTC, no limits on rows and time. ERR_CONNECT
 * "failed to connect to database: connection refused", ERR_DENIED "access denied for user
 * 'u'@'h'", each with a hint that says what was tried (host, port or socket, user). A host with
 * a port means TCP, also for localhost.
 */
int server_open(struct server **out, const struct connection *c, struct error *err);
void server_close(struct server *s); /* NULL is fine */
DEFINE_DEFER(server, server_close)

struct server_info {
	enum server_family family;
	char version[64];            /* "10.11.19-MariaDB-0+deb12u1" */
	unsigned int version_number; /* 101119 */
	int lower_case_table_names;
	char account[256]; /* CURRENT_USER(): "root@localhost" */
	bool read_only;
};
const struct server_info *server_info(const struct server *s);

/* The user databases (without mysql, sys, information_schema, performance_schema), sorted. */
typedef int server_name_fn(void *arg, const char *name, struct error *err);
int server_each_database(struct server *s, server_name_fn *fn, void *arg, struct error *err);
int server_has_database(struct server *s, const char *name, struct error *err); /* 1, 0, -1 */

/*
 * One run per database at a time, across hosts: GET_LOCK. ERR_BUSY names the
 * holder's connection id. The lock ends with the session.
 */
int server_lock(struct server *s, const char *database, struct error *err);
/* Sessions that work for the one that holds the lock hold one each, 1 to SERVER_WORKERS_MAX -
 * 1: until they end, too, server_lock() fails for others. */
#define SERVER_WORKERS_MAX 64
int server_lock_worker(struct server *s, const char *database, size_t number,
                       struct error *err);
int server_is_locked(struct server *s, const char *database, struct error *err); /* 1, 0, -1 */
int server_unlock(struct server *s, const char *database, struct error *err);

/* Rows of a table, counted up to limit (exact below it). */
int server_count_rows(struct server *s, const char *database, const char *table, uint64_t limit,
                      uint64_t *out, struct error *err);

int server_create_database(struct server *s, const char *name, const char *charset,
                           const char *collation, struct error *err);
/* Refuses any name that does not begin with the scratch prefix "_mss_scratch_". */
int server_drop_scratch(struct server *s, const char *name, struct error *err);

#endif
