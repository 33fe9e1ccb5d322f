/* SPDX-License-Identifier: MIT */
/*
 * mountpoint: the directory to mount at: is it fit, does the last daemon's dead
 * mount lie on it, who uses it, take it away. Thread-safe.
 */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <stdbool.h>

struct buf;
struct error;

/*
 * Makes sure that it is a directory on which nothing of ours is mounted; a mount
 * whose daemon is gone is taken away. *out: its absolute path; caller frees.
 */
int mountpoint_prepare(char **out, const char *path, struct error *err);
/* Is there what mounting takes, for this user? */
int mountpoint_can_mount(bool allow_other, struct error *err);

/* 1 unmounted, 0 it is busy, -1. lazy: now for new users, later for those who are in it. */
int mountpoint_unmount(const char *path, bool lazy, struct error *err);
/* The same by hand: only what is mounted there and is ours. ERR_NOT_FOUND; ERR_BUSY names who
 * is in it. */
int mountpoint_end(const char *path, bool lazy, struct error *err);
/* Appends who has something of it open: "bash (1234), less (1240)"; nothing when unknown. */
void mountpoint_holders(struct buf *out, const char *path);

#endif
