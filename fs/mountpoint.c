/* SPDX-License-Identifier: MIT */
#include "fs/mountpoint.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"

#define LOG_MODULE "fs/mountpoint"

#define DEVICE      "/dev/fuse"
#define HELPER      "fusermount3"
#define FUSE_CONF   "/etc/fuse.conf"
#define FS_TYPE     "fuse.schemafs"
#define MOUNTS_MAX  (16U << 20)
#define HOLDERS_MAX 10
#define LAYERS_MAX  8

static void close_directory(DIR **d)
{
	if (*d)
		closedir(*d);
}
#define autodir __attribute__((cleanup(close_directory))) DIR

/* Unmounting */

/* The setuid helper of libfuse, for who may not unmount; its words are ours to say. */
static int run_helper(const char *path, bool lazy, struct error *err)
{
	char name[] = HELPER, unmount[] = "-u", quiet[] = "-q", detach[] = "-z", end[] = "--";
	autofree char *where = mem_strdup(path);
	char *argv[] = { name, unmount, quiet, lazy ? detach : end, where, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int failure, status = 0;
	pid_t pid;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	failure = posix_spawnp(&pid, HELPER, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (failure != 0)
		return error_sys(err, failure, "run %s", HELPER);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, errno, "wait for %s", HELPER);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int mountpoint_unmount(const char *path, bool lazy, struct error *err)
{
	if (umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
		return 1;
	if (errno == EBUSY)
		return 0;
	if (errno == EINVAL) /* not mounted any more */
		return 1;
	if (errno != EPERM)
		return error_sys(err, errno, "unmount %s", path);
	return run_helper(path, lazy, err);
}

/* What is mounted where */

/* "\040" in /proc/self/mountinfo is a blank. */
static void add_unescaped(struct buf *out, const char *field, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *p = field + i;

		if (*p == '\\' && len - i >= 4) {
			buf_addc(out,
			         (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
			i += 3;
		} else {
			buf_addc(out, *p);
		}
	}
}

/* The n-th field of a line of blanks-separated ones. */
static struct str field_of(const char *line, int n)
{
	while (n-- > 0) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	return (struct str){ .p = line, .n = strcspn(line, " \n") };
}

/* "36 35 98:0 /root /mnt rw - fuse.schemafs ...": the type is behind the lone dash. */
static bool line_is_ours(const char *line, const char *path)
{
	struct str where = field_of(line, 4);
	const char *dash = strstr(line, " - ");
	const char *end = strchr(line, '\n');
	autobuf plain = BUF_INIT;

	if (!dash || (end && dash > end) || !str_is(field_of(dash + 3, 0), FS_TYPE))
		return false;
	add_unescaped(&plain, where.p, where.n);
	return strcmp(plain.data, path) == 0;
}

static int is_mounted(const char *path, struct error *err)
{
	autobuf text = BUF_INIT;

	if (file_read(&text, "/proc/self/mountinfo", MOUNTS_MAX, err) < 0)
		return -1;
	for (const char *line = text.data; line && *line;) {
		if (line_is_ours(line, path))
			return 1;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return 0;
}

/* Preparing */

static int no_directory(const char *path, struct error *err)
{
	error_set(err, ERR_NOT_FOUND, "mount point %s: no such directory", path);
	return error_hint(err, "Create it first: mkdir -p %s", path);
}

/* The last daemon was killed: the kernel answers everything with ENOTCONN. */
static int take_away_dead(const char *path, struct error *err)
{
	int done = mountpoint_unmount(path, true, err);

	if (done < 0)
		return -1;
	if (done == 0)
		return error_set(err, ERR_BUSY,
		                 "mount point %s: a dead mount cannot be taken away", path);
	log_warn("%s: the daemon of the last mount is gone; took that mount away", path);
	return 0;
}

/* The kernel may know the attributes of a dead mount, and open it: only this always asks. */
static bool is_dead(const char *path)
{
	struct statvfs unused;

	return statvfs(path, &unused) < 0 && errno == ENOTCONN;
}

static int stat_mountpoint(struct stat *st, const char *path, struct error *err)
{
	/* One may lie on another. */
	for (int i = 0; i < LAYERS_MAX && is_dead(path); i++) {
		if (take_away_dead(path, err) < 0)
			return -1;
	}
	if (stat(path, st) == 0)
		return 0;
	return errno == ENOENT ? no_directory(path, err)
	                       : error_sys(err, errno, "mount point %s", path);
}

static bool is_empty(const char *path)
{
	autodir *d = opendir(path);
	const struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return false;
	return true;
}

int mountpoint_prepare(char **out, const char *path, struct error *err)
{
	autofree char *absolute = NULL;
	struct stat st;
	int mounted;

	if (stat_mountpoint(&st, path, err) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return error_sys(err, ENOTDIR, "mount point %s", path);
	absolute = realpath(path, NULL);
	if (!absolute)
		return error_sys(err, errno, "mount point %s", path);
	mounted = is_mounted(absolute, err);
	if (mounted < 0)
		return -1;
	if (mounted) {
		error_set(err, ERR_BUSY, "%s: schemafs is mounted there already", absolute);
		return error_hint(err, "To mount it anew: fusermount3 -u %s", absolute);
	}
	if (!is_empty(absolute))
		log_warn("%s is not empty: what is in it is hidden while mounted", absolute);
	*out = take(absolute);
	return 0;
}

/* The parent's real path and the name: of a dead mount itself nothing can be asked. */
static char *absolute_path(const char *path)
{
	autofree char *whole = realpath(path, NULL);
	autofree char *parent = path_parent(path);
	autofree char *above = NULL;
	const char *slash;

	if (whole || errno != ENOTCONN)
		return take(whole);
	above = realpath(parent, NULL);
	slash = strrchr(path, '/');
	return above ? path_join(above, slash ? slash + 1 : path) : NULL;
}

int mountpoint_end(const char *path, bool lazy, struct error *err)
{
	autofree char *absolute = absolute_path(path);
	autobuf holders = BUF_INIT;
	int done = absolute ? is_mounted(absolute, err) : 0;

	if (done == 0)
		return error_set(err, ERR_NOT_FOUND, "%s: no backups are mounted there", path);
	if (done > 0)
		done = mountpoint_unmount(absolute, lazy, err);
	if (done != 0)
		return done < 0 ? -1 : 0;
	mountpoint_holders(&holders, absolute);
	error_set(err, ERR_BUSY, "%s is busy: %s", absolute,
	          holders.len > 0 ? holders.data : "in use");
	return error_hint(err, "Leave it, or unmount it for new users only with --lazy.");
}

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		autofree char *file = mem_printf("%.*s/%s", (int)len, path, program);

		if (access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* fusermount3 lets others in only if the administrator said so. */
static bool others_are_allowed(void)
{
	struct error ignored = ERROR_INIT;
	autobuf text = BUF_INIT;

	if (file_read(&text, FUSE_CONF, 1U << 20, &ignored) < 0)
		return false;
	for (const char *line = text.data; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, "user_allow_other", strlen("user_allow_other")) == 0)
			return true;
	}
	return false;
}

int mountpoint_can_mount(bool allow_other, struct error *err)
{
	if (access(DEVICE, R_OK | W_OK) < 0) {
		bool closed = errno == EACCES;

		error_sys(err, errno, "%s", DEVICE);
		if (closed)
			return error_hint(err, "Have it opened for users, as it usually is: "
			                       "chmod 0666 " DEVICE);
		return error_hint(err, "The kernel's FUSE is needed: modprobe fuse; in a "
		                       "container: --device /dev/fuse --cap-add SYS_ADMIN.");
	}
	if (geteuid() == 0)
		return 0;
	if (!is_in_path(HELPER)) {
		error_set(err, ERR_NOT_FOUND, "%s is not installed", HELPER);
		return error_hint(err, "Install it: apt-get install fuse3");
	}
	if (allow_other && !others_are_allowed()) {
		error_set(err, ERR_REFUSED, "allow_other: %s does not allow it", FUSE_CONF);
		return error_hint(
			err, "Have user_allow_other added to %s, or leave allow_other out.",
			FUSE_CONF);
	}
	return 0;
}

/* Who is in it */

static bool is_below(const char *link, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	size_t len = strlen(path);

	if (n < (ssize_t)len || strncmp(target, path, len) != 0)
		return false;
	target[n] = '\0';
	return target[len] == '\0' || target[len] == '/';
}

static bool has_open_below(const char *pid, const char *path)
{
	autofree char *fds = mem_printf("/proc/%s/fd", pid);
	autodir *d = opendir(fds);
	const struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		autofree char *link = mem_printf("%s/%s", fds, e->d_name);

		if (is_below(link, path))
			return true;
	}
	return false;
}

static bool holds(const char *pid, const char *path)
{
	autofree char *cwd = mem_printf("/proc/%s/cwd", pid);
	autofree char *root = mem_printf("/proc/%s/root", pid);

	return is_below(cwd, path) || is_below(root, path) || has_open_below(pid, path);
}

static void add_process(struct buf *out, const char *pid)
{
	struct error ignored = ERROR_INIT;
	autofree char *file = mem_printf("/proc/%s/comm", pid);
	autobuf name = BUF_INIT;

	if (file_read(&name, file, 4096, &ignored) < 0)
		buf_truncate(&name, 0);
	if (name.len > 0 && name.data[name.len - 1] == '\n')
		buf_truncate(&name, name.len - 1);
	buf_addf(out, "%s%s (%s)", out->len > 0 ? ", " : "", name.len > 0 ? name.data : "?",
	         pid);
}

void mountpoint_holders(struct buf *out, const char *path)
{
	autodir *d = opendir("/proc");
	const struct dirent *e;
	int count = 0;

	while (d && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]) || !holds(e->d_name, path))
			continue;
		if (++count > HOLDERS_MAX) {
			buf_adds(out, ", ...");
			return;
		}
		add_process(out, e->d_name);
	}
}
