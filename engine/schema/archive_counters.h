/* SPDX-License-Identifier: MIT */
/*
 * archive_counters: the AUTO_INCREMENT values in a model.json (archive.h), which move on while
 * the schema stays as it is. Pure.
 */
#ifndef ENGINE_SCHEMA_ARCHIVE_COUNTERS_H
#define ENGINE_SCHEMA_ARCHIVE_COUNTERS_H

#include "engine/base/buf.h"

struct error;
struct map;

/*
 * Appends the model with other values: counters has a table's name to the number as text;
 * tables that are not in it have none. What archive_write() would write. ERR_CORRUPT.
 */
int archive_set_counters(struct buf *out, struct str model, const struct map *counters,
                         struct error *err);

#endif
