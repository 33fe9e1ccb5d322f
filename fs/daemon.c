/* SPDX-License-Identifier: MIT */
#include "fs/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"

#define WORD 'R'

/* The parent's part: a word means ready; the pipe's end without one, that the child failed. */
static int wait_for_child(int fd, pid_t child, int *status, struct error *err)
{
	char word = 0;
	ssize_t n;
	int ended = 0;

	do {
		n = read(fd, &word, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && word == WORD) {
		*status = 0;
		return 1;
	}
	while (waitpid(child, &ended, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, errno, "wait for the daemon");
	*status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 1;
	if (WIFSIGNALED(ended))
		return error_set(err, ERR_BUG, "the daemon was ended by signal %d",
		                 WTERMSIG(ended));
	return 1;
}

int daemon_fork(int *ready_fd, int *status, struct error *err)
{
	int fds[2];
	pid_t child;
	int result;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(err, errno, "make a pipe");
	child = fork();
	if (child < 0) {
		error_sys(err, errno, "fork");
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (child == 0) {
		close(fds[0]);
		*ready_fd = fds[1];
		return 0;
	}
	close(fds[1]);
	result = wait_for_child(fds[0], child, status, err);
	close(fds[0]);
	return result;
}

void daemon_ready(int ready_fd)
{
	const char word = WORD;
	int null;

	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	/* A parent that is gone does not want to know. */
	if (write(ready_fd, &word, 1) < 0)
		errno = 0;
	close(ready_fd);
}

void daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	autoclose int fd = -1;
	size_t len;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	len = strlen(path);
	if (len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract socket */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Nobody listens: then nobody waits either. */
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		errno = 0;
}
