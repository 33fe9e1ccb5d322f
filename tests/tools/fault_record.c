/* SPDX-License-Identifier: MIT */
#include "tests/tools/fault_record.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/faults.h"

#define FDS_MAX   1024
#define STEPS_MAX 65536
#define THE_DIR   (-2)
#define NOT_OURS  (-1)

static struct {
	pthread_mutex_t lock;
	bool on;
	char directory[256];
	struct fault_step *steps; /* guarded by lock, as is all that follows */
	size_t count;
	int files;
	int of_fd[FDS_MAX];        /* a file's number, THE_DIR or NOT_OURS */
	uint64_t written[FDS_MAX]; /* where the next write goes */
} r = { .lock = PTHREAD_MUTEX_INITIALIZER };

void faults_record(const char *directory)
{
	if (!directory) {
		r.on = false;
		return;
	}
	for (size_t i = 0; i < r.count; i++)
		free(r.steps[i].data);
	if (!r.steps)
		r.steps = calloc(STEPS_MAX, sizeof(*r.steps));
	if (!r.steps)
		abort();
	r.count = 0;
	r.files = 0;
	for (int i = 0; i < FDS_MAX; i++)
		r.of_fd[i] = NOT_OURS;
	snprintf(r.directory, sizeof(r.directory), "%s", directory);
	r.on = true;
}

const struct fault_step *faults_steps(size_t *count)
{
	*count = r.count;
	return r.steps;
}

static unsigned char *copy_of(const void *data, size_t len)
{
	unsigned char *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	return copy;
}

static int file_of(int fd)
{
	return fd >= 0 && fd < FDS_MAX ? r.of_fd[fd] : NOT_OURS;
}

static struct fault_step *add(enum fault_step_type type, int file, const char *name)
{
	struct fault_step *s;

	if (r.count == STEPS_MAX)
		abort(); /* the test does more than it was made for */
	s = &r.steps[r.count++];
	*s = (struct fault_step){ .type = type, .file = file };
	snprintf(s->name, sizeof(s->name), "%s", name);
	return s;
}

void faults_mark(const char *name, const char *to)
{
	pthread_mutex_lock(&r.lock);
	snprintf(add(FAULT_STEP_MARK, NOT_OURS, name)->to, sizeof(r.steps->to), "%s", to);
	pthread_mutex_unlock(&r.lock);
}

static void opened(int fd, int dir, const char *path, int flags, bool is_new)
{
	r.of_fd[fd] = NOT_OURS;
	r.written[fd] = 0;
	if (strcmp(path, r.directory) == 0) {
		r.of_fd[fd] = THE_DIR;
		return;
	}
	if (file_of(dir) != THE_DIR || !is_new)
		return;
	r.of_fd[fd] = r.files++;
	if ((flags & O_TMPFILE) != O_TMPFILE)
		add(FAULT_STEP_NAME, r.of_fd[fd], path);
}

void record_open(int fd, int dir, const char *path, int flags, bool is_new)
{
	if (!r.on || fd >= FDS_MAX)
		return;
	pthread_mutex_lock(&r.lock);
	opened(fd, dir, path, flags, is_new);
	pthread_mutex_unlock(&r.lock);
}

void record_write(int fd, const void *data, size_t len)
{
	struct fault_step *s;

	if (!r.on || file_of(fd) < 0)
		return;
	pthread_mutex_lock(&r.lock);
	s = add(FAULT_STEP_WRITE, file_of(fd), "");
	s->offset = r.written[fd];
	s->data = copy_of(data, len);
	s->len = len;
	r.written[fd] += len;
	pthread_mutex_unlock(&r.lock);
}

void record_fsync(int fd)
{
	if (!r.on || file_of(fd) == NOT_OURS)
		return;
	pthread_mutex_lock(&r.lock);
	add(file_of(fd) == THE_DIR ? FAULT_STEP_FSYNC_DIR : FAULT_STEP_FSYNC, file_of(fd), "");
	pthread_mutex_unlock(&r.lock);
}

void record_rename(int dir, const char *from, const char *to)
{
	if (!r.on || file_of(dir) != THE_DIR)
		return;
	pthread_mutex_lock(&r.lock);
	snprintf(add(FAULT_STEP_RENAME, NOT_OURS, from)->to, sizeof(r.steps->to), "%s", to);
	pthread_mutex_unlock(&r.lock);
}

void record_link(const char *from, int dir, const char *to)
{
	int fd = NOT_OURS;

	if (!r.on || file_of(dir) != THE_DIR)
		return;
	/* NOLINTNEXTLINE(cert-err34-c): our own text */
	if (sscanf(from, "/proc/self/fd/%d", &fd) != 1)
		return;
	pthread_mutex_lock(&r.lock);
	add(FAULT_STEP_NAME, file_of(fd), to);
	pthread_mutex_unlock(&r.lock);
}

void record_unlink(int dir, const char *name)
{
	if (!r.on || file_of(dir) != THE_DIR)
		return;
	pthread_mutex_lock(&r.lock);
	add(FAULT_STEP_UNNAME, NOT_OURS, name);
	pthread_mutex_unlock(&r.lock);
}

void record_close(int fd)
{
	if (!r.on || fd < 0 || fd >= FDS_MAX)
		return;
	pthread_mutex_lock(&r.lock);
	r.of_fd[fd] = NOT_OURS;
	pthread_mutex_unlock(&r.lock);
}
