/* SPDX-License-Identifier: MIT */
/*
 * ops_change: what changes backups, in a mount with rw. Without it everything is answered with
 * EROFS, as is what has no meaning here in any mount.
 *
 * rm -r takes the files of a directory away before the directory. Those of a backup go only
 * all together: taking one away is granted when the backup may be deleted, and does
 * nothing; the rmdir of the backup's directory deletes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/repo/create.h"
#include "engine/repo/edit.h"
#include "engine/repo/remove.h"
#include "fs/change.h"
#include "fs/drafts.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/names.h"
#include "fs/ops.h"
#include "fs/shelf.h"

static uid_t who(fuse_req_t req)
{
	return fuse_req_ctx(req)->uid;
}

/* Gives the worker back and answers: 0 or more done, -1. */
static void answer(struct ops_call *call, int result, const char *doing, struct error *err)
{
	ops_end(call);
	if (result < 0)
		ops_fail(call->req, doing, err);
	else
		fuse_reply_err(call->req, 0);
}

static void answer_number(struct ops_call *call, int number)
{
	ops_end(call);
	fuse_reply_err(call->req, number);
}

/* The same with the child of this name, which is there now. */
static void answer_child(struct ops_call *call, const char *name, const char *doing,
                         struct error *err)
{
	struct fuse_entry_param entry;
	struct node child;
	int found = ops_find_child(&entry, call, name, &child, err);

	ops_end(call);
	if (found < 0)
		ops_fail(call->req, doing, err);
	else if (found == 0)
		ops_stale(call->req);
	else if (fuse_reply_entry(call->req, &entry) != 0)
		node_release(call->ops->fs, child, 1);
}

void ops_change(struct ops_request *r, ops_fn *fn)
{
	const struct ops *ops = fuse_req_userdata(r->req);

	if (ops->writable)
		ops_serve(r, fn, true);
	else
		fuse_reply_err(r->req, EROFS);
}

bool ops_takes_changes(enum node_kind kind)
{
	static const bool takes[NODE_KIND_COUNT] = {
		[NODE_DATABASES] = true, [NODE_DATABASE] = true, [NODE_DAY] = true,
		[NODE_BACKUP] = true,    [NODE_OBJECTS] = true,  [NODE_OBJECT_KIND] = true,
		[NODE_TAGS] = true,      [NODE_TAG_KEY] = true,  [NODE_TAG_VALUE] = true,
		[NODE_IDS] = true,
	};

	return takes[kind];
}

/* Deleting */

static void delete_backup(struct ops_call *call, const char *id)
{
	struct error err = ERROR_INIT;
	DEFER(card) *card = NULL;
	int found = group_card_named(&card, call->worker, id, &err);

	if (found == 0) {
		answer_number(call, ENOENT);
		return;
	}
	if (found > 0)
		found = change_delete(call->worker, card->backup, who(call->req), &err);
	answer(call, found, "delete", &err);
}

/* Of a file or directory in a backup: may all of it go? */
static void grant_part(struct ops_call *call)
{
	struct error err = ERROR_INIT;
	DEFER(card) *card = NULL;
	int found = group_card(&card, call->worker, call->node.row, &err);

	if (found > 0)
		found = repo_remove_check(call->worker->repo, card->backup, &err);
	answer(call, found, "delete", &err);
}

/* What stands for several backups goes with the last of them. */
static void remove_group(struct ops_call *call, const char *name)
{
	struct error err = ERROR_INIT;
	struct fsys *fs = call->ops->fs;
	const char *key =
		call->node.kind == NODE_TAG_KEY ? names_first(fs->names, call->node.row) : NULL;
	autobuf text = BUF_INIT;
	struct node child;
	int found;

	if ((call->node.kind == NODE_TAGS || key) &&
	    filename_read(&text, name) == FILENAME_WHOLE)
		drafts_drop(fs->drafts, key ? key : text.data, key ? text.data : NULL);
	found = node_lookup(call->worker, call->node, name, &child, &err);
	if (found > 0)
		node_release(fs, child, 1);
	if (found > 0)
		answer_number(call, ENOTEMPTY);
	else
		answer(call, found, "remove", &err);
}

void ops_change_rmdir(struct ops_request *r)
{
	struct ops_call call;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	switch ((int)call.node.kind) {
	case NODE_DAY:
		delete_backup(&call, r->name);
		break;
	case NODE_BACKUP:
	case NODE_OBJECTS:
		grant_part(&call);
		break;
	case NODE_DATABASES:
	case NODE_DATABASE:
	case NODE_TAGS:
	case NODE_TAG_KEY:
		remove_group(&call, r->name);
		break;
	default:
		answer_number(&call, EROFS);
	}
}

/* Tags */

static void untag(struct ops_call *call, const char *id)
{
	struct error err = ERROR_INIT;
	const char *key = names_first(call->ops->fs->names, call->node.row);
	DEFER(card) *card = NULL;
	struct node child;
	int found = node_lookup(call->worker, call->node, id, &child, &err);

	if (found > 0)
		found = group_card(&card, call->worker, child.row, &err);
	if (found == 0) {
		answer_number(call, ENOENT);
		return;
	}
	if (found > 0)
		found = change_untag(call->worker, card->backup, key, who(call->req), &err);
	answer(call, found, "remove the tag", &err);
}

