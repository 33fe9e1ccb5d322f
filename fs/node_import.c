/* SPDX-License-Identifier: MIT */
/* node_import: import: what people put there. How it is written is in ops_import.c. */
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "fs/content.h"
#include "fs/dirlist.h"
#include "fs/dropbox.h"
#include "fs/fsys.h"
#include "fs/node.h"

static int64_t number_of(struct node n)
{
	return n.kind == NODE_IMPORTS ? DROPBOX_TOP : n.row;
}

static struct node node_for(const struct drop_attr *attr)
{
	return (struct node){ .kind = attr->directory ? NODE_IMPORT_DIRECTORY
		                                      : NODE_IMPORT_FILE,
		              .row = attr->number };
}

static int import_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	struct drop_attr attr;

	(void)err;
	if (!dropbox_attr(w->fs->dropbox, number_of(n), &attr))
		return 0;
	out->size = attr.size;
	out->mtime = n.kind == NODE_IMPORTS ? w->fs->started_at : attr.mtime;
	if (attr.directory) {
		out->nlink = 2 + attr.directories;
		out->mtime_ns = attr.changes % NODE_NS;
	}
	return 1;
}

static int import_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                         struct error *err)
{
	struct drop_attr attr;

	(void)err;
	if (!dropbox_find(w->fs->dropbox, number_of(n), name, &attr))
		return 0;
	*child = node_for(&attr);
	return 1;
}

static void list_entry(void *arg, const char *name, const struct drop_attr *attr)
{
	struct node child = node_for(attr);

	dirlist_add_plain(arg, name, child, node_entry_ino(child));
}

static int import_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	(void)err;
	dropbox_each(w->fs->dropbox, number_of(n), list_entry, out);
	return 1;
}

static int import_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	autobuf text = BUF_INIT;

	if (dropbox_read(w->fs->dropbox, n.row, 0, SIZE_MAX, &text, err) < 0)
		return -1;
	*out = content_new(&text);
	return 1;
}

const struct node_ops node_import_ops = {
	.attr = import_attr,
	.lookup = import_lookup,
	.list = import_list,
	.open = import_open,
};
