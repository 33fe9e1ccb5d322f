/* SPDX-License-Identifier: MIT */
/* ops_directories: opendir, readdir with and without attributes. */
#include <errno.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/handles.h"
#include "fs/ops.h"

#define UNKNOWN_INO 0xffffffff /* of "." and "..": as libfuse has it */

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh; // NOLINT(performance-no-int-to-ptr)
}

static bool is_kept(const struct ops_call *call)
{
	return ops_timeout(call, call->node.kind) > 0;
}

static void ops_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *d;
	struct ops_call call;

	if (!ops_begin(&call, req, ino))
		return;
	ops_end(&call);
	d = handle_directory(call.ops->handles, call.node);
	fi->fh = (uint64_t)(uintptr_t)d;
	fi->cache_readdir = is_kept(&call);
	fi->keep_cache = is_kept(&call);
	if (fuse_reply_open(req, fi) != 0)
		handle_close(d);
}

static void ops_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	handle_close(handle_of(fi));
	fuse_reply_err(req, 0);
}

/* Made with the first entry that is asked for, and again after a rewind. 1, 0 gone, -1. */
static int make_list(struct handle *d, struct ops_call *call, struct error *err)
{
	bool changes = node_info(call->node.kind)->keep != NODE_KEEP_ALWAYS;
	unsigned int seen = atomic_load(&call->ops->fs->changes);
	DEFER(dirlist) *list = dirlist_new(call->ops->fs, changes);
	int found = node_list(call->worker, call->node, list, err);

	if (found <= 0)
		return found;
	dirlist_finish(list);
	dirlist_free(d->list);
	d->list = take(list);
	d->changes = seen;
	return 1;
}

/* The reply while it is filled. */
struct filling {
	const struct ops_call *call;
	bool plus;    /* with attributes */
	bool current; /* the list is not older than what the kernel was told last */
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
	if (f->plus && entry.ino != 0)
		node_hold(f->call->ops->fs, e->node);
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

/* Fills the reply with what follows a cookie; *count: entries of the list from *first. */
static void fill(const struct filling *f, const struct handle *d, uint64_t after, size_t *first,
                 size_t *count)
{
	*count = 0;
	*first = dirlist_after(d->list, after);
	if (after < DIRLIST_SELF && !add_dot(f, ".", DIRLIST_SELF))
		return;
	if (after < DIRLIST_PARENT && !add_dot(f, "..", DIRLIST_PARENT))
		return;
	for (size_t i = *first; i < dirlist_count(d->list); i++) {
		struct dirlist_entry e = dirlist_at(d->list, i);

		if (!add_entry(f, &e))
			return;
		++*count;
	}
}

static void give_back(const struct filling *f, const struct handle *d, size_t first,
                      size_t count)
{
	for (size_t i = first; f->plus && f->current && i < first + count; i++) {
		struct dirlist_entry e = dirlist_at(d->list, i);

		if (e.complete)
			node_release(f->call->ops->fs, e.node, 1);
	}
}

static void reply_entries(struct ops_call *call, struct handle *d, const struct ops_request *r)
{
	autobuf out = BUF_INIT;
	struct filling f = { .call = call, .plus = r->plus, .out = &out, .max = r->size };
	size_t first, count;

	/* What was told to the kernel since the list was made must not come back by it. */
	f.current = d->changes == atomic_load(&call->ops->fs->changes);
	buf_reserve(&out, r->size);
	fill(&f, d, (uint64_t)r->offset, &first, &count);
	if (fuse_reply_buf(call->req, out.data, out.len) != 0)
		give_back(&f, d, first, count);
}

static void read_directory(struct ops_request *r)
{
	struct handle *d = handle_of(&r->fi);
	struct error err = ERROR_INIT;
	struct ops_call call;
	int found = 1;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	if (!d->list || r->offset == 0)
		found = make_list(d, &call, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(r->req, "list directory", &err);
	else if (found == 0)
		ops_stale(r->req);
	else
		reply_entries(&call, d, r);
}

/* A list that is there is at hand; so are those of directories with a few entries. */
static void serve_directory(struct ops_request *r)
{
	bool at_hand = handle_of(&r->fi)->list && r->offset != 0;
	struct node n;

	if (!at_hand && node_from_id(&n, r->ino))
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
