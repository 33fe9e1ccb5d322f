/* SPDX-License-Identifier: MIT */
/* bundle_files: what the bundle*.c files share and nobody else sees. */
#ifndef ENGINE_REPO_BUNDLE_FILES_H
#define ENGINE_REPO_BUNDLE_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/repo/bundle.h"

struct map;

#define BUNDLE_METADATA "metadata.json"
#define BUNDLE_SUMS     "SHA256SUMS"
#define BUNDLE_PLAN     "plan.sql" /* of the mount's directories: it is not imported */

struct bundle_file {
	char *name;
	struct buf content;
};

struct bundle {
	struct bundle_file *items;
	size_t count, capacity;
	uint64_t total;
	struct map *by_name; /* once checked: to the content */
	char *stored_id;
};

/* Fills in what metadata.json says; ERR_INVALID names the field. */
int bundle_read_metadata(struct backup *b, const struct buf *text, struct error *err);

#endif
