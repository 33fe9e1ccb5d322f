/* SPDX-License-Identifier: MIT */
/*
 * notify: tells the kernel what it must forget. A watch_fn.
 *
 * Measured: once a directory's listing is cached, forgetting an entry leaves ls
 * stale; the directory itself must be forgotten, before the entry. And again
 * after it: telling of an entry waits for whoever reads the directory just now,
 * and what that one was given may be old. Runs on the watch's thread, which holds
 * nothing that a handler waits for.
 */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

#include <stddef.h>

struct fsys;
struct fuse_session;
struct watch_news;

struct notify {
	struct fsys *fs;
	struct fuse_session *session;
};

void notify_kernel(void *arg, const struct watch_news *news, size_t count); /* arg: notify */

#endif
