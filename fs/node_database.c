/* SPDX-License-Identifier: MIT */
/* node_database: by-database, a database, its latest backup, its days. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "fs/census.h"
#include "fs/day.h"
#include "fs/dirlist.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/names.h"
#include "fs/node.h"
#include "fs/shelf.h"

/* What a listing is made with. */
struct listing {
	struct worker *w;
	struct dirlist *out;
	const char *database;
};

static const char *database_of(struct worker *w, struct node n)
{
	return names_first(w->fs->names, n.row);
}

/* by-database */

static const struct census_dir databases_dir = { .kind = NODE_DATABASES };

static int databases_attr(struct worker *w, struct node n, struct node_attr *out,
                          struct error *err)
{
	const struct group all = { .on_day = false };

	(void)n;
	return group_attr(w, &all, &databases_dir, out, err);
}

static int attr_of_database(struct worker *w, const char *database, struct node_attr *out,
                            struct error *err)
{
	const struct group g = { .database = database };
	const struct census_dir dir = { .kind = NODE_DATABASE, .a = database };

	return group_attr(w, &g, &dir, out, err);
}

static int databases_lookup(struct worker *w, struct node n, const char *name,
                            struct node *child, struct error *err)
{
	autofree char *database = NULL;
	struct node_attr attr;
	int found = group_text_named(w, GROUP_DATABASES, NULL, name, &database, err);

	(void)n;
	if (found > 0)
		found = attr_of_database(w, database, &attr, err);
	if (found > 0)
		*child = group_name_node(w, NODE_DATABASE, database, NULL, 0);
	return found;
}

static int list_database(void *arg, const char *database, struct error *err)
{
	struct listing *l = arg;
	autobuf name = BUF_INIT;
	struct node_attr attr;
	int found = attr_of_database(l->w, database, &attr, err);

	if (found <= 0)
		return found;
	filename_add(&name, database);
	dirlist_add(l->out, name.data, group_name_node(l->w, NODE_DATABASE, database, NULL, 0),
	            &attr);
	return 0;
}

static int databases_list(struct worker *w, struct node n, struct dirlist *out,
                          struct error *err)
{
	struct listing l = { .w = w, .out = out };

	(void)n;
	return group_texts(w, GROUP_DATABASES, NULL, list_database, &l, err) < 0 ? -1 : 1;
}

/* by-database/DB */

static int database_attr(struct worker *w, struct node n, struct node_attr *out,
                         struct error *err)
{
	return attr_of_database(w, database_of(w, n), out, err);
}

static int attr_of_day(struct worker *w, const char *database, int32_t day,
                       struct node_attr *out, struct error *err)
{
	const struct group g = { .database = database, .on_day = true, .day = day };
	const struct census_dir dir = { .kind = NODE_DAY, .a = database, .day = day };

	return group_attr(w, &g, &dir, out, err);
}

static int database_lookup(struct worker *w, struct node n, const char *name,
                           struct node *child, struct error *err)
{
	const char *database = database_of(w, n);
	struct node_attr attr;
	int32_t day;
	int found;

	if (!day_parse(&day, name))
		return 0;
	found = attr_of_day(w, database, day, &attr, err);
	if (found > 0)
		*child = group_name_node(w, NODE_DAY, database, NULL, (uint32_t)day);
	return found;
}

static int list_day(void *arg, int32_t day, int64_t newest, struct error *err)
{
	struct listing *l = arg;
	const struct census_dir dir = { .kind = NODE_DAY, .a = l->database, .day = day };
	const struct node_attr attr = {
		.ino = node_ino(NODE_DAY, l->database, NULL, (uint32_t)day),
		.mtime = newest,
		.nlink = 2 + (uint32_t)census_children(l->w->fs->census, &dir),
	};
	char name[DAY_TEXT_MAX];

	(void)err;
	day_format(name, day);
	dirlist_add(l->out, name,
	            group_name_node(l->w, NODE_DAY, l->database, NULL, (uint32_t)day), &attr);
	return 0;
}

static int database_list(struct worker *w, struct node n, struct dirlist *out,
                         struct error *err)
{
	struct listing l = { .w = w, .out = out, .database = database_of(w, n) };
	const struct group g = { .database = l.database };

	return group_days(w, &g, list_day, &l, err) < 0 ? -1 : 1;
}

/* by-database/DB/latest */

struct latest {
	struct buf target;
	int64_t created_at;
};

/* Caller finishes the target. 1, 0 no completed backup, -1. */
static int find_latest(struct latest *l, struct worker *w, struct node n, struct error *err)
{
	DEFER(backup) *b = NULL;
	char date[DAY_TEXT_MAX];
	int found;

	*l = (struct latest){ .target = BUF_INIT };
	found = catalog_backup_latest(w->catalog, database_of(w, n), 0, &b, err);
	if (found <= 0)
		return found;
	day_format(date, day_of(b->created_at, w->fs->zone));
	buf_addf(&l->target, "%s/%s", date, b->id);
	l->created_at = b->created_at;
	return 1;
}

static int latest_version(struct worker *w, struct node n, uint32_t *sub, struct error *err)
{
	struct latest l;
	int found = find_latest(&l, w, n, err);

	*sub = (uint32_t)hash_text(HASH_START, l.target.data) % NODE_SUB_MAX;
	buf_finish(&l.target);
	return found;
}

static int latest_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	struct latest l;
	int found = find_latest(&l, w, n, err);

	out->size = l.target.len;
	out->mtime = l.created_at;
	buf_finish(&l.target);
	return found;
}

static int latest_target(struct worker *w, struct node n, struct buf *out, struct error *err)
{
	struct latest l;
	int found = find_latest(&l, w, n, err);

	buf_add(out, l.target.data, l.target.len);
	buf_finish(&l.target);
	return found;
}

/* by-database/DB/DATE */

static int day_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	return attr_of_day(w, database_of(w, n), (int32_t)n.sub, out, err);
}

static int day_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                      struct error *err)
{
	DEFER(card) *card = NULL;
	const struct backup *b;
	int found = group_card_named(&card, w, name, err);

	if (found <= 0)
		return found;
	b = card->backup;
	if (strcmp(b->database, database_of(w, n)) != 0 ||
	    day_of(b->created_at, w->fs->zone) != (int32_t)n.sub)
		return 0;
	*child = group_row_node(w, NODE_BACKUP, b->row);
	return 1;
}

static int list_backup(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;
	const struct node_attr attr = {
		.ino = node_ino(NODE_BACKUP, b->id, NULL, 0),
		.mtime = b->created_at,
		.nlink = 3, /* one for objects */
	};

	(void)err;
	dirlist_add(l->out, b->id, group_row_node(l->w, NODE_BACKUP, b->row), &attr);
	return 0;
}

static int day_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group g = {
		.database = database_of(w, n),
		.on_day = true,
		.day = (int32_t)n.sub,
	};

	return group_each(w, &g, list_backup, &l, err) < 0 ? -1 : 1;
}

const struct node_ops node_databases_ops = {
	.attr = databases_attr,
	.lookup = databases_lookup,
	.list = databases_list,
};
const struct node_ops node_database_ops = {
	.attr = database_attr,
	.lookup = database_lookup,
	.list = database_list,
};
const struct node_ops node_latest_ops = {
	.attr = latest_attr,
	.version = latest_version,
	.target = latest_target,
};
const struct node_ops node_day_ops = {
	.attr = day_attr,
	.lookup = day_lookup,
	.list = day_list,
};
