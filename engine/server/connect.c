/* SPDX-License-Identifier: MIT */
/* connect: reaching the server, with errors that say what was tried. */
#include <errmsg.h>
#include <errno.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/server/reach.h"
#include "engine/server/session.h"

#define CONNECT_SECONDS 10                          /* when the configuration does not say */
#define PACKET_MAX      ((size_t)256 * 1024 * 1024) /* of one row from the server */
#define OPTION_GROUP    "mysql-schema-sync"
#define PROBE_MS        1000 /* for each address, to find out why we failed */

enum ssl_need {
	SSL_NEED_NONE,
	SSL_NEED_IF_THERE,
	SSL_NEED_ALWAYS,
	SSL_NEED_CHAIN,    /* an authority that we know signed the certificate */
	SSL_NEED_IDENTITY, /* and it is this host's */
};

static const struct {
	const char *name;
	enum ssl_need need;
} ssl_modes[] = {
	{ "disabled", SSL_NEED_NONE },
	{ "preferred", SSL_NEED_IF_THERE },
	{ "required", SSL_NEED_ALWAYS },
	{ "verify_ca", SSL_NEED_CHAIN },
	{ "verify_identity", SSL_NEED_IDENTITY },
};

/* The name is one of the configuration's choices. */
static enum ssl_need ssl_need(const struct connection *c)
{
	for (size_t i = 0; c->ssl_mode && i < ARRAY_SIZE(ssl_modes); i++)
		if (strcasecmp(c->ssl_mode, ssl_modes[i].name) == 0)
			return ssl_modes[i].need;
	return SSL_NEED_IF_THERE;
}

/* libmariadb takes localhost for the socket and forgets the port; who says a port means TCP. */
static bool wants_tcp(const struct connection *c)
{
	return !c->socket && c->host && c->port;
}

/* Surely through the socket; without a host the option files decide. */
static bool is_local(const struct connection *c)
{
	return c->socket || (!wants_tcp(c) && c->host && strcmp(c->host, "localhost") == 0);
}

/* The server may ask for any file of ours by LOAD DATA LOCAL: never. */
static int refuse_file(void **handle, const char *name, void *arg)
{
	(void)name;
	(void)arg;
	*handle = NULL;
	return 1;
}

static int refuse_read(void *handle, char *out, unsigned int size)
{
	(void)handle;
	if (size)
		*out = '\0';
	return -1;
}

static void refuse_end(void *handle)
{
	(void)handle;
}

static int refuse_error(void *handle, char *out, unsigned int size)
{
	(void)handle;
	snprintf(out, size, "the server asked for a local file");
	return CR_UNKNOWN_ERROR;
}

static unsigned int seconds(int64_t given, unsigned int otherwise)
{
	if (given <= 0)
		return otherwise;
	return given > 86400 ? 86400 : (unsigned int)given;
}

static void set_ssl(MYSQL *m, const struct connection *c)
{
	enum ssl_need need = ssl_need(c);
	my_bool yes = 1, no = 0;

	if (need == SSL_NEED_NONE || (need == SSL_NEED_IF_THERE && is_local(c))) {
		mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &no);
		return;
	}
	if (c->ssl_key)
		mysql_optionsv(m, MYSQL_OPT_SSL_KEY, c->ssl_key);
	if (c->ssl_cert)
		mysql_optionsv(m, MYSQL_OPT_SSL_CERT, c->ssl_cert);
	if (c->ssl_ca)
		mysql_optionsv(m, MYSQL_OPT_SSL_CA, c->ssl_ca);
	/* "Enforce" means: if the server can. Whether it did is checked when we are connected.
	 */
	mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &yes);
	/* The chain is checked whenever there is a CA file; this checks the name too. */
	mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
	               need == SSL_NEED_IDENTITY || (need == SSL_NEED_CHAIN && !c->ssl_ca)
	                       ? &yes
	                       : &no);
}

