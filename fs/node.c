/* SPDX-License-Identifier: MIT */
#include "fs/node.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/names.h"
#include "fs/shelf.h"

/* clang-format off */
#define IS(type_, key_, keep_, ops_) \
	.type = S_IF##type_, .key = NODE_KEY_##key_, .keep = NODE_KEEP_##keep_, .ops = &node_##ops_##_ops
#define IN(parent_) .named = true, .parent = NODE_##parent_
#define BACKUP      "by-database/DB/DATE/ID"
#define LIVE        "live/DB"

/* The whole tree. Named children stand in the order in which they are listed. */
static const struct node_info nodes[NODE_KIND_COUNT] = {
	[NODE_ROOT]          = { "/", IS(DIR, NONE, ALWAYS, root) },
	[NODE_README]        = { "README", IN(ROOT), IS(REG, NONE, ALWAYS, readme) },

	[NODE_DATABASES]     = { "by-database", IN(ROOT), IS(DIR, NONE, WATCHED, databases) },
	[NODE_DATABASE]      = { "by-database/DB", IS(DIR, NAME, WATCHED, database) },
	[NODE_LATEST]        = { "by-database/DB/latest", IN(DATABASE), IS(LNK, NAME, WATCHED, latest) },
	[NODE_DAY]           = { "by-database/DB/DATE", IS(DIR, NAME, WATCHED, day) },
	[NODE_BACKUP]        = { BACKUP, IS(DIR, ROW, WATCHED, backup) },
	[NODE_SCRIPT]        = { BACKUP "/schema.sql", IN(BACKUP), IS(REG, ROW, ALWAYS, script) },
	[NODE_METADATA]      = { BACKUP "/metadata.json", IN(BACKUP), IS(REG, ROW, WATCHED, metadata) },
	[NODE_PLAN]          = { BACKUP "/plan.sql", IN(BACKUP), IS(REG, ROW, NEVER, plan) },
	[NODE_OBJECTS]       = { BACKUP "/objects", IN(BACKUP), IS(DIR, ROW, ALWAYS, objects) },
	[NODE_OBJECT_KIND]   = { BACKUP "/objects/KIND", IS(DIR, ROW, ALWAYS, object_kind) },
	[NODE_OBJECT]        = { BACKUP "/objects/KIND/NAME.sql", IS(REG, ROW, ALWAYS, object) },

	[NODE_DATES]         = { "by-date", IN(ROOT), IS(DIR, NONE, WATCHED, dates) },
	[NODE_DATE]          = { "by-date/DATE", IS(DIR, NONE, WATCHED, date) },
	[NODE_DATE_DATABASE] = { "by-date/DATE/DB", IS(DIR, NAME, WATCHED, date_database) },
	[NODE_DATE_LINK]     = { "by-date/DATE/DB/ID", IS(LNK, ROW, WATCHED, link) },

	[NODE_TAGS]          = { "by-tag", IN(ROOT), IS(DIR, NONE, WATCHED, tags) },
	[NODE_TAG_KEY]       = { "by-tag/KEY", IS(DIR, NAME, WATCHED, tag_key) },
	[NODE_TAG_VALUE]     = { "by-tag/KEY/VALUE", IS(DIR, NAME, WATCHED, tag_value), .paged = true },
	[NODE_TAG_LINK]      = { "by-tag/KEY/VALUE/ID", IS(LNK, ROW, WATCHED, link) },

	[NODE_IDS]           = { "by-id", IN(ROOT), IS(DIR, NONE, WATCHED, ids), .paged = true },
	[NODE_ID_LINK]       = { "by-id/ID", IS(LNK, ROW, WATCHED, link) },

	[NODE_EXPORTS]       = { "export", IN(ROOT), IS(DIR, NONE, WATCHED, exports),
				 .slow = true, .paged = true },
	[NODE_EXPORT_TAR]    = { "export/ID.tar", IS(REG, ROW, WATCHED, export) },
	[NODE_EXPORT_TAR_GZ] = { "export/ID.tar.gz", IS(REG, ROW, WATCHED, export), .slow = true },

	[NODE_IMPORTS]       = { "import", IN(ROOT), IS(DIR, NONE, NEVER, import) },
	[NODE_IMPORT_DIRECTORY] = { "import/NAME", IS(DIR, DROP, NEVER, import) },
	[NODE_IMPORT_FILE]   = { "import/FILE", IS(REG, DROP, NEVER, import) },

	[NODE_STATUSES]      = { "status", IN(ROOT), IS(DIR, NONE, ALWAYS, statuses) },
	[NODE_STATUS_HEALTH] = { "status/health.json", IN(STATUSES), IS(REG, NONE, NEVER, status) },
	[NODE_STATUS_USAGE]  = { "status/usage.json", IN(STATUSES), IS(REG, NONE, NEVER, status) },

	[NODE_LIVE]          = { "live", IN(ROOT), IS(DIR, NONE, NEVER, live) },
	[NODE_LIVE_DATABASE] = { LIVE, IS(DIR, NAME, NEVER, live_database) },
	[NODE_LIVE_SCRIPT]   = { LIVE "/schema.sql", IN(LIVE_DATABASE), IS(REG, NAME, NEVER, live_script) },
	[NODE_LIVE_OBJECTS]  = { LIVE "/objects", IN(LIVE_DATABASE), IS(DIR, NAME, NEVER, live_objects) },
	[NODE_LIVE_KIND]     = { LIVE "/objects/KIND", IS(DIR, NAME, NEVER, live_kind) },
	[NODE_LIVE_OBJECT]   = { LIVE "/objects/KIND/NAME.sql", IS(REG, NAME, NEVER, live_object) },
};
/* clang-format on */

