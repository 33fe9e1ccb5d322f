/* SPDX-License-Identifier: MIT */
/*
 * plan_pairs: diff, plan and apply on a server, for tests of many pairs of schemas.
 *
 *	plan_pairs SOCKET
 *
 * Reads commands, a line each, and answers each with a line of JSON:
 *
 *	capture NAME DATABASE     keeps the live schema under a name; "unread": names of objects
 *	                          that the server cannot print; "libraries": how many of them
 *	fixture NAME              a kept schema as tests/unit/schema_json.h reads it
 *	plan FROM TO              "script", "steps"
 *	apply FROM TO DATABASE [WORKERS]
 *	                          runs the plan, so many steps at a time; "together": the most
 *	                          that were under way
 *	start FROM TO DATABASE PERCENT
 *	                          runs so much of the plan, as if it were killed then
 *	emit NAME                 "script": schema.sql of a kept schema
 *	diff FROM TO              "lines": what differs; none when equal byte for byte
 *
 * An error is {"error": text}. Names are words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/map.h"
#include "engine/schema/diff.h"
#include "engine/schema/emit.h"
#include "engine/schema/names.h"
#include "engine/schema/plan.h"
#include "engine/server/apply.h"
#include "engine/server/capture.h"

#define LINE_MAX_LENGTH 1024

struct session {
	struct server *server;
	const struct connection *connection;
	struct map *schemas; /* by name */
};

struct request {
	struct session *session;
	const char *words[4]; /* behind the command; "" where there is none */
	struct json *answer;
};

typedef int command_fn(struct request *r, struct error *err);

static int find(const struct schema **out, const struct request *r, size_t word,
                struct error *err)
{
	*out = map_get(r->session->schemas, r->words[word]);
	if (!*out)
		return error_set(err, ERR_NOT_FOUND, "no schema %s", r->words[word]);
	return 0;
}

/* Objects that the server itself cannot print. */
static struct json *unread_names(const struct schema *s)
{
	struct json *names = json_array();

	for (size_t i = 0; i < s->count; i++) {
		if (s->objects[i].sql.n == 0)
			json_append(names, json_str(s->objects[i].name));
	}
	return names;
}

static int do_capture(struct request *r, struct error *err)
{
	struct schema *s = NULL;
	int found = capture_schema(&s, r->session->server, r->words[1], err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "no database %s", r->words[1]);
	schema_free(map_get(r->session->schemas, r->words[0]));
	map_set(r->session->schemas, r->words[0], s);
	json_set_int(r->answer, "objects", (int64_t)s->count);
	json_set(r->answer, "unread", unread_names(s));
	json_set_int(r->answer, "libraries", (int64_t)s->libraries);
	return 0;
}

static void set_text(struct json *j, const char *key, const char *text)
{
	if (text)
		json_set_str(j, key, text);
}

static struct json *object_json(const struct object *o)
{
	struct json *j = json_object();

	json_set_str(j, "kind", object_kind_info(o->kind)->folder);
	json_set_str(j, "name", o->name);
	json_set(j, "sql", json_strn(o->sql.p, o->sql.n));
	set_text(j, "sql_mode", o->context.sql_mode);
	set_text(j, "character_set_client", o->context.client_charset);
	set_text(j, "collation_connection", o->context.connection_collation);
	set_text(j, "database_collation", o->context.database_collation);
	set_text(j, "time_zone", o->context.time_zone);
	set_text(j, "table", o->table);
	set_text(j, "timing", o->timing);
	set_text(j, "event", o->event);
	set_text(j, "problem", o->problem);
	if (o->order)
		json_set_int(j, "order", o->order);
	if (o->auto_increment)
		json_set_int(j, "auto_increment", (int64_t)o->auto_increment);
	return j;
}

static int do_fixture(struct request *r, struct error *err)
{
	const struct schema *s;
	struct json *objects;
	struct json *j;

	if (find(&s, r, 0, err) < 0)
		return -1;
	j = json_object();
	objects = json_array();
	json_set_str(j, "name", s->name);
	json_set_str(j, "family", s->family == SERVER_MYSQL ? "mysql" : "mariadb");
	json_set_str(j, "charset", s->charset);
	json_set_str(j, "collation", s->collation);
	for (size_t i = 0; i < s->count; i++)
		json_append(objects, object_json(&s->objects[i]));
	json_set(j, "objects", objects);
	json_set(r->answer, "schema", j);
	return 0;
}

static int make_plan(struct plan **out, const struct request *r, struct error *err)
{
	const struct schema *from;
	const struct schema *to;

	if (find(&from, r, 0, err) < 0 || find(&to, r, 1, err) < 0)
		return -1;
	return plan_make(out, from, to, NULL, err);
}

static int do_plan(struct request *r, struct error *err)
{
	DEFER(plan) *p = NULL;
	autobuf script = BUF_INIT;

	if (make_plan(&p, r, err) < 0)
		return -1;
	plan_script(&script, p, NULL);
	json_set_int(r->answer, "steps", (int64_t)p->count);
	json_set(r->answer, "script", json_strn(script.data, script.len));
	return 0;
}

static int do_emit(struct request *r, struct error *err)
{
	const struct schema *s;
	autobuf script = BUF_INIT;

	if (find(&s, r, 0, err) < 0)
		return -1;
	emit_script(&script, s);
	json_set(r->answer, "script", json_strn(script.data, script.len));
	return 0;
}

