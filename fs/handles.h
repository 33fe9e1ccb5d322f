/* SPDX-License-Identifier: MIT */
/*
 * handles: the files that are open. Each keeps the bytes and attributes that it had when
 * it was opened. At the end of a mount the kernel does
 * not say of everything that it was closed: handles_free() ends what is left.
 * Thread-safe; one handle is used by one request at a time, or only read.
 */
#ifndef FS_HANDLES_H
#define FS_HANDLES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "engine/base/cleanup.h"
#include "fs/node.h"

struct content;
struct handles;

struct handle {
	LIST_ENTRY(handle) order;
	struct handles *owner;
	uint64_t id; /* of the node */
	/* A file */
	struct content *content;
	struct node_attr attr;
	/* A file in import/ that is open for writing: its number; else 0 */
	int64_t drop;
};

struct handles *handles_new(void);
void handles_free(struct handles *hs); /* NULL is fine */
DEFINE_DEFER(handles, handles_free)

/* Takes the reference to the content over. */
struct handle *handle_file(struct handles *hs, struct node n, const struct node_attr *attr,
                           struct content *content);
/* A file in import/ that is written to. */
struct handle *handle_drop(struct handles *hs, struct node n);
void handle_close(struct handle *h);

/*
 * The attributes of a file that somebody has open, as he sees them: fstat(2) asks
 * by the node's number only. False: nobody has.
 */
bool handles_attr(struct handles *hs, struct node n, struct node_attr *out);

#endif
