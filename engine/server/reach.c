/* SPDX-License-Identifier: MIT */
#include "engine/server/reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "engine/base/cleanup.h"

/* The outcome of a connect that goes on in the background. */
static int wait_for(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);
	int ready = poll(&p, 1, timeout_ms);

	if (ready < 0)
		return errno;
	if (ready == 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

static int try_address(const struct addrinfo *a, int timeout_ms)
{
	autoclose int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	return errno == EINPROGRESS ? wait_for(fd, timeout_ms) : errno;
}

int reach_errno(const char *host, unsigned int port, int timeout_ms)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char service[16];
	int error = EHOSTUNREACH;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &list) != 0)
		return error;
	for (const struct addrinfo *a = list; a && error != 0; a = a->ai_next)
		error = try_address(a, timeout_ms);
	freeaddrinfo(list);
	return error;
}
