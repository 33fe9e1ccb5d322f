/* SPDX-License-Identifier: MIT */
#include "engine/schema/archive.h"

#include <limits.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/name.h"
#include "engine/base/number.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"

#define FORMAT 1

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
	error_set(err, ERR_CORRUPT, ARCHIVE_MODEL ": %s is missing or wrong", what);
	return -1;
}

/* A text that may be missing: NULL then. */
static int read_text(const char **out, struct schema *s, const struct json *j, const char *key,
                     struct error *err)
{
	const struct json *value = json_get(j, key);
	size_t len = 0;
	const char *text = json_text(value, &len);

	if (value && (!text || strlen(text) != len))
		return bad(err, key);
	*out = value ? arena_strdup(s->arena, text) : NULL;
	return 0;
}

static int need_text(const char **out, struct schema *s, const struct json *j, const char *key,
                     struct error *err)
{
	if (read_text(out, s, j, key, err) < 0)
		return -1;
	return *out ? 0 : bad(err, key);
}

/* A number from 0 to max; a missing one is 0. */
static int read_number(uint64_t *out, const struct json *j, const char *key, int64_t max,
                       struct error *err)
{
	const struct json *value = json_get(j, key);
	int64_t number = json_int_value(value, value ? -1 : 0);

	if (number < 0 || number > max)
		return bad(err, key);
	*out = (uint64_t)number;
	return 0;
}

static int read_auto_increment(struct object *o, struct schema *s, const struct json *j,
                               struct error *err)
{
	struct error why = ERROR_INIT;
	const char *text;

	if (read_text(&text, s, j, "auto_increment", err) < 0)
		return -1;
	if (text && number_parse_u64(&o->auto_increment, text, UINT64_MAX, &why) < 0)
		return bad(err, "auto_increment");
	return 0;
}

/* What the server's text does not say. */
static int read_attributes(struct object *o, struct schema *s, const struct json *j,
                           struct error *err)
{
	uint64_t order;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (read_text((const char **)((char *)o + texts[i].offset), s, j, texts[i].key,
		              err) < 0)
			return -1;
	}
	if (read_number(&order, j, "order", UINT_MAX, err) < 0)
		return -1;
	o->order = (unsigned int)order;
	return read_auto_increment(o, s, j, err);
}

/* The object's text out of its file. */
static int read_sql(struct str *out, const struct json *j, const char *file,
                    const struct buf *content, struct error *err)
{
	uint64_t offset;
	uint64_t length;

	if (read_number(&offset, j, "offset", INT64_MAX, err) < 0 ||
	    read_number(&length, j, "length", INT64_MAX, err) < 0)
		return error_wrap(err, "%s", file);
	if (offset > content->len || length > content->len - offset)
		return error_set(err, ERR_CORRUPT,
		                 "%s: want %ju bytes at %ju, got a file of %zu bytes", file,
		                 (uintmax_t)length, (uintmax_t)offset, content->len);
	*out = (struct str){ content->data + offset, (size_t)length };
	return 0;
}

struct source {
	archive_get_fn *get;
	void *arg;
	bool rest; /* what is missing is left out */
};

static int read_object(struct schema *s, const struct json *j, const struct source *from,
                       struct error *err)
{
	struct object key = { 0 };
	const char *folder;
	autobuf file = BUF_INIT;
	autobuf content = BUF_INIT;
	struct str sql = { 0 };
	int found;

	if (need_text(&key.name, s, j, "name", err) < 0 ||
	    need_text(&folder, s, j, "kind", err) < 0)
		return -1;
	if (!*key.name)
		return bad(err, "an object's name");
	if (!object_kind_from_folder(&key.kind, folder))
		return error_set(err, ERR_CORRUPT,
		                 ARCHIVE_MODEL ": unknown kind of object: %.40s", folder);
	archive_object_name(&file, &key);
	found = from->get(from->arg, file.data, &content, err);
	if (found == 0 && from->rest)
		return 0;
	if (found == 0)
		error_set(err, ERR_CORRUPT, "file %s is missing", file.data);
	if (found <= 0 || read_sql(&sql, j, file.data, &content, err) < 0)
		return -1;
	return read_attributes(schema_add(s, key.kind, key.name, sql.p, sql.n), s, j, err);
}

