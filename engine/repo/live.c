/* SPDX-License-Identifier: MIT */
/* live: the schema that the server has now. */
#include <stdio.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/codec/digest.h"
#include "engine/config/config.h"
#include "engine/config/connection.h"
#include "engine/repo/internal.h"
#include "engine/schema/model.h"
#include "engine/server/capture.h"
#include "engine/server/server.h"

int repo_server(struct server **out, struct repo *r, struct error *err)
{
	struct connection connection;

	if (!r->server) {
		if (connection_from_config(&connection, r->config, CONNECTION_TARGET, err) <
		            0 ||
		    server_open(&r->server, &connection, err) < 0)
			return -1;
	}
	*out = r->server;
	return 0;
}

void repo_server_drop(struct repo *r)
{
	server_close(r->server);
	r->server = NULL;
}

int repo_database(const char **out, const struct repo *r, const char *given, struct error *err)
{
	struct connection connection;

	if (!given || !*given) {
		if (connection_from_config(&connection, r->config, CONNECTION_TARGET, err) < 0)
			return -1;
		given = connection.database;
	}
	if (!given || !*given) {
		error_set(err, ERR_USAGE, "no database named");
		return error_hint(err, "Give --database NAME, or set target.database in the "
		                       "configuration.");
	}
	*out = given;
	return 0;
}

static int capture(struct schema **out, struct capture_mark *mark, struct server *s,
                   const char *database, struct error *err)
{
	return mark ? capture_marked(out, mark, s, database, err)
	            : capture_schema(out, s, database, err);
}

int repo_live_marked(struct schema **out, struct capture_mark *mark, struct repo *r,
                     const char *database, struct error *err)
{
	bool reused = r->server != NULL;
	struct server *s;
	int found;

	if (repo_server(&s, r, err) < 0)
		return -1;
	found = capture(out, mark, s, database, err);
	if (found < 0 && err->code == ERR_CONNECT) {
		repo_server_drop(r);
		if (!reused)
			return -1;
		/* The server may have closed a session that was idle for long. */
		error_clear(err);
		if (repo_server(&s, r, err) < 0)
			return -1;
		found = capture(out, mark, s, database, err);
	}
	return found;
}

int repo_live_mark(struct capture_mark **out, struct repo *r, const struct capture_ask *ask,
                   struct error *err)
{
	bool reused = r->server != NULL;
	struct server *s;
	int found;

	if (repo_server(&s, r, err) < 0)
		return -1;
	found = capture_mark(out, s, ask, err);
	if (found >= 0 || err->code != ERR_CONNECT || !reused)
		return found;
	repo_server_drop(r);
	error_clear(err);
	return repo_server(&s, r, err) < 0 ? -1 : capture_mark(out, s, ask, err);
}

int repo_live(struct schema **out, struct repo *r, const char *database, struct error *err)
{
	return repo_live_marked(out, NULL, r, database, err);
}

int repo_live_databases(struct repo *r, repo_name_fn *fn, void *arg, struct error *err)
{
	bool reused = r->server != NULL;
	struct server *s;

	if (repo_server(&s, r, err) < 0)
		return -1;
	if (server_each_database(s, fn, arg, err) == 0)
		return 0;
	if (err->code != ERR_CONNECT)
		return -1;
	repo_server_drop(r);
	if (!reused)
		return -1;
	error_clear(err);
	if (repo_server(&s, r, err) < 0)
		return -1;
	return server_each_database(s, fn, arg, err);
}

static void hash_text(struct digest_state *d, const char *text)
{
	if (text)
		digest_update(d, text, strlen(text));
	digest_update(d, "", 1); /* the NUL keeps neighbours apart */
}

void repo_schema_hash(char out[65], const struct schema *s)
{
	struct digest_state *d = digest_begin();
	struct digest sum;

	hash_text(d, s->charset);
	hash_text(d, s->collation);
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];
		char order[16];

		snprintf(order, sizeof(order), "%u", o->order);
		hash_text(d, object_kind_info(o->kind)->word);
		hash_text(d, o->name);
		hash_text(d, o->context.sql_mode);
		hash_text(d, o->context.client_charset);
		hash_text(d, o->context.connection_collation);
		hash_text(d, o->context.database_collation);
		hash_text(d, o->context.time_zone);
		hash_text(d, order);
		digest_update(d, o->sql.p, o->sql.n);
		hash_text(d, "");
	}
	digest_end(d, &sum);
	digest_hex(out, &sum);
}
