/* SPDX-License-Identifier: MIT */
/* node_date: by-date, a day, a database's backups of that day. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "fs/census.h"
#include "fs/day.h"
#include "fs/dirlist.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/names.h"
#include "fs/node.h"
#include "fs/shelf.h"

struct listing {
	struct worker *w;
	struct dirlist *out;
	int32_t day;
	struct map *seen; /* databases that are listed already */
};

/* by-date */

static int dates_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_DATES };
	const struct group all = { .on_day = false };

	(void)n;
	return group_attr(w, &all, &dir, out, err);
}

static int attr_of_date(struct worker *w, int32_t day, struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_DATE, .day = day };
	const struct group g = { .on_day = true, .day = day };

	return group_attr(w, &g, &dir, out, err);
}

static int dates_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                        struct error *err)
{
	struct node_attr attr;
	int32_t day;
	int found;

	(void)n;
	if (!day_parse(&day, name))
		return 0;
	found = attr_of_date(w, day, &attr, err);
	if (found > 0)
		*child = (struct node){ .kind = NODE_DATE, .sub = (uint32_t)day };
	return found;
}

static int list_date(void *arg, int32_t day, int64_t newest, struct error *err)
{
	struct listing *l = arg;
	const struct census_dir dir = { .kind = NODE_DATE, .day = day };
	const struct node_attr attr = {
		.ino = node_ino(NODE_DATE, NULL, NULL, (uint32_t)day),
		.mtime = newest,
		.nlink = 2 + (uint32_t)census_children(l->w->fs->census, &dir),
	};
	char name[DAY_TEXT_MAX];

	(void)err;
	day_format(name, day);
	dirlist_add(l->out, name, (struct node){ .kind = NODE_DATE, .sub = (uint32_t)day },
	            &attr);
	return 0;
}

static int dates_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group all = { .on_day = false };

	(void)n;
	return group_days(w, &all, list_date, &l, err) < 0 ? -1 : 1;
}

/* by-date/DATE */

static int date_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	return attr_of_date(w, (int32_t)n.sub, out, err);
}

static int attr_of_date_database(struct worker *w, const char *database, int32_t day,
                                 struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_DATE_DATABASE, .a = database, .day = day };
	const struct group g = { .database = database, .on_day = true, .day = day };

	return group_attr(w, &g, &dir, out, err);
}

static int date_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                       struct error *err)
{
	autofree char *database = NULL;
	struct node_attr attr;
	int found = group_text_named(w, GROUP_DATABASES, NULL, name, &database, err);

	if (found > 0)
		found = attr_of_date_database(w, database, (int32_t)n.sub, &attr, err);
	if (found > 0)
		*child = group_name_node(w, NODE_DATE_DATABASE, database, NULL, n.sub);
	return found;
}

/* Newest first, so that the first one of a database gives the directory's time. */
static int list_database_of(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;
	const struct node_attr attr = {
		.ino = node_ino(NODE_DATE_DATABASE, b->database, NULL, (uint32_t)l->day),
		.mtime = b->created_at,
		.nlink = 2,
	};
	autobuf name = BUF_INIT;

	(void)err;
	if (map_has(l->seen, b->database))
		return 0;
	map_set(l->seen, b->database, l);
	filename_add(&name, b->database);
	dirlist_add(
		l->out, name.data,
		group_name_node(l->w, NODE_DATE_DATABASE, b->database, NULL, (uint32_t)l->day),
		&attr);
	return 0;
}

static int date_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	DEFER(map) *seen = map_new();
	struct listing l = { .w = w, .out = out, .day = (int32_t)n.sub, .seen = seen };
	const struct group g = { .on_day = true, .day = l.day };

	return group_each(w, &g, list_database_of, &l, err) < 0 ? -1 : 1;
}

/* by-date/DATE/DB */

static int date_database_attr(struct worker *w, struct node n, struct node_attr *out,
                              struct error *err)
{
	return attr_of_date_database(w, names_first(w->fs->names, n.row), (int32_t)n.sub, out,
	                             err);
}

static int date_database_lookup(struct worker *w, struct node n, const char *name,
                                struct node *child, struct error *err)
{
	DEFER(card) *card = NULL;
	const struct backup *b;
	int found = group_card_named(&card, w, name, err);

	if (found <= 0)
		return found;
	b = card->backup;
	if (strcmp(b->database, names_first(w->fs->names, n.row)) != 0 ||
	    day_of(b->created_at, w->fs->zone) != (int32_t)n.sub)
		return 0;
	*child = group_row_node(w, NODE_DATE_LINK, b->row);
	return 1;
}

static int list_link(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;

	(void)err;
	group_add_link(l->out, l->w, NODE_DATE_LINK, b);
	return 0;
}

static int date_database_list(struct worker *w, struct node n, struct dirlist *out,
                              struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group g = {
		.database = names_first(w->fs->names, n.row),
		.on_day = true,
		.day = (int32_t)n.sub,
	};

	return group_each(w, &g, list_link, &l, err) < 0 ? -1 : 1;
}

const struct node_ops node_dates_ops = {
	.attr = dates_attr,
	.lookup = dates_lookup,
	.list = dates_list,
};
const struct node_ops node_date_ops = {
	.attr = date_attr,
	.lookup = date_lookup,
	.list = date_list,
};
const struct node_ops node_date_database_ops = {
	.attr = date_database_attr,
	.lookup = date_database_lookup,
	.list = date_database_list,
};
