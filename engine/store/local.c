/* SPDX-License-Identifier: MIT */
/*
 * local: a directory as a store. One file per key, named like the key (name.h
 * has the escapes). The directory is made with the first put. A version is inode, size
 * and time of modification.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/config/config.h"
#include "engine/store/local_file.h"
#include "engine/store/provider.h"

#define LOG_MODULE "store/local"
#define TEMP_AGE   ((int64_t)24 * 3600) /* a temporary file so old is nobody's any more */

struct local_store {
	struct store base;
	char *path; /* absolute: a daemon changes its directory */
	mode_t file_mode, dir_mode;
};

static struct local_store *local_store(struct store *s)
{
	return (struct local_store *)s; /* base is the first member */
}

/* The x bits that match the r bits: who may read the files may search the directory. */
static mode_t dir_mode_of(mode_t permissions)
{
	mode_t rw = permissions & 0666;

	return rw | (rw & 0444) >> 2 | 0700;
}

static char *absolute(const char *path, struct error *err)
{
	char here[PATH_MAX];

	while (path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	if (path[0] == '/')
		return mem_strdup(path);
	if (!getcwd(here, sizeof(here))) {
		error_sys(err, errno, "working directory");
		return NULL;
	}
	return strcmp(path, ".") == 0 ? mem_strdup(here) : path_join(here, path);
}

static int local_open(struct store **out, const struct config *c, struct error *err)
{
	const char *configured = config_text(c, "backup.storage.local.base_path");
	mode_t mode = (mode_t)config_int(c, "backup.storage.local.permissions");
	struct local_store *l;
	char *path;

	if (!configured || configured[0] == '\0')
		return error_set(err, ERR_CONFIG, "backup.storage.local.base_path is empty");
	path = absolute(configured, err);
	if (!path)
		return -1;
	l = mem_alloc(sizeof(*l));
	l->base.ops = &store_local_ops;
	l->base.location = mem_printf("local:%s", path);
	l->path = path;
	l->file_mode = (mode & 0666) | 0600;
	l->dir_mode = dir_mode_of(mode);
	*out = &l->base;
	return 0;
}

static void local_close(struct store *s)
{
	struct local_store *l = local_store(s);

	free(l->path);
	free(l);
}

static int open_dir_fd(const struct local_store *l)
{
	return open(l->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The name of a directory survives a power cut when the directory above it is synced. */
static int make_dir(const struct local_store *l, const char *path, struct error *err)
{
	autofree char *parent = path_parent(path);
	struct error inner = ERROR_INIT;

	if (access(parent, F_OK) < 0 && make_dir(l, parent, err) < 0)
		return -1;
	if (mkdir(path, l->dir_mode) < 0)
		return errno == EEXIST ? 0 : local_write_failed(err, errno, path);
	/* Exactly the configured mode, whatever the umask. */
	if (chmod(path, l->dir_mode) < 0)
		return local_write_failed(err, errno, path);
	if (dir_sync(parent, &inner) < 0 && inner.sys_errno != EACCES)
		return local_write_failed(err, inner.sys_errno, parent);
	return 0;
}

/* The directory's descriptor, the directory made if need be. */
static int open_dir_to_write(const struct local_store *l, struct error *err)
{
	int fd = open_dir_fd(l);

	if (fd < 0 && errno == ENOENT) {
		if (make_dir(l, l->path, err) < 0)
			return -1;
		fd = open_dir_fd(l);
	}
	return fd < 0 ? local_write_failed(err, errno, l->path) : fd;
}

/* 1 and the directory's descriptor, 0 there is none yet, -1. */
static int open_dir_to_read(const struct local_store *l, int *fd, struct error *err)
{
	*fd = open_dir_fd(l);
	if (*fd >= 0)
		return 1;
	return errno == ENOENT ? 0 : local_read_failed(err, errno, l->path);
}

static int file_name(struct buf *out, const char *key, struct error *err)
{
	name_escape(out, key);
	if (out->len > NAME_MAX)
		return error_set(err, ERR_INVALID, "%s: a file name of %zu bytes, limit %d",
		                 key, out->len, NAME_MAX);
	return 0;
}

static void fill_stat(struct store_stat *out, const struct stat *st)
{
	out->size = (uint64_t)st->st_size;
	out->modified = st->st_mtim.tv_sec;
	snprintf(out->version, sizeof(out->version), "%ju-%jd-%jd.%09ld", (uintmax_t)st->st_ino,
	         (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

/* 1, 0 no such file, -1. */
static int stat_name(const struct local_store *l, int dir, const char *name,
                     struct store_stat *out, struct error *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		autofree char *path = path_join(l->path, name);

		return errno == ENOENT ? 0 : local_read_failed(err, errno, path);
	}
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_STORE, "%s/%s is not a regular file", l->path, name);
	fill_stat(out, &st);
	return 1;
}

static int local_put(struct store *s, const char *key, const struct store_body *body,
                     struct error *err)
{
	const struct local_store *l = local_store(s);
	autobuf name = BUF_INIT;
	autoclose int dir = -1;
	DEFER(local_file) *f = NULL;

	if (file_name(&name, key, err) < 0)
		return -1;
	dir = open_dir_to_write(l, err);
	if (dir < 0 ||
	    local_file_new(&f, dir, l->path, l->file_mode, LOCAL_FILE_NEW, err) < 0 ||
	    local_file_fill(f, body, err) < 0)
		return -1;
	return local_file_publish(f, name.data, err);
}

/*
 * Held while a name is compared and changed, by replace and remove alike, so
 * that neither undoes the other. On a file: network filesystems lock files
 * across hosts, but directories only within one. The file goes away with the
 * lock: a directory holds backups and nothing else.
 */
struct dir_lock {
	int dir;
	int fd; /* -1: not held */
};
#define DIR_LOCK_INIT ((struct dir_lock){ .dir = -1, .fd = -1 })

static void unlock_dir(struct dir_lock *lock)
{
	if (lock->fd < 0)
		return;
	unlinkat(lock->dir, LOCAL_FILE_LOCK, 0);
	close(lock->fd);
}
#define autounlock __attribute__((cleanup(unlock_dir))) struct dir_lock

/* Is the file that was locked still the one by that name? Its last holder took it away else. */
static bool is_current(int dir, int fd)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 &&
	       fstatat(dir, LOCAL_FILE_LOCK, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* 1 and the lock, 0 to be tried again (a signal, or the file is no longer the one), -1. */
static int try_lock(struct dir_lock *out, const struct local_store *l, int dir,
                    struct error *err)
{
	int fd = openat(dir, LOCAL_FILE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	                l->file_mode);
	bool locked = fd >= 0 && flock(fd, LOCK_EX) == 0;
	int sys_errno = errno;

	if (locked && is_current(dir, fd)) {
		*out = (struct dir_lock){ .dir = dir, .fd = fd };
		return 1;
	}
	cleanup_close(&fd);
	if (locked)
		return 0;
	return sys_errno == EINTR ? cancel_check(err)
	                          : local_write_failed(err, sys_errno, l->path);
}

static int lock_dir(struct dir_lock *out, const struct local_store *l, int dir,
                    struct error *err)
{
	int locked;

	do {
		locked = try_lock(out, l, dir, err);
	} while (locked == 0);
	return locked;
}

static int check_version(const struct local_store *l, int dir, const char *name,
                         const char *version, struct error *err)
{
	struct store_stat now;
	int found = stat_name(l, dir, name, &now, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "%s does not exist in %s", name, l->path);
	if (strcmp(now.version, version) != 0)
		return error_set(err, ERR_BUSY,
		                 "%s was replaced meanwhile: want version %s, got %s", name,
		                 version, now.version);
	return 0;
}

static int local_replace(struct store *s, const char *key, const char *version,
                         const void *data, size_t len, struct error *err)
{
	const struct local_store *l = local_store(s);
	autobuf name = BUF_INIT;
	autoclose int dir = -1;
	autounlock lock = DIR_LOCK_INIT; /* ends before dir is closed */
	struct str text = { data, len };
	struct store_body body = store_body_of_text(&text);
	DEFER(local_file) *f = NULL;
	int found;

	if (file_name(&name, key, err) < 0)
		return -1;
	found = open_dir_to_read(l, &dir, err);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "%s does not exist in %s", key, l->path);
	/* Before anything is written, too: most conflicts are old by now. */
	if (check_version(l, dir, name.data, version, err) < 0 ||
	    local_file_new(&f, dir, l->path, l->file_mode, LOCAL_FILE_REPLACE, err) < 0 ||
	    local_file_fill(f, &body, err) < 0)
		return -1;
	if (lock_dir(&lock, l, dir, err) < 0 ||
	    check_version(l, dir, name.data, version, err) < 0)
		return -1;
	return local_file_replace(f, name.data, err);
}

static int read_range(int fd, uint64_t offset, size_t len, struct buf *out, const char *path,
                      struct error *err)
{
	size_t before = out->len;

	buf_reserve(out, len);
	while (out->len - before < len) {
		size_t done = out->len - before;
		ssize_t n = pread(fd, out->data + out->len, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int sys_errno = errno;

			buf_truncate(out, before);
			return n < 0 ? local_read_failed(err, sys_errno, path)
			             : error_set(err, ERR_CORRUPT,
			                         "%s shrank: want %zu bytes, got %zu", path,
			                         len, done);
		}
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

static int local_get(struct store *s, const char *key, struct store_range range,
                     struct buf *out, struct store_stat *stat, struct error *err)
{
	const struct local_store *l = local_store(s);
	autobuf name = BUF_INIT;
	autofree char *path = NULL;
	autoclose int fd = -1;
	struct stat st;
	size_t len;

	if (file_name(&name, key, err) < 0)
		return -1;
	path = path_join(l->path, name.data);
	/* O_NONBLOCK: a pipe by that name must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return local_read_failed(err, errno, path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_STORE, "%s is not a regular file", path);
	if (store_range_len(&len, &range, key, (uint64_t)st.st_size, err) < 0)
		return -1;
	if (len > 0 && read_range(fd, range.offset, len, out, path, err) < 0)
		return -1;
	fill_stat(stat, &st);
	return 1;
}

static int local_stat(struct store *s, const char *key, struct store_stat *out,
                      struct error *err)
{
	const struct local_store *l = local_store(s);
	autobuf name = BUF_INIT;
	autoclose int dir = -1;
	int found;

	if (file_name(&name, key, err) < 0)
		return -1;
	found = open_dir_to_read(l, &dir, err);
	return found > 0 ? stat_name(l, dir, name.data, out, err) : found;
}

struct names {
	struct arena *texts;
	char **keys;
	size_t count, capacity;
};

static void finish_names(struct names *n)
{
	arena_free(n->texts);
	free(n->keys);
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* A process that was killed leaves its temporary file behind. */
static void sweep_temp(int dir, const char *name)
{
	struct stat st;

	if (strncmp(name, LOCAL_FILE_TEMP, strlen(LOCAL_FILE_TEMP)) == 0 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtim.tv_sec + TEMP_AGE < clock_now() && unlinkat(dir, name, 0) == 0)
		log_debug("removed the stale temporary file %s", name);
}

static int collect(struct names *n, int dir, const char *after)
{
	__attribute__((cleanup(close_dir))) DIR *d = NULL;
	autobuf key = BUF_INIT;
	const struct dirent *entry;
	int own = fcntl(dir, F_DUPFD_CLOEXEC, 0);

	d = own < 0 ? NULL : fdopendir(own);
	if (!d) {
		cleanup_close(&own);
		return -1;
	}
	for (errno = 0; (entry = readdir(d)) != NULL; errno = 0) {
		buf_truncate(&key, 0);
		if (!name_unescape(&key, entry->d_name)) {
			sweep_temp(dir, entry->d_name);
			continue;
		}
		if (strcmp(key.data, after) <= 0)
			continue;
		MEM_GROW(n->keys, n->count, n->capacity);
		n->keys[n->count++] = arena_strdup(n->texts, key.data);
	}
	return errno == 0 ? 0 : -1;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One key for the caller; a file that is gone by now, or none of ours, is passed over. */
static int pass_on(int dir, const char *key, store_list_fn *fn, void *arg, struct error *err)
{
	autobuf name = BUF_INIT;
	struct store_stat stat;
	struct stat st;

	name_escape(&name, key);
	if (fstatat(dir, name.data, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	fill_stat(&stat, &st);
	return fn(arg, key, &stat, err);
}

static int local_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
                      struct error *err)
{
	const struct local_store *l = local_store(s);
	__attribute__((cleanup(finish_names))) struct names n = { .texts = arena_new() };
	autoclose int dir = -1;
	int found = open_dir_to_read(l, &dir, err);

	if (found <= 0)
		return found;
	if (collect(&n, dir, after) < 0)
		return local_read_failed(err, errno, l->path);
	if (n.count > 0)
		qsort(n.keys, n.count, sizeof(n.keys[0]), compare_keys);
	for (size_t i = 0; i < n.count; i++) {
		if (pass_on(dir, n.keys[i], fn, arg, err) < 0)
			return -1;
	}
	return 0;
}

static int local_identity(struct store *s, char out[STORE_IDENTITY_MAX], struct error *err)
{
	const struct local_store *l = local_store(s);
	struct statx st;
	bool known;

	if (statx(AT_FDCWD, l->path, 0, STATX_INO | STATX_BTIME, &st) < 0)
		return errno == ENOENT ? 0 : local_read_failed(err, errno, l->path);
	/* Numbers are given again; the time at which it was made is not, where that is known.
	 */
	known = st.stx_mask & STATX_BTIME;
	snprintf(out, STORE_IDENTITY_MAX, "%x:%x:%jx:%jx.%x", st.stx_dev_major,
	         st.stx_dev_minor, (uintmax_t)st.stx_ino,
	         known ? (uintmax_t)st.stx_btime.tv_sec : 0, known ? st.stx_btime.tv_nsec : 0);
	return 1;
}

static int local_remove(struct store *s, const char *key, struct error *err)
{
	const struct local_store *l = local_store(s);
	autobuf name = BUF_INIT;
	autoclose int dir = -1;
	autounlock lock = DIR_LOCK_INIT;
	struct store_stat unused;
	int found;

	if (file_name(&name, key, err) < 0)
		return -1;
	found = open_dir_to_read(l, &dir, err);
	if (found > 0)
		found = stat_name(l, dir, name.data, &unused, err);
	if (found <= 0)
		return found;
	if (lock_dir(&lock, l, dir, err) < 0) {
		/* On a full disk nothing can be made, and deleting is the way out. */
		if (err->sys_errno != ENOSPC && err->sys_errno != EDQUOT)
			return -1;
		error_clear(err);
	}
	if (unlinkat(dir, name.data, 0) < 0)
		return errno == ENOENT ? 0 : local_write_failed(err, errno, l->path);
	return local_sync_dir(dir, l->path, err) < 0 ? -1 : 1;
}

static int local_leftovers(struct store *s, store_list_fn *fn, void *arg, struct error *err)
{
	const struct local_store *l = local_store(s);
	__attribute__((cleanup(close_dir))) DIR *d = opendir(l->path);
	const struct dirent *entry;

	if (!d)
		return errno == ENOENT ? 0 : local_read_failed(err, errno, l->path);
	while ((entry = readdir(d)) != NULL) {
		struct store_stat stat;
		struct stat st;

		if (strncmp(entry->d_name, LOCAL_FILE_TEMP, strlen(LOCAL_FILE_TEMP)) != 0 ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		fill_stat(&stat, &st);
		if (fn(arg, entry->d_name, &stat, err) < 0)
			return -1;
	}
	return 0;
}

const struct store_ops store_local_ops = {
	.scheme = "local",
	.summary = "keeps backups as files in a directory",
	.open = local_open,
	.close = local_close,
	.put = local_put,
	.replace = local_replace,
	.get = local_get,
	.stat = local_stat,
	.list = local_list,
	.remove = local_remove,
	.leftovers = local_leftovers,
	.identity = local_identity,
};
