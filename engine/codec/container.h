/* SPDX-License-Identifier: MIT */
/*
 * container: the stored payload, `<id>.backup`, immutable.
 *
 * Named parts as independent compressed blocks with an index, encrypted as a
 * whole by C2SP chunked-encryption (Cobblestone-256). The bytes are described in
 * docs/format.md; their diagrams head header.c and index.c.
 *
 * Writing is in memory: schemas are small. Reading is by range, so that one
 * part costs its own blocks only. A reader returns the bytes that were written
 * or fails; it never returns others. A reader is not thread-safe (one per thread).
 */
#ifndef ENGINE_CODEC_CONTAINER_H
#define ENGINE_CODEC_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"
#include "engine/codec/compress.h"
#include "engine/codec/digest.h"

struct buf;
struct error;
struct secret;

#define CONTAINER_ID_SIZE  16
#define CONTAINER_PART_MAX ((uint64_t)1 << 30) /* plain bytes of one part */
#define CONTAINER_NAME_MAX 512
#define CONTAINER_TOOL_MAX 63 /* bytes of tool_version */

struct container_options {
	const char *backup_id;
	const struct secret *data_key; /* 32 random bytes; NULL: not encrypted */
	const struct compress_ops *codec;
	int level;
	size_t threshold; /* parts shorter than this are stored as they are */
	int64_t created;  /* seconds since the epoch */
	const char *tool_version;
};

struct container_writer;

int container_writer_new(struct container_writer **out, const struct container_options *o,
                         struct error *err);
void container_writer_free(struct container_writer *w);
DEFINE_DEFER(container_writer, container_writer_free)
/* Names are unique, in the order they are to be found in the index. Gives the SHA-256 of data,
 * which large parts have computed on a thread of its own meanwhile; sha256 may be NULL. */
int container_add(struct container_writer *w, const char *name, const void *data, size_t len,
                  struct digest *sha256, struct error *err);
/* Appends the whole container to out; id gets its random container id. Ends the writer: once.
 */
int container_finish(struct container_writer *w, struct buf *out,
                     unsigned char id[CONTAINER_ID_SIZE], struct error *err);

/* Where a reader gets bytes from: appends exactly len bytes at offset, or fails. */
struct container_source {
	int (*read)(void *arg, uint64_t offset, size_t len, struct buf *out, struct error *err);
	void *arg;
	uint64_t size; /* of the whole container */
};

struct container_part {
	const char *name;
	uint64_t size; /* plain bytes */
	struct digest sha256;
};

struct container;

/*
 * Reads header and index. backup_id and data_key must be those of writing
 * (data_key NULL: not encrypted). ERR_CORRUPT for damaged bytes, ERR_DENIED for
 * a wrong data key, ERR_UNSUPPORTED for a newer version.
 */
int container_open(struct container **out, const struct container_source *source,
                   const char *backup_id, const struct secret *data_key, struct error *err);
void container_close(struct container *c);
DEFINE_DEFER(container, container_close)

/* From the header alone, which needs no secret. */
struct container_header {
	bool encrypted;
	enum compress_id codec;
	unsigned char id[CONTAINER_ID_SIZE];
	int64_t created; /* seconds since the epoch */
	char tool_version[CONTAINER_TOOL_MAX + 1];
};
int container_read_header(struct container_header *out, const struct container_source *source,
                          struct error *err);
const struct container_header *container_header(const struct container *c);

size_t container_count(const struct container *c);
const struct container_part *container_at(const struct container *c, size_t i);
const struct container_part *container_find(const struct container *c, const char *name);
/* Appends the plain bytes of a part, checked against its SHA-256. 1, 0 no such part, -1. */
int container_read(struct container *c, const char *name, struct buf *out, struct error *err);
/*
 * The same without the SHA-256 over the plain bytes. Every stored byte is authenticated and the
 * codecs carry checksums of their own, so damage is found just as well; what this leaves out is
 * the proof that the codec gave back what it was given.
 */
int container_read_quick(struct container *c, const char *name, struct buf *out,
                         struct error *err);

#endif
