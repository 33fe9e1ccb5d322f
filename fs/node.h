/* SPDX-License-Identifier: MIT */
/*
 * node: what is in the tree. The table nodes[] in node.c is the whole of it: one
 * row per kind of file, directory or link. Nothing here knows FUSE.
 *
 * A node is a value: its kind, and what tells it from others of its kind: the
 * catalog row of a backup (plus the index of a file in it), or the number of a
 * name (names.h), or a day. node_id() packs it into the number that the kernel
 * gives back with each request, so there is no table of inodes. The number that
 * people see (st_ino) is another one: a hash of names, the same after every
 * mount and after a rebuild of the catalog.
 *
 * What a node holds never changes behind its number: where content can change
 * (metadata.json, latest, plan.sql, live/) `sub` is a hash of it, so that changed
 * content is another node. Of what changes without our hearing of it (plan.sql,
 * live/) the kernel keeps nothing, and an open file has its own bytes.
 *
 * Nodes that are handed out hold a reference to their name: node_release().
 * The functions here run on the worker's thread; any number of workers at once.
 */
#ifndef FS_NODE_H
#define FS_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct buf;
struct content;
struct dirlist;
struct error;
struct fsys;
struct worker;

enum node_kind {
	NODE_ROOT,
	NODE_README,

	NODE_DATABASES,
	NODE_DATABASE,
	NODE_LATEST,
	NODE_DAY,
	NODE_BACKUP,
	NODE_SCRIPT,
	NODE_METADATA,
	NODE_PLAN,
	NODE_OBJECTS,
	NODE_OBJECT_KIND,
	NODE_OBJECT,

	NODE_DATES,
	NODE_DATE,
	NODE_DATE_DATABASE,
	NODE_DATE_LINK,

	NODE_TAGS,
	NODE_TAG_KEY,
	NODE_TAG_VALUE,
	NODE_TAG_LINK,

	NODE_IDS,
	NODE_ID_LINK,

	NODE_EXPORTS,
	NODE_EXPORT_TAR,
	NODE_EXPORT_TAR_GZ,

	NODE_IMPORTS,
	NODE_IMPORT_DIRECTORY,
	NODE_IMPORT_FILE,

	NODE_STATUSES,
	NODE_STATUS_HEALTH,
	NODE_STATUS_USAGE,

	NODE_LIVE,
	NODE_LIVE_DATABASE,
	NODE_LIVE_SCRIPT,
	NODE_LIVE_OBJECTS,
	NODE_LIVE_KIND,
	NODE_LIVE_OBJECT,

	NODE_KIND_COUNT
};

struct node {
	enum node_kind kind;
	unsigned int epoch; /* of the catalog, when row is one of its rows; else 0 */
	uint32_t sub;       /* index of a file, kind of object, day, or hash of content; below
	                       NODE_SUB_MAX */
	int64_t row; /* catalog row, or number of a name or of an entry of import/, or 0; the
	                root's is 1 */
};

#define NODE_KIND_BITS        6
#define NODE_EPOCH_BITS       4
#define NODE_SUB_BITS         20
#define NODE_ROW_BITS         34
#define NODE_SUB_MAX          (1U << NODE_SUB_BITS)
#define NODE_OBJECT_KIND_BITS 4 /* of a live object's sub; above them is the hash */
#define NODE_EPOCHS           (1U << NODE_EPOCH_BITS)
#define NODE_ROOT_NODE        ((struct node){ .kind = NODE_ROOT, .row = 1 })

uint64_t node_id(struct node n);
/* False when no node has this number. */
bool node_from_id(struct node *out, uint64_t id);

#define NODE_NS 1000000000U

struct node_attr {
	uint64_t ino; /* st_ino */
	uint64_t size;
	int64_t mtime;
	/* Of directories that are kept never: another one when the entries are others, for the
	 * kernel goes by it (ops_directories.c). Below 10^9. */
	uint32_t mtime_ns;
	uint32_t nlink;
};

/* How long the kernel may keep what it learnt. */
enum node_keep {
	NODE_KEEP_ALWAYS,  /* it does not change */
	NODE_KEEP_WATCHED, /* until the watch tells of a change */
	NODE_KEEP_NEVER,
};

/* What row holds. */
enum node_key { NODE_KEY_NONE, NODE_KEY_ROW, NODE_KEY_NAME, NODE_KEY_DROP };

/* An extended attribute's name and value. */
typedef int node_xattr_fn(void *arg, const char *name, const char *value, struct error *err);

