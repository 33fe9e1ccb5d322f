/* SPDX-License-Identifier: MIT */
/* ops_files: open, read. An open file holds all its bytes: it can be read whatever happens. */
#include <errno.h>
#include <fcntl.h>

#include "engine/base/error.h"
#include "fs/content.h"
#include "fs/fsys.h"
#include "fs/handles.h"
#include "fs/ops.h"

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh; // NOLINT(performance-no-int-to-ptr)
}

/* How the content is had: node_open() or node_at_hand(). */
typedef int content_fn(struct worker *w, struct node n, struct content **out,
                       struct error *err);

/* 1, 0 not there any more (or not at hand), -1. */
static int open_file(struct handle **out, struct ops_call *call, content_fn *get,
                     struct error *err)
{
	DEFER(content) *content = NULL;
	struct node_attr attr;
	int found = get(call->worker, call->node, &content, err);

	if (found > 0)
		found = node_attr(call->worker, call->node, &attr, err);
	if (found <= 0)
		return found;
	attr.size = content->len; /* the server's schema may have moved on in between */
	*out = handle_file(call->ops->handles, call->node, &attr, take(content));
	return 1;
}

static void reply_open(const struct ops_call *call, struct handle *file,
                       struct fuse_file_info *fi)
{
	/* Past the page cache, which belongs to the node and not to the open file. */
	bool changes = node_info(call->node.kind)->keep == NODE_KEEP_NEVER;

	fi->direct_io = changes;
	fi->keep_cache = !changes;
	fi->noflush = 1; /* nothing was written */
	fi->fh = (uint64_t)(uintptr_t)file;
	if (fuse_reply_open(call->req, fi) != 0)
		handle_close(file);
}

static void open_node(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct handle *file = NULL;
	struct ops_call call;
	int found;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	found = open_file(&file, &call, node_open, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(r->req, "open", &err);
	else if (found == 0)
		ops_stale(r->req);
	else
		reply_open(&call, file, &r->fi);
}

/* What is at hand is answered here and now; the rest may wait for a store or a server. */
static void open_soon(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct handle *file = NULL;
	struct ops_call call;
	int found;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	found = open_file(&file, &call, node_at_hand, &err);
	ops_end(&call);
	error_clear(&err); /* it comes again */
	if (found > 0)
		reply_open(&call, file, &r->fi);
	else
		ops_serve(r, open_node, true);
}

static void ops_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct ops_request r = { .req = req, .ino = ino, .fi = *fi };
	struct node n;

	if ((fi->flags & O_ACCMODE) != O_RDONLY && ops_is_import(ino, &n))
		ops_open_import(req, n, fi);
	else if ((fi->flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY)
		fuse_reply_err(req, EROFS);
	else
		open_soon(&r);
}

static void ops_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                     struct fuse_file_info *fi)
{
	DEFER(content) *c = NULL;
	size_t from, len;

	(void)ino;
	if (handle_of(fi)->drop != 0) {
		ops_read_import(req, handle_of(fi), size, offset);
		return;
	}
	/* Its reader may close the file, and another thread free it, before the reply returns.
	 */
	c = content_hold(handle_of(fi)->content);
	from = (size_t)offset < c->len ? (size_t)offset : c->len;
	len = size < c->len - from ? size : c->len - from;
	fuse_reply_buf(req, c->data + from, len);
}

static void ops_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	handle_close(handle_of(fi));
	fuse_reply_err(req, 0);
}

void ops_fill_files(struct fuse_lowlevel_ops *table)
{
	table->open = ops_open;
	table->read = ops_read;
	table->release = ops_release;
}
