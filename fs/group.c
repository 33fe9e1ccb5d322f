/* SPDX-License-Identifier: MIT */
#include "fs/group.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "fs/census.h"
#include "fs/day.h"
#include "fs/dirlist.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/names.h"
#include "fs/shelf.h"

static int filter_of(struct catalog_filter *out, const struct worker *w, const struct group *g,
                     struct error *err)
{
	*out = (struct catalog_filter){
		.database = g->database,
		.statuses = CENSUS_STATUSES,
	};
	if (g->key) {
		out->tag_keys[0] = g->key;
		out->tag_values[0] = g->value;
		out->tag_count = 1;
	}
	if (!g->on_day)
		return 0;
	return day_range(&out->created_from, &out->created_before, g->day, w->fs->zone, err);
}

int group_each(struct worker *w, const struct group *g, catalog_backup_fn *fn, void *arg,
               struct error *err)
{
	struct catalog_filter f;

	if (filter_of(&f, w, g, err) < 0)
		return -1;
	return catalog_backup_each(w->catalog, &f, fn, arg, err);
}

int group_each_for(const struct dirlist *list, struct worker *w, const struct group *g,
                   catalog_backup_fn *fn, void *arg, struct error *err)
{
	struct catalog_filter f;

	if (filter_of(&f, w, g, err) < 0)
		return -1;
	f.limit = dirlist_rows_max(list);
	f.by_row = f.limit > 0;
	f.after_row = dirlist_rows_after(list);
	return catalog_backup_each(w->catalog, &f, fn, arg, err);
}

struct newest {
	bool found;
	int64_t created_at;
};

static int note_newest(void *arg, const struct backup *b, struct error *err)
{
	struct newest *n = arg;

	(void)err;
	n->found = true;
	n->created_at = b->created_at;
	return 0;
}

int group_newest(struct worker *w, const struct group *g, int64_t *created_at,
                 struct error *err)
{
	struct newest n = { .found = false };
	struct catalog_filter f;

	if (filter_of(&f, w, g, err) < 0)
		return -1;
	f.limit = 1;
	if (catalog_backup_each(w->catalog, &f, note_newest, &n, err) < 0)
		return -1;
	if (n.found)
		*created_at = n.created_at;
	return n.found;
}

/* From day to day by the newest backup before it: no more steps than there are days. */
int group_days(struct worker *w, const struct group *g, group_day_fn *fn, void *arg,
               struct error *err)
{
	struct newest n = { .found = true };
	struct catalog_filter f;
	int64_t from, before;

	if (filter_of(&f, w, g, err) < 0)
		return -1;
	f.limit = 1;
	while (n.found) {
		int32_t day;

		n.found = false;
		if (catalog_backup_each(w->catalog, &f, note_newest, &n, err) < 0)
			return -1;
		if (!n.found)
			break;
		day = day_of(n.created_at, w->fs->zone);
		if (fn(arg, day, n.created_at, err) < 0 ||
		    day_range(&from, &before, day, w->fs->zone, err) < 0)
			return -1;
		f.created_before = from < n.created_at ? from : n.created_at;
	}
	return 0;
}

/* Texts from the catalog's lists, and those of backups that only we show. */
struct texts {
	enum group_text what;
	const char *key;
	struct map *seen;
	catalog_text_fn *fn;
	void *arg;
};

static int add_text(void *arg, const char *text, struct error *err)
{
	struct texts *t = arg;

	if (map_has(t->seen, text))
		return 0;
	map_set(t->seen, text, t);
	return t->fn(t->arg, text, err);
}

static int add_texts_of(void *arg, const struct backup *b, struct error *err)
{
	struct texts *t = arg;
	const char *value;

	switch (t->what) {
	case GROUP_DATABASES:
		return add_text(t, b->database, err);
	case GROUP_TAG_KEYS:
		for (size_t i = 0; i < b->tag_count; i++)
			if (add_text(t, b->tags[i].key, err) < 0)
				return -1;
		return 0;
	case GROUP_TAG_VALUES:
		value = backup_tag_get(b, t->key);
		return value ? add_text(t, value, err) : 0;
	}
	return 0;
}

static int texts_of_completed(struct worker *w, struct texts *t, struct error *err)
{
	switch (t->what) {
	case GROUP_DATABASES:
		return catalog_databases(w->catalog, add_text, t, err);
	case GROUP_TAG_KEYS:
		return catalog_tag_keys(w->catalog, add_text, t, err);
	case GROUP_TAG_VALUES:
		return catalog_tag_values(w->catalog, t->key, add_text, t, err);
	}
	return 0;
}

int group_texts(struct worker *w, enum group_text what, const char *key, catalog_text_fn *fn,
                void *arg, struct error *err)
{
	const struct catalog_filter others = {
		.statuses = CENSUS_STATUSES & ~(1U << BACKUP_COMPLETED),
	};
	/* Those that this host has no secret for: nobody knows what they are of. */
	const struct catalog_filter closed = {
		.database = "",
		.statuses = CENSUS_STATUSES,
		.limit = 1,
	};
	DEFER(map) *seen = map_new();
	struct texts t = { .what = what, .key = key, .seen = seen, .fn = fn, .arg = arg };

	if (texts_of_completed(w, &t, err) < 0 ||
	    catalog_backup_each(w->catalog, &closed, add_texts_of, &t, err) < 0)
		return -1;
	return catalog_backup_each(w->catalog, &others, add_texts_of, &t, err);
}

