/* SPDX-License-Identifier: MIT */
/*
 * logs: where the daemon's log goes, by the configuration: at the start, and each time that it
 * was read again. In the background without a configured file: to
 * ~/.local/state/mysql-schema-sync/schemafs.log (root:
 * /var/log/mysql-schema-sync/schemafs.log).
 */
#ifndef FS_LOGS_H
#define FS_LOGS_H

#include <stdbool.h>

struct config;
struct error;

struct logs_options {
	bool foreground; /* also, or only, to standard error */
	bool verbose;    /* whatever level the configuration says */
};

/* What cannot be opened leaves the log as it is. */
int logs_open(const struct config *c, const struct logs_options *o, struct error *err);

#endif