const struct node_info *node_info(enum node_kind kind)
{
	return &nodes[kind];
}

static const char *name_of(enum node_kind kind)
{
	const char *slash = strrchr(nodes[kind].path, '/');

	return slash ? slash + 1 : nodes[kind].path;
}

uint64_t node_id(struct node n)
{
	return (uint64_t)n.kind << (64 - NODE_KIND_BITS) |
	       (uint64_t)n.epoch << (NODE_SUB_BITS + NODE_ROW_BITS) |
	       (uint64_t)n.sub << NODE_ROW_BITS | (uint64_t)n.row;
}

bool node_from_id(struct node *out, uint64_t id)
{
	uint64_t kind = id >> (64 - NODE_KIND_BITS);

	if (kind >= NODE_KIND_COUNT)
		return false;
	*out = (struct node){
		.kind = (enum node_kind)kind,
		.epoch = (unsigned int)(id >> (NODE_SUB_BITS + NODE_ROW_BITS)) % NODE_EPOCHS,
		.sub = (uint32_t)(id >> NODE_ROW_BITS) % NODE_SUB_MAX,
		.row = (int64_t)(id & ((1ULL << NODE_ROW_BITS) - 1)),
	};
	return true;
}

void node_hold(struct fsys *fs, struct node n)
{
	if (nodes[n.kind].key == NODE_KEY_NAME)
		names_hold(fs->names, n.row);
}

void node_release(struct fsys *fs, struct node n, uint64_t references)
{
	if (nodes[n.kind].key == NODE_KEY_NAME)
		names_drop(fs->names, n.row, references);
}

/*
 * Is it what it was when the kernel got it? Not if the catalog's file was replaced
 * or the content is another one now.
 */
static int is_current(struct worker *w, struct node n, struct error *err)
{
	const struct node_info *info = &nodes[n.kind];
	uint32_t sub;
	int found;

	if (info->key == NODE_KEY_ROW && n.epoch != w->age.epoch % NODE_EPOCHS)
		return 0;
	if (info->key == NODE_KEY_NAME && !names_first(w->fs->names, n.row))
		return 0;
	if (!info->ops->version)
		return 1;
	found = info->ops->version(w, n, &sub, err);
	return found > 0 ? sub == n.sub : found;
}