struct search {
	const char *filename;
	char *found;
};

static int compare_filename(void *arg, const char *text, struct error *err)
{
	struct search *s = arg;
	autobuf name = BUF_INIT;

	(void)err;
	filename_add(&name, text);
	if (!s->found && strcmp(name.data, s->filename) == 0)
		s->found = mem_strdup(text);
	return 0;
}

int group_text_named(struct worker *w, enum group_text what, const char *key,
                     const char *filename, char **out, struct error *err)
{
	struct search s = { .filename = filename };
	autobuf text = BUF_INIT;

	switch (filename_read(&text, filename)) {
	case FILENAME_WHOLE:
		*out = buf_take(&text);
		return 1;
	case FILENAME_IS_WRONG:
		return 0;
	case FILENAME_CUT:
		break;
	}
	if (group_texts(w, what, key, compare_filename, &s, err) < 0) {
		free(s.found);
		return -1;
	}
	if (!s.found)
		return 0;
	*out = s.found;
	return 1;
}

static bool holds_links(enum node_kind kind)
{
	return kind == NODE_IDS || kind == NODE_EXPORTS || kind == NODE_DATE_DATABASE ||
	       kind == NODE_TAG_VALUE;
}

/* A directory has a link for each ".." below it. */
static uint32_t count_links(struct worker *w, const struct census_dir *dir)
{
	if (holds_links(dir->kind))
		return 2;
	return 2 + (uint32_t)census_children(w->fs->census, dir);
}

int group_attr(struct worker *w, const struct group *g, const struct census_dir *dir,
               struct node_attr *out, struct error *err)
{
	int64_t newest = w->fs->started_at;
	int found = group_newest(w, g, &newest, err);
	bool always_there = !g->database && !g->key && !g->on_day;

	if (found < 0)
		return -1;
	out->ino = node_ino(dir->kind, dir->a, dir->b, (uint32_t)dir->day);
	out->mtime = newest;
	out->nlink = count_links(w, dir);
	return found || always_there;
}

static bool is_shown(const struct backup *b)
{
	return (CENSUS_STATUSES & 1U << b->status) != 0;
}

int group_card(struct card **out, struct worker *w, int64_t row, struct error *err)
{
	const struct shelf_source from = { .catalog = w->catalog, .epoch = w->age.epoch };
	DEFER(card) *card = NULL;
	int found = shelf_at(&card, w->fs->shelf, from, row, err);

	if (found <= 0 || !is_shown(card->backup))
		return found < 0 ? -1 : 0;
	*out = take(card);
	return 1;
}

int group_card_named(struct card **out, struct worker *w, const char *id, struct error *err)
{
	const struct shelf_source from = { .catalog = w->catalog, .epoch = w->age.epoch };
	DEFER(card) *card = NULL;
	int found;

	if (!name_is_backup_id(id))
		return 0;
	found = shelf_find(&card, w->fs->shelf, from, id, err);
	if (found <= 0 || !is_shown(card->backup))
		return found < 0 ? -1 : 0;
	*out = take(card);
	return 1;
}

struct node group_row_node(const struct worker *w, enum node_kind kind, int64_t row)
{
	return (struct node){ .kind = kind, .epoch = w->age.epoch % NODE_EPOCHS, .row = row };
}

struct node group_name_node(const struct worker *w, enum node_kind kind, const char *a,
                            const char *b, uint32_t sub)
{
	return (struct node){ .kind = kind, .sub = sub, .row = names_take(w->fs->names, a, b) };
}

void group_link(struct buf *out, const struct worker *w, const struct backup *b, int depth)
{
	char date[DAY_TEXT_MAX];

	for (int i = 0; i < depth; i++)
		buf_adds(out, "../");
	buf_adds(out, "by-database/");
	filename_add(out, b->database);
	day_format(date, day_of(b->created_at, w->fs->zone));
	buf_addf(out, "/%s/%s", date, b->id);
}

static int link_depth(enum node_kind kind)
{
	return kind == NODE_ID_LINK ? 1 : 3;
}

static void link_attr(struct node_attr *out, const struct worker *w, enum node_kind kind,
                      const struct backup *b)
{
	autobuf target = BUF_INIT;

	group_link(&target, w, b, link_depth(kind));
	*out = (struct node_attr){
		.ino = node_ino(kind, b->id, NULL, 0),
		.size = target.len,
		.mtime = b->created_at,
		.nlink = 1,
	};
}

void group_add_link(struct dirlist *out, struct worker *w, enum node_kind kind,
                    const struct backup *b)
{
	struct node_attr attr;

	link_attr(&attr, w, kind, b);
	dirlist_add(out, b->id, group_row_node(w, kind, b->row), &attr);
}

static int link_node_attr(struct worker *w, struct node n, struct node_attr *out,
                          struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0)
		link_attr(out, w, n.kind, card->backup);
	return found;
}

static int link_node_target(struct worker *w, struct node n, struct buf *out, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0)
		group_link(out, w, card->backup, link_depth(n.kind));
	return found;
}

const struct node_ops node_link_ops = {
	.attr = link_node_attr,
	.target = link_node_target,
};
