/* SPDX-License-Identifier: MIT */
/* cmd_mount: mount and umount: the daemon's program is called with what was given. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"

#define PROGRAM       "schemafs"
#define ARGUMENTS_MAX 12

struct mount_opts {
	const char *directory;
	const char *options;
	bool foreground;
};

struct umount_opts {
	const char *directory;
	bool lazy;
};

struct arguments {
	const char *items[ARGUMENTS_MAX + 1];
	size_t count;
};

static void add(struct arguments *a, const char *text)
{
	a->items[a->count++] = text;
}

/* Beside this program, where both are installed; caller frees. NULL: it is not there. */
static char *program_beside(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	autofree char *directory = NULL;
	autofree char *path = NULL;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	directory = path_parent(self);
	path = path_join(directory, PROGRAM);
	return access(path, X_OK) == 0 ? take(path) : NULL;
}

/* Becomes the daemon's program: its words, its exit status. Returns only when it cannot. */
static int become(struct arguments *a, struct error *err)
{
	autofree char *beside = program_beside();
	union {
		const char *const *given;
		char *const *wanted;
	} arguments = { .given = a->items };

	a->items[0] = PROGRAM;
	if (beside)
		execv(beside, arguments.wanted);
	else
		execvp(PROGRAM, arguments.wanted);
	error_sys(err, errno, "run " PROGRAM);
	return error_hint(err, "It is part of this package; is it in the PATH?");
}

static int run_mount(struct cli *cli, const void *options, struct error *err)
{
	const struct mount_opts *o = options;
	struct arguments a = { .count = 1 };

	if (cli->set.config_path) {
		add(&a, "--config");
		add(&a, cli->set.config_path);
	}
	if (o->foreground)
		add(&a, "--foreground");
	if (cli->set.verbose || cli->set.debug)
		add(&a, "--verbose");
	if (o->options) {
		add(&a, "-o");
		add(&a, o->options);
	}
	add(&a, "--");
	if (o->directory)
		add(&a, o->directory);
	return become(&a, err);
}

static int run_umount(struct cli *cli, const void *options, struct error *err)
{
	const struct umount_opts *o = options;
	struct arguments a = { .count = 1 };

	(void)cli;
	add(&a, "--unmount");
	if (o->lazy)
		add(&a, "--lazy");
	add(&a, "--");
	add(&a, o->directory);
	return become(&a, err);
}

static const struct opt mount_opts[] = {
	OPT_STRING('o', "options", struct mount_opts, options, "OPTION,..", COMPLETE_NOTHING,
	           "mount options, such as allow_other,umask=0022"),
	OPT_FLAG(0, "foreground", struct mount_opts, foreground,
	         "stay in the foreground and log to standard error"),
	OPT_END,
};

static const struct arg mount_args[] = {
	ARG_OPTIONAL("DIRECTORY", struct mount_opts, directory, COMPLETE_DIRECTORY,
	             "where; mount.mountpoint of the configuration unless given"),
	ARG_END,
};

const struct command cmd_mount = {
	.name = "mount",
	.summary = "show all backups as files",
	.details = "Mounts the backups as a tree of plain files and goes on in the background; "
		   "README in it says what is where. Ends with `umount`, or when the daemon "
		   "is told to end. See schemafs(1) for the options.",
	.examples = "mount ~/backups\n"
		    "mount /srv/backups -o allow_other,umask=0022",
	.opts = mount_opts,
	.args = mount_args,
	.options_size = sizeof(struct mount_opts),
	.run = run_mount,
};

static const struct opt umount_opts[] = {
	OPT_FLAG(0, "lazy", struct umount_opts, lazy,
	         "also when somebody is in it, who then stays till he leaves"),
	OPT_END,
};

static const struct arg umount_args[] = {
	ARG("DIRECTORY", struct umount_opts, directory, COMPLETE_DIRECTORY,
	    "where they are mounted"),
	ARG_END,
};

const struct command cmd_umount = {
	.name = "umount",
	.summary = "end a mount",
	.details =
		"When somebody is in it, says who, and changes nothing unless --lazy is given.",
	.examples = "umount ~/backups\n"
		    "umount --lazy ~/backups",
	.opts = umount_opts,
	.args = umount_args,
	.options_size = sizeof(struct umount_opts),
	.run = run_umount,
};