/* The part of sub that is not a hash of content. */
static uint32_t fixed_bits(enum node_kind kind)
{
	if (kind == NODE_LIVE_OBJECT)
		return (1U << NODE_OBJECT_KIND_BITS) - 1;
	return nodes[kind].ops->version ? 0 : NODE_SUB_MAX - 1;
}

uint64_t node_ino(enum node_kind kind, const char *a, const char *b, uint32_t sub)
{
	uint64_t h = hash_text(HASH_START, nodes[kind].path);

	if (kind == NODE_ROOT)
		return 1;
	h = hash_text(h, a ? a : "");
	h = hash_text(h, b ? b : "");
	h = hash_u64(h, sub & fixed_bits(kind));
	return h > 1 ? h : h + 2; /* 1 is the root's; no file has 0 */
}

uint64_t node_entry_ino(struct node n)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)n.row);
	return node_ino(n.kind, number, NULL, 0);
}

static int ino_of(struct worker *w, struct node n, uint64_t *out, struct error *err)
{
	DEFER(card) *card = NULL;
	const char *a = NULL, *b = NULL;
	int found;

	switch (nodes[n.kind].key) {
	case NODE_KEY_NONE:
		break;
	case NODE_KEY_NAME:
		a = names_first(w->fs->names, n.row);
		b = names_second(w->fs->names, n.row);
		break;
	case NODE_KEY_ROW:
		found = group_card(&card, w, n.row, err);
		if (found <= 0)
			return found;
		a = card->backup->id;
		break;
	case NODE_KEY_DROP:
		*out = node_entry_ino(n);
		return 1;
	}
	*out = node_ino(n.kind, a, b, n.sub);
	return 1;
}

int node_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	int found = is_current(w, n, err);

	*out = (struct node_attr){ .nlink = 1 };
	if (found > 0)
		found = ino_of(w, n, &out->ino, err);
	return found > 0 ? nodes[n.kind].ops->attr(w, n, out, err) : found;
}

int node_attr_now(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	const struct node_info *info = &nodes[n.kind];
	int found;

	if (info->keep != NODE_KEEP_NEVER || !info->ops->version ||
	    (info->key == NODE_KEY_ROW && n.epoch != w->age.epoch % NODE_EPOCHS) ||
	    (info->key == NODE_KEY_NAME && !names_first(w->fs->names, n.row)))
		return 0;
	found = info->ops->version(w, n, &n.sub, err);
	*out = (struct node_attr){ .nlink = 1 };
	if (found > 0)
		found = ino_of(w, n, &out->ino, err);
	return found > 0 ? info->ops->attr(w, n, out, err) : found;
}

/* The child that the table names; held. Its version is not filled in. */
static struct node child_of(struct worker *w, struct node parent, enum node_kind kind)
{
	struct node n = { .kind = kind };

	if (nodes[kind].key != NODE_KEY_NONE) {
		n.epoch = parent.epoch;
		n.row = parent.row;
	}
	node_hold(w->fs, n);
	return n;
}

/* The same with its version: 1; 0 there is none now; -1. Only then it is held. */
static int named_child(struct worker *w, struct node parent, enum node_kind kind,
                       struct node *child, struct error *err)
{
	struct node n = child_of(w, parent, kind);
	int found = 1;

	if (nodes[kind].ops->version)
		found = nodes[kind].ops->version(w, n, &n.sub, err);
	if (found > 0)
		*child = n;
	else
		node_release(w->fs, n, 1);
	return found;
}

static bool is_named_child(enum node_kind kind, enum node_kind parent)
{
	return nodes[kind].named && nodes[kind].parent == parent;
}

bool node_takes_long(struct node n, const char *child)
{
	if (nodes[n.kind].keep == NODE_KEEP_NEVER || nodes[n.kind].slow)
		return true;
	for (int k = 0; child && k < NODE_KIND_COUNT; k++)
		if (nodes[k].keep == NODE_KEEP_NEVER &&
		    is_named_child((enum node_kind)k, n.kind) &&
		    strcmp(name_of((enum node_kind)k), child) == 0)
			return true;
	return false;
}

