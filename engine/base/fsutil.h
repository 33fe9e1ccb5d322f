/* SPDX-License-Identifier: MIT */
/*
 * fsutil: files and directories. Thread-safe.
 */
#ifndef ENGINE_BASE_FSUTIL_H
#define ENGINE_BASE_FSUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;

/* Appends a whole file of at most max bytes; a larger one is ERR_CORRUPT. */
int file_read(struct buf *out, const char *path, size_t max, struct error *err);
/* 1 read, 0 no such file, -1. */
int file_read_if_there(struct buf *out, const char *path, size_t max, struct error *err);
/* Appends everything from a descriptor until its end, at most max bytes. */
int fd_read_all(struct buf *out, int fd, size_t max, struct error *err);
/* Writes all of it, retrying short writes and EINTR. */
int fd_write_all(int fd, const void *data, size_t len, struct error *err);

/*
 * Replaces or creates a file so that after a power cut either the old or the
 * new content is there: exclusive temporary file beside it, fsync, rename,
 * fsync of the directory.
 */
int file_replace(const char *path, const void *data, size_t len, mode_t mode,
                 struct error *err);

/* Creates a directory and its parents (mode less umask for all that are new). */
int dir_create(const char *path, mode_t mode, struct error *err);
int dir_sync(const char *path, struct error *err);
/* Removes a tree that we made ourselves; a missing one is fine. */
int dir_remove_tree(const char *path, struct error *err);

char *path_join(const char *dir, const char *name); /* caller frees */
char *path_parent(const char *path);                /* "." for a bare name; caller frees */
/* "~/x" and "~" by $HOME; everything else as it is. Caller frees. */
char *path_expand(const char *path);
/* $XDG_STATE_HOME, $XDG_DATA_HOME, $XDG_CONFIG_HOME, $XDG_RUNTIME_DIR or their defaults. */
char *path_xdg(const char *variable, const char *fallback_below_home); /* caller frees */

int random_bytes(void *out, size_t len, struct error *err); /* from the kernel */

#endif
