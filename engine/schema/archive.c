/* SPDX-License-Identifier: MIT */
#include "engine/schema/archive.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/name.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"

#define FORMAT      1
#define OBJECTS_MAX 2000000

static const char *const families[] = {
	[SERVER_MARIADB] = "mariadb", [SERVER_MYSQL] = "mysql"
};

/* The text members of an object that its server's text does not say. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "sql_mode", offsetof(struct object, context.sql_mode) },
	{ "client_charset", offsetof(struct object, context.client_charset) },
	{ "connection_collation", offsetof(struct object, context.connection_collation) },
	{ "database_collation", offsetof(struct object, context.database_collation) },
	{ "time_zone", offsetof(struct object, context.time_zone) },
	{ "table", offsetof(struct object, table) },
	{ "timing", offsetof(struct object, timing) },
	{ "event", offsetof(struct object, event) },
	{ "problem", offsetof(struct object, problem) },
};

void archive_object_name(struct buf *out, const struct object *o)
{
	buf_addf(out, "objects/%s/", object_kind_info(o->kind)->folder);
	name_escape(out, o->name);
	buf_adds(out, ".sql");
}

static struct json *object_json(const struct object *o, size_t offset)
{
	struct json *j = json_object();

	json_set_str(j, "kind", object_kind_info(o->kind)->folder);
	json_set_str(j, "name", o->name);
	json_set_int(j, "offset", (int64_t)offset);
	json_set_int(j, "length", (int64_t)o->sql.n);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = *(const char *const *)((const char *)o + texts[i].offset);

		if (text)
			json_set_str(j, texts[i].key, text);
	}
	if (o->order)
		json_set_int(j, "order", o->order);
	if (o->auto_increment) {
		autobuf number = BUF_INIT;

		/* As text: JSON's readers agree on numbers only up to 2^53. */
		buf_addf(&number, "%llu", (unsigned long long)o->auto_increment);
		json_set_str(j, "auto_increment", number.data);
	}
	return j;
}

static struct json *schema_json(const struct schema *s)
{
	struct json *j = json_object();
	struct json *visible = json_array();

	json_set_int(j, "format", FORMAT);
	json_set_str(j, "database", s->name);
	json_set_str(j, "charset", s->charset);
	json_set_str(j, "collation", s->collation);
	json_set_str(j, "family", families[s->family]);
	json_set_str(j, "server_version", s->server_version);
	json_set_int(j, "version_number", s->version_number);
	json_set_int(j, "lower_case_table_names", s->lower_case_table_names);
	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (s->visible & OBJECT_KIND_BIT(kind))
			json_append(visible, json_str(object_kind_info(kind)->folder));
	}
	json_set(j, "visible", visible);
	return j;
}

/* The object files all in one, with where each begins: model.json comes before them. */
struct files {
	struct buf content;
	size_t *begins; /* count + 1 of them */
};

static void emit_files(struct files *f, struct arena *a, const struct schema *s,
                       struct json *model)
{
	struct json *objects = json_array();

	f->begins = arena_array(a, s->count + 1, sizeof(*f->begins));
	for (size_t i = 0; i < s->count; i++) {
		size_t begin = f->content.len;

		f->begins[i] = begin;
		json_append(objects,
		            object_json(&s->objects[i],
		                        emit_object(&f->content, &s->objects[i]) - begin));
	}
	f->begins[s->count] = f->content.len;
	json_set(model, "objects", objects);
}

int archive_write(const struct schema *s, archive_put_fn *put, void *arg, struct error *err)
{
	DEFER(arena) *a = arena_new();
	DEFER(json) *model = schema_json(s);
	autobuf content = BUF_INIT;
	autobuf text = BUF_INIT;
	struct files f = { .content = BUF_INIT };

	emit_files(&f, a, s, model);
	buf_move(&content, &f.content);
	json_write(&text, model, JSON_COMPACT);
	if (put(arg, ARCHIVE_MODEL, text.data, text.len, err) < 0)
		return -1;
	buf_truncate(&text, 0);
	emit_script(&text, s);
	if (put(arg, ARCHIVE_SCRIPT, text.data, text.len, err) < 0)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		autobuf name = BUF_INIT;

		archive_object_name(&name, &s->objects[i]);
		if (put(arg, name.data, content.data + f.begins[i],
		        f.begins[i + 1] - f.begins[i], err) < 0)
			return -1;
	}
	return 0;
}

static int get_all(archive_get_fn *get, void *arg, const char *name, struct buf *out,
                   struct error *err)
{
	int found = get(arg, name, out, err);

	if (found < 0)
		return -1;
	return found ? 0 : error_set(err, ERR_CORRUPT, "file %s is missing", name);
}

static int bad(struct error *err, const char *what)
{
	return error_set(err, ERR_CORRUPT, ARCHIVE_MODEL ": %s is missing or wrong", what);
}

static const char *copy_text(struct schema *s, const struct json *j, const char *key)
{
	return arena_strdup(s->arena, json_get_str(j, key, NULL));
}

