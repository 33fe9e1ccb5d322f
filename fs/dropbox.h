/* SPDX-License-Identifier: MIT */
/*
 * dropbox: what people put into import/, until it is a backup or refused.
 *
 * An entry directly in the box is one thing to import: a file (archive, dump), or a
 * directory with its files. It is judged when it is whole: a file when it is
 * closed, a directory when all that its SHA256SUMS names is there, or, without such a
 * list, when nobody wrote to it for a moment. What was refused has NAME.error beside
 * it; what was accepted goes away after a while, for tools touch it once more.
 *
 * Contents lie in memory without a name, within limits; nothing of them is written to a
 * disk. Names that begin with a dot are somebody's temporary files: they are judged
 * when they get another name. Thread-safe; nobody holds its lock while an import runs.
 */
#ifndef FS_DROPBOX_H
#define FS_DROPBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct dropbox;
struct error;
struct repo;

#define DROPBOX_TOP ((int64_t)1) /* the number of the box itself */

struct dropbox *dropbox_new(void);
void dropbox_free(struct dropbox *d); /* NULL is fine */
DEFINE_DEFER(dropbox, dropbox_free)

struct drop_attr {
	int64_t number;
	bool directory;
	uint64_t size;
	int64_t mtime;
	uint32_t directories; /* in it */
	uint32_t changes;     /* of the names in the box, so far */
};
/* 1, 0 there is none (any more). */
int dropbox_attr(struct dropbox *d, int64_t number, struct drop_attr *out);
int dropbox_find(struct dropbox *d, int64_t parent, const char *name, struct drop_attr *out);
typedef void dropbox_fn(void *arg, const char *name, const struct drop_attr *attr);
void dropbox_each(struct dropbox *d, int64_t parent, dropbox_fn *fn, void *arg);

/* These fail with ERR_SYSTEM and the number that the kernel wants to hear. */
int dropbox_make(struct dropbox *d, int64_t parent, const char *name, bool directory,
                 struct drop_attr *out, struct error *err);
int dropbox_remove(struct dropbox *d, int64_t parent, const char *name, bool directory,
                   struct error *err);
int dropbox_write(struct dropbox *d, int64_t number, uint64_t offset, const void *data,
                  size_t len, struct error *err);
int dropbox_resize(struct dropbox *d, int64_t number, uint64_t size, struct error *err);
/* Appends at most len bytes. */
int dropbox_read(struct dropbox *d, int64_t number, uint64_t offset, size_t len,
                 struct buf *out, struct error *err);

/*
 * Judges what the file belongs to if that is whole now: the import's error, or 0. Asked again
 * without a change it gives the same answer.
 */
int dropbox_settle(struct dropbox *d, int64_t number, struct repo *r, struct error *err);
/* Moves an entry, and judges it when it gets its real name only now; a refusal leaves it. */
struct drop_move {
	int64_t from, to; /* directories */
	const char *name, *new_name;
	bool keep; /* what has the new name stays: an error then */
};
int dropbox_rename(struct dropbox *d, const struct drop_move *m, struct repo *r,
                   struct error *err);

/* Judges directories that are at rest, and forgets what is done with. Now and then. */
void dropbox_tend(struct dropbox *d, struct repo *r);
/* Is there anything to tend? */
bool dropbox_waits(struct dropbox *d);

#endif
