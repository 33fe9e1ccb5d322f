/* SPDX-License-Identifier: MIT */
/*
 * archive: a schema as named files and back: what a backup stores.
 *
 *	model.json              everything that texts do not say, and where each text is
 *	schema.sql              emit_script()
 *	objects/FOLDER/NAME.sql emit_object(), names escaped (base/name.h)
 *
 * archive_read(archive_write(s)) equals s. Pure.
 */
#ifndef ENGINE_SCHEMA_ARCHIVE_H
#define ENGINE_SCHEMA_ARCHIVE_H

#include <stddef.h>

struct buf;
struct error;
struct object;
struct schema;

#define ARCHIVE_MODEL  "model.json"
#define ARCHIVE_SCRIPT "schema.sql"

typedef int archive_put_fn(void *arg, const char *name, const void *data, size_t len,
                           struct error *err);
/* Calls put for each file: model.json first, schema.sql second, then the objects in order. */
int archive_write(const struct schema *s, archive_put_fn *put, void *arg, struct error *err);

/* Appends the content of a file. 1, 0 no such file, -1. */
typedef int archive_get_fn(void *arg, const char *name, struct buf *out, struct error *err);
/* Makes a finished schema. ERR_CORRUPT names the file and what is wrong with it. */
/*
 * What the objects of a model.json suffered from when they were read: "table orders: why".
 * Broken views are among them.
 */
typedef void archive_problem_fn(void *arg, const char *problem);
int archive_each_problem(archive_get_fn *get, void *get_arg, archive_problem_fn *fn, void *arg,
                         struct error *err);

int archive_read(struct schema **out, archive_get_fn *get, void *arg, struct error *err);

/* The same of what is left of one: objects whose files are missing are left out. */
int archive_read_rest(struct schema **out, archive_get_fn *get, void *arg, struct error *err);

/* "objects/tables/orders.sql" */
void archive_object_name(struct buf *out, const struct object *o);

#endif
