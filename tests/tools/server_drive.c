/* SPDX-License-Identifier: MIT */
/*
 * server_drive: calls engine/server from the integration tests.
 *
 *	server_drive '{"socket": "/x/s.sock", "user": "root"}' capture shop
 *
 * Prints what the call returns as JSON; an error too, as {"error": ...}, with exit status 1.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/server/apply.h"
#include "engine/server/capture.h"
#include "engine/server/server.h"

#define INPUT_MAX   ((size_t)64 * 1024 * 1024)
#define PATIENCE_MS 60000

struct drive {
	struct server *server;
	const char *argument[4]; /* behind the command's name; "" when not given */
	struct json *result;     /* an object */
};

typedef int drive_fn(struct drive *d, struct error *err);

static int drive_info(struct drive *d, struct error *err)
{
	const struct server_info *i = server_info(d->server);

	(void)err;
	json_set_str(d->result, "family", i->family == SERVER_MARIADB ? "mariadb" : "mysql");
	json_set_str(d->result, "version", i->version);
	json_set_int(d->result, "version_number", i->version_number);
	json_set_int(d->result, "lower_case_table_names", i->lower_case_table_names);
	json_set_str(d->result, "account", i->account);
	json_set_bool(d->result, "read_only", i->read_only);
	return 0;
}

static int add_name(void *arg, const char *name, struct error *err)
{
	(void)err;
	json_append(arg, json_str(name));
	return 0;
}

static int drive_databases(struct drive *d, struct error *err)
{
	struct json *names = json_array();
	int result = server_each_database(d->server, add_name, names, err);

	json_set(d->result, "databases", names);
	return result;
}

static int drive_has(struct drive *d, struct error *err)
{
	int found = server_has_database(d->server, d->argument[0], err);

	json_set_int(d->result, "found", found);
	return found < 0 ? -1 : 0;
}

static struct json *object_as_json(const struct object *o)
{
	struct json *j = json_object();

	json_set_str(j, "kind", object_kind_info(o->kind)->word);
	json_set_str(j, "name", o->name);
	json_set(j, "sql", json_strn(o->sql.p, o->sql.n));
	json_set_str(j, "sql_mode", o->context.sql_mode);
	json_set_str(j, "client_charset", o->context.client_charset);
	json_set_str(j, "connection_collation", o->context.connection_collation);
	json_set_str(j, "database_collation", o->context.database_collation);
	json_set_str(j, "time_zone", o->context.time_zone);
	json_set_str(j, "table", o->table);
	json_set_str(j, "timing", o->timing);
	json_set_str(j, "event", o->event);
	json_set_int(j, "order", o->order);
	json_set_int(j, "auto_increment", (int64_t)o->auto_increment);
	json_set_str(j, "definer", o->definer);
	json_set_str(j, "problem", o->problem);
	json_set_bool(j, "parsed", o->parsed != NULL);
	return j;
}

static void schema_as_json(struct json *out, const struct schema *s)
{
	struct json *objects = json_array(), *visible = json_array();

	for (int i = 0; i < OBJECT_KIND_COUNT; i++)
		if (s->visible & OBJECT_KIND_BIT(i))
			json_append(visible,
			            json_str(object_kind_info((enum object_kind)i)->word));
	for (size_t i = 0; i < s->count; i++)
		json_append(objects, object_as_json(&s->objects[i]));
	json_set_str(out, "name", s->name);
	json_set_str(out, "charset", s->charset);
	json_set_str(out, "collation", s->collation);
	json_set_str(out, "server_version", s->server_version);
	json_set(out, "visible", visible);
	json_set(out, "objects", objects);
}

static int drive_capture(struct drive *d, struct error *err)
{
	DEFER(schema) *s = NULL;
	int found = capture_schema(&s, d->server, d->argument[0], err);

	json_set_int(d->result, "found", found);
	if (found > 0)
		schema_as_json(d->result, s);
	return found < 0 ? -1 : 0;
}

/* Adds the texts of one capture to a list; says how often each outcome came. */
static int capture_once(struct drive *d, struct json *seen, int64_t counts[2],
                        struct error *err)
{
	DEFER(schema) *s = NULL;
	struct json *texts;

