/* SPDX-License-Identifier: MIT */
/*
 * ops_write: what changes something. What is outside import/ goes to ops_change.c.
 * What is put into import/ is judged when it is closed: the answer is given to
 * FLUSH, since nobody hears what RELEASE answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/dropbox.h"
#include "fs/fsys.h"
#include "fs/handles.h"
#include "fs/ops.h"

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh; // NOLINT(performance-no-int-to-ptr)
}

bool ops_is_import(fuse_ino_t ino, struct node *out)
{
	return node_from_id(out, ino) &&
	       (out->kind == NODE_IMPORTS || out->kind == NODE_IMPORT_DIRECTORY ||
	        out->kind == NODE_IMPORT_FILE);
}

static struct dropbox *box_of(fuse_req_t req)
{
	const struct ops *ops = fuse_req_userdata(req);

	return ops->fs->dropbox;
}

/* The number of a directory in import/; false: it is none, and the request is answered. */
static bool directory_number(int64_t *out, fuse_req_t req, fuse_ino_t ino)
{
	struct node n;

	if (!ops_is_import(ino, &n) || n.kind == NODE_IMPORT_FILE) {
		fuse_reply_err(req, EROFS);
		return false;
	}
	*out = n.kind == NODE_IMPORTS ? DROPBOX_TOP : n.row;
	return true;
}

/* What was refused stands in the log already. */
static void reply(fuse_req_t req, int result, struct error *err)
{
	int number = result < 0 ? error_errno(err) : 0;

	fuse_reply_err(req, result < 0 && number == 0 ? EIO : number);
	error_clear(err);
}

static void fill_entry(struct fuse_entry_param *out, fuse_req_t req,
                       const struct drop_attr *attr)
{
	struct ops_call call = { .req = req, .ops = fuse_req_userdata(req) };
	struct node n = { .kind = attr->directory ? NODE_IMPORT_DIRECTORY : NODE_IMPORT_FILE,
		          .row = attr->number };
	const struct node_attr plain = { .ino = node_entry_ino(n),
		                         .size = attr->size,
		                         .mtime = attr->mtime,
		                         .nlink = attr->directory ? 2 : 1 };

	ops_entry(out, &call, n, &plain);
}

static struct handle *new_handle(fuse_req_t req, int64_t number)
{
	struct ops *ops = fuse_req_userdata(req);
	const struct node n = { .kind = NODE_IMPORT_FILE, .row = number };

	return handle_drop(ops->handles, n);
}

static void ops_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                       struct fuse_file_info *fi)
{
	struct fuse_entry_param entry;
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	struct handle *h;
	int64_t number;

	(void)mode;
	if (!directory_number(&number, req, parent))
		return;
	if (dropbox_make(box_of(req), number, name, false, &attr, &err) < 0) {
		reply(req, -1, &err);
		return;
	}
	fill_entry(&entry, req, &attr);
	h = new_handle(req, attr.number);
	fi->direct_io = 1;
	fi->fh = (uint64_t)(uintptr_t)h;
	if (fuse_reply_create(req, &entry, fi) != 0)
		handle_close(h);
}

void ops_open_import(fuse_req_t req, struct node n, struct fuse_file_info *fi)
{
	struct error err = ERROR_INIT;
	struct handle *h;

	if ((fi->flags & O_TRUNC) && dropbox_resize(box_of(req), n.row, 0, &err) < 0) {
		reply(req, -1, &err);
		return;
	}
	h = new_handle(req, n.row);
	fi->direct_io = 1;
	fi->fh = (uint64_t)(uintptr_t)h;
	if (fuse_reply_open(req, fi) != 0)
		handle_close(h);
}

void ops_read_import(fuse_req_t req, const struct handle *h, size_t size, off_t offset)
{
	struct error err = ERROR_INIT;
	autobuf bytes = BUF_INIT;

	if (dropbox_read(box_of(req), h->drop, (uint64_t)offset, size, &bytes, &err) < 0)
		reply(req, -1, &err);
	else
		fuse_reply_buf(req, bytes.data, bytes.len);
}

static void ops_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
                      off_t offset, struct fuse_file_info *fi)
{
	struct error err = ERROR_INIT;

	(void)ino;
	if (handle_of(fi)->drop == 0)
		fuse_reply_err(req, EROFS);
	else if (dropbox_write(box_of(req), handle_of(fi)->drop, (uint64_t)offset, data, size,
	                       &err) < 0)
		reply(req, -1, &err);
	else
		fuse_reply_write(req, size);
}

static void settle(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct ops_call call;
	int result;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	result = dropbox_settle(call.ops->fs->dropbox, call.node.row, call.worker->repo, &err);
	ops_end(&call);
	reply(r->req, result, &err);
}

static void ops_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct ops_request r = { .req = req, .ino = ino };

	if (handle_of(fi)->drop == 0)
		fuse_reply_err(req, 0);
	else
		ops_serve(&r, settle, true);
}

static void ops_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	(void)fi;
	fuse_reply_err(req, 0); /* there is no disk */
}

static void ops_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct ops_request r = { .req = req, .ino = parent, .name = name };
	struct fuse_entry_param entry;
	struct error err = ERROR_INIT;
	struct drop_attr attr;
	struct node n;
	int64_t number;

	(void)mode;
	if (!ops_is_import(parent, &n)) {
		ops_change(&r, ops_change_mkdir);
		return;
	}
	if (!directory_number(&number, req, parent))
		return;
	if (dropbox_make(box_of(req), number, name, true, &attr, &err) < 0) {
		reply(req, -1, &err);
		return;
	}
	fill_entry(&entry, req, &attr);
	fuse_reply_entry(req, &entry);
}