void ops_change_unlink(struct ops_request *r)
{
	struct ops_call call;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	switch ((int)call.node.kind) {
	case NODE_IDS:
		delete_backup(&call, r->name);
		break;
	case NODE_BACKUP:
	case NODE_OBJECT_KIND:
		grant_part(&call);
		break;
	case NODE_TAG_VALUE:
		untag(&call, r->name);
		break;
	default:
		answer_number(&call, EROFS);
	}
}

/* Could a backup have this tag? A key's own directory: with any value. */
static int check_tag(const char *key, const char *value, struct error *err)
{
	autobuf text = BUF_INIT;
	struct backup_tag tag;

	buf_addf(&text, "%s=%s", key, value ? value : "");
	if (create_parse_tag(&tag, text.data, err) < 0)
		return -1;
	free(tag.key);
	free(tag.value);
	return 0;
}

void ops_change_mkdir(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	autobuf text = BUF_INIT;
	struct ops_call call;
	const char *key, *value;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	if (call.node.kind != NODE_TAGS && call.node.kind != NODE_TAG_KEY) {
		answer_number(&call, EROFS);
		return;
	}
	if (filename_read(&text, r->name) != FILENAME_WHOLE) {
		answer_number(&call, EINVAL);
		return;
	}
	key = call.node.kind == NODE_TAGS ? text.data
	                                  : names_first(call.ops->fs->names, call.node.row);
	value = call.node.kind == NODE_TAGS ? NULL : text.data;
	if (check_tag(key, value, &err) < 0 ||
	    drafts_add(call.ops->fs->drafts, key, value, &err) < 0)
		answer(&call, -1, "make a directory for a tag", &err);
	else
		answer_child(&call, r->name, "make a directory for a tag", &err);
}

/* ln -s ANYTHING/ID by-tag/KEY/VALUE/ID; the target's end keeps it from tagging another one. */
void ops_change_symlink(struct ops_request *r)
{
	const char *slash = strrchr(r->new_name, '/');
	const char *id = slash ? slash + 1 : r->new_name;
	struct error err = ERROR_INIT;
	DEFER(card) *card = NULL;
	struct ops_call call;
	struct names *names;
	int found;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	if (call.node.kind != NODE_TAG_VALUE || strcmp(id, r->name) != 0) {
		answer_number(&call, call.node.kind == NODE_TAG_VALUE ? EINVAL : EROFS);
		return;
	}
	names = call.ops->fs->names;
	found = group_card_named(&card, call.worker, id, &err);
	if (found == 0) {
		answer_number(&call, ENOENT);
		return;
	}
	if (found > 0)
		found = change_tag(call.worker, card->backup, names_first(names, call.node.row),
		                   names_second(names, call.node.row), who(r->req), &err);
	if (found < 0)
		answer(&call, -1, "tag", &err);
	else
		answer_child(&call, r->name, "tag", &err);
}

/* Attributes */

/* Behind "user." or "user.schemafs."; NULL: none that can be changed. */
static const char *attribute_of(const char *name)
{
	static const char *const spaces[] = { "user.schemafs.", "user." };

	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
		if (strncmp(name, spaces[i], strlen(spaces[i])) == 0) {
			const char *rest = name + strlen(spaces[i]);

			return strcmp(rest, "description") == 0 || strncmp(rest, "tag.", 4) == 0
			               ? rest
			               : NULL;
		}
	return NULL;
}

/* value NULL: it is removed. 0, an error's number, -1. */
static int set_attribute(struct ops_call *call, const struct backup *b,
                         const struct ops_request *r, struct error *err)
{
	const char *rest = attribute_of(r->name), *value = r->new_name;
	const char *key = rest + strlen("tag.");
	const struct edit_options words = { .description = value ? value : "" };
	bool is_tag = *rest == 't';
	bool is_there = !is_tag || backup_tag_get(b, key);

	if (value && is_there && (r->flags & XATTR_CREATE))
		return EEXIST;
	if (!is_there && (!value || (r->flags & XATTR_REPLACE)))
		return ENODATA;
	if (!is_tag)
		return change_words(call->worker, b, &words, who(call->req), err);
	if (!value)
		return change_untag(call->worker, b, key, who(call->req), err);
	return change_tag(call->worker, b, key, value, who(call->req), err);
}

void ops_change_xattr(struct ops_request *r)
{
	struct error err = ERROR_INIT;
	DEFER(card) *card = NULL;
	struct ops_call call;
	int result;

	if (!ops_begin(&call, r->req, r->ino))
		return;
	if (call.node.kind != NODE_BACKUP) {
		answer_number(&call, EROFS);
		return;
	}
	if (!attribute_of(r->name)) {
		answer_number(&call, strncmp(r->name, "user.", 5) == 0 ? EPERM : EOPNOTSUPP);
		return;
	}
	result = group_card(&card, call.worker, call.node.row, &err);
	if (result == 0) {
		answer_number(&call, ESTALE);
		return;
	}
	if (result > 0)
		result = set_attribute(&call, card->backup, r, &err);
	if (result > 0)
		answer_number(&call, result);
	else
		answer(&call, result, "set an attribute", &err);
}