	if (capture_schema(&s, d->server, d->argument[0], err) <= 0) {
		if (err->code != ERR_BUSY)
			return -1;
		error_clear(err);
		counts[1]++;
		return 0;
	}
	texts = json_array();
	for (size_t i = 0; i < s->count; i++)
		json_append(texts, json_strn(s->objects[i].sql.p, s->objects[i].sql.n));
	json_append(seen, texts);
	counts[0]++;
	return 0;
}

/* Captures for so many milliseconds, or for longer until so many captures succeeded. */
static int drive_capture_for(struct drive *d, struct error *err)
{
	struct json *seen = json_array();
	int64_t counts[2] = { 0 };
	int64_t start = clock_mono_ms();
	int64_t ms, least;

	json_set(d->result, "objects", seen);
	if (number_parse_i64(&ms, d->argument[1], 0, PATIENCE_MS, err) < 0 ||
	    number_parse_i64(&least, d->argument[2], 0, INT32_MAX, err) < 0)
		return -1;
	while (clock_mono_ms() < start + ms ||
	       (counts[0] < least && clock_mono_ms() < start + PATIENCE_MS))
		if (capture_once(d, seen, counts, err) < 0)
			return -1;
	json_set_int(d->result, "captured", counts[0]);
	json_set_int(d->result, "busy", counts[1]);
	return 0;
}

/* The milliseconds of each of so many captures and fingerprints. */
static int drive_time(struct drive *d, struct error *err)
{
	int64_t rounds;
	struct json *captures = json_array(), *prints = json_array();

	json_set(d->result, "capture_ms", captures);
	json_set(d->result, "fingerprint_ms", prints);
	if (number_parse_i64(&rounds, d->argument[1], 1, 1000, err) < 0)
		return -1;
	for (; rounds > 0; rounds--) {
		DEFER(schema) *s = NULL;
		autobuf print = BUF_INIT;
		int64_t start = clock_mono_ms();

		if (capture_schema(&s, d->server, d->argument[0], err) < 0)
			return -1;
		json_append(captures, json_int(clock_mono_ms() - start));
		start = clock_mono_ms();
		if (capture_fingerprint(&print, d->server, d->argument[0], err) < 0)
			return -1;
		json_append(prints, json_int(clock_mono_ms() - start));
		json_set_int(d->result, "objects", s ? (int64_t)s->count : 0);
	}
	return 0;
}

static int drive_fingerprint(struct drive *d, struct error *err)
{
	autobuf print = BUF_INIT;
	int found = capture_fingerprint(&print, d->server, d->argument[0], err);

	json_set_int(d->result, "found", found);
	json_set_str(d->result, "fingerprint", print.data);
	return found < 0 ? -1 : 0;
}

/* Of many databases, by name: their names stand in one word, with commas. */
static int drive_fingerprints(struct drive *d, struct error *err)
{
	for (const char *p = d->argument[0]; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");
		autofree char *name = mem_strndup(p, n);
		autobuf print = BUF_INIT;

		if (capture_fingerprint(&print, d->server, name, err) < 0)
			return -1;
		json_set_str(d->result, name, print.data);
		p += n;
	}
	return 0;
}

/* Takes the lock, says so, and keeps it until the end of the input. */
static int drive_lock(struct drive *d, struct error *err)
{
	char c;

	if (server_lock(d->server, d->argument[0], err) < 0)
		return -1;
	puts("locked");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return server_unlock(d->server, d->argument[0], err);
}

static int drive_count(struct drive *d, struct error *err)
{
	uint64_t limit, rows = 0;

	if (number_parse_u64(&limit, d->argument[2], UINT64_MAX, err) < 0 ||
	    server_count_rows(d->server, d->argument[0], d->argument[1], limit, &rows, err) < 0)
		return -1;
	json_set_int(d->result, "rows", (int64_t)rows);
	return 0;
}

static int drive_create(struct drive *d, struct error *err)
{
	return server_create_database(d->server, d->argument[0], d->argument[1], d->argument[2],
	                              err);
}

static int drive_drop_scratch(struct drive *d, struct error *err)
{
	return server_drop_scratch(d->server, d->argument[0], err);
}

static int record_step(void *arg, size_t i, const struct plan_step *step, bool done,
                       struct error *err)
{
	autofree char *line = mem_printf("%zu %s %s", i, done ? "done" : "running", step->type);

	(void)err;
	json_append(arg, json_str(line));
	return 0;
}

