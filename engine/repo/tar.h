/* SPDX-License-Identifier: MIT */
/*
 * tar: named files as a tar archive, and back. The one place that knows libarchive.
 *
 * Writing is deterministic: same files, same time, same bytes, whatever the
 * locale and the user: GNU tar, owner 0:0, mode 0600, no directories.
 *
 * Reading trusts nothing: it is done in process, from a stream, and hands over
 * names and bytes; nothing is ever extracted. Sizes are capped before memory is
 * taken. Not thread-safe (one per thread).
 */
#ifndef ENGINE_REPO_TAR_H
#define ENGINE_REPO_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct error;

enum tar_filter { TAR_PLAIN, TAR_GZIP, TAR_ZSTD };

/* Takes bytes of the archive in order. */
typedef int tar_sink_fn(void *arg, const void *data, size_t len, struct error *err);

struct tar_writer;
int tar_writer_new(struct tar_writer **out, enum tar_filter filter, int64_t mtime,
                   tar_sink_fn *sink, void *arg, struct error *err);
void tar_writer_free(struct tar_writer *w); /* NULL is fine; what is not ended stays cut */
DEFINE_DEFER(tar_writer, tar_writer_free)
int tar_add(struct tar_writer *w, const char *name, const void *data, size_t len,
            struct error *err);
/* The same with content that nobody needs: to learn how long the archive is. */
int tar_add_blank(struct tar_writer *w, const char *name, uint64_t len, struct error *err);
int tar_end(struct tar_writer *w, struct error *err);

#define TAR_FILES_MAX  200000                /* entries of an archive */
#define TAR_TOTAL_MAX  ((uint64_t)512 << 20) /* plain bytes of all of them */
#define TAR_RATIO_MAX  1000 /* plain bytes per stored byte, beyond TAR_RATIO_FREE */
#define TAR_RATIO_FREE ((uint64_t)32 << 20)

/* What is in a stream. */
struct tar_visitor {
	/* Every regular file, in order; name as it stands in the archive. */
	int (*file)(void *arg, const char *name, struct buf *content, struct error *err);
	/* A stream that is no archive, in pieces: a script, perhaps compressed. */
	int (*plain)(void *arg, const char *data, size_t len, struct error *err);
	void *arg;
};
/*
 * Reads a descriptor to its end: a tar archive, plain or compressed by gzip or zstd; anything
 * else is plain. ERR_INVALID for what no archive of ours holds (links, devices, bombs, ...),
 * ERR_CORRUPT for damage.
 */
int tar_read(int fd, const struct tar_visitor *v, struct error *err);
int tar_read_memory(const void *data, size_t len, const struct tar_visitor *v,
                    struct error *err);

#endif
