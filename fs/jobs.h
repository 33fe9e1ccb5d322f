/* SPDX-License-Identifier: MIT */
/*
 * jobs: work that may take long, done in the order given by a few threads, so
 * that who gives it need not wait. A thread is started when all others are busy,
 * up to a limit. Thread-safe.
 */
#ifndef FS_JOBS_H
#define FS_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jobs;

struct jobs *jobs_new(size_t threads);
typedef void jobs_fn(void *arg);
/* When no thread can be started at all, fn runs here and now. */
void jobs_add(struct jobs *j, jobs_fn *fn, void *arg);

/* No more jobs will be added: waits for those that there are. False: not done in time. */
bool jobs_end(struct jobs *j, int64_t patience_ms);
void jobs_free(struct jobs *j); /* after jobs_end() said true; NULL is fine */

#endif
