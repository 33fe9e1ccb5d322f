/* SPDX-License-Identifier: MIT */
/* dropbox_entry: what dropbox.c and dropbox_judge.c share and nobody else sees. */
#ifndef FS_DROPBOX_ENTRY_H
#define FS_DROPBOX_ENTRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "engine/base/error.h"
#include "fs/dropbox.h"

enum drop_state { DROP_OPEN, DROP_ACCEPTED, DROP_REFUSED };

/* All is guarded by the box's lock, but for the bytes behind fd while it is busy. */
struct drop {
	LIST_ENTRY(drop) order;
	int64_t number, parent;
	char *name;
	int fd; /* -1: a directory */
	uint64_t size;
	int64_t mtime;
	bool directory;
	bool note; /* NAME.error */
	/* Of what stands directly in the box: */
	enum drop_state state;
	struct error why; /* it was refused */
	bool busy;        /* it is being judged */
	int64_t touched_ms;
};

struct dropbox {
	pthread_mutex_t lock;
	pthread_cond_t changed;    /* something is not busy any more */
	LIST_HEAD(, drop) entries; /* guarded by lock, like all below */
	size_t count;
	uint64_t total;
	int64_t last;     /* number */
	uint32_t changes; /* of names */
};

/* Under the lock. */
struct drop *drop_at(struct dropbox *d, int64_t number);
struct drop *drop_named(struct dropbox *d, int64_t parent, const char *name);
struct drop *drop_top(struct dropbox *d, struct drop *e); /* what stands in the box */
struct drop *drop_add(struct dropbox *d, int64_t parent, const char *name, bool directory);
void drop_forget(struct dropbox *d, struct drop *e); /* with all that is in it */

/* Imports what stands in the box under this number; not under the lock. */
int drop_judge(struct dropbox *d, int64_t number, struct repo *r, struct error *err);

#endif
