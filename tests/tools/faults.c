/* SPDX-License-Identifier: MIT */
#undef _FILE_OFFSET_BITS /* else open() is another name of open64(), and both are defined here \
                          */
#include "tests/tools/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/tools/fault_record.h"

#define BIT(how) (1U << (how))
#define ENDS     (BIT(FAULT_EXIT) | BIT(FAULT_EXIT_AFTER))

static const struct {
	const char *name;
	unsigned int hows;
	bool takes_room;
} kinds[FAULT_KIND_COUNT] = {
	[FAULT_OPEN] = { "open", BIT(FAULT_EIO) | BIT(FAULT_EMFILE) | BIT(FAULT_ENOSPC) | ENDS,
	                 true },
	[FAULT_READ] = { "read",
	                 BIT(FAULT_EIO) | BIT(FAULT_EINTR) | BIT(FAULT_SHORT) | BIT(FAULT_EXIT),
	                 false },
	[FAULT_WRITE] = { "write",
	                  BIT(FAULT_EIO) | BIT(FAULT_ENOSPC) | BIT(FAULT_EINTR) |
	                          BIT(FAULT_SHORT) | ENDS,
	                  true },
	[FAULT_FSYNC] = { "fsync", BIT(FAULT_EIO) | BIT(FAULT_ENOSPC) | ENDS, true },
	[FAULT_RENAME] = { "rename", BIT(FAULT_EIO) | BIT(FAULT_ENOSPC) | ENDS, true },
	[FAULT_LINK] = { "link", BIT(FAULT_EIO) | BIT(FAULT_ENOSPC) | ENDS, true },
	[FAULT_UNLINK] = { "unlink", BIT(FAULT_EIO) | ENDS, false },
	[FAULT_CLOSE] = { "close", BIT(FAULT_EIO) | BIT(FAULT_EINTR) | ENDS, false },
	[FAULT_MMAP] = { "mmap", BIT(FAULT_ENOMEM) | ENDS, false },
	[FAULT_GETRANDOM] = { "getrandom",
	                      BIT(FAULT_EINTR) | BIT(FAULT_SHORT) | BIT(FAULT_EXIT), false },
	[FAULT_MKDIR] = { "mkdir", BIT(FAULT_EIO) | BIT(FAULT_ENOSPC) | ENDS, true },
	[FAULT_TRUNCATE] = { "truncate", BIT(FAULT_EIO) | ENDS, false },
};

static const struct {
	const char *name;
	int sys_errno;
} hows[FAULT_HOW_COUNT] = {
	[FAULT_NONE] = { "none", 0 },
	[FAULT_EIO] = { "EIO", EIO },
	[FAULT_ENOSPC] = { "ENOSPC", ENOSPC },
	[FAULT_EINTR] = { "EINTR", EINTR },
	[FAULT_EMFILE] = { "EMFILE", EMFILE },
	[FAULT_ENOMEM] = { "ENOMEM", ENOMEM },
	[FAULT_SHORT] = { "short", 0 },
	[FAULT_EXIT] = { "exit", 0 },
	[FAULT_EXIT_AFTER] = { "exit-after", 0 },
};

static struct {
	atomic_bool armed, met;
	atomic_size_t count;
	struct fault_plan plan;
	unsigned char kinds[FAULT_CALLS_MAX];
} state;

const char *fault_kind_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

const char *fault_how_name(enum fault_how how)
{
	return hows[how].name;
}

bool fault_fits(enum fault_kind kind, enum fault_how how)
{
	return (kinds[kind].hows & BIT(how)) != 0;
}

void faults_begin(const struct fault_plan *plan)
{
	state.plan = *plan;
	state.count = 0;
	state.met = false;
	state.armed = true;
}

void faults_end(void)
{
	state.armed = false;
}

size_t faults_count(void)
{
	return state.count;
}

enum fault_kind faults_kind(size_t at)
{
	return at >= 1 && at <= FAULT_CALLS_MAX ? (enum fault_kind)state.kinds[at - 1]
	                                        : FAULT_CLOSE;
}

bool faults_met(void)
{
	return state.met;
}

/* What is to become of this call; errno is set for those that fail. */
static enum fault_how meet(enum fault_kind kind)
{
	enum fault_how how = FAULT_NONE;
	size_t number;

