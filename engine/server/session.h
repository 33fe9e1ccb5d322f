/* SPDX-License-Identifier: MIT */
/*
 * session: what the files of engine/server share: the connection behind a
 * struct server, and what every connection is told first. Internal.
 */
#ifndef ENGINE_SERVER_SESSION_H
#define ENGINE_SERVER_SESSION_H

#include "engine/server/server.h"

struct error;
struct st_mysql; /* libmariadb's MYSQL */

struct server {
	struct st_mysql *mysql;
	struct connection
		connection; /* for more sessions like this one; strings are borrowed */
	struct server_info info;
};

/* Connects; the session is not normalised yet. Fills err as server_open() says. */
int session_connect(struct st_mysql **out, const struct connection *c, struct error *err);
void session_disconnect(struct st_mysql *mysql); /* NULL is fine */

/*
 * Makes the session the same whatever the server's configuration and the
 * user's option files say: utf8mb4, no sql_mode, UTC, quoted names, no limit on
 * rows. Fills s->info.
 */
int session_normalise(struct server *s, struct error *err);

/* The first letter of a server's message for use within a sentence: "Table" but "TLS". */
char session_initial(const char *message);

/* What to grant: in hints about missing rights. */
#define SESSION_GRANTS "SELECT, SHOW DATABASES, SHOW VIEW, TRIGGER, EVENT, PROCESS"

#endif
