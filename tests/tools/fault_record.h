/* SPDX-License-Identifier: MIT */
/*
 * fault_record: what faults.c tells of the calls that succeeded, kept as the steps of
 * faults.h. Only what concerns the directory that is being recorded; nothing otherwise.
 * Thread-safe.
 */
#ifndef TESTS_TOOLS_FAULT_RECORD_H
#define TESTS_TOOLS_FAULT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

void record_open(int fd, int dir, const char *path, int flags, bool is_new);
void record_write(int fd, const void *data, size_t len);
void record_fsync(int fd);
void record_rename(int dir, const char *from, const char *to);
void record_link(const char *from, int dir, const char *to); /* from "/proc/self/fd/N" */
void record_unlink(int dir, const char *name);
void record_close(int fd);

#endif
