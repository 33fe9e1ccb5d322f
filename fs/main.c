/* SPDX-License-Identifier: MIT */
/* schemafs: mounts the backups. From the command line to session_run(). */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"
#include "engine/repo/reader.h"
#include "engine/repo/repo.h"
#include "fs/daemon.h"
#include "fs/logs.h"
#include "fs/mountpoint.h"
#include "fs/options.h"
#include "fs/session.h"

#define LOG_MODULE "fs"

#define ARENAS 2 /* of malloc: with one per thread, what one frees the others cannot use */
/* What each arena keeps: giving it back and getting it again costs more than decoding a file.
 */
#define SPARE_BYTES (2 << 20)

static int complain(const struct error *err)
{
	fprintf(stderr, "Error: %s\n", err->text);
	if (err->hint[0] != '\0')
		fprintf(stderr, "Hint: %s\n", err->hint);
	return error_exit_status(err->code);
}

static int show_help(void)
{
	autobuf text = BUF_INIT;

	options_help(&text);
	return fputs(text.data, stdout) < 0 || fflush(stdout) != 0;
}

static int show_version(void)
{
	const char *version = strrchr(REPO_TOOL_VERSION, ' ');

	return printf("schemafs%s\n", version) < 0 || fflush(stdout) != 0;
}

/* A catalog that knows nothing is filled before anybody looks; else the watch does that. */
static int fill_catalog(struct repo *r, struct error *err)
{
	const struct catalog_filter all = { 0 };
	int64_t count = catalog_backup_count(repo_catalog(r), &all, err);

	if (count < 0)
		return -1;
	if (count == 0 && repo_refresh(r, REPO_REFRESH_NOW, err) < 0) {
		log_failure(LOG_MODULE, "refresh from the store", err); /* it may come back */
		error_clear(err);
	}
	return 0;
}

static int note_newest(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	*(struct backup **)arg = backup_copy(b);
	return 0;
}

/* Nobody should mount for a week to hear at the first read that the secret is wrong. */
static void try_secret(struct repo *r)
{
	const struct catalog_filter newest = { .statuses = 1U << BACKUP_COMPLETED, .limit = 1 };
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;
	DEFER(reader) *reader = NULL;

	if (catalog_backup_each(repo_catalog(r), &newest, note_newest, &b, &err) < 0 || !b)
		return;
	/* Only of a store that answers at once. */
	if (!b->encrypted || strncmp(repo_location(r), "local:", strlen("local:")) != 0)
		return;
	if (reader_open(&reader, r, b->id, &err) < 0 && err.code == ERR_DENIED)
		log_warn("the newest backup cannot be read: %s%s%s", err.text,
		         err.hint[0] ? ": " : "", err.hint);
}

struct announcement {
	bool foreground;
	int ready_fd;
};

static void announce(void *arg)
{
	const struct announcement *a = arg;

	if (!a->foreground)
		daemon_ready(a->ready_fd);
}

static struct logs_options logs_of(const struct options *o)
{
	return (struct logs_options){ .foreground = o->foreground, .verbose = o->verbose };
}

/* The configuration is the repo's from when that is open. */
static int run(struct config **given, const struct options *o, struct announcement *a,
               struct error *err)
{
	const struct config *c = *given;
	const char *wanted = o->mountpoint ? o->mountpoint : config_text(c, "mount.mountpoint");
	struct session_options session = {
		.reload = { .config = o->config, .logs = logs_of(o) },
		.allow_other = o->allow_other || config_bool(c, "mount.allow_other"),
		.read_only = o->read_only,
		.writable = o->writable,
		.uid = o->uid,
		.gid = o->gid,
		.mask = o->mask,
		.ready = announce,
		.arg = a,
	};
	autofree char *mountpoint = NULL;
	DEFER(repo) *r = NULL;

	if (!wanted) {
		error_set(err, ERR_USAGE, "no mount point named");
		return error_hint(err,
		                  "Say where: schemafs DIRECTORY; or set mount.mountpoint in "
		                  "the configuration.");
	}
	if (mountpoint_can_mount(session.allow_other, err) < 0 ||
	    mountpoint_prepare(&mountpoint, wanted, err) < 0)
		return -1;
	if (session.allow_other && !o->has_mask)
		log_warn("allow_other without umask=0022: others may enter, but read nothing");
	if (repo_open(&r, c, err) < 0)
		return -1;
	repo_own_config(r, take(*given));
	if (fill_catalog(r, err) < 0)
		return -1;
	try_secret(r);
	session.mountpoint = mountpoint;
	return session_run(take(r), &session, err);
}

/* After the fork: everything from the configuration to the end of the mount. */
static int serve(const struct options *o, struct announcement *a, struct error *err)
{
	DEFER(config) *c = NULL;
	const struct logs_options logs = logs_of(o);

	secret_protect_process();
	if (config_load(&c, o->config, err) < 0 || logs_open(c, &logs, err) < 0)
		return -1;
	for (size_t i = 0; i < config_warning_count(c); i++)
		log_warn("%s", config_warning(c, i));
	return run(&c, o, a, err);
}

static int start(const struct options *o, int *status, struct error *err)
{
	struct announcement a = { .foreground = o->foreground };

	*status = 0;
	if (!o->foreground) {
		int parent = daemon_fork(&a.ready_fd, status, err);

		if (parent != 0)
			return parent;
	}
	return serve(o, &a, err);
}

static int unmount(const struct options *o, struct error *err)
{
	if (!o->mountpoint)
		return error_set(err, ERR_USAGE, "no mount point named");
	return mountpoint_end(o->mountpoint, o->lazy, err);
}

static int act(const struct options *o, struct error *err)
{
	int status = 0;

	switch (o->action) {
	case OPTIONS_HELP:
		return show_help();
	case OPTIONS_VERSION:
		return show_version();
	case OPTIONS_UNMOUNT:
		return unmount(o, err);
	case OPTIONS_NOTHING:
		return 0;
	case OPTIONS_MOUNT:
		break;
	}
	return start(o, &status, err) < 0 ? -1 : status;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct options o;
	int status;

	umask(077);
	mallopt(M_ARENA_MAX, ARENAS);
	mallopt(M_TRIM_THRESHOLD, SPARE_BYTES);
	mallopt(M_TOP_PAD, SPARE_BYTES / 4);
	status = options_parse(&o, argc, argv, &err);
	if (status == 0)
		status = act(&o, &err);
	if (status < 0)
		status = complain(&err);
	options_finish(&o);
	return status;
}