static int read_auto_increment(struct object *o, const struct json *j, struct error *err)
{
	const char *text = json_get_str(j, "auto_increment", "0");
	uint64_t value = 0;

	for (const char *c = text; *c; c++) {
		uint64_t digit = (uint64_t)(*c - '0');

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return bad(err, "auto_increment");
		value = value * 10 + digit;
	}
	o->auto_increment = value;
	return 0;
}

struct source {
	archive_get_fn *get;
	void *arg;
};

static int read_object(struct schema *s, const struct json *j, const struct source *from,
                       struct error *err)
{
	struct object key = { .name = json_get_str(j, "name", NULL) };
	const char *folder = json_get_str(j, "kind", "");
	int64_t offset = json_get_int(j, "offset", -1);
	int64_t length = json_get_int(j, "length", -1);
	autobuf name = BUF_INIT;
	autobuf content = BUF_INIT;
	struct object *o;

	if (!key.name || !*key.name)
		return bad(err, "an object's name");
	if (!object_kind_from_folder(&key.kind, folder))
		return error_set(err, ERR_CORRUPT,
		                 ARCHIVE_MODEL ": unknown kind of object: %.40s", folder);
	archive_object_name(&name, &key);
	if (get_all(from->get, from->arg, name.data, &content, err) < 0)
		return -1;
	if (offset < 0 || length < 0 || (uint64_t)offset > content.len ||
	    (uint64_t)length > content.len - (uint64_t)offset)
		return error_set(err, ERR_CORRUPT,
		                 "%s: text at %lld, length %lld, in a file of %zu bytes",
		                 name.data, (long long)offset, (long long)length, content.len);
	o = schema_add(s, key.kind, key.name, content.data + offset, (size_t)length);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*(const char **)((char *)o + texts[i].offset) = copy_text(s, j, texts[i].key);
	o->order = (unsigned int)json_get_int(j, "order", 0);
	return read_auto_increment(o, j, err);
}

static int read_head(struct schema *s, const struct json *j, struct error *err)
{
	const struct json *visible = json_get(j, "visible");
	const char *family = json_get_str(j, "family", "");

	s->charset = copy_text(s, j, "charset");
	s->collation = copy_text(s, j, "collation");
	s->server_version = copy_text(s, j, "server_version");
	s->version_number = (unsigned int)json_get_int(j, "version_number", 0);
	s->lower_case_table_names = (int)json_get_int(j, "lower_case_table_names", 0);
	if (!s->charset || !s->collation || !s->server_version)
		return bad(err, "charset, collation or server_version");
	s->family = strcmp(family, families[SERVER_MYSQL]) == 0 ? SERVER_MYSQL : SERVER_MARIADB;
	if (strcmp(family, families[s->family]) != 0)
		return error_set(err, ERR_UNSUPPORTED,
		                 ARCHIVE_MODEL ": unknown server family: %.40s", family);
	for (size_t i = 0; i < json_count(visible); i++) {
		const char *folder = json_text(json_at(visible, i), NULL);
		enum object_kind kind;

		if (!folder || !object_kind_from_folder(&kind, folder))
			return bad(err, "visible");
		s->visible |= OBJECT_KIND_BIT(kind);
	}
	return 0;
}

static int read_model(struct json **out, archive_get_fn *get, void *arg, struct error *err)
{
	autobuf text = BUF_INIT;
	DEFER(json) *j = NULL;
	int64_t format;

	if (get_all(get, arg, ARCHIVE_MODEL, &text, err) < 0)
		return -1;
	if (json_parse(&j, text.data, text.len, err) < 0) {
		err->code = ERR_CORRUPT;
		return error_wrap(err, ARCHIVE_MODEL);
	}
	format = json_get_int(j, "format", 0);
	if (format != FORMAT)
		return error_set(err, ERR_UNSUPPORTED, ARCHIVE_MODEL ": format %lld, want %d",
		                 (long long)format, FORMAT);
	*out = take(j);
	return 0;
}

int archive_read(struct schema **out, archive_get_fn *get, void *arg, struct error *err)
{
	const struct source from = { .get = get, .arg = arg };
	DEFER(json) *model = NULL;
	DEFER(schema) *s = NULL;
	const struct json *objects;

	if (read_model(&model, get, arg, err) < 0)
		return -1;
	if (!json_get_str(model, "database", NULL))
		return bad(err, "database");
	s = schema_new(json_get_str(model, "database", NULL));
	if (read_head(s, model, err) < 0)
		return -1;
	objects = json_get(model, "objects");
	if (!json_is_array(objects) || json_count(objects) > OBJECTS_MAX)
		return bad(err, "objects");
	for (size_t i = 0; i < json_count(objects); i++) {
		if (read_object(s, json_at(objects, i), &from, err) < 0)
			return -1;
	}
	if (schema_finish(s, err) < 0) {
		err->code = ERR_CORRUPT;
		return error_wrap(err, ARCHIVE_MODEL);
	}
	*out = take(s);
	return 0;
}
