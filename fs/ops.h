/* SPDX-License-Identifier: MIT */
/*
 * ops: the kernel's requests, answered from nodes. The files ops_*.c are the only
 * ones that reply to the kernel; this header is theirs and of those who hold the
 * session (mount.c, notify.c). Handlers run on libfuse's threads, any number at once.
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
struct handles;
struct worker;

/* The session's user data. */
struct ops {
	struct fsys *fs;
	struct handles *handles; /* fi->fh is one of them */
	uid_t uid;
	gid_t gid;
	mode_t mask;         /* permissions that nobody gets */
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

#define OPS_FOREVER (365.0 * 24 * 3600)

/* One request: the node it is about, and who works on it. */
struct ops_call {
	fuse_req_t req;
	struct ops *ops;
	struct worker *worker;
	struct node node;
	bool watching; /* when it began: what is read from now on may be kept */
};
/* False: it was answered with an error already. */
bool ops_begin(struct ops_call *call, fuse_req_t req, fuse_ino_t ino);
/* Gives the worker back. Call it before the reply: the next request may then have it. */
void ops_end(struct ops_call *call);

/* Replies with the error's number; logs what somebody should know. err is empty again. */
void ops_fail(fuse_req_t req, const char *doing, struct error *err);
/* Replies for a node that is not what it was: the kernel then looks its path up again. */
void ops_stale(fuse_req_t req);

double ops_timeout(const struct ops_call *call, enum node_kind kind);
void ops_stat(struct stat *out, const struct ops *ops, struct node n,
              const struct node_attr *attr);
void ops_entry(struct fuse_entry_param *out, const struct ops_call *call, struct node n,
               const struct node_attr *attr);

#endif
