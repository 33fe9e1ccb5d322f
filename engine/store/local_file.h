/* SPDX-License-Identifier: MIT */
/*
 * local_file: a file that appears in a directory whole, or not at all.
 *
 *	DEFER(local_file) *f = NULL;
 *
 *	if (local_file_new(&f, dir, path, mode, LOCAL_FILE_NEW, err) < 0 ||
 *	    local_file_fill(f, body, err) < 0 ||
 *	    local_file_publish(f, name, err) < 0)
 *		return -1;                     // nothing is left behind
 *
 * While it has no name of its own it is nameless in the kernel or has a
 * temporary name, LOCAL_FILE_TEMP and 16 hex digits. Not thread-safe; any
 * number of threads and processes may each have theirs.
 */
#ifndef ENGINE_STORE_LOCAL_FILE_H
#define ENGINE_STORE_LOCAL_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "engine/base/cleanup.h"

struct error;
struct local_file;
struct store_body;

/* Names of ours that are no keys: a key's file name never begins with a dot. */
#define LOCAL_FILE_TEMP ".schemafs-tmp-"
#define LOCAL_FILE_LOCK ".schemafs.lock"

enum local_file_use {
	LOCAL_FILE_NEW,     /* for local_file_publish() */
	LOCAL_FILE_REPLACE, /* for local_file_replace() */
};

/* dir and its path, for messages, stay the caller's and outlive the file. */
int local_file_new(struct local_file **out, int dir, const char *path, mode_t mode,
                   enum local_file_use use, struct error *err);
void local_file_free(struct local_file *f); /* removes what was not published; NULL is fine */
DEFINE_DEFER(local_file, local_file_free)

/* Writes everything and waits until it is on the disk. */
int local_file_fill(struct local_file *f, const struct store_body *body, struct error *err);
/* Gives it its name for good. ERR_EXISTS when there is one by that name. */
int local_file_publish(struct local_file *f, const char *name, struct error *err);
/* The same in place of what has that name. */
int local_file_replace(struct local_file *f, const char *name, struct error *err);

/* Waits until the directory's names are on the disk. */
int local_sync_dir(int dir, const char *path, struct error *err);

/* The error of a failed call, in the words of the guides. */
int local_write_failed(struct error *err, int sys_errno, const char *path);
int local_read_failed(struct error *err, int sys_errno, const char *path);

#endif