int node_lookup(struct worker *w, struct node parent, const char *name, struct node *child,
                struct error *err)
{
	const struct node_info *info = &nodes[parent.kind];
	int found = is_current(w, parent, err);

	if (found <= 0)
		return found;
	for (int k = 0; k < NODE_KIND_COUNT; k++)
		if (is_named_child((enum node_kind)k, parent.kind) &&
		    strcmp(name_of((enum node_kind)k), name) == 0)
			return named_child(w, parent, (enum node_kind)k, child, err);
	return info->ops->lookup ? info->ops->lookup(w, parent, name, child, err) : 0;
}

/* Only the name, for what may take long: it is asked for when somebody wants to know more. */
static int list_plain(struct worker *w, struct node parent, enum node_kind kind,
                      struct dirlist *out, struct error *err)
{
	struct node child = child_of(w, parent, kind);
	uint64_t ino;
	int found = ino_of(w, child, &ino, err);

	if (found > 0)
		dirlist_add_plain(out, name_of(kind), child, ino);
	else
		node_release(w->fs, child, 1);
	return found;
}

static int list_whole(struct worker *w, struct node parent, enum node_kind kind,
                      struct dirlist *out, struct error *err)
{
	struct node_attr attr;
	struct node child;
	int found = named_child(w, parent, kind, &child, err);

	if (found <= 0)
		return found;
	found = node_attr(w, child, &attr, err);
	if (found > 0)
		dirlist_add(out, name_of(kind), child, &attr);
	else
		node_release(w->fs, child, 1);
	return found;
}

/* Lists a child that the table names, if it is there. */
static int list_named(struct worker *w, struct node parent, enum node_kind kind,
                      struct dirlist *out, struct error *err)
{
	if (nodes[kind].keep == NODE_KEEP_NEVER)
		return list_plain(w, parent, kind, out, err);
	return list_whole(w, parent, kind, out, err);
}

int node_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	const struct node_info *info = &nodes[n.kind];
	int found = is_current(w, n, err);

	if (found <= 0)
		return found;
	for (int k = 0; k < NODE_KIND_COUNT; k++)
		if (is_named_child((enum node_kind)k, n.kind) &&
		    list_named(w, n, (enum node_kind)k, out, err) < 0)
			return -1;
	return info->ops->list ? info->ops->list(w, n, out, err) : 1;
}

int node_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	int found = is_current(w, n, err);

	if (found <= 0 || !nodes[n.kind].ops->open)
		return found < 0 ? -1 : 0;
	return nodes[n.kind].ops->open(w, n, out, err);
}

int node_at_hand(struct worker *w, struct node n, struct content **out, struct error *err)
{
	int found = nodes[n.kind].ops->at_hand ? is_current(w, n, err) : 0;

	return found > 0 ? nodes[n.kind].ops->at_hand(w, n, out, err) : found;
}

int node_target(struct worker *w, struct node n, struct buf *out, struct error *err)
{
	int found = is_current(w, n, err);

	if (found <= 0 || !nodes[n.kind].ops->target)
		return found < 0 ? -1 : 0;
	return nodes[n.kind].ops->target(w, n, out, err);
}

int node_xattrs(struct worker *w, struct node n, node_xattr_fn *fn, void *arg,
                struct error *err)
{
	int found = is_current(w, n, err);

	if (found <= 0 || !nodes[n.kind].ops->xattrs)
		return found;
	return nodes[n.kind].ops->xattrs(w, n, fn, arg, err);
}

bool node_promise(struct worker *w, struct node n)
{
	struct error err = ERROR_INIT;
	bool promised;

	if (!nodes[n.kind].ops->promise || !nodes[n.kind].ops->promise(w, n))
		return false;
	/* It may have changed before the promise was given. */
	promised = is_current(w, n, &err) > 0;
	error_clear(&err);
	return promised;
}
