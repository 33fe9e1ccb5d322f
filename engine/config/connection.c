/* SPDX-License-Identifier: MIT */
#include "engine/config/connection.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/config/config.h"

#define NAME_MAX_LEN 64

/* The dotted name of a key in one of the blocks; lives as long as the caller's array. */
static const char *key_in(char out[NAME_MAX_LEN], const char *block, const char *key)
{
	snprintf(out, NAME_MAX_LEN, "%s.%s", block, key);
	return out;
}

static const char *text_in(const struct config *c, const char *block, const char *key)
{
	char name[NAME_MAX_LEN];

	return config_text(c, key_in(name, block, key));
}

static int64_t number_in(const struct config *c, const char *block, const char *key)
{
	char name[NAME_MAX_LEN];

	return config_int(c, key_in(name, block, key));
}

static bool is_said(const struct config *c, const char *block, const char *key)
{
	char name[NAME_MAX_LEN];

	return config_is_set(c, key_in(name, block, key));
}

static bool names_server(const struct config *c, const char *block)
{
	static const char *const telling[] = { "host", "port", "socket", "username",
		                               "defaults_file" };

	for (size_t i = 0; i < ARRAY_SIZE(telling); i++) {
		if (is_said(c, block, telling[i]))
			return true;
	}
	return false;
}

/*
 * Does a block say which server? A password alone does not: it may come from
 * the environment while another block has the rest.
 */
static bool is_there(const struct config *c, const char *block)
{
	return names_server(c, block) || is_said(c, block, "database");
}

static const char *find_block(const struct config *c, enum connection_role role)
{
	static const char *const order[] = { "target", "database", "source" };

	/* A source that is only a database is another one of the target's server. */
	if (role == CONNECTION_SOURCE && !is_there(c, "source"))
		return NULL;
	if (role == CONNECTION_SOURCE && names_server(c, "source"))
		return "source";
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (is_there(c, order[i]))
			return order[i];
	}
	return NULL;
}

static bool is_localhost(const char *host)
{
	return !host || strcasecmp(host, "localhost") == 0;
}

/* A socket is on this machine, whatever the host says. */
static int check_socket(const struct connection *conn, const struct config *c,
                        const char *block, struct error *err)
{
	autobuf place = BUF_INIT;
	char name[NAME_MAX_LEN];

	if (!conn->socket || is_localhost(conn->host))
		return 0;
	config_describe_origin(&place, c, key_in(name, block, "socket"));
	error_set(err, ERR_CONFIG, "%s: %s is %s, but %s.host is %s", place.data, name,
	          conn->socket, block, conn->host);
	return error_hint(err, "Give either a host or a socket.");
}

static int check_tls(const struct connection *conn, const struct config *c, const char *block,
                     struct error *err)
{
	autobuf place = BUF_INIT;
	char name[NAME_MAX_LEN];
	const char *lacks = NULL;

	if (conn->ssl_mode && strncmp(conn->ssl_mode, "verify_", 7) == 0 && !conn->ssl_ca)
		lacks = "ssl_ca";
	else if (conn->ssl_cert && !conn->ssl_key)
		lacks = "ssl_key";
	else if (conn->ssl_key && !conn->ssl_cert)
		lacks = "ssl_cert";
	if (!lacks)
		return 0;
	key_in(name, block,
	       strcmp(lacks, "ssl_ca") == 0    ? "ssl_mode"
	       : strcmp(lacks, "ssl_key") == 0 ? "ssl_cert"
	                                       : "ssl_key");
	config_describe_origin(&place, c, name);
	return error_set(err, ERR_CONFIG, "%s: %s needs %s.%s", place.data, name, block, lacks);
}

bool connection_has_target(const struct config *c)
{
	const char *block = find_block(c, CONNECTION_TARGET);

	return block && strcmp(block, "source") != 0;
}

int connection_from_config(struct connection *out, const struct config *c,
                           enum connection_role role, struct error *err)
{
	const char *block = find_block(c, role);
	struct connection conn = { .connect_timeout = config_int(c, "timeout"),
		                   .block = "target" };

	if (!block && role == CONNECTION_SOURCE) {
		error_set(err, ERR_CONFIG, "no source server in the configuration");
		return error_hint(err, "Give source.host, source.username and source.database, "
		                       "or --source-host, --source-user and --source-db.");
	}
	if (!block) {
		*out = conn;
		return 0;
	}
	conn.said = true;
	conn.block = block;
	conn.host = text_in(c, block, "host");
	conn.socket = text_in(c, block, "socket");
	conn.user = text_in(c, block, "username");
	conn.password = text_in(c, block, "password");
	conn.database = text_in(c, role == CONNECTION_SOURCE ? "source" : block, "database");
	conn.defaults_file = text_in(c, block, "defaults_file");
	conn.ssl_ca = text_in(c, block, "ssl_ca");
	conn.ssl_cert = text_in(c, block, "ssl_cert");
	conn.ssl_key = text_in(c, block, "ssl_key");
	conn.ssl_mode = text_in(c, block, "ssl_mode");
	conn.port = (unsigned int)number_in(c, block, "port");
	conn.read_timeout = number_in(c, block, "read_timeout");
	if (number_in(c, block, "timeout") > 0)
		conn.connect_timeout = number_in(c, block, "timeout");
	if (check_socket(&conn, c, block, err) < 0 || check_tls(&conn, c, block, err) < 0)
		return -1;
	/* As the mariadb client: localhost is the socket, unless the port is an unusual one. */
	if (!conn.socket && conn.port != 0 && conn.port != 3306 && is_localhost(conn.host))
		conn.host = "127.0.0.1";
	*out = conn;
	return 0;
}
