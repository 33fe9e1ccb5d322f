/* SPDX-License-Identifier: MIT */
#include "engine/store/local_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/store.h"

#define RANDOM_BYTES ((size_t)8)
#define CHUNK        ((size_t)256 * 1024)

struct local_file {
	int dir; /* borrowed, as is its path */
	const char *path;
	int fd;
	char temp[sizeof(LOCAL_FILE_TEMP) +
	          2 * RANDOM_BYTES]; /* empty: nameless, or published */
};

static int denied(struct error *err, int sys_errno, const char *path)
{
	error_set(err, ERR_SYSTEM, "permission denied: %s", path);
	err->sys_errno = sys_errno;
	return error_hint(err, "Look at its owner and mode with: ls -ld %s", path);
}

int local_write_failed(struct error *err, int sys_errno, const char *path)
{
	if (sys_errno == EACCES || sys_errno == EPERM)
		return denied(err, sys_errno, path);
	if (sys_errno == ENOSPC || sys_errno == EDQUOT) {
		error_sys(err, sys_errno, "failed to write backup file");
		return error_hint(err,
		                  "Free some space below %s, or choose another directory "
		                  "with backup.storage.local.base_path.",
		                  path);
	}
	error_sys(err, sys_errno, "failed to write backup file: %s", path);
	return error_hint(
		err,
		"The directory is backup.storage.local.base_path; can this user write there?");
}

int local_read_failed(struct error *err, int sys_errno, const char *path)
{
	if (sys_errno == EACCES || sys_errno == EPERM)
		return denied(err, sys_errno, path);
	return error_sys(err, sys_errno, "read %s", path);
}

/* A nameless file vanishes with its descriptor, whatever happens to us. */
static int open_nameless(const struct local_file *f, mode_t mode)
{
	/* The way to its name leads through /proc. */
	if (access("/proc/self/fd", X_OK) < 0)
		return -1;
	return openat(f->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

static int open_named(struct local_file *f, mode_t mode, struct error *err)
{
	unsigned char random[RANDOM_BYTES];
	char hex[2 * RANDOM_BYTES + 1];

	if (random_bytes(random, sizeof(random), err) < 0)
		return -1;
	number_format_hex(hex, random, sizeof(random));
	snprintf(f->temp, sizeof(f->temp), "%s%s", LOCAL_FILE_TEMP, hex);
	f->fd = openat(f->dir, f->temp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	if (f->fd < 0) {
		f->temp[0] = '\0';
		return local_write_failed(err, errno, f->path);
	}
	return 0;
}

int local_file_new(struct local_file **out, int dir, const char *path, mode_t mode,
                   enum local_file_use use, struct error *err)
{
	DEFER(local_file) *f = mem_alloc(sizeof(*f));

	f->dir = dir;
	f->path = path;
	f->fd = use == LOCAL_FILE_NEW ? open_nameless(f, mode) : -1;
	if (f->fd < 0 && open_named(f, mode, err) < 0)
		return -1;
	/* Exactly the configured mode, whatever the umask; some filesystems have none. */
	if (fchmod(f->fd, mode) < 0 && errno != EPERM && errno != EOPNOTSUPP)
		return local_write_failed(err, errno, path);
	*out = take(f);
	return 0;
}

void local_file_free(struct local_file *f)
{
	if (!f)
		return;
	if (f->temp[0] != '\0')
		unlinkat(f->dir, f->temp, 0);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static int write_body(const struct local_file *f, const struct store_body *body,
                      struct error *err)
{
	size_t size = body->size < CHUNK ? (size_t)body->size : CHUNK;
	autofree char *chunk = mem_alloc(size + 1);
	struct error inner = ERROR_INIT;
	uint64_t at = 0;

	while (at < body->size) {
		size_t len = body->size - at < size ? (size_t)(body->size - at) : size;

		if (cancel_check(err) < 0 || body->read_at(body->arg, at, chunk, len, err) < 0)
			return -1;
		if (fd_write_all(f->fd, chunk, len, &inner) < 0)
			return local_write_failed(err, inner.sys_errno, f->path);
		at += len;
	}
	return 0;
}

int local_file_fill(struct local_file *f, const struct store_body *body, struct error *err)
{
	if (write_body(f, body, err) < 0)
		return -1;
	/* Once only: after a failure the kernel forgets what it could not write. */
	if (fsync(f->fd) < 0)
		return local_write_failed(err, errno, f->path);
	return 0;
}

/* Not every filesystem can rename without replacing; those can link. */
static int rename_new(const struct local_file *f, const char *name)
{
	if (renameat2(f->dir, f->temp, f->dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(f->dir, f->temp, f->dir, name, 0) < 0)
		return -1;
	return unlinkat(f->dir, f->temp, 0);
}

static int link_nameless(const struct local_file *f, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, path, f->dir, name, AT_SYMLINK_FOLLOW);
}

int local_file_publish(struct local_file *f, const char *name, struct error *err)
{
	struct error lost = ERROR_INIT;

	if ((f->temp[0] != '\0' ? rename_new(f, name) : link_nameless(f, name)) < 0) {
		if (errno == EEXIST)
			return error_set(err, ERR_EXISTS, "%s exists already in %s", name,
			                 f->path);
		return local_write_failed(err, errno, f->path);
	}
	f->temp[0] = '\0';
	if (local_sync_dir(f->dir, f->path, err) < 0) {
		unlinkat(f->dir, name, 0);
		(void)local_sync_dir(f->dir, f->path, &lost);
		return -1;
	}
	return 0;
}

int local_file_replace(struct local_file *f, const char *name, struct error *err)
{
	assert(f->temp[0] != '\0');
	if (renameat(f->dir, f->temp, f->dir, name) < 0)
		return local_write_failed(err, errno, f->path);
	f->temp[0] = '\0';
	return local_sync_dir(f->dir, f->path, err);
}

int local_sync_dir(int dir, const char *path, struct error *err)
{
	/* Some network and FUSE filesystems cannot sync a directory: nothing to wait for. */
	if (fsync(dir) < 0 && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return local_write_failed(err, errno, path);
	return 0;
}
