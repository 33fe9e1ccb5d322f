/* SPDX-License-Identifier: MIT */
/* ops_xattrs: extended attributes. */
#include <errno.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/fsys.h"
#include "fs/ops.h"

/* The kernel asks twice: for the size with size 0, then for the bytes. */
static void reply_bytes(fuse_req_t req, const struct buf *bytes, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, bytes->len);
	else if (bytes->len > size)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, bytes->data, bytes->len);
}

struct wanted {
	const char *name;
	struct buf *value;
	bool found;
};

static int take_value(void *arg, const char *name, const char *value, struct error *err)
{
	struct wanted *w = arg;

	(void)err;
	if (!w->found && strcmp(name, w->name) == 0) {
		buf_adds(w->value, value);
		w->found = true;
	}
	return 0;
}

/* user.description and user.tag.KEY, as they can be set, are short for these. */
static void full_name(struct buf *out, const char *name)
{
	const char *rest = name + strlen("user.");
	bool is_short = strcmp(rest, "description") == 0 || strncmp(rest, "tag.", 4) == 0;

	buf_addf(out, "user.%s%s", is_short ? "schemafs." : "", rest);
}

static void ops_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct error err = ERROR_INIT;
	autobuf value = BUF_INIT;
	autobuf full = BUF_INIT;
	struct wanted wanted = { .value = &value };
	struct ops_call call;
	int found;

	/* ls asks each file for ACLs and labels until it hears this once. */
	if (!str_has_prefix(str_of(name), "user.")) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	full_name(&full, name);
	wanted.name = full.data;
	if (!ops_begin(&call, req, ino))
		return;
	found = node_xattrs(call.worker, call.node, take_value, &wanted, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(req, "get attribute", &err);
	else if (found == 0)
		ops_stale(req);
	else if (!wanted.found)
		fuse_reply_err(req, ENODATA);
	else
		reply_bytes(req, &value, size);
}

static int add_name(void *arg, const char *name, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	buf_add(arg, name, strlen(name) + 1);
	return 0;
}

static void ops_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct error err = ERROR_INIT;
	autobuf names = BUF_INIT;
	struct ops_call call;
	int found;

	if (!ops_begin(&call, req, ino))
		return;
	found = node_xattrs(call.worker, call.node, add_name, &names, &err);
	ops_end(&call);
	if (found < 0)
		ops_fail(req, "list attributes", &err);
	else if (found == 0)
		ops_stale(req);
	else
		reply_bytes(req, &names, size);
}

void ops_fill_xattrs(struct fuse_lowlevel_ops *table)
{
	table->getxattr = ops_getxattr;
	table->listxattr = ops_listxattr;
}