struct together {
	int64_t now, most;
};

static int count_together(void *arg, size_t i, const struct plan_step *step, bool done,
                          struct error *err)
{
	struct together *t = arg;

	(void)i;
	(void)step;
	(void)err;
	t->now += done ? -1 : 1;
	t->most = t->now > t->most ? t->now : t->most;
	return 0;
}

static int do_apply(struct request *r, struct error *err)
{
	struct together together = { 0, 0 };
	const struct apply_progress progress = {
		.step = count_together,
		.arg = &together,
		.workers = (size_t)strtoul(r->words[3], NULL, 10),
		.connection = r->session->connection,
	};
	DEFER(plan) *p = NULL;
	size_t done = 0;

	if (make_plan(&p, r, err) < 0 ||
	    apply_plan(r->session->server, r->words[2], p, &progress, &done, err) < 0)
		return -1;
	json_set_int(r->answer, "together", together.most);
	return 0;
}

/* Stops a plan before a step. */
static int stop_at(void *arg, size_t i, const struct plan_step *step, bool done,
                   struct error *err)
{
	const size_t *limit = arg;

	(void)step;
	return !done && i >= *limit ? error_set(err, ERR_CANCELLED, "step %zu", i) : 0;
}

static int do_start(struct request *r, struct error *err)
{
	DEFER(plan) *p = NULL;
	size_t done = 0, limit;
	struct apply_progress progress = { .step = stop_at, .arg = &limit };

	if (make_plan(&p, r, err) < 0)
		return -1;
	limit = p->count * (size_t)strtoul(r->words[3], NULL, 10) / 100;
	if (apply_plan(r->session->server, r->words[2], p, &progress, &done, err) < 0 &&
	    err->code != ERR_CANCELLED)
		return -1;
	error_clear(err);
	json_set_int(r->answer, "steps", (int64_t)done);
	return 0;
}

/* A broken view names its database or does not, by how it came to be broken. */
static bool same_object(const struct object *a, const struct schema *from,
                        const struct object *b, const struct schema *to)
{
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;
	struct object x = *a;
	struct object y = *b;

	names_unqualified(&left, a, from);
	names_unqualified(&right, b, to);
	x.sql = (struct str){ left.data, left.len };
	y.sql = (struct str){ right.data, right.len };
	return object_equal(&x, &y);
}

static bool same_schema(const struct schema *from, const struct schema *to)
{
	if (from->count != to->count || strcmp(from->charset, to->charset) != 0 ||
	    strcmp(from->collation, to->collation) != 0)
		return false;
	for (size_t i = 0; i < from->count; i++) {
		if (!same_object(&from->objects[i], from, &to->objects[i], to))
			return false;
	}
	return true;
}

static int do_diff(struct request *r, struct error *err)
{
	DEFER(diff) *d = NULL;
	const struct schema *from;
	const struct schema *to;
	struct json *lines;

	if (find(&from, r, 0, err) < 0 || find(&to, r, 1, err) < 0)
		return -1;
	lines = json_array();
	d = diff_schemas(from, to);
	if (d->count == 0 && !same_schema(from, to))
		json_append(lines, json_str("the schemas are not equal"));
	for (size_t i = 0; i < d->count; i++) {
		autobuf line = BUF_INIT;

		change_describe(&line, &d->changes[i]);
		for (size_t k = 0; k < d->changes[i].detail_count; k++)
			buf_addf(&line, "\n\t%s", d->changes[i].details[k]);
		json_append(lines, json_strn(line.data, line.len));
	}
	json_set(r->answer, "lines", lines);
	return 0;
}

static const struct {
	const char *name;
	command_fn *run;
} commands[] = {
	{ "capture", do_capture }, { "fixture", do_fixture }, { "plan", do_plan },
	{ "apply", do_apply },     { "diff", do_diff },       { "emit", do_emit },
	{ "start", do_start },
};

static int run(struct request *r, const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(r, err);
	}
	return error_set(err, ERR_USAGE, "no such command: %s", name);
}

static void answer(struct session *s, char *line)
{
	struct error err = ERROR_INIT;
	DEFER(json) *reply = json_object();
	struct request r = { .session = s, .words = { "", "", "", "" }, .answer = reply };
	autobuf out = BUF_INIT;
	const char *name;

	line[strcspn(line, "\n")] = '\0';
	name = strsep(&line, " ");
	for (size_t i = 0; line && i < ARRAY_SIZE(r.words); i++)
		r.words[i] = strsep(&line, " ");
	if (run(&r, name, &err) < 0)
		json_set_str(reply, "error", err.text);
	json_write(&out, reply, JSON_COMPACT);
	puts(out.data);
	fflush(stdout);
}

static void free_schema(void *arg, const char *name, void *value)
{
	(void)arg;
	(void)name;
	schema_free(value);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	DEFER(map) *schemas = map_new();
	DEFER(server) *server = NULL;
	struct connection c = { .socket = argc > 1 ? argv[1] : "",
		                .user = "root",
		                .said = true };
	struct session s;
	char line[LINE_MAX_LENGTH];

	if (argc != 2) {
		fputs("usage: plan_pairs SOCKET\n", stderr);
		return 2;
	}
	if (server_open(&server, &c, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	s = (struct session){ server, &c, schemas };
	while (fgets(line, sizeof(line), stdin))
		answer(&s, line);
	map_each(schemas, free_schema, NULL);
	return 0;
}
