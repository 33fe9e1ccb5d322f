/* SPDX-License-Identifier: MIT */
/*
 * reuse: the stored backup that holds what the live schema is now. Internal to engine/repo.
 *
 *	if (reuse_find(&u, &mark, r, database, err) > 0)
 *		reuse_write(u, put, arg, err);   // as archive_write() would
 *	else if (mark)
 *		repo_live_marked(&schema, mark, r, database, err);
 *
 * The server's fingerprint (server/capture.h) decides: it is that of the newest backup of the
 * database. Its files then are the schema's, but for the values of AUTO_INCREMENT, which the
 * same queries give. They are read while the server is at work. Not thread-safe.
 */
#ifndef ENGINE_REPO_REUSE_H
#define ENGINE_REPO_REUSE_H

#include "engine/base/cleanup.h"
#include "engine/schema/archive.h"

struct backup;
struct capture_mark;
struct error;
struct repo;
struct reuse;

/*
 * 1 there is one, 0 there is none or it is not certain, -1 the server cannot be asked. *mark:
 * what the server has now; NULL when it has no such database.
 */
int reuse_find(struct reuse **out, struct capture_mark **mark, struct repo *r,
               const char *database, struct error *err);
void reuse_free(struct reuse *u); /* NULL is fine */
DEFINE_DEFER(reuse, reuse_free)

const struct backup *reuse_backup(const struct reuse *u);
int reuse_write(const struct reuse *u, archive_put_fn *put, void *arg, struct error *err);

#endif
