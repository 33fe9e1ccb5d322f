/* SPDX-License-Identifier: MIT */
/* reach: why can a TCP port not be reached? Thread-safe. Internal to engine/server. */
#ifndef ENGINE_SERVER_REACH_H
#define ENGINE_SERVER_REACH_H

/*
 * The errno of connecting to host and port, 0 when it works; waits at most
 * timeout_ms for each address. For messages: libmariadb says "operation now in
 * progress" for everything once a connect timeout is set.
 */
int reach_errno(const char *host, unsigned int port, int timeout_ms);

#endif
