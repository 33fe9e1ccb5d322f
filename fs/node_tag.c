/* SPDX-License-Identifier: MIT */
/* node_tag: by-tag, a key, a value, the backups that have it. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "fs/census.h"
#include "fs/dirlist.h"
#include "fs/drafts.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/names.h"
#include "fs/node.h"
#include "fs/shelf.h"

struct listing {
	struct worker *w;
	struct dirlist *out;
	const char *key;
};

static const char *key_of(struct worker *w, struct node n)
{
	return names_first(w->fs->names, n.row);
}

static const char *value_of(struct worker *w, struct node n)
{
	return names_second(w->fs->names, n.row);
}

/* by-tag: as old as the mount, for not every backup has tags. */

static int tags_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_TAGS };

	(void)n;
	(void)err;
	out->mtime = w->fs->started_at;
	out->nlink = 2 + (uint32_t)census_children(w->fs->census, &dir);
	return 1;
}

/* A directory that somebody made for a tag is there before any backup has the tag. */
static int attr_or_draft(struct worker *w, const struct group *g, const struct census_dir *dir,
                         struct node_attr *out, struct error *err)
{
	int found = group_attr(w, g, dir, out, err);

	if (found == 0 && drafts_has(w->fs->drafts, g->key, g->value, &out->mtime)) {
		out->nlink = 2;
		found = 1;
	}
	return found;
}

static int attr_of_key(struct worker *w, const char *key, struct node_attr *out,
                       struct error *err)
{
	const struct census_dir dir = { .kind = NODE_TAG_KEY, .a = key };
	const struct group g = { .key = key };

	return attr_or_draft(w, &g, &dir, out, err);
}

static int tags_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                       struct error *err)
{
	autofree char *key = NULL;
	struct node_attr attr;
	int found = group_text_named(w, GROUP_TAG_KEYS, NULL, name, &key, err);

	(void)n;
	if (found > 0)
		found = attr_of_key(w, key, &attr, err);
	if (found > 0)
		*child = group_name_node(w, NODE_TAG_KEY, key, NULL, 0);
	return found;
}

/* Drafts to be listed: each once, and only where no backup makes the directory anyhow. */
struct drafted {
	struct listing *listing;
	catalog_text_fn *list;
	struct map *texts;
	struct error *err;
	int result;
};

static void collect_draft(void *arg, const char *text)
{
	struct drafted *d = arg;

	map_set(d->texts, text, d);
}

static void list_draft(void *arg, const char *text, void *value)
{
	struct drafted *d = arg;
	const char *key = d->listing->key;
	const struct group g = { .key = key ? key : text, .value = key ? text : NULL };
	int64_t newest;

	(void)value;
	if (d->result == 0)
		d->result = group_newest(d->listing->w, &g, &newest, d->err);
	if (d->result == 0)
		d->result = d->list(d->listing, text, d->err);
	else if (d->result > 0)
		d->result = 0;
}

static int list_drafts(struct listing *l, catalog_text_fn *list, struct error *err)
{
	DEFER(map) *texts = map_new();
	struct drafted d = { .listing = l, .list = list, .texts = texts, .err = err };

	drafts_each(l->w->fs->drafts, l->key, collect_draft, &d);
	map_each(texts, list_draft, &d);
	return d.result < 0 ? -1 : 1;
}

static int list_key(void *arg, const char *key, struct error *err)
{
	struct listing *l = arg;
	autobuf name = BUF_INIT;
	struct node_attr attr;
	int found = attr_of_key(l->w, key, &attr, err);

	if (found <= 0)
		return found;
	filename_add(&name, key);
	dirlist_add(l->out, name.data, group_name_node(l->w, NODE_TAG_KEY, key, NULL, 0),
	            &attr);
	return 0;
}

static int tags_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out };

	(void)n;
	if (group_texts(w, GROUP_TAG_KEYS, NULL, list_key, &l, err) < 0)
		return -1;
	return list_drafts(&l, list_key, err);
}

/* by-tag/KEY */

static int tag_key_attr(struct worker *w, struct node n, struct node_attr *out,
                        struct error *err)
{
	return attr_of_key(w, key_of(w, n), out, err);
}

static int attr_of_value(struct worker *w, const char *key, const char *value,
                         struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_TAG_VALUE, .a = key, .b = value };
	const struct group g = { .key = key, .value = value };

	return attr_or_draft(w, &g, &dir, out, err);
}

static int tag_key_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                          struct error *err)
{
	const char *key = key_of(w, n);
	autofree char *value = NULL;
	struct node_attr attr;
	int found = group_text_named(w, GROUP_TAG_VALUES, key, name, &value, err);

	if (found > 0)
		found = attr_of_value(w, key, value, &attr, err);
	if (found > 0)
		*child = group_name_node(w, NODE_TAG_VALUE, key, value, 0);
	return found;
}

static int list_value(void *arg, const char *value, struct error *err)
{
	struct listing *l = arg;
	autobuf name = BUF_INIT;
	struct node_attr attr;
	int found = attr_of_value(l->w, l->key, value, &attr, err);

	if (found <= 0)
		return found;
	filename_add(&name, value);
	dirlist_add(l->out, name.data, group_name_node(l->w, NODE_TAG_VALUE, l->key, value, 0),
	            &attr);
	return 0;
}

static int tag_key_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out, .key = key_of(w, n) };

	if (group_texts(w, GROUP_TAG_VALUES, l.key, list_value, &l, err) < 0)
		return -1;
	return list_drafts(&l, list_value, err);
}

/* by-tag/KEY/VALUE */

static int tag_value_attr(struct worker *w, struct node n, struct node_attr *out,
                          struct error *err)
{
	return attr_of_value(w, key_of(w, n), value_of(w, n), out, err);
}

static int tag_value_lookup(struct worker *w, struct node n, const char *name,
                            struct node *child, struct error *err)
{
	DEFER(card) *card = NULL;
	const char *value;
	int found = group_card_named(&card, w, name, err);

	if (found <= 0)
		return found;
	value = backup_tag_get(card->backup, key_of(w, n));
	if (!value || strcmp(value, value_of(w, n)) != 0)
		return 0;
	*child = group_row_node(w, NODE_TAG_LINK, card->backup->row);
	return 1;
}

static int list_link(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;

	(void)err;
	group_add_link(l->out, l->w, NODE_TAG_LINK, b);
	return 0;
}

static int tag_value_list(struct worker *w, struct node n, struct dirlist *out,
                          struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group g = { .key = key_of(w, n), .value = value_of(w, n) };

	return group_each_for(out, w, &g, list_link, &l, err) < 0 ? -1 : 1;
}

const struct node_ops node_tags_ops = {
	.attr = tags_attr,
	.lookup = tags_lookup,
	.list = tags_list,
};
const struct node_ops node_tag_key_ops = {
	.attr = tag_key_attr,
	.lookup = tag_key_lookup,
	.list = tag_key_list,
};
const struct node_ops node_tag_value_ops = {
	.attr = tag_value_attr,
	.lookup = tag_value_lookup,
	.list = tag_value_list,
};
