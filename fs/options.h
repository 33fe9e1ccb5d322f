/* SPDX-License-Identifier: MIT */
/*
 * options: schemafs's command line, by hand and as mount(8) calls it.
 *
 *	schemafs [OPTION...] [MOUNTPOINT]
 *	mount.fuse.schemafs SOURCE MOUNTPOINT [-o OPTIONS]      (mount -t fuse.schemafs)
 *
 * A SOURCE that names a file is the configuration. mount(8) passes rw whenever nobody said ro:
 * from it only the word writable means that backups may be changed. Pure.
 */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct buf;
struct error;

enum options_action {
	OPTIONS_MOUNT,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_UNMOUNT,
	OPTIONS_NOTHING
};

struct options {
	enum options_action action; /* NOTHING: mount(8) only pretends */
	char *config;               /* NULL: discover it */
	char *mountpoint;           /* NULL: the configuration says where */
	bool foreground;
	bool lazy; /* unmount while somebody is in it */
	bool allow_other;
	bool verbose;
	bool read_write; /* rw was said, perhaps by mount(8) */
	bool writable;   /* backups can be deleted and tagged */
	bool read_only;  /* nothing can be imported either */
	bool has_mask;
	uid_t uid;
	gid_t gid;
	mode_t mask;
};

/* ERR_USAGE. Finish it in any case. */
int options_parse(struct options *out, int argc, char **argv, struct error *err);
void options_finish(struct options *o);

/* The text of --help. */
void options_help(struct buf *out);

#endif
