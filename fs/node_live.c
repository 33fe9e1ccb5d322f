/* SPDX-License-Identifier: MIT */
/* node_live: live: what the server has now. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/name.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"
#include "fs/content.h"
#include "fs/dirlist.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/live.h"
#include "fs/names.h"
#include "fs/node.h"

static const char *database_of(struct worker *w, struct node n)
{
	return names_first(w->fs->names, n.row);
}

/* Of a directory that shows the schema. */
static uint32_t ns_of(const struct snapshot *live)
{
	return (uint32_t)(hash_text(HASH_START, live->hash) % NODE_NS);
}

static int schema_of(struct snapshot **out, struct worker *w, struct node n, struct error *err)
{
	return live_schema(out, w->fs->live, database_of(w, n), err);
}

/* live: the server is not asked for the attributes, but a listing is good for its time only. */

static int live_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	DEFER(snapshot) *last = live_last_databases(w->fs->live);

	(void)n;
	(void)err;
	out->mtime = w->fs->started_at;
	out->mtime_ns = (uint32_t)(live_turn(w->fs->live) % NODE_NS);
	out->nlink = 2 + (uint32_t)(last ? last->count : 0);
	return 1;
}

static bool has_name(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->names[i], name) == 0)
			return true;
	return false;
}

/* The server's own databases are not listed, but may be looked at. */
static int database_is_there(struct worker *w, const char *database, struct error *err)
{
	DEFER(snapshot) *names = NULL;
	DEFER(snapshot) *schema = NULL;

	if (live_databases(&names, w->fs->live, err) < 0)
		return -1;
	if (has_name(names, database))
		return 1;
	return live_schema(&schema, w->fs->live, database, err);
}

static int live_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                       struct error *err)
{
	autobuf database = BUF_INIT;
	int found;

	(void)n;
	if (filename_read(&database, name) != FILENAME_WHOLE || database.len == 0)
		return 0;
	found = database_is_there(w, database.data, err);
	if (found > 0)
		*child = group_name_node(w, NODE_LIVE_DATABASE, database.data, NULL, 0);
	return found;
}

static int live_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	DEFER(snapshot) *names = NULL;

	(void)n;
	if (live_databases(&names, w->fs->live, err) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		const char *database = names->names[i];
		autobuf name = BUF_INIT;

		filename_add(&name, database);
		dirlist_add_plain(out, name.data,
		                  group_name_node(w, NODE_LIVE_DATABASE, database, NULL, 0),
		                  node_ino(NODE_LIVE_DATABASE, database, NULL, 0));
	}
	return 1;
}

/* live/DB */

static int live_database_attr(struct worker *w, struct node n, struct node_attr *out,
                              struct error *err)
{
	out->mtime = w->fs->started_at;
	out->nlink = 3; /* one for objects */
	return database_is_there(w, database_of(w, n), err);
}

/* live/DB/schema.sql */

static int live_script_version(struct worker *w, struct node n, uint32_t *sub,
                               struct error *err)
{
	DEFER(snapshot) *live = NULL;
	int found = schema_of(&live, w, n, err);

	if (found > 0)
		*sub = (uint32_t)hash_text(HASH_START, live->hash) % NODE_SUB_MAX;
	return found;
}

static int live_script_open(struct worker *w, struct node n, struct content **out,
                            struct error *err)
{
	DEFER(snapshot) *live = NULL;
	autobuf text = BUF_INIT;
	int found = schema_of(&live, w, n, err);

	if (found <= 0)
		return found;
	emit_script(&text, live->schema);
	*out = content_new(&text);
	return 1;
}

static int live_script_attr(struct worker *w, struct node n, struct node_attr *out,
                            struct error *err)
{
	DEFER(snapshot) *live = NULL;
	autobuf text = BUF_INIT;
	int found = schema_of(&live, w, n, err);

	if (found <= 0)
		return found;
	emit_script(&text, live->schema);
	out->size = text.len;
	out->mtime = live->since;
	return 1;
}

/* live/DB/objects */

static bool has_kind(const struct snapshot *live, int kind)
{
	size_t count;

	schema_of_kind(live->schema, (enum object_kind)kind, &count);
	return count > 0;
}

static int live_objects_attr(struct worker *w, struct node n, struct node_attr *out,
                             struct error *err)
{
	DEFER(snapshot) *live = NULL;
	int found = schema_of(&live, w, n, err);

	if (found <= 0)
		return found;
	out->mtime = live->since;
	out->mtime_ns = ns_of(live);
	out->nlink = 2;
	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
		out->nlink += has_kind(live, kind);
	return 1;
}

static int live_objects_lookup(struct worker *w, struct node n, const char *name,
                               struct node *child, struct error *err)
{
	DEFER(snapshot) *live = NULL;
	enum object_kind kind;
	int found;

	if (!object_kind_from_folder(&kind, name))
		return 0;
	found = schema_of(&live, w, n, err);
	if (found <= 0 || !has_kind(live, (int)kind))
		return found < 0 ? -1 : 0;
	*child = group_name_node(w, NODE_LIVE_KIND, database_of(w, n), NULL, kind);
	return 1;
}

static int live_objects_list(struct worker *w, struct node n, struct dirlist *out,
                             struct error *err)
{
	DEFER(snapshot) *live = NULL;
	const char *database = database_of(w, n);
	int found = schema_of(&live, w, n, err);

	for (uint32_t kind = 0; found > 0 && kind < OBJECT_KIND_COUNT; kind++) {
		if (!has_kind(live, (int)kind))
			continue;
		dirlist_add_plain(out, object_kind_info((enum object_kind)kind)->folder,
		                  group_name_node(w, NODE_LIVE_KIND, database, NULL, kind),
		                  node_ino(NODE_LIVE_KIND, database, NULL, kind));
	}
	return found;
}