	if (!state.armed)
		return FAULT_NONE;
	number = ++state.count;
	if (number <= FAULT_CALLS_MAX)
		state.kinds[number - 1] = (unsigned char)kind;
	for (int i = 0; i < 2; i++) {
		if (number == state.plan.at[i] && fault_fits(kind, state.plan.how[i]))
			how = state.plan.how[i];
	}
	if (state.plan.full && number >= state.plan.at[0] && kinds[kind].takes_room)
		how = FAULT_ENOSPC;
	if (how == FAULT_NONE)
		return how;
	state.met = true;
	if (how == FAULT_EXIT)
		_exit(FAULT_EXIT_STATUS);
	errno = hows[how].sys_errno;
	return how;
}

static bool fails(enum fault_how how)
{
	return hows[how].sys_errno != 0;
}

static long after(enum fault_how how, long result)
{
	if (how == FAULT_EXIT_AFTER)
		_exit(FAULT_EXIT_STATUS);
	return result;
}

static size_t shorter(enum fault_how how, size_t len)
{
	return how == FAULT_SHORT && len > 1 ? len / 2 : len;
}

/* Before the definitions: seen by shared libraries. */
#define SEEN __attribute__((visibility("default")))

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	enum fault_how how;
	bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
	bool is_new;
	int fd;

	how = meet(FAULT_OPEN);
	if (how == FAULT_ENOSPC && !makes)
		how = FAULT_NONE;
	if (fails(how))
		return -1;
	is_new = makes && ((flags & O_TMPFILE) == O_TMPFILE ||
	                   syscall(SYS_faccessat, dir, path, F_OK) < 0);
	fd = (int)after(how, syscall(SYS_openat, dir, path, flags, mode));
	if (fd >= 0)
		record_open(fd, dir, path, flags, is_new);
	return fd;
}

static mode_t mode_of(int flags, va_list args)
{
	if ((flags & O_CREAT) == 0 && (flags & O_TMPFILE) != O_TMPFILE)
		return 0;
	return va_arg(args, mode_t);
}

/* open() and open64() are the same here, as are all those pairs. */
#define OPEN(name)                                           \
	SEEN int name(const char *path, int flags, ...)      \
	{                                                    \
		va_list args;                                \
		mode_t mode;                                 \
                                                             \
		va_start(args, flags);                       \
		mode = mode_of(flags, args);                 \
		va_end(args);                                \
		return open_at(AT_FDCWD, path, flags, mode); \
	}
#define OPENAT(name)                                             \
	SEEN int name(int dir, const char *path, int flags, ...) \
	{                                                        \
		va_list args;                                    \
		mode_t mode;                                     \
                                                                 \
		va_start(args, flags);                           \
		mode = mode_of(flags, args);                     \
		va_end(args);                                    \
		return open_at(dir, path, flags, mode);          \
	}
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

SEEN ssize_t read(int fd, void *data, size_t len)
{
	enum fault_how how = meet(FAULT_READ);

	return fails(how) ? -1 : syscall(SYS_read, fd, data, shorter(how, len));
}

#define PREAD(name)                                                               \
	SEEN ssize_t name(int fd, void *data, size_t len, off_t offset)           \
	{                                                                         \
		enum fault_how how = meet(FAULT_READ);                            \
                                                                                  \
		if (fails(how))                                                   \
			return -1;                                                \
		return syscall(SYS_pread64, fd, data, shorter(how, len), offset); \
	}
PREAD(pread)
PREAD(pread64)

SEEN ssize_t write(int fd, const void *data, size_t len)
{
	enum fault_how how = meet(FAULT_WRITE);
	ssize_t n;

	if (fails(how))
		return -1;
	n = after(how, syscall(SYS_write, fd, data, shorter(how, len)));
	if (n > 0)
		record_write(fd, data, (size_t)n);
	return n;
}

#define PWRITE(name)                                                                           \
	SEEN ssize_t name(int fd, const void *data, size_t len, off_t offset)                  \
	{                                                                                      \
		enum fault_how how = meet(FAULT_WRITE);                                        \
                                                                                               \
		if (fails(how))                                                                \
			return -1;                                                             \
		return after(how, syscall(SYS_pwrite64, fd, data, shorter(how, len), offset)); \
	}
PWRITE(pwrite)
PWRITE(pwrite64)

