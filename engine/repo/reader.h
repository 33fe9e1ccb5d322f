/* SPDX-License-Identifier: MIT */
/*
 * reader: the content of a stored backup, verified. A reader returns the bytes
 * that were stored, or fails. Not thread-safe.
 */
#ifndef ENGINE_REPO_READER_H
#define ENGINE_REPO_READER_H

#include <stddef.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "engine/schema/archive.h"

struct buf;
struct error;
struct repo;
struct schema;
struct reader;

/* Reads envelope and index. ERR_NOT_FOUND, ERR_CORRUPT, ERR_DENIED (wrong secret). */
int reader_open(struct reader **out, struct repo *r, const char *id, struct error *err);
/*
 * The same for a backup of the catalog, by what that keeps of the envelope: the payload is all
 * that is read. What does not open so is opened by its envelope. The hashes of files in
 * reader_backup() are empty then.
 */
int reader_open_known(struct reader **out, struct repo *r, const struct backup *b,
                      struct error *err);
/* The same by another envelope than the stored one. */
int reader_open_as(struct reader **out, struct repo *r, const char *id,
                   const struct buf *envelope, struct error *err);
void reader_close(struct reader *rd); /* NULL is fine */
DEFINE_DEFER(reader, reader_close)

const struct backup *reader_backup(const struct reader *rd); /* files included */
/* Appends one file: "schema.sql", "metadata.json", "objects/tables/x.sql", "model.json". 1, 0
 * no such file, -1. */
int reader_file(struct reader *rd, const char *name, struct buf *out, struct error *err);
/* All stored files, in the order in which they were stored. Stops with fn's -1. */
typedef int reader_fn(void *arg, const char *name, const void *data, size_t len,
                      struct error *err);
int reader_each(struct reader *rd, reader_fn *fn, void *arg, struct error *err);
/* The stored schema as a model; caller frees. */
int reader_schema(struct schema **out, struct reader *rd, struct error *err);

/* What objects suffered from when the backup was taken: "table orders: why". */
int reader_problems(struct reader *rd, archive_problem_fn *fn, void *arg, struct error *err);

#endif