/*
 * All that a kind can do. Not there (any more): 0; there: 1; failed: -1. What a kind has no
 * function for is not there: no file is opened whose number is that of a directory.
 */
struct node_ops {
	/* Fills in what differs from no bytes, no time and one link; ino is set already. */
	int (*attr)(struct worker *w, struct node n, struct node_attr *out, struct error *err);
	/* Of content that changes: sub of the node that holds what there is now. */
	int (*version)(struct worker *w, struct node n, uint32_t *sub, struct error *err);
	/* Directories, besides the children that the table names. */
	int (*lookup)(struct worker *w, struct node n, const char *name, struct node *child,
	              struct error *err);
	int (*list)(struct worker *w, struct node n, struct dirlist *out, struct error *err);
	/* Files: the whole content. */
	int (*open)(struct worker *w, struct node n, struct content **out, struct error *err);
	/* The same if it takes neither store nor server: 0 it would, or the file is not there.
	 */
	int (*at_hand)(struct worker *w, struct node n, struct content **out,
	               struct error *err);
	/* Links: appends the target. */
	int (*target)(struct worker *w, struct node n, struct buf *out, struct error *err);
	int (*xattrs)(struct worker *w, struct node n, node_xattr_fn *fn, void *arg,
	              struct error *err);
	/* Of what is kept never: number and attributes may be kept for a while after all. */
	bool (*promise)(struct worker *w, struct node n);
};

struct node_info {
	const char *path; /* as in the manual: "by-database/DB/DATE/ID" */
	mode_t type;      /* S_IFDIR, S_IFREG, S_IFLNK */
	enum node_key key;
	enum node_keep keep;
	const struct node_ops *ops;
	/* Each directory of the parent's kind has it, under the last part of path. */
	bool named;
	bool slow;  /* its attributes and children may have to be made */
	bool paged; /* an entry for each backup, of maybe a million: listed page by page */
	enum node_kind parent;
};
const struct node_info *node_info(enum node_kind kind);

/* The number that people see, from what is in the node: id, or parts of a name; and sub. */
uint64_t node_ino(enum node_kind kind, const char *a, const char *b, uint32_t sub);

/* The same of an entry of import/. */
uint64_t node_entry_ino(struct node n);

/* May it wait for the server to say anything about the node, or its child of this name? */
bool node_takes_long(struct node n, const char *child);

int node_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err);
/* Of what changes without our hearing of it, what it is now: for who asks by an older number.
 */
int node_attr_now(struct worker *w, struct node n, struct node_attr *out, struct error *err);
int node_lookup(struct worker *w, struct node parent, const char *name, struct node *child,
                struct error *err);
int node_list(struct worker *w, struct node n, struct dirlist *out, struct error *err);
int node_open(struct worker *w, struct node n, struct content **out, struct error *err);
/* 1, 0 it is not at hand or not there, -1. */
int node_at_hand(struct worker *w, struct node n, struct content **out, struct error *err);
int node_target(struct worker *w, struct node n, struct buf *out, struct error *err);
int node_xattrs(struct worker *w, struct node n, node_xattr_fn *fn, void *arg,
                struct error *err);

/* Will the kernel be told when the node is another one? For PROMISES_SECONDS. */
bool node_promise(struct worker *w, struct node n);

/* The references to a node's name, if it has one. */
void node_hold(struct fsys *fs, struct node n);
void node_release(struct fsys *fs, struct node n, uint64_t references);

/* The kinds' own functions, by file. */
extern const struct node_ops node_root_ops, node_readme_ops;
extern const struct node_ops node_databases_ops, node_database_ops, node_latest_ops,
	node_day_ops;
extern const struct node_ops node_backup_ops, node_script_ops, node_metadata_ops, node_plan_ops,
	node_objects_ops, node_object_kind_ops, node_object_ops;
extern const struct node_ops node_dates_ops, node_date_ops, node_date_database_ops;
extern const struct node_ops node_tags_ops, node_tag_key_ops, node_tag_value_ops;
extern const struct node_ops node_ids_ops;
extern const struct node_ops node_link_ops;
extern const struct node_ops node_exports_ops, node_export_ops;
extern const struct node_ops node_import_ops;
extern const struct node_ops node_statuses_ops, node_status_ops;
extern const struct node_ops node_live_ops, node_live_database_ops, node_live_script_ops,
	node_live_objects_ops, node_live_kind_ops, node_live_object_ops;

#endif