static int sync_fd(long number, int fd)
{
	enum fault_how how = meet(FAULT_FSYNC);
	int result;

	if (fails(how))
		return -1;
	result = (int)after(how, syscall(number, fd));
	if (result == 0)
		record_fsync(fd);
	return result;
}

SEEN int fsync(int fd)
{
	return sync_fd(SYS_fsync, fd);
}

SEEN int fdatasync(int fd)
{
	return sync_fd(SYS_fdatasync, fd);
}

SEEN int renameat2(int from_dir, const char *from, int to_dir, const char *to,
                   unsigned int flags)
{
	enum fault_how how = meet(FAULT_RENAME);
	int result;

	if (fails(how))
		return -1;
	result = (int)after(how, syscall(SYS_renameat2, from_dir, from, to_dir, to, flags));
	if (result == 0)
		record_rename(from_dir, from, to);
	return result;
}

SEEN int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return renameat2(from_dir, from, to_dir, to, 0);
}

SEEN int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SEEN int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	enum fault_how how = meet(FAULT_LINK);
	int result;

	if (fails(how))
		return -1;
	result = (int)after(how, syscall(SYS_linkat, from_dir, from, to_dir, to, flags));
	if (result == 0)
		record_link(from, to_dir, to);
	return result;
}

SEEN int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SEEN int unlinkat(int dir, const char *name, int flags)
{
	enum fault_how how = meet(FAULT_UNLINK);
	int result;

	if (fails(how))
		return -1;
	result = (int)after(how, syscall(SYS_unlinkat, dir, name, flags));
	if (result == 0)
		record_unlink(dir, name);
	return result;
}

SEEN int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

/* A close that fails has closed all the same. */
SEEN int close(int fd)
{
	enum fault_how how = meet(FAULT_CLOSE);
	int sys_errno = errno;
	int result = (int)after(how, syscall(SYS_close, fd));

	record_close(fd);
	if (!fails(how))
		return result;
	errno = sys_errno;
	return -1;
}

#define MMAP(name)                                                                         \
	SEEN void *name(void *at, size_t len, int prot, int flags, int fd, off_t offset)   \
	{                                                                                  \
		enum fault_how how = meet(FAULT_MMAP);                                     \
                                                                                           \
		if (fails(how))                                                            \
			return MAP_FAILED;                                                 \
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): as the system call has it */ \
		return (void *)after(how,                                                  \
		                     syscall(SYS_mmap, at, len, prot, flags, fd, offset)); \
	}
MMAP(mmap)
MMAP(mmap64)

SEEN ssize_t getrandom(void *data, size_t len, unsigned int flags)
{
	enum fault_how how = meet(FAULT_GETRANDOM);

	return fails(how) ? -1 : syscall(SYS_getrandom, data, shorter(how, len), flags);
}

SEEN int mkdirat(int dir, const char *path, mode_t mode)
{
	enum fault_how how = meet(FAULT_MKDIR);

	return fails(how) ? -1 : (int)after(how, syscall(SYS_mkdirat, dir, path, mode));
}

SEEN int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

#define TRUNCATE(name)                                                                     \
	SEEN int name(int fd, off_t len)                                                   \
	{                                                                                  \
		enum fault_how how = meet(FAULT_TRUNCATE);                                 \
                                                                                           \
		return fails(how) ? -1 : (int)after(how, syscall(SYS_ftruncate, fd, len)); \
	}
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

/* For LD_PRELOAD. */
__attribute__((constructor)) static void begin_as_told(void)
{
	const char *at = getenv("FAULTS_AT"), *how = getenv("FAULTS_HOW");
	struct fault_plan plan = { .at = { at ? strtoul(at, NULL, 10) : 0 } };

	if (!at && !getenv("FAULTS_COUNT"))
		return;
	for (int i = 0; how && i < FAULT_HOW_COUNT; i++) {
		if (strcmp(hows[i].name, how) == 0)
			plan.how[0] = (enum fault_how)i;
	}
	faults_begin(&plan);
}

__attribute__((destructor)) static void write_count(void)
{
	const char *path = getenv("FAULTS_COUNT");
	FILE *f;

	if (!path || !state.armed)
		return;
	faults_end();
	f = fopen(path, "we");
	if (!f)
		return;
	for (size_t i = 0; i < state.count && i < FAULT_CALLS_MAX; i++)
		fprintf(f, "%s\n", kinds[state.kinds[i]].name);
	fclose(f);
}
