/* SPDX-License-Identifier: MIT */
#include "fs/ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "fs/ahead.h"
#include "fs/census.h"
#include "fs/fsys.h"
#include "fs/jobs.h"

#define LOG_MODULE "fs"

#define BLOCK 512U /* unit of st_blocks */

bool ops_begin(struct ops_call *call, fuse_req_t req, fuse_ino_t ino)
{
	struct error err = ERROR_INIT;

	*call = (struct ops_call){ .req = req, .ops = fuse_req_userdata(req) };
	call->watching = atomic_load(&call->ops->fs->watching);
	if (!node_from_id(&call->node, ino)) {
		ops_stale(req);
		return false;
	}
	if (worker_take(&call->worker, call->ops->fs, &err) < 0) {
		ops_fail(req, "open the catalog", &err);
		return false;
	}
	return true;
}

/* A request that waits for its turn. */
struct waiting {
	struct ops_request request;
	ops_fn *fn;
	char names[]; /* of the request, which libfuse keeps for its call only */
};

/* A text of the request, copied behind what is there already. */
static const char *keep_text(char **to, const char *text)
{
	const char *kept = *to;

	if (!text)
		return NULL;
	*to = stpcpy(*to, text) + 1;
	return kept;
}

static void run_waiting(void *arg)
{
	struct waiting *w = arg;

	w->fn(&w->request);
	free(w);
}

void ops_serve(struct ops_request *r, ops_fn *fn, bool takes_long)
{
	const struct ops *ops = fuse_req_userdata(r->req);
	size_t len = (r->name ? strlen(r->name) + 1 : 0) +
	             (r->new_name ? strlen(r->new_name) + 1 : 0);
	struct waiting *w;
	char *to;

	if (!takes_long) {
		fn(r);
		return;
	}
	w = mem_alloc(sizeof(*w) + len);
	w->fn = fn;
	w->request = *r;
	to = w->names;
	w->request.name = keep_text(&to, r->name);
	w->request.new_name = keep_text(&to, r->new_name);
	jobs_add(ops->jobs, run_waiting, w);
}

bool ops_takes_long(fuse_ino_t ino, const char *child)
{
	struct node n;

	return node_from_id(&n, ino) && node_takes_long(n, child);
}

bool ops_is_ahead(struct ops_call *call, const char *name)
{
	struct fsys *fs = call->ops->fs;
	struct error err = ERROR_INIT;
	int64_t generation;

	/* Elsewhere nothing is kept, or nothing changes. */
	if (node_info(call->node.kind)->keep != NODE_KEEP_WATCHED &&
	    call->node.kind != NODE_ROOT)
		return false;
	generation = catalog_generation(call->worker->catalog, &err);
	error_clear(&err);
	if (generation >= 0 && generation == census_generation(fs->census))
		return false;
	ahead_note(fs->ahead, node_id(call->node), name);
	return true;
}

void ops_end(struct ops_call *call)
{
	worker_give(call->worker);
	call->worker = NULL;
}

void ops_stale(fuse_req_t req)
{
	fuse_reply_err(req, ESTALE);
}

/* A file of ours that is missing is no business of who reads the tree. */
static int number_of(const struct error *err)
{
	int number = error_errno(err);

	if (err->code == ERR_SYSTEM && (number == ENOENT || number == ENOTDIR))
		return EIO;
	return number != 0 ? number : EIO;
}

void ops_fail(fuse_req_t req, const char *doing, struct error *err)
{
	/*
	 * live.c logs once that the server is away, not for every file that is looked at; and
	 * what the end of the mount interrupts is no failure.
	 */
	if (err->code != ERR_CONNECT && err->code != ERR_CANCELLED)
		log_failure(LOG_MODULE, doing, err);
	fuse_reply_err(req, number_of(err));
	error_clear(err);
}

double ops_timeout(const struct ops_call *call, enum node_kind kind)
{
	switch (node_info(kind)->keep) {
	case NODE_KEEP_ALWAYS:
		return OPS_FOREVER;
	case NODE_KEEP_WATCHED:
		return call->watching ? OPS_FOREVER : 0;
	case NODE_KEEP_NEVER:
		return 0;
	}
	return 0;
}

/* import/ is for its owner only, whatever the others may see. */
static mode_t permissions(const struct ops *ops, struct node n)
{
	mode_t type = node_info(n.kind)->type;

	if (n.kind == NODE_IMPORTS || n.kind == NODE_IMPORT_DIRECTORY)
		return 0700;
	if (n.kind == NODE_IMPORT_FILE)
		return 0600;
	if (ops->writable && ops_takes_changes(n.kind))
		return 0755;
	if (S_ISDIR(type))
		return 0555;
	return S_ISLNK(type) ? 0777 : 0444;
}

void ops_stat(struct stat *out, const struct ops *ops, struct node n,
              const struct node_attr *attr)
{
	mode_t type = node_info(n.kind)->type;
	mode_t mask = S_ISLNK(type) ? 0 : ops->mask;

	*out = (struct stat){
		.st_ino = attr->ino,
		.st_mode = type | (permissions(ops, n) & ~mask),
		.st_nlink = attr->nlink,
		.st_uid = ops->uid,
		.st_gid = ops->gid,
		.st_size = (off_t)attr->size,
		.st_blocks = (blkcnt_t)((attr->size + BLOCK - 1) / BLOCK),
		.st_blksize = 4096,
		.st_mtim.tv_sec = attr->mtime,
		.st_mtim.tv_nsec = attr->mtime_ns,
		.st_atim.tv_sec = attr->mtime,
		.st_ctim.tv_sec = attr->mtime,
	};
}

void ops_entry(struct fuse_entry_param *out, const struct ops_call *call, struct node n,
               const struct node_attr *attr)
{
	*out = (struct fuse_entry_param){
		.ino = node_id(n),
		.generation = call->ops->generation,
		.attr_timeout = ops_timeout(call, n.kind),
		.entry_timeout = ops_timeout(call, n.kind),
	};
	ops_stat(&out->attr, call->ops, n, attr);
}

static void want(struct fuse_conn_info *conn, unsigned int capability)
{
	conn->want |= conn->capable & capability;
}

static void ops_init(void *userdata, struct fuse_conn_info *conn)
{
	struct ops *ops = userdata;

	want(conn, FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO);
	want(conn, FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_ASYNC_READ);
	/* Listings that the kernel keeps are good as long as the directory's mtime is the same.
	 */
	want(conn, FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_NO_OPENDIR_SUPPORT);
	ops->may_refuse_opendir = (conn->capable & FUSE_CAP_NO_OPENDIR_SUPPORT) != 0;
	if (ops->ready)
		ops->ready(ops->arg);
}

void ops_fill(struct fuse_lowlevel_ops *table)
{
	*table = (struct fuse_lowlevel_ops){ .init = ops_init };
	ops_fill_names(table);
	ops_fill_directories(table);
	ops_fill_files(table);
	ops_fill_xattrs(table);
	ops_fill_writes(table);
}
