/* SPDX-License-Identifier: MIT */
/* export_file: an export that appears in a directory whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/digest.h"
#include "engine/repo/export.h"
#include "engine/repo/export_files.h"

#define LOG_MODULE "repo/export"

/* ".shop.tar.gz.XXXXXX" beside what will be there. */
static char *temporary_beside(const char *path)
{
	autofree char *parent = path_parent(path);
	const char *slash = strrchr(path, '/');
	autofree char *name = mem_printf(".%s.XXXXXX", slash ? slash + 1 : path);

	return path_join(parent, name);
}

static int already_there(struct error *err, const char *path)
{
	error_set(err, ERR_EXISTS, "%s is there already", path);
	return error_hint(err, "Give another name, or --force to replace a file.");
}

/* Gives what was written its name. Filesystems that cannot do so without replacing can link. */
static int publish(const char *temporary, const char *path, bool replace, struct error *err)
{
	autofree char *parent = path_parent(path);
	int result = replace ? rename(temporary, path)
	                     : renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE);

	if (result < 0 && !replace && (errno == EINVAL || errno == ENOSYS)) {
		result = link(temporary, path);
		if (result == 0)
			unlink(temporary);
	}
	if (result < 0 && errno == EEXIST)
		return already_there(err, path);
	if (result < 0)
		return error_sys(err, errno, "rename to %s", path);
	return dir_sync(parent, err);
}

struct file_sink {
	int fd;
	const char *path;
	struct digest_state *sum;
	uint64_t size;
};

static int write_file(void *arg, const void *data, size_t len, struct error *err)
{
	struct file_sink *f = arg;

	if (fd_write_all(f->fd, data, len, err) < 0)
		return error_wrap(err, "%s", f->path);
	digest_update(f->sum, data, len);
	f->size += len;
	return 0;
}

static int fill_file(struct export_result *out, struct repo *r, const char *id,
                     const struct export_options *o, struct file_sink *f, struct error *err)
{
	struct digest sum;
	int result;

	f->sum = digest_begin();
	result = repo_export(r, id, o, write_file, f, err);
	digest_end(f->sum, &sum);
	digest_hex(out->sha256, &sum);
	out->size = f->size;
	out->files = 1;
	if (result == 0 && fsync(f->fd) < 0)
		result = error_sys(err, errno, "write %s", f->path);
	if (close(f->fd) < 0 && result == 0)
		result = error_sys(err, errno, "write %s", f->path);
	return result;
}

static int export_archive(struct export_result *out, struct repo *r, const char *id,
                          const struct export_options *o, const char *path, struct error *err)
{
	autofree char *temporary = temporary_beside(path);
	struct file_sink f = { .path = path };
	struct stat st;

	if (!o->force && lstat(path, &st) == 0)
		return already_there(err, path);
	f.fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (f.fd < 0)
		return error_sys(err, errno, "create %s", path);
	if (fill_file(out, r, id, o, &f, err) < 0 ||
	    publish(temporary, path, o->force, err) < 0) {
		unlink(temporary);
		return -1;
	}
	out->path = mem_strdup(path);
	return 0;
}

struct directory_sink {
	struct export_result *result;
	const char *root;
	struct timespec mtime;
};

static int begin_directory(void *arg, const struct export_files *x, struct error *err)
{
	struct directory_sink *d = arg;

	(void)err;
	d->mtime.tv_sec = (time_t)x->mtime;
	return 0;
}

static int write_into(void *arg, const char *name, const void *data, size_t len,
                      struct error *err)
{
	struct directory_sink *d = arg;
	const struct timespec times[2] = { d->mtime, d->mtime };
	autofree char *path = path_join(d->root, name);
	autofree char *parent = path_parent(path);
	autoclose int fd = -1;

	if (dir_create(parent, 0700, err) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, errno, "create %s", path);
	if (fd_write_all(fd, data, len, err) < 0)
		return error_wrap(err, "%s", path);
	if (futimens(fd, times) < 0)
		return error_sys(err, errno, "write %s", path);
	d->result->size += len;
	d->result->files++;
	return 0;
}

static int export_directory(struct export_result *out, struct repo *r, const char *id,
                            const struct export_options *o, const char *path, struct error *err)
{
	autofree char *target = path_join(path, id);
	autofree char *temporary = temporary_beside(target);
	struct directory_sink d = { .result = out, .root = temporary };
	struct export_files x = { .begin = begin_directory, .put = write_into, .arg = &d };
	struct error ignored = ERROR_INIT;
	struct stat st;

	if (lstat(target, &st) == 0)
		return already_there(err, target);
	if (dir_create(path, 0700, err) < 0)
		return -1;
	if (!mkdtemp(temporary))
		return error_sys(err, errno, "create %s", target);
	if (export_each_file(&x, r, id, o->encrypted, err) < 0 ||
	    publish(temporary, target, false, err) < 0) {
		if (dir_remove_tree(temporary, &ignored) < 0)
			log_failure(LOG_MODULE, temporary, &ignored);
		return -1;
	}
	out->path = take(target);
	return 0;
}

int repo_export_file(struct export_result *out, struct repo *r, const char *id,
                     const struct export_options *o, const char *path, struct error *err)
{
	struct export_result result = { .sha256 = "" };
	int done = o->form == EXPORT_DIRECTORY ? export_directory(&result, r, id, o, path, err)
	                                       : export_archive(&result, r, id, o, path, err);

	if (done < 0)
		return -1;
	log_info("backup %s exported to %s: %llu bytes", id, result.path,
	         (unsigned long long)result.size);
	*out = result;
	return 0;
}
