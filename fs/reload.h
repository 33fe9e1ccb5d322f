/* SPDX-License-Identifier: MIT */
/*
 * reload: reads the configuration again and lets the mount go on by it. What makes it another
 * mount (config_key's fixed: the store, the catalog, the time zone, the mount point) stays as
 * it is, and the log names it. A configuration that cannot be used changes nothing. For one
 * thread.
 */
#ifndef FS_RELOAD_H
#define FS_RELOAD_H

#include "fs/logs.h"

struct error;
struct fsys;

struct reload {
	const char *config; /* the file; NULL: it is looked for */
	struct logs_options logs;
};

int reload_run(struct fsys *fs, const struct reload *how, struct error *err);

#endif
