/* SPDX-License-Identifier: MIT */
#include "engine/base/fsutil.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

#define READ_STEP ((size_t)64 * 1024)

int fd_read_all(struct buf *out, int fd, size_t max, struct error *err)
{
	size_t before = out->len;

	for (;;) {
		size_t got = out->len - before;
		/* One byte more than allowed tells "too long" from "just fits". */
		size_t step = max - got < READ_STEP ? max - got + 1 : READ_STEP;
		ssize_t n;

		buf_reserve(out, step);
		n = read(fd, out->data + out->len, step);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR && !cancel_requested())
			continue;
		if (n < 0) {
			int failure = errno;

			buf_truncate(out, before);
			if (failure == EINTR)
				return cancel_check(err);
			return error_sys(err, failure, "read");
		}
		if ((size_t)n > max - got) {
			buf_truncate(out, before);
			return error_set(err, ERR_CORRUPT, "longer than the limit of %zu bytes",
			                 max);
		}
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
}

int fd_write_all(int fd, const void *data, size_t len, struct error *err)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR) {
			if (cancel_check(err) < 0)
				return -1;
			continue;
		}
		if (n < 0)
			return error_sys(err, errno, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_open_file(struct buf *out, int fd, const char *path, size_t max,
                          struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "read %s", path);
	if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max)
		return error_set(err, ERR_CORRUPT, "%s: %jd bytes, limit %zu", path,
		                 (intmax_t)st.st_size, max);
	if (S_ISREG(st.st_mode))
		buf_reserve(out, (size_t)st.st_size + 1);
	if (fd_read_all(out, fd, max, err) < 0)
		return error_wrap(err, "%s", path);
	return 0;
}

int file_read(struct buf *out, const char *path, size_t max, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	return read_open_file(out, fd, path, max, err);
}

int file_read_if_there(struct buf *out, const char *path, size_t max, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	return read_open_file(out, fd, path, max, err) < 0 ? -1 : 1;
}

static int write_synced(int fd, const char *path, const void *data, size_t len, mode_t mode,
                        struct error *err)
{
	if (fd_write_all(fd, data, len, err) < 0)
		return error_wrap(err, "%s", path);
	if (fchmod(fd, mode) < 0)
		return error_sys(err, errno, "chmod %s", path);
	if (fsync(fd) < 0)
		return error_sys(err, errno, "fsync %s", path);
	return 0;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *dir = path_parent(path);
	autofree char *hidden = mem_printf(".%s.XXXXXX", slash ? slash + 1 : path);
	autofree char *temporary = path_join(dir, hidden);
	int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "create %s", path);
	if (write_synced(fd, temporary, data, len, mode, err) < 0) {
		close(fd);
		unlink(temporary);
		return -1;
	}
	if (close(fd) < 0 || rename(temporary, path) < 0) {
		error_sys(err, errno, "rename %s to %s", temporary, path);
		unlink(temporary);
		return -1;
	}
	return dir_sync(dir, err);
}

/* Makes one directory; one that is there is fine. */
static int make_one(const char *path, mode_t mode, struct error *err)
{
	struct stat st;
	int failure;

	if (mkdir(path, mode) == 0)
		return 0;
	failure = errno;
	if (stat(path, &st) < 0)
		return error_sys(err, failure, "create directory %s", path);
	if (!S_ISDIR(st.st_mode))
		return error_sys(err, ENOTDIR, "create directory %s", path);
	return 0;
}

int dir_create(const char *path, mode_t mode, struct error *err)
{
	autofree char *copy = mem_strdup(path);

	for (char *p = copy; *p; p++) {
		if (p == copy || *p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		if (make_one(copy, mode, err) < 0)
			return -1;
		*p = '/';
	}
	return make_one(path, mode, err);
}

int dir_sync(const char *path, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	/* Some network and FUSE filesystems cannot sync a directory: nothing to wait for. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return error_sys(err, errno, "fsync %s", path);
	return 0;
}

static int remove_entries(int at, const char *name, struct error *err);

static int remove_entry(int at, const char *name, struct error *err)
{
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return error_sys(err, errno, "remove %s", name);
	if (remove_entries(at, name, err) < 0)
		return -1;
	if (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove %s", name);
	return 0;
}

static void close_dir(DIR **dir)
{
	closedir(*dir);
}

/* Removes what is in a directory. Never follows a link out of the tree. */
static int remove_entries(int at, const char *name, struct error *err)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *opened = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!opened) {
		error_sys(err, errno, "remove %s", name);
		if (fd >= 0)
			close(fd);
		return -1;
	}

	__attribute__((cleanup(close_dir))) DIR *dir = opened;

	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (remove_entry(dirfd(dir), entry->d_name, err) < 0)
			return error_wrap(err, "%s", name);
	}
	return errno == 0 ? 0 : error_sys(err, errno, "list %s", name);
}

int dir_remove_tree(const char *path, struct error *err)
{
	return remove_entry(AT_FDCWD, path, err);
}

char *path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (n == 0)
		return mem_strdup(name);
	return mem_printf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

char *path_parent(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n == 0)
		return mem_strdup(".");
	while (n > 1 && path[n - 1] == '/')
		n--;
	return mem_strndup(path, n);
}

/* The user's home, by $HOME or the password file; "/" for a user who has none. */
static char *home(void)
{
	const char *value = getenv("HOME");
	struct passwd entry;
	struct passwd *found = NULL;
	char buffer[4096];

	if (value && value[0] == '/')
		return mem_strdup(value);
	if (getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found)
		return mem_strdup(found->pw_dir);
	return mem_strdup("/");
}

char *path_expand(const char *path)
{
	autofree char *base = NULL;

	if (path[0] != '~' || (path[1] != '\0' && path[1] != '/'))
		return mem_strdup(path);
	base = home();
	return path[1] == '\0' ? take(base) : path_join(base, path + 2);
}

char *path_xdg(const char *variable, const char *fallback_below_home)
{
	const char *value = getenv(variable);
	autofree char *base = NULL;

	/* The XDG specification: relative paths are to be ignored. */
	if (value && value[0] == '/')
		return mem_strdup(value);
	base = home();
	return path_join(base, fallback_below_home);
}

int random_bytes(void *out, size_t len, struct error *err)
{
	char *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "random bytes");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
