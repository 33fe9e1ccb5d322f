/* SPDX-License-Identifier: MIT */
/* ops_names: lookup, attributes, links. */
#include <errno.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/fsys.h"
#include "fs/handles.h"
#include "fs/ops.h"
#include "fs/promises.h"

int ops_find_child(struct fuse_entry_param *out, struct ops_call *call, const char *name,
                   struct node *child, struct error *err)
{
	struct node_attr attr;
	bool is_so;
	int found = node_lookup(call->worker, call->node, name, child, err);

	if (found <= 0) {
		ops_is_ahead(call, name);
		return found;
	}
	found = node_attr(call->worker, *child, &attr, err);
	is_so = found > 0;
	if (found == 0) /* it is there: it became another one since it was found */
		found = node_attr_now(call->worker, *child, &attr, err);
	ops_is_ahead(call, name);
	if (found > 0)
		ops_entry(out, call, *child, &attr);
	if (is_so && node_promise(call->worker, *child))
		out->attr_timeout = out->entry_timeout = PROMISES_SECONDS;
	if (found <= 0)
		node_release(call->ops->fs, *child, 1);
	return found;
}

static void reply_no_child(const struct ops_call *call)
{
	struct fuse_entry_param none = { .entry_timeout = ops_timeout(call, call->node.kind) };

	if (none.entry_timeout > 0)
		fuse_reply_entry(call->req, &none); /* the kernel keeps that there is none */
	else
		fuse_reply_err(call->req, ENOENT);
}

static void lookup(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct fuse_entry_param entry;
	struct ops_call call;
	struct node child;
	int found;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	found = ops_find_child(&entry, &call, r->name, &child, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(r->req, "look up", &err);
	else if (found == 0)
		reply_no_child(&call);
	else if (fuse_reply_entry(r->req, &entry) != 0)
		node_release(call.ops->fs, child, 1); /* the kernel did not take it */
}

static void ops_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct ops_request r = { .req = req, .ino = parent, .name = name };

	ops_serve(&r, lookup, ops_takes_long(parent, name));
}

static void forget(struct ops *ops, fuse_ino_t ino, uint64_t count)
{
	struct node n;

	if (node_from_id(&n, ino))
		node_release(ops->fs, n, count);
}

static void ops_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
	forget(fuse_req_userdata(req), ino, count);
	fuse_reply_none(req);
}

static void ops_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		forget(fuse_req_userdata(req), forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

static void reply_attr(const struct ops_call *call, const struct node_attr *attr, bool promised)
{
	double timeout = promised ? PROMISES_SECONDS : ops_timeout(call, call->node.kind);
	struct stat st;

	ops_stat(&st, call->ops, call->node, attr);
	fuse_reply_attr(call->req, &st, timeout);
}

static void getattr(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct ops_call call;
	struct node_attr attr;
	bool promised;
	int found;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	found = node_attr(call.worker, call.node, &attr, &err);
	/* Who reads a file makes the kernel forget when, and ask again for all of it. */
	promised = found > 0 && node_promise(call.worker, call.node);
	/* What changed on the server, or went, is for those who have it open as it was. */
	if (found <= 0 && handles_attr(call.ops->handles, call.node, &attr)) {
		error_clear(&err);
		found = 1;
	}
	/* The kernel looks a name up once more and no further, and a server may change faster.
	 */
	if (found == 0)
		found = node_attr_now(call.worker, call.node, &attr, &err);
	ops_is_ahead(&call, NULL);
	ops_end(&call);
	if (found < 0)
		ops_fail(r->req, "get attributes", &err);
	else if (found == 0)
		ops_stale(r->req);
	else
		reply_attr(&call, &attr, promised);
}

static void ops_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct ops_request r = { .req = req, .ino = ino };

	(void)fi;
	ops_serve(&r, getattr, ops_takes_long(ino, NULL));
}

static void ops_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct error err = ERROR_INIT;
	autobuf target = BUF_INIT;
	struct ops_call call;
	int found;

	if (!ops_begin(&call, req, ino))
		return;
	if (!S_ISLNK(node_info(call.node.kind)->type)) {
		ops_end(&call);
		fuse_reply_err(req, EINVAL);
		return;
	}
	found = node_target(call.worker, call.node, &target, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(req, "read link", &err);
	else if (found == 0)
		ops_stale(req);
	else
		fuse_reply_readlink(req, target.data);
}

static void ops_statfs(fuse_req_t req, fuse_ino_t ino)
{
	/* No blocks: df leaves such file systems out, as it does with proc. */
	const struct statvfs st = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_namemax = 255,
		.f_flag = ST_NOSUID,
	};

	(void)ino;
	fuse_reply_statfs(req, &st);
}

void ops_fill_names(struct fuse_lowlevel_ops *table)
{
	table->lookup = ops_lookup;
	table->forget = ops_forget;
	table->forget_multi = ops_forget_multi;
	table->getattr = ops_getattr;
	table->readlink = ops_readlink;
	table->statfs = ops_statfs;
}
