/* SPDX-License-Identifier: MIT */
/*
 * cancel: has the user pressed Ctrl-C? Polled by loops that do I/O.
 *
 * One atomic flag, set by the handler of SIGINT and SIGTERM. Thread-safe.
 */
#ifndef ENGINE_BASE_CANCEL_H
#define ENGINE_BASE_CANCEL_H

#include <stdbool.h>

struct error;

void cancel_install(void); /* SIGINT, SIGTERM set the flag; a second SIGINT ends the process */
void cancel_set(void);
void cancel_reset(void); /* for tests */
bool cancel_requested(void);
/* 0, or -1 with ERR_CANCELLED "interrupted": return cancel_check(err) < 0 ... */
int cancel_check(struct error *err);

#endif
