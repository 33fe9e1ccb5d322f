/* SPDX-License-Identifier: MIT */
/*
 * script_files: the SQL files below a path, in the order in which they make a schema. Internal
 * to engine/repo.
 *
 * A directory gives its *.sql, with those of its directories, in the order of their names, 2
 * before 10. In a directory of objects (tables/, views/, ... as a backup has them) the kinds
 * come in their order, and triggers by their number. A backup's directory gives its schema.sql.
 */
#ifndef ENGINE_REPO_SCRIPT_FILES_H
#define ENGINE_REPO_SCRIPT_FILES_H

#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct error;

struct script_file {
	char *path;
	struct buf text;
	unsigned int rank; /* by kind of object, and a trigger's number */
};

struct script_files {
	struct script_file *items;
	size_t count, capacity;
	size_t size; /* of all texts */
};

int script_files_read(struct script_files **out, const char *path, struct error *err);
void script_files_free(struct script_files *f); /* NULL is fine */
DEFINE_DEFER(script_files, script_files_free)

#endif
