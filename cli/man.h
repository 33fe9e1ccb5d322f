/* SPDX-License-Identifier: MIT */
/*
 * man: manual pages in mdoc, made from the tables of commands, options,
 * configuration keys and exit statuses. Pure.
 */
#ifndef CLI_MAN_H
#define CLI_MAN_H

struct buf;
struct error;

/*
 * Appends a page: "mysql-schema-sync.1", "mysql-schema-sync-GROUP.1" or
 * "mysql-schema-sync.5", the configuration. ERR_USAGE.
 */
int man_page(struct buf *out, const char *name, struct error *err);

#endif
