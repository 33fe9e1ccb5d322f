/* SPDX-License-Identifier: MIT */
/*
 * daemon: into the background, and word of readiness.
 *
 *	switch (daemon_fork(&ready_fd, &status, err)) ...
 *
 * The process forks before it does anything. The child does the work with the
 * terminal still there for its errors; the parent waits for the child's word
 * that all is well, or its end. Not thread-safe; before there are threads.
 */
#ifndef FS_DAEMON_H
#define FS_DAEMON_H

struct error;

/*
 * 0 in the child, with *ready_fd to speak to the parent. 1 in the parent, when
 * the child is ready or ended, with *status to exit with. -1.
 */
int daemon_fork(int *ready_fd, int *status, struct error *err);
/* In the child: releases the parent, and lets go of the terminal. */
void daemon_ready(int ready_fd);

/* Tells systemd ($NOTIFY_SOCKET): "READY=1", "STOPPING=1". Nobody there: nothing happens. */
void daemon_notify(const char *state);

#endif
