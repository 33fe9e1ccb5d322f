/* SPDX-License-Identifier: MIT */
/* export_files: the files of an export one by one, shared by export*.c and nobody else. */
#ifndef ENGINE_REPO_EXPORT_FILES_H
#define ENGINE_REPO_EXPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"

struct error;
struct repo;

#define EXPORT_SUMS "SHA256SUMS"

struct export_files {
	/* Called once, when the backup is open and mtime is known. */
	int (*begin)(void *arg, const struct export_files *x, struct error *err);
	int (*put)(void *arg, const char *name, const void *data, size_t len,
	           struct error *err);
	void *arg;
	int64_t mtime;
	struct buf sums; /* SHA256SUMS so far */
};

/* Hands over every file, SHA256SUMS last. */
int export_each_file(struct export_files *x, struct repo *r, const char *id, bool encrypted,
                     struct error *err);

#endif