static void step_from_json(struct plan_step *step, const struct json *j)
{
	*step = (struct plan_step){
		.type = json_get_str(j, "type", "STEP"),
		.name = json_get_str(j, "name", ""),
		.sql = json_get_str(j, "sql", ""),
		.foreign_key_checks_off = json_get_bool(j, "foreign_key_checks_off", false),
		.timestamp = json_get_str(j, "timestamp", NULL),
		.context = {
			.sql_mode = json_get_str(j, "sql_mode", NULL),
			.client_charset = json_get_str(j, "client_charset", NULL),
			.connection_collation = json_get_str(j, "connection_collation", NULL),
			.time_zone = json_get_str(j, "time_zone", NULL),
		},
	};
}

/* Runs steps from the input: [{"sql": ..., "client_charset": ...}, ...] */
static int drive_apply(struct drive *d, struct error *err)
{
	struct json *log = json_array();
	const struct apply_progress progress = { .step = record_step, .arg = log };
	autobuf input = BUF_INIT;
	DEFER(json) *steps = NULL;
	autofree struct plan_step *list = NULL;
	struct plan p = { .database = d->argument[0] };
	size_t done = 0;
	int result;

	json_set(d->result, "log", log);
	if (fd_read_all(&input, STDIN_FILENO, INPUT_MAX, err) < 0 ||
	    json_parse(&steps, input.data, input.len, err) < 0)
		return -1;
	p.count = json_count(steps);
	p.steps = list = mem_array(p.count, sizeof(*list));
	for (size_t i = 0; i < p.count; i++)
		step_from_json(&list[i], json_at(steps, i));
	result = apply_plan(d->server, d->argument[0], &p, &progress, &done, err);
	json_set_int(d->result, "done", (int64_t)done);
	return result;
}

static const struct {
	const char *name;
	drive_fn *run;
} commands[] = {
	{ "info", drive_info },
	{ "databases", drive_databases },
	{ "has", drive_has },
	{ "capture", drive_capture },
	{ "capture-for", drive_capture_for },
	{ "time", drive_time },
	{ "fingerprint", drive_fingerprint },
	{ "fingerprints", drive_fingerprints },
	{ "lock", drive_lock },
	{ "count", drive_count },
	{ "create", drive_create },
	{ "drop-scratch", drive_drop_scratch },
	{ "apply", drive_apply },
};

static void connection_from_json(struct connection *out, const struct json *j)
{
	*out = (struct connection){
		.host = json_get_str(j, "host", NULL),
		.socket = json_get_str(j, "socket", NULL),
		.user = json_get_str(j, "user", NULL),
		.password = json_get_str(j, "password", NULL),
		.defaults_file = json_get_str(j, "defaults_file", NULL),
		.ssl_ca = json_get_str(j, "ssl_ca", NULL),
		.ssl_mode = json_get_str(j, "ssl_mode", NULL),
		.port = (unsigned int)json_get_int(j, "port", 0),
		.connect_timeout = json_get_int(j, "connect_timeout", 0),
		.read_timeout = json_get_int(j, "read_timeout", 0),
		.said = true,
	};
}

static int drive(struct drive *d, const char *connection, const char *command,
                 struct error *err)
{
	DEFER(json) *j = NULL;
	struct connection c;

	if (json_parse(&j, connection, strlen(connection), err) < 0)
		return -1;
	connection_from_json(&c, j);
	if (server_open(&d->server, &c, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, command) == 0)
			return commands[i].run(d, err);
	return error_set(err, ERR_USAGE, "no such command: %s", command);
}

static struct json *error_as_json(const struct error *err)
{
	struct json *j = json_object();

	json_set_str(j, "code", error_name(err->code));
	json_set_str(j, "text", err->text);
	json_set_str(j, "hint", err->hint);
	json_set_int(j, "server_errno", err->server_errno);
	return j;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct drive d = { .argument = { "", "", "", "" }, .result = json_object() };
	autobuf out = BUF_INIT;
	int result;

	if (argc < 3 || argc > 7) {
		fprintf(stderr, "usage: server_drive CONNECTION COMMAND [ARGUMENT...]\n");
		return 2;
	}
	log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	for (int i = 3; i < argc; i++)
		d.argument[i - 3] = argv[i];
	result = drive(&d, argv[1], argv[2], &err);
	if (result < 0)
		json_set(d.result, "error", error_as_json(&err));
	json_write(&out, d.result, JSON_COMPACT);
	puts(out.data);
	server_close(d.server);
	json_free(d.result);
	return result < 0;
}
