/* SPDX-License-Identifier: MIT */
/*
 * schema_json: a schema out of one JSON value, for unit tests: what a server once
 * gave, with no server.
 *
 *	{ "name": "d", "family": "mariadb", "charset": "utf8mb4", "collation": "...",
 *	  "objects": [ { "kind": "tables", "name": "t", "sql": "CREATE TABLE ..." }, ... ] }
 *
 * tests/tools/plan_pairs writes them.
 */
#ifndef TESTS_UNIT_SCHEMA_JSON_H
#define TESTS_UNIT_SCHEMA_JSON_H

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/schema/model.h"

static const char *text_of(struct schema *s, const struct json *o, const char *key)
{
	return arena_strdup(s->arena, json_get_str(o, key, NULL));
}

static int add_object(struct schema *s, const struct json *j, struct error *err)
{
	const char *kind_name = json_get_str(j, "kind", "");
	size_t len = 0;
	const char *sql = json_text(json_get(j, "sql"), &len);
	enum object_kind kind;
	struct object *o;

	if (!object_kind_from_folder(&kind, kind_name))
		return error_set(err, ERR_INVALID, "unknown kind of object: %s", kind_name);
	o = schema_add(s, kind, json_get_str(j, "name", ""), sql ? sql : "", len);
	o->context.sql_mode = text_of(s, j, "sql_mode");
	o->context.client_charset = text_of(s, j, "character_set_client");
	o->context.connection_collation = text_of(s, j, "collation_connection");
	o->context.database_collation = text_of(s, j, "database_collation");
	o->context.time_zone = text_of(s, j, "time_zone");
	o->table = text_of(s, j, "table");
	o->timing = text_of(s, j, "timing");
	o->event = text_of(s, j, "event");
	o->order = (unsigned int)json_get_int(j, "order", 0);
	o->problem = text_of(s, j, "problem");
	if (json_get_int(j, "auto_increment", 0) > 0)
		o->auto_increment = (uint64_t)json_get_int(j, "auto_increment", 0);
	return 0;
}

static int schema_from_json(struct schema **out, const char *text, size_t len,
                            struct error *err)
{
	DEFER(json) *root = NULL;
	const struct json *objects;
	DEFER(schema) *s = NULL;

	if (json_parse(&root, text, len, err) < 0)
		return -1;
	s = schema_new(json_get_str(root, "name", ""));
	s->family = strcmp(json_get_str(root, "family", "mariadb"), "mysql") == 0
	                    ? SERVER_MYSQL
	                    : SERVER_MARIADB;
	s->charset = text_of(s, root, "charset");
	s->collation = text_of(s, root, "collation");
	s->visible = (unsigned int)json_get_int(root, "visible", OBJECT_KINDS_ALL);
	s->lower_case_table_names = (int)json_get_int(root, "lower_case_table_names", 0);
	objects = json_get(root, "objects");
	for (size_t i = 0; i < json_count(objects); i++) {
		if (add_object(s, json_at(objects, i), err) < 0)
			return -1;
	}
	if (schema_finish(s, err) < 0)
		return -1;
	*out = take(s);
	return 0;
}

#endif
