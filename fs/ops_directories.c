/* SPDX-License-Identifier: MIT */
/* ops_directories: readdir with and without attributes. */
#include <errno.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/ahead.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/listings.h"
#include "fs/ops.h"

#define UNKNOWN_INO 0xffffffff /* of "." and "..": as libfuse has it */

/* So that a page is read once for a few replies, and is no burden. */
#define PAGE_ROWS 1000

/*
 * Nothing is held for a directory: any of its entries can be read on from. Once changes are
 * told to the kernel it need not say when one is opened, and does so no more after this answer;
 * it then keeps all listings, and of what changes without our hearing of it (NODE_KEEP_NEVER)
 * looks at the mtime first, which therefore is another one after each change.
 */
static void ops_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct ops *ops = fuse_req_userdata(req);
	bool watching = atomic_load(&ops->fs->watching);
	struct node n;

	if (!node_from_id(&n, ino)) {
		ops_stale(req);
		return;
	}
	if (watching && ops->may_refuse_opendir) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	fi->cache_readdir = watching && node_info(n.kind)->keep != NODE_KEEP_NEVER;
	fi->keep_cache = fi->cache_readdir;
	fuse_reply_open(req, fi);
}

/* Of a kernel that opens directories with us. */
static void ops_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

/* 1, 0 gone, -1. */
static int make_list(struct dirlist **out, struct ops_call *call, uint64_t after,
                     struct error *err)
{
	const struct node_info *info = node_info(call->node.kind);
	DEFER(dirlist) *list = dirlist_new(call->ops->fs, info->keep != NODE_KEEP_ALWAYS);
	int found;

	if (info->paged)
		dirlist_set_page(list, after, PAGE_ROWS);
	found = node_list(call->worker, call->node, list, err);
	if (found <= 0)
		return found;
	dirlist_finish(list);
	*out = take(list);
	return 1;
}

/* The reply while it is filled. */
struct filling {
	const struct ops_call *call;
	bool plus;    /* with attributes */
	bool current; /* the list is not older than what the kernel was told last */
	bool ahead;   /* but newer: each name is to be forgotten again */
	const struct dirlist *list;
	struct buf *out;
	size_t max;
};

static size_t write_entry(const struct filling *f, const struct dirlist_entry *e,
                          const struct fuse_entry_param *entry)
{
	char *to = f->out->data + f->out->len;
	size_t room = f->max - f->out->len;

	if (f->plus)
		return fuse_add_direntry_plus(f->call->req, to, room, e->name, entry,
		                              (off_t)e->cookie);
	return fuse_add_direntry(f->call->req, to, room, e->name, &entry->attr,
	                         (off_t)e->cookie);
}

/* False: it does not fit any more. */
static bool add_entry(const struct filling *f, const struct dirlist_entry *e)
{
	struct fuse_entry_param entry = { .ino = 0 };
	size_t size;

	ops_entry(&entry, f->call, e->node, &e->attr);
	/* Without a node number the kernel takes the name and nothing else. */
	if (!e->complete || !f->current)
		entry.ino = 0;
	size = write_entry(f, e, &entry);
	if (size > f->max - f->out->len)
		return false;
	f->out->len += size;
	if (!f->plus || entry.ino == 0)
		return true;
	node_hold(f->call->ops->fs, e->node);
	if (f->ahead)
		ahead_note(f->call->ops->fs->ahead, node_id(f->call->node), e->name);
	return true;
}

static bool add_dot(const struct filling *f, const char *name, uint64_t cookie)
{
	const struct dirlist_entry e = {
		.name = name,
		.node = NODE_ROOT_NODE, /* for its type; not told */
		.attr.ino = UNKNOWN_INO,
		.cookie = cookie,
	};

	return add_entry(f, &e);
}

/* Fills the reply with what follows a cookie: entries of the list, from *first to *end. */
static void fill(const struct filling *f, uint64_t after, size_t *first, size_t *end)
{
	*first = *end = dirlist_after(f->list, after);
	if (after < DIRLIST_SELF && !add_dot(f, ".", DIRLIST_SELF))
		return;
	if (after < DIRLIST_PARENT && !add_dot(f, "..", DIRLIST_PARENT))
		return;
	for (; *end < dirlist_count(f->list); ++*end) {
		struct dirlist_entry e = dirlist_at(f->list, *end);

		if (!add_entry(f, &e))
			return;
	}
}

static void give_back(const struct filling *f, size_t first, size_t end)
{
	for (size_t i = first; f->plus && f->current && i < end; i++) {
		struct dirlist_entry e = dirlist_at(f->list, i);

		if (e.complete)
			node_release(f->call->ops->fs, e.node, 1);
	}
}

/* made: it is not among the listings yet. */
static void reply_entries(struct ops_call *call, struct dirlist *list, bool made, bool ahead,
                          unsigned int changes, const struct ops_request *r)
{
	struct listings *listings = call->ops->listings;
	autobuf out = BUF_INIT;
	struct filling f = { .call = call,
		             .plus = r->plus,
		             .ahead = ahead,
		             .list = list,
		             .out = &out,
		             .max = r->size };
	size_t first, end;

	/* What was told to the kernel since the list was made must not come back by it. */
	f.current = changes == atomic_load(&call->ops->fs->changes);
	buf_reserve(&out, r->size);
	fill(&f, (uint64_t)r->offset, &first, &end);
	if (end == dirlist_count(list))
		listings_remove(listings, list);
	else if (made)
		listings_put(listings, node_id(call->node), changes, list);
	if (fuse_reply_buf(call->req, out.data, out.len) != 0)
		give_back(&f, first, end);
}

static void read_directory(struct ops_request *r)
{
	uint64_t after = (uint64_t)r->offset;
	DEFER(dirlist) *list = NULL;
	struct error err = ERROR_INIT;
	struct ops_call call;
	unsigned int changes;
	int found = 1;
	bool made, ahead;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	changes = atomic_load(&call.ops->fs->changes);
	if (after != 0)
		list = listings_find(call.ops->listings, r->ino, changes, after);
	made = !list;
	if (made)
		found = make_list(&list, &call, after, &err);
	ahead = ops_is_ahead(&call, NULL);
	ops_end(&call);
	if (found < 0)
		ops_fail(r->req, "list directory", &err);
	else if (found == 0)
		ops_stale(r->req);
	else
		reply_entries(&call, list, made, ahead, changes, r);
}

/* Directories with a few entries are at hand; and what follows the last entry is nothing. */
static void serve_directory(struct ops_request *r)
{
	bool at_hand = false;
	struct node n;

	if ((uint64_t)r->offset == DIRLIST_END) {
		fuse_reply_buf(r->req, NULL, 0);
		return;
	}
	if (node_from_id(&n, r->ino))
		at_hand = n.kind == NODE_BACKUP || node_info(n.kind)->keep == NODE_KEEP_ALWAYS;
	ops_serve(r, read_directory, !at_hand);
}

static void ops_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                        struct fuse_file_info *fi)
{
	struct ops_request r = {
		.req = req, .ino = ino, .size = size, .offset = offset, .fi = *fi
	};

	serve_directory(&r);
}

static void ops_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                            struct fuse_file_info *fi)
{
	struct ops_request r = {
		.req = req, .ino = ino, .size = size, .offset = offset, .fi = *fi, .plus = true
	};

	serve_directory(&r);
}

void ops_fill_directories(struct fuse_lowlevel_ops *table)
{
	table->opendir = ops_opendir;
	table->readdir = ops_readdir;
	table->readdirplus = ops_readdirplus;
	table->releasedir = ops_releasedir;
}