static int read_family(struct schema *s, const struct json *j, struct error *err)
{
	const char *family;

	if (need_text(&family, s, j, "family", err) < 0)
		return -1;
	for (unsigned int i = 0; i < ARRAY_SIZE(families); i++) {
		if (strcmp(families[i], family) == 0) {
			s->family = (enum server_family)i;
			return 0;
		}
	}
	return error_set(err, ERR_UNSUPPORTED, ARCHIVE_MODEL ": unknown server family: %.40s",
	                 family);
}

static int read_visible(struct schema *s, const struct json *j, struct error *err)
{
	const struct json *visible = json_get(j, "visible");

	if (!json_is_array(visible))
		return bad(err, "visible");
	for (size_t i = 0; i < json_count(visible); i++) {
		const char *folder = json_text(json_at(visible, i), NULL);
		enum object_kind kind;

		if (!folder || !object_kind_from_folder(&kind, folder))
			return bad(err, "visible");
		s->visible |= OBJECT_KIND_BIT(kind);
	}
	return 0;
}

static int read_head(struct schema *s, const struct json *j, struct error *err)
{
	uint64_t version;
	uint64_t case_rule;

	if (need_text(&s->name, s, j, "database", err) < 0 ||
	    need_text(&s->charset, s, j, "charset", err) < 0 ||
	    need_text(&s->collation, s, j, "collation", err) < 0 ||
	    need_text(&s->server_version, s, j, "server_version", err) < 0 ||
	    read_number(&version, j, "version_number", UINT_MAX, err) < 0 ||
	    read_number(&case_rule, j, "lower_case_table_names", 2, err) < 0)
		return -1;
	s->version_number = (unsigned int)version;
	s->lower_case_table_names = (int)case_rule;
	return read_family(s, j, err) < 0 ? -1 : read_visible(s, j, err);
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
	if (format <= 0)
		return bad(err, "format");
	if (format != FORMAT)
		return error_set(err, ERR_UNSUPPORTED, ARCHIVE_MODEL ": format %lld, want %d",
		                 (long long)format, FORMAT);
	*out = take(j);
	return 0;
}

static int read_schema(struct schema **out, const struct source *from, struct error *err)
{
	DEFER(json) *model = NULL;
	DEFER(schema) *s = schema_new("");
	const struct json *objects;

	if (read_model(&model, from->get, from->arg, err) < 0 || read_head(s, model, err) < 0)
		return -1;
	objects = json_get(model, "objects");
	if (!json_is_array(objects))
		return bad(err, "objects");
	for (size_t i = 0; i < json_count(objects); i++) {
		if (read_object(s, json_at(objects, i), from, err) < 0)
			return -1;
	}
	if (schema_finish(s, err) < 0) {
		err->code = ERR_CORRUPT;
		return error_wrap(err, ARCHIVE_MODEL);
	}
	*out = take(s);
	return 0;
}

int archive_read(struct schema **out, archive_get_fn *get, void *arg, struct error *err)
{
	const struct source from = { .get = get, .arg = arg };

	return read_schema(out, &from, err);
}

int archive_read_rest(struct schema **out, archive_get_fn *get, void *arg, struct error *err)
{
	const struct source from = { .get = get, .arg = arg, .rest = true };

	return read_schema(out, &from, err);
}

int archive_each_problem(archive_get_fn *get, void *get_arg, archive_problem_fn *fn, void *arg,
                         struct error *err)
{
	DEFER(json) *model = NULL;
	const struct json *objects;

	if (read_model(&model, get, get_arg, err) < 0)
		return -1;
	objects = json_get(model, "objects");
	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *o = json_at(objects, i);
		const char *problem = json_get_str(o, "problem", NULL);
		enum object_kind kind;
		autobuf text = BUF_INIT;

		if (!problem || !object_kind_from_folder(&kind, json_get_str(o, "kind", "")))
			continue;
		buf_addf(&text, "%s %s: %s", object_kind_info(kind)->word,
		         json_get_str(o, "name", ""), problem);
		fn(arg, text.data);
	}
	return 0;
}
