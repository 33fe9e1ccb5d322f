/* SPDX-License-Identifier: MIT */
/*
 * ops: the kernel's requests, answered from nodes. The files ops_*.c are the only
 * ones that reply to the kernel; this header is theirs and of those who hold the
 * session (session.c, notify.c).
 *
 * One thread reads the requests. What it can answer from memory or the catalog it
 * answers itself: waking another thread takes longer than that. What may wait for
 * a store or a server goes to the jobs.
 */
#ifndef FS_OPS_H
#define FS_OPS_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fs/node.h"

struct error;
struct fsys;
struct handle;
struct handles;
struct jobs;
struct listings;
struct worker;

/* The session's user data. */
struct ops {
	struct fsys *fs;
	struct handles *handles;   /* fi->fh is one of them */
	struct listings *listings; /* what is being read of directories */
	struct jobs *jobs;         /* for requests that may take long */
	bool may_refuse_opendir;   /* the kernel then opens directories without us */
	uid_t uid;
	gid_t gid;
	mode_t mask;         /* permissions that nobody gets */
	bool writable;       /* backups can be deleted and tagged (ops_change.c) */
	uint64_t generation; /* tells the node numbers of this mount from those of others */
	void (*ready)(void *arg); /* the kernel has been answered for the first time */
	void *arg;
};

/* The handlers, by file. ops_fill() makes the table out of them. */
void ops_fill(struct fuse_lowlevel_ops *table);
void ops_fill_names(struct fuse_lowlevel_ops *table);
void ops_fill_directories(struct fuse_lowlevel_ops *table);
void ops_fill_files(struct fuse_lowlevel_ops *table);
void ops_fill_xattrs(struct fuse_lowlevel_ops *table);
void ops_fill_writes(struct fuse_lowlevel_ops *table);

/* Files in import/ that are open for writing (ops_write.c). */
bool ops_is_import(fuse_ino_t ino, struct node *out);
void ops_open_import(fuse_req_t req, struct node n, struct fuse_file_info *fi);
void ops_read_import(fuse_req_t req, const struct handle *h, size_t size, off_t offset);

#define OPS_FOREVER (365.0 * 24 * 3600)

/* A request as it came; what its kind does not have is 0. */
struct ops_request {
	fuse_req_t req;
	fuse_ino_t ino;
	const char *name; /* lookup: of the child */
	size_t size;
	off_t offset;
	struct fuse_file_info fi;
	bool plus; /* readdir: with attributes */
	/* rename: to where */
	fuse_ino_t new_parent;
	const char *new_name; /* symlink: its target; setxattr: the value */
	unsigned int flags;
};
typedef void ops_fn(struct ops_request *r);
/* Calls fn now, or with a copy of the request later. */
void ops_serve(struct ops_request *r, ops_fn *fn, bool takes_long);
/* May the answer wait for a store or a server? child: a name in it, or NULL. */
bool ops_takes_long(fuse_ino_t ino, const char *child);

/* Outside import/ (ops_change.c). EROFS unless the mount takes changes; else calls fn later. */
void ops_change(struct ops_request *r, ops_fn *fn);
ops_fn ops_change_mkdir, ops_change_rmdir, ops_change_unlink, ops_change_symlink,
	ops_change_xattr; /* new_name NULL: it is removed */
bool ops_takes_changes(enum node_kind kind);

/* One request at work: the node it is about, and who works on it. */
struct ops_call {
	fuse_req_t req;
	struct ops *ops;
	struct worker *worker;
	struct node node;
	bool watching; /* when it began: what is read from now on may be kept */
};
/* False: it was answered with an error already. */
bool ops_begin(struct ops_call *call, fuse_req_t req, fuse_ino_t ino);
/*
 * After reading, before ops_end() and the reply: is the catalog ahead of what the watch told?
 * Then the kernel will be told to forget what it is told now: a name in the node, or NULL: the
 * node's own attributes, or what it lists.
 */
bool ops_is_ahead(struct ops_call *call, const char *name);
/* Gives the worker back. Call it before the reply: the next request may then have it. */
void ops_end(struct ops_call *call);

/* Replies with the error's number; logs what somebody should know. err is empty again. */
void ops_fail(fuse_req_t req, const char *doing, struct error *err);
/* Replies for a node that is not what it was: the kernel then looks its path up again. */
void ops_stale(fuse_req_t req);

/* The entry of a child, with a reference to it: 1, 0 no such child, -1. */
int ops_find_child(struct fuse_entry_param *out, struct ops_call *call, const char *name,
                   struct node *child, struct error *err);
double ops_timeout(const struct ops_call *call, enum node_kind kind);
void ops_stat(struct stat *out, const struct ops *ops, struct node n,
              const struct node_attr *attr);
void ops_entry(struct fuse_entry_param *out, const struct ops_call *call, struct node n,
               const struct node_attr *attr);

#endif