static void set_options(MYSQL *m, const struct connection *c)
{
	unsigned int connect_timeout = seconds(c->connect_timeout, CONNECT_SECONDS);
	unsigned int read_timeout = seconds(c->read_timeout, 0);
	unsigned int tcp = MYSQL_PROTOCOL_TCP;
	unsigned int no_files = 0;
	size_t packet_max = PACKET_MAX;
	my_bool no = 0;

	if (c->defaults_file)
		mysql_optionsv(m, MYSQL_READ_DEFAULT_FILE, c->defaults_file);
	mysql_optionsv(m, MYSQL_READ_DEFAULT_GROUP, OPTION_GROUP);
	mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
	if (read_timeout)
		mysql_optionsv(m, MYSQL_OPT_READ_TIMEOUT, &read_timeout);
	mysql_optionsv(m, MYSQL_OPT_RECONNECT, &no);
	mysql_optionsv(m, MYSQL_OPT_LOCAL_INFILE, &no_files);
	mysql_optionsv(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max);
	mysql_optionsv(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", OPTION_GROUP);
	if (wants_tcp(c))
		mysql_optionsv(m, MYSQL_OPT_PROTOCOL, &tcp);
	set_ssl(m, c);
	mysql_set_local_infile_handler(m, refuse_file, refuse_read, refuse_end, refuse_error,
	                               NULL);
}

/* Where and as whom: what we did not say comes from option files. */
struct target {
	const char *host; /* NULL: the socket */
	const char *path;
	const char *user;
	unsigned int port;
};

static struct target target_of(const struct connection *c, const MYSQL *m)
{
	const char *host = c->host ? c->host : m->options.host;
	const char *path = c->socket ? c->socket : m->options.unix_socket;
	unsigned int port = c->port ? c->port : m->options.port;
	bool tcp = wants_tcp(c) || (!c->socket && host && strcmp(host, "localhost") != 0);

	return (struct target){
		.host = tcp ? host : NULL,
		.path = path ? path : MARIADB_UNIX_ADDR,
		.user = c->user ? c->user : m->options.user,
		.port = port ? port : MARIADB_PORT,
	};
}

/* "127.0.0.1:3306 as user backup", for hints. */
static void describe_target(struct buf *out, const struct target *t)
{
	if (t->host)
		buf_addf(out, "%s:%u", t->host, t->port);
	else
		buf_addf(out, "socket %s", t->path);
	if (t->user)
		buf_addf(out, " as user %s", t->user);
	else
		buf_adds(out, " as the login user");
}

/* The 'u'@'h' in a message, whatever its language; empty: none. */
static struct str account_in(const char *text)
{
	const char *at = strstr(text, "'@'"), *from = at, *to;

	if (!at)
		return (struct str){ "", 0 };
	while (from > text && from[-1] != '\'')
		from--;
	to = strchr(at + 3, '\'');
	if (from == text || !to)
		return (struct str){ "", 0 };
	return (struct str){ from - 1, (size_t)(to + 1 - (from - 1)) };
}

/* libmariadb ends its messages with the errno: "... (111)". */
static int errno_in(const char *text)
{
	const char *open = strrchr(text, '(');

	return open ? (int)strtol(open + 1, NULL, 10) : 0;
}

/* Where the configuration says it, for hints. */
static const char *block_of(const struct connection *c)
{
	return c->block ? c->block : "target";
}

static int fail_to_reach(MYSQL *m, const struct connection *c, const struct target *t,
                         struct error *err)
{
	autobuf target = BUF_INIT;
	int reason = errno_in(mysql_error(m));
	const char *text;

	describe_target(&target, t);
	if (reason == EINPROGRESS && t->host)
		reason = reach_errno(t->host, t->port, PROBE_MS);
	text = reason > 0 ? strerror(reason) : mysql_error(m);

	if (mysql_errno(m) == CR_UNKNOWN_HOST)
		text = "unknown host";
	error_set(err, ERR_CONNECT, "failed to connect to database: %c%s",
	          session_initial(text), text[0] ? text + 1 : "");
	err->sys_errno = reason > 0 ? reason : 0;
	if (mysql_errno(m) == CR_SSL_CONNECTION_ERROR)
		return error_hint(err,
		                  "Tried %s. Check %s.ssl_mode and %s.ssl_ca in the "
		                  "configuration.",
		                  target.data, block_of(c), block_of(c));
	return error_hint(err,
	                  "Tried %s. Check that the server runs, and %s.host, %s.port and "
	                  "%s.socket in the configuration.",
	                  target.data, block_of(c), block_of(c), block_of(c));
}

static int fail_by_account(MYSQL *m, const struct connection *c, const struct target *t,
                           struct error *err)
{
	autobuf target = BUF_INIT;
	struct str account = account_in(mysql_error(m));
	bool password = (c->password && *c->password) || m->options.password;

	describe_target(&target, t);
	if (account.n)
		error_set(err, ERR_DENIED, "access denied for user %.*s", STR_ARG(account));
	else
		error_set(err, ERR_DENIED, "access denied: %s", mysql_error(m));
	if (account.n == 0)
		account = str_of("'user'@'host'");
	return error_hint(err,
	                  "Tried %s, %s password. Check %s.username and %s.password; a "
	                  "backup account needs: GRANT " SESSION_GRANTS " ON *.* TO %.*s;",
	                  target.data, password ? "with a" : "without a", block_of(c),
	                  block_of(c), STR_ARG(account));
}

static int fail(MYSQL *m, const struct connection *c, struct error *err)
{
	static const unsigned int denied[] = { ER_ACCESS_DENIED_ERROR, 1698,
		                               ER_DBACCESS_DENIED_ERROR,
		                               ER_HOST_NOT_PRIVILEGED };
	const struct target t = target_of(c, m);
	unsigned int number = mysql_errno(m);

	for (size_t i = 0; i < ARRAY_SIZE(denied); i++)
		if (number == denied[i])
			fail_by_account(m, c, &t, err);
	if (err->code == ERR_NONE)
		fail_to_reach(m, c, &t, err);
	err->server_errno = (int)number;
	return -1;
}

/* What the handshake agreed on is not always what we asked for. */
static int check_connection(MYSQL *m, const struct connection *c, struct error *err)
{
	unsigned int no_files = 0;

	/* Option files are read while connecting and win over what was set before. */
	mysql_optionsv(m, MYSQL_OPT_LOCAL_INFILE, &no_files);
	if ((m->client_flag & CLIENT_MULTI_STATEMENTS) &&
	    mysql_set_server_option(m, MYSQL_OPTION_MULTI_STATEMENTS_OFF))
		return fail(m, c, err);
	if (ssl_need(c) >= SSL_NEED_ALWAYS && !mysql_get_ssl_cipher(m)) {
		error_set(err, ERR_CONNECT,
		          "failed to connect to database: the server offers no TLS, but "
		          "ssl_mode is %s",
		          c->ssl_mode);
		return error_hint(err, "Give the server a certificate, or set ssl_mode to "
		                       "preferred.");
	}
	return 0;
}

int session_connect(struct st_mysql **out, const struct connection *c, struct error *err)
{
	MYSQL *m = mysql_init(NULL);

	if (!m)
		return error_set(err, ERR_SYSTEM, "libmariadb: out of memory");
	set_options(m, c);
	/* Otherwise a failure forgets the options, and the hint could not name them. */
	if (!mysql_real_connect(m, c->socket ? NULL : c->host, c->user, c->password, NULL,
	                        c->socket ? 0 : c->port, c->socket, CLIENT_REMEMBER_OPTIONS))
		fail(m, c, err);
	else
		check_connection(m, c, err);
	if (err->code != ERR_NONE) {
		mysql_close(m);
		return -1;
	}
	*out = m;
	return 0;
}

void session_disconnect(struct st_mysql *mysql)
{
	if (mysql)
		mysql_close(mysql);
}