static void take_away(fuse_req_t req, fuse_ino_t parent, const char *name, bool directory)
{
	struct ops_request r = { .req = req, .ino = parent, .name = name };
	struct error err = ERROR_INIT;
	struct node n;
	int64_t number;

	if (!ops_is_import(parent, &n))
		ops_change(&r, directory ? ops_change_rmdir : ops_change_unlink);
	else if (directory_number(&number, req, parent))
		reply(req, dropbox_remove(box_of(req), number, name, directory, &err), &err);
}

static void ops_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	take_away(req, parent, name, false);
}

static void ops_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	take_away(req, parent, name, true);
}

static void rename_entry(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	struct drop_move m = { .name = r->name, .new_name = r->new_name };
	struct ops_call call;
	int result;

	if (!directory_number(&m.from, r->req, r->ino) ||
	    !directory_number(&m.to, r->req, r->new_parent))
		return;
	if (!ops_begin(&call, r->req, r->ino))
		return;
	m.keep = (r->flags & RENAME_NOREPLACE) != 0;
	result = dropbox_rename(call.ops->fs->dropbox, &m, call.worker->repo, &err);
	ops_end(&call);
	reply(r->req, result, &err);
}

static void ops_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
                       fuse_ino_t new_parent, const char *new_name, unsigned int flags)
{
	struct ops_request r = { .req = req,
		                 .ino = parent,
		                 .name = name,
		                 .new_parent = new_parent,
		                 .new_name = new_name,
		                 .flags = flags };
	struct node n;

	if (!ops_is_import(parent, &n) || !ops_is_import(new_parent, &n))
		fuse_reply_err(req, EROFS);
	else if (flags & ~(unsigned int)RENAME_NOREPLACE)
		fuse_reply_err(req, EINVAL);
	else
		ops_serve(&r, rename_entry, true);
}

/* Owner, mode and times of what is put there are nobody's business: taken, and forgotten. */
static void ops_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
                        struct fuse_file_info *fi)
{
	const struct ops *ops = fuse_req_userdata(req);
	struct fuse_entry_param entry;
	struct error err = ERROR_INIT;
	struct drop_attr drop;
	struct node n;

	(void)fi;
	if (!ops_is_import(ino, &n) || n.kind == NODE_IMPORTS) {
		fuse_reply_err(req, EROFS);
		return;
	}
	if ((to_set & FUSE_SET_ATTR_SIZE) &&
	    dropbox_resize(ops->fs->dropbox, n.row, (uint64_t)attr->st_size, &err) < 0) {
		reply(req, -1, &err);
		return;
	}
	if (!dropbox_attr(ops->fs->dropbox, n.row, &drop)) {
		ops_stale(req);
		return;
	}
	fill_entry(&entry, req, &drop);
	fuse_reply_attr(req, &entry.attr, 0);
}

/* What is never possible in import/. */

static void ops_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct ops_request r = { .req = req, .ino = parent, .name = name, .new_name = target };
	struct node n;

	if (ops_is_import(parent, &n))
		fuse_reply_err(req, EPERM);
	else
		ops_change(&r, ops_change_symlink);
}

static void ops_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	struct node n;

	(void)ino;
	(void)name;
	fuse_reply_err(req, ops_is_import(parent, &n) ? EPERM : EROFS);
}

static void ops_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                      dev_t device)
{
	struct node n;

	(void)name;
	(void)mode;
	(void)device;
	fuse_reply_err(req, ops_is_import(parent, &n) ? EPERM : EROFS);
}

static void ops_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
                         size_t size, int flags)
{
	autobuf text = BUF_INIT;
	struct ops_request r = {
		.req = req, .ino = ino, .name = name, .flags = (unsigned int)flags
	};
	struct node n;

	if (ops_is_import(ino, &n)) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	buf_add(&text, value, size);
	r.new_name = text.data ? text.data : "";
	if (memchr(value, '\0', size))
		fuse_reply_err(req, EINVAL);
	else
		ops_change(&r, ops_change_xattr);
}

static void ops_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	struct ops_request r = { .req = req, .ino = ino, .name = name };
	struct node n;

	if (ops_is_import(ino, &n))
		fuse_reply_err(req, EOPNOTSUPP);
	else
		ops_change(&r, ops_change_xattr);
}

/* Asked only where the kernel does not judge by modes: without allow_other. */
static void ops_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	const struct ops *ops = fuse_req_userdata(req);
	struct node n;
	bool writable = ops_is_import(ino, &n) ||
	                (ops->writable && node_from_id(&n, ino) && ops_takes_changes(n.kind));

	fuse_reply_err(req, (mask & W_OK) && !writable ? EROFS : 0);
}

void ops_fill_writes(struct fuse_lowlevel_ops *table)
{
	table->create = ops_create;
	table->write = ops_write;
	table->flush = ops_flush;
	table->fsync = ops_fsync;
	table->mkdir = ops_mkdir;
	table->unlink = ops_unlink;
	table->rmdir = ops_rmdir;
	table->rename = ops_rename;
	table->setattr = ops_setattr;
	table->symlink = ops_symlink;
	table->link = ops_link;
	table->mknod = ops_mknod;
	table->setxattr = ops_setxattr;
	table->removexattr = ops_removexattr;
	table->access = ops_access;
}
