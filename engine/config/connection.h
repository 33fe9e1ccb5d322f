/* SPDX-License-Identifier: MIT */
/*
 * connection: which database server, and as whom.
 *
 * The configuration may say it in three places; backup and rollback use the
 * first of `target`, `database`, `source` that gives a host, port, socket,
 * username, database or defaults_file, migrate uses `source` for the wanted
 * schema too. A source that gives nothing but a database is that database of the
 * target's server. What it does not say comes from ~/.my.cnf (libmariadb reads groups
 * [client] and [mysql-schema-sync]) and then from libmariadb's defaults (local
 * socket, login name).
 */
#ifndef ENGINE_CONFIG_CONNECTION_H
#define ENGINE_CONFIG_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct error;

enum connection_role { CONNECTION_TARGET, CONNECTION_SOURCE };

/* Borrowed from the config. NULL and 0 mean: not said. */
struct connection {
	const char *block; /* of the configuration that it is from: "target" */
	const char *host;
	const char *socket;
	const char *user;
	const char *password;
	const char *database;      /* the default for --database */
	const char *defaults_file; /* instead of the usual option files */
	const char *ssl_ca, *ssl_cert, *ssl_key;
	/* disabled, preferred, required, verify_ca, verify_identity; NULL: preferred */
	const char *ssl_mode;
	unsigned int port;
	int64_t connect_timeout; /* seconds */
	int64_t read_timeout;    /* seconds; 0: none */
	bool said;               /* does the configuration say anything at all? */
};

/*
 * ERR_CONFIG when host and socket contradict each other or a role is not configured (SOURCE).
 * localhost with a port other than 3306 becomes 127.0.0.1: libmariadb would take the socket
 * of another server.
 */
int connection_from_config(struct connection *out, const struct config *c,
                           enum connection_role role, struct error *err);

/* Does the configuration say a target of its own, or would the source be it? */
bool connection_has_target(const struct config *c);

#endif
