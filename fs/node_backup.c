/* SPDX-License-Identifier: MIT */
/* node_backup: a backup's directory, its files and its objects. */
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/repo/reader.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"
#include "fs/cache.h"
#include "fs/content.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/node.h"
#include "fs/plan.h"
#include "fs/shelf.h"

#define OBJECTS "objects/"

/* Stored files */

struct reading {
	struct worker *w;
	const struct backup *backup;
	const struct backup_file *file;
};

/* The worker keeps the reader it used last: files are read one after another. */
static int reader_for(struct reader **out, struct worker *w, const struct backup *b,
                      struct error *err)
{
	if (w->reader && w->reader_row == b->row) {
		*out = w->reader;
		return 0;
	}
	reader_close(take(w->reader));
	if (reader_open_known(&w->reader, w->repo, b, err) < 0)
		return -1;
	w->reader_row = b->row;
	*out = w->reader;
	return 0;
}

static int read_verified(struct buf *out, const struct reading *r, struct error *err)
{
	struct reader *reader;
	int found;

	if (reader_for(&reader, r->w, r->backup, err) < 0)
		return -1;
	found = reader_file(reader, r->file->name, out, err);
	if (found == 0)
		return error_set(err, ERR_CORRUPT, "the catalog has it, the backup does not");
	if (found > 0 && out->len != r->file->size)
		return error_set(err, ERR_CORRUPT, "want %llu bytes, got %zu",
		                 (unsigned long long)r->file->size, out->len);
	return found;
}

static int make_file(void *arg, struct buf *out, struct error *err)
{
	const struct reading *r = arg;

	if (read_verified(out, r, err) >= 0)
		return 0;
	/* It may have changed in the store since: do not trust what was read of it. */
	reader_close(take(r->w->reader));
	error_wrap(err, "%s", r->file->name);
	return error_wrap(err, "backup %s", r->backup->id);
}

/* file NULL: there is none. */
static int open_stored(struct worker *w, const struct card *card,
                       const struct backup_file *file, struct content **out, struct error *err)
{
	struct reading r = { .w = w, .backup = card->backup, .file = file };
	autobuf key = BUF_INIT;

	if (!file)
		return 0;
	buf_addf(&key, "%s/%s", card->backup->id, file->name);
	return cache_get(out, w->fs->files, key.data, make_file, &r, err) < 0 ? -1 : 1;
}

static int stored_at_hand(struct worker *w, const struct card *card,
                          const struct backup_file *file, struct content **out)
{
	autobuf key = BUF_INIT;

	if (!file)
		return 0;
	buf_addf(&key, "%s/%s", card->backup->id, file->name);
	*out = cache_peek(w->fs->files, key.data);
	return *out != NULL;
}

/* The directory */

static int backup_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0) {
		out->mtime = card->backup->created_at;
		out->nlink = 3; /* one for objects */
	}
	return found;
}

static int tag_xattrs(const struct backup *b, node_xattr_fn *fn, void *arg, struct error *err)
{
	for (size_t i = 0; i < b->tag_count; i++) {
		autobuf name = BUF_INIT;

		buf_addf(&name, "user.schemafs.tag.%s", b->tags[i].key);
		if (name.len > XATTR_NAME_MAX)
			continue;
		if (fn(arg, name.data, b->tags[i].value, err) < 0)
			return -1;
	}
	return 1;
}

static int backup_xattrs(struct worker *w, struct node n, node_xattr_fn *fn, void *arg,
                         struct error *err)
{
	DEFER(card) *card = NULL;
	const struct backup *b;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	b = card->backup;
	if (fn(arg, "user.schemafs.id", b->id, err) < 0 ||
	    fn(arg, "user.schemafs.database", b->database, err) < 0 ||
	    fn(arg, "user.schemafs.checksum", b->checksum, err) < 0 ||
	    fn(arg, "user.schemafs.status", backup_status_name(b->status), err) < 0 ||
	    fn(arg, "user.schemafs.description", b->description, err) < 0)
		return -1;
	return tag_xattrs(b, fn, arg, err);
}

/* schema.sql */

static int stored_attr(const struct card *card, const struct backup_file *file,
                       struct node_attr *out)
{
	if (!file)
		return 0;
	out->size = file->size;
	out->mtime = card->backup->created_at;
	return 1;
}