/* live/DB/objects/KIND */

static int live_kind_attr(struct worker *w, struct node n, struct node_attr *out,
                          struct error *err)
{
	DEFER(snapshot) *live = NULL;
	int found = n.sub < OBJECT_KIND_COUNT ? schema_of(&live, w, n, err) : 0;

	if (found <= 0 || !has_kind(live, (int)n.sub))
		return found < 0 ? -1 : 0;
	out->mtime = live->since;
	out->mtime_ns = ns_of(live);
	out->nlink = 2;
	return 1;
}

/* "orders.sql": the object's name. False when it is not a name of ours. */
static bool read_object_name(struct buf *out, const char *name)
{
	struct str file = str_of(name);
	autobuf stem = BUF_INIT;

	if (!str_has_suffix(file, ".sql"))
		return false;
	buf_add(&stem, name, file.n - strlen(".sql"));
	return name_unescape(out, stem.data);
}

/* The kind, and above it the hash of what the file holds now. */
static uint32_t sub_of(const struct object *o)
{
	autobuf text = BUF_INIT;

	emit_object(&text, o);
	return (uint32_t)(hash_bytes(HASH_START, text.data, text.len) << NODE_OBJECT_KIND_BITS |
	                  o->kind) %
	       NODE_SUB_MAX;
}

static int live_kind_lookup(struct worker *w, struct node n, const char *name,
                            struct node *child, struct error *err)
{
	DEFER(snapshot) *live = NULL;
	autobuf object = BUF_INIT;
	const struct object *o;
	int found;

	if (n.sub >= OBJECT_KIND_COUNT || !read_object_name(&object, name))
		return 0;
	found = schema_of(&live, w, n, err);
	if (found <= 0)
		return found;
	o = schema_find(live->schema, (enum object_kind)n.sub, object.data);
	if (!o)
		return 0;
	*child =
		group_name_node(w, NODE_LIVE_OBJECT, database_of(w, n), object.data, sub_of(o));
	return 1;
}

static int live_kind_list(struct worker *w, struct node n, struct dirlist *out,
                          struct error *err)
{
	DEFER(snapshot) *live = NULL;
	const char *database = database_of(w, n);
	const struct object *objects;
	size_t count;
	int found = n.sub < OBJECT_KIND_COUNT ? schema_of(&live, w, n, err) : 0;

	if (found <= 0)
		return found;
	objects = schema_of_kind(live->schema, (enum object_kind)n.sub, &count);
	for (size_t i = 0; i < count; i++) {
		const char *object = objects[i].name;
		autobuf name = BUF_INIT;

		name_escape(&name, object);
		buf_adds(&name, ".sql");
		dirlist_add_plain(out, name.data,
		                  group_name_node(w, NODE_LIVE_OBJECT, database, object, n.sub),
		                  node_ino(NODE_LIVE_OBJECT, database, object, n.sub));
	}
	return 1;
}

/* live/DB/objects/KIND/NAME.sql */

static int object_of(const struct object **out, struct snapshot **live, struct worker *w,
                     struct node n, struct error *err)
{
	const uint32_t kind = n.sub % (1U << NODE_OBJECT_KIND_BITS);
	int found = kind < OBJECT_KIND_COUNT ? schema_of(live, w, n, err) : 0;

	if (found <= 0)
		return found;
	*out = schema_find((*live)->schema, (enum object_kind)kind,
	                   names_second(w->fs->names, n.row));
	return *out != NULL;
}

static int live_object_version(struct worker *w, struct node n, uint32_t *sub,
                               struct error *err)
{
	DEFER(snapshot) *live = NULL;
	const struct object *o;
	int found = object_of(&o, &live, w, n, err);

	if (found > 0)
		*sub = sub_of(o);
	return found;
}

static int render_object(struct buf *out, int64_t *since, struct worker *w, struct node n,
                         struct error *err)
{
	DEFER(snapshot) *live = NULL;
	const struct object *o;
	int found = object_of(&o, &live, w, n, err);

	if (found <= 0)
		return found;
	emit_object(out, o);
	*since = live->since;
	return 1;
}

static int live_object_attr(struct worker *w, struct node n, struct node_attr *out,
                            struct error *err)
{
	autobuf text = BUF_INIT;
	int found = render_object(&text, &out->mtime, w, n, err);

	out->size = text.len;
	return found;
}

static int live_object_open(struct worker *w, struct node n, struct content **out,
                            struct error *err)
{
	autobuf text = BUF_INIT;
	int64_t since;
	int found = render_object(&text, &since, w, n, err);

	if (found > 0)
		*out = content_new(&text);
	return found;
}

const struct node_ops node_live_ops = {
	.attr = live_attr,
	.lookup = live_lookup,
	.list = live_list,
};
const struct node_ops node_live_database_ops = { .attr = live_database_attr };
const struct node_ops node_live_script_ops = {
	.attr = live_script_attr,
	.version = live_script_version,
	.open = live_script_open,
};
const struct node_ops node_live_objects_ops = {
	.attr = live_objects_attr,
	.lookup = live_objects_lookup,
	.list = live_objects_list,
};
const struct node_ops node_live_kind_ops = {
	.attr = live_kind_attr,
	.lookup = live_kind_lookup,
	.list = live_kind_list,
};
const struct node_ops node_live_object_ops = {
	.attr = live_object_attr,
	.version = live_object_version,
	.open = live_object_open,
};
