/* SPDX-License-Identifier: MIT */
/*
 * session: a mount from its beginning to its end: mounts, starts the threads,
 * answers the kernel, and unmounts when told to (SIGTERM, SIGINT) or when
 * somebody else unmounted it. SIGHUP reads the configuration again, and opens the log anew. For
 * one per process.
 */
#ifndef FS_SESSION_H
#define FS_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "fs/reload.h"

struct error;
struct repo;

struct session_options {
	const char *mountpoint; /* absolute */
	struct reload reload;   /* how, at SIGHUP */
	bool allow_other;
	bool read_only; /* no import/ either */
	bool writable;  /* backups can be deleted and tagged */
	uid_t uid;
	gid_t gid;
	mode_t mask;
	/* The mount answers. Called once, on one of the session's threads. */
	void (*ready)(void *arg);
	void *arg;
};

/* Takes r over. Returns when it is unmounted: 0, or -1 when it never was mounted. */
int session_run(struct repo *r, const struct session_options *o, struct error *err);

#endif