static int script_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	return found > 0 ? stored_attr(card, card_file(card, ARCHIVE_SCRIPT), out) : found;
}

static int script_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	return open_stored(w, card, card_file(card, ARCHIVE_SCRIPT), out, err);
}

static int script_at_hand(struct worker *w, struct node n, struct content **out,
                          struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	return stored_at_hand(w, card, card_file(card, ARCHIVE_SCRIPT), out);
}

/* metadata.json */

static int metadata_version(struct worker *w, struct node n, uint32_t *sub, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0)
		*sub = (uint32_t)hash_bytes(HASH_START, card->metadata->data,
		                            card->metadata->len) %
		       NODE_SUB_MAX;
	return found;
}

static int metadata_attr(struct worker *w, struct node n, struct node_attr *out,
                         struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0) {
		out->size = card->metadata->len;
		out->mtime = card->backup->created_at;
	}
	return found;
}

static int metadata_open(struct worker *w, struct node n, struct content **out,
                         struct error *err)
{
	DEFER(card) *card = NULL;
	autobuf text = BUF_INIT;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	buf_add(&text, card->metadata->data, card->metadata->len);
	*out = content_new(&text);
	return 1;
}

/* plan.sql */

static int plan_sql_version(struct worker *w, struct node n, uint32_t *sub, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0)
		*sub = (uint32_t)plan_version(w, card->backup) % NODE_SUB_MAX;
	return found;
}

static int plan_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	out->mtime = card->backup->created_at;
	return plan_length(&out->size, w, card->backup, err) < 0 ? -1 : 1;
}

static int plan_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	return plan_text(out, w, card->backup, err) < 0 ? -1 : 1;
}

/* objects */

/* The files of a kind: from the first to before the end. */
struct range {
	char prefix[64]; /* "objects/tables/" */
	size_t first, end;
};

static void range_of(struct range *r, const struct card *card, uint32_t kind)
{
	size_t len;

	snprintf(r->prefix, sizeof(r->prefix), OBJECTS "%s/",
	         object_kind_info((enum object_kind)kind)->folder);
	len = strlen(r->prefix);
	r->first = card_seek(card, r->prefix);
	r->prefix[len - 1]++; /* '0' is behind '/', and all below the folder is between */
	r->end = card_seek(card, r->prefix);
	r->prefix[len - 1]--;
}

static bool has_kind(struct range *r, const struct card *card, uint32_t kind)
{
	range_of(r, card, kind);
	return r->first < r->end;
}

static int objects_attr(struct worker *w, struct node n, struct node_attr *out,
                        struct error *err)
{
	DEFER(card) *card = NULL;
	struct range r;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	out->mtime = card->backup->created_at;
	out->nlink = 2;
	for (uint32_t kind = 0; kind < OBJECT_KIND_COUNT; kind++)
		out->nlink += has_kind(&r, card, kind);
	return 1;
}

static int objects_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                          struct error *err)
{
	DEFER(card) *card = NULL;
	enum object_kind kind;
	struct range r;
	int found;

	if (!object_kind_from_folder(&kind, name))
		return 0;
	found = group_card(&card, w, n.row, err);
	if (found <= 0 || !has_kind(&r, card, kind))
		return found < 0 ? -1 : 0;
	*child = group_row_node(w, NODE_OBJECT_KIND, n.row);
	child->sub = kind;
	return 1;
}

static int objects_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	DEFER(card) *card = NULL;
	struct range r;
	int found = group_card(&card, w, n.row, err);

	for (uint32_t kind = 0; found > 0 && kind < OBJECT_KIND_COUNT; kind++) {
		struct node child = group_row_node(w, NODE_OBJECT_KIND, n.row);
		const struct node_attr attr = {
			.ino = node_ino(NODE_OBJECT_KIND, card->backup->id, NULL, kind),
			.mtime = card->backup->created_at,
			.nlink = 2,
		};

		child.sub = kind;
		if (has_kind(&r, card, kind))
			dirlist_add(out, object_kind_info((enum object_kind)kind)->folder,
			            child, &attr);
	}
	return found;
}

/* objects/KIND */

static int object_kind_attr(struct worker *w, struct node n, struct node_attr *out,
                            struct error *err)
{
	DEFER(card) *card = NULL;
	struct range r;
	int found = n.sub < OBJECT_KIND_COUNT ? group_card(&card, w, n.row, err) : 0;

	if (found <= 0 || !has_kind(&r, card, n.sub))
		return found < 0 ? -1 : 0;
	out->mtime = card->backup->created_at;
	out->nlink = 2;
	return 1;
}

static struct node object_node(const struct worker *w, int64_t row, size_t index)
{
	struct node n = group_row_node(w, NODE_OBJECT, row);

	n.sub = (uint32_t)index;
	return n;
}

static int object_kind_lookup(struct worker *w, struct node n, const char *name,
                              struct node *child, struct error *err)
{
	DEFER(card) *card = NULL;
	autobuf path = BUF_INIT;
	const struct backup_file *file;
	struct range r;
	int found = n.sub < OBJECT_KIND_COUNT ? group_card(&card, w, n.row, err) : 0;

	if (found <= 0)
		return found;
	range_of(&r, card, n.sub);
	buf_addf(&path, "%s%s", r.prefix, name);
	file = card_file(card, path.data);
	if (!file || (size_t)(file - card->backup->files) >= NODE_SUB_MAX)
		return 0;
	*child = object_node(w, n.row, (size_t)(file - card->backup->files));
	return 1;
}

static int object_kind_list(struct worker *w, struct node n, struct dirlist *out,
                            struct error *err)
{
	DEFER(card) *card = NULL;
	struct range r;
	const struct backup *b;
	int found = n.sub < OBJECT_KIND_COUNT ? group_card(&card, w, n.row, err) : 0;

	if (found <= 0)
		return found;
	b = card->backup;
	range_of(&r, card, n.sub);
	for (size_t i = r.first; i < r.end && i < NODE_SUB_MAX; i++) {
		const struct node_attr attr = {
			.ino = node_ino(NODE_OBJECT, b->id, NULL, (uint32_t)i),
			.size = b->files[i].size,
			.mtime = b->created_at,
			.nlink = 1,
		};

		dirlist_add(out, b->files[i].name + strlen(r.prefix), object_node(w, n.row, i),
		            &attr);
	}
	return 1;
}

/* objects/KIND/NAME.sql */

static const struct backup_file *object_file(const struct card *card, struct node n)
{
	return n.sub < card->backup->file_count ? &card->backup->files[n.sub] : NULL;
}

static int object_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	return found > 0 ? stored_attr(card, object_file(card, n), out) : found;
}

static int object_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	return found > 0 ? open_stored(w, card, object_file(card, n), out, err) : found;
}

static int object_at_hand(struct worker *w, struct node n, struct content **out,
                          struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	return found > 0 ? stored_at_hand(w, card, object_file(card, n), out) : found;
}

static bool plan_sql_promise(struct worker *w, struct node n)
{
	struct error err = ERROR_INIT;
	DEFER(card) *card = NULL;
	bool promised = group_card(&card, w, n.row, &err) > 0 && plan_promise(w, card->backup);

	error_clear(&err);
	return promised;
}

const struct node_ops node_backup_ops = { .attr = backup_attr, .xattrs = backup_xattrs };
const struct node_ops node_script_ops = {
	.attr = script_attr,
	.open = script_open,
	.at_hand = script_at_hand,
};
const struct node_ops node_metadata_ops = {
	.attr = metadata_attr,
	.version = metadata_version,
	.open = metadata_open,
	.at_hand = metadata_open,
};
const struct node_ops node_plan_ops = {
	.attr = plan_attr,
	.version = plan_sql_version,
	.open = plan_open,
	.promise = plan_sql_promise,
};
const struct node_ops node_objects_ops = {
	.attr = objects_attr,
	.lookup = objects_lookup,
	.list = objects_list,
};
const struct node_ops node_object_kind_ops = {
	.attr = object_kind_attr,
	.lookup = object_kind_lookup,
	.list = object_kind_list,
};
const struct node_ops node_object_ops = {
	.attr = object_attr,
	.open = object_open,
	.at_hand = object_at_hand,
};
