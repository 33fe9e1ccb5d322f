/* SPDX-License-Identifier: MIT */
/*
 * faults: stands between a program and the system, lets its calls fail at a chosen one,
 * and writes down what they did to one directory.
 *
 *	faults_begin(&(struct fault_plan){ .at = { 17 }, .how = { FAULT_EIO } });
 *	...                     the 17th call from here on fails
 *	faults_end();
 *
 * Linked into a program, its definitions of open(), write(), fsync() and so on come before
 * those of the C library, for the program and for every shared library that it uses (with
 * the sanitizers, too). Made as a shared library it is for LD_PRELOAD: FAULTS_AT=17
 * FAULTS_HOW=EIO are read at the start, and with FAULTS_COUNT=FILE the number of calls is
 * written there at the end. What the C library does on its own behalf (stdio, opendir,
 * malloc) is not seen.
 *
 * Thread-safe as far as counting goes; begin and end while no other thread runs. Never fails.
 */
#ifndef TESTS_TOOLS_FAULTS_H
#define TESTS_TOOLS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_OPEN,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_FSYNC,
	FAULT_RENAME,
	FAULT_LINK,
	FAULT_UNLINK,
	FAULT_CLOSE,
	FAULT_MMAP,
	FAULT_GETRANDOM,
	FAULT_MKDIR,
	FAULT_TRUNCATE,
	FAULT_KIND_COUNT
};
const char *fault_kind_name(enum fault_kind kind);

enum fault_how {
	FAULT_NONE,
	FAULT_EIO,
	FAULT_ENOSPC,
	FAULT_EINTR,
	FAULT_EMFILE,
	FAULT_ENOMEM,
	FAULT_SHORT,      /* half of what was asked for */
	FAULT_EXIT,       /* the process ends instead of the call */
	FAULT_EXIT_AFTER, /* the process ends right after the call */
	FAULT_HOW_COUNT
};
const char *fault_how_name(enum fault_how how);
bool fault_fits(enum fault_kind kind, enum fault_how how); /* can that call fail so? */

#define FAULT_EXIT_STATUS 86
#define FAULT_CALLS_MAX   8192

struct fault_plan {
	size_t at[2]; /* which calls, from 1; 0: none */
	enum fault_how how[2];
	bool full; /* from at[0] on every call that takes room fails with ENOSPC */
};
void faults_begin(const struct fault_plan *plan);
void faults_end(void);
size_t faults_count(void);              /* calls since the begin */
enum fault_kind faults_kind(size_t at); /* of the call of that number, from 1 */
bool faults_met(void);                  /* was a call that was to fail reached? */

/* What was done to the directory, in order. Names and data live until the next recording. */
enum fault_step_type {
	FAULT_STEP_WRITE,
	FAULT_STEP_FSYNC,     /* of a file */
	FAULT_STEP_NAME,      /* a file got this name, which was free */
	FAULT_STEP_RENAME,    /* from name to to, replacing what was there */
	FAULT_STEP_UNNAME,    /* the name went */
	FAULT_STEP_FSYNC_DIR, /* names up to here are on the disk */
	FAULT_STEP_MARK,      /* faults_mark() */
};
struct fault_step {
	enum fault_step_type type;
	int file; /* number of the file, from 0 */
	char name[128], to[128];
	uint64_t offset;
	unsigned char *data;
	size_t len;
};
void faults_record(const char *directory); /* NULL: ends */
void faults_mark(const char *name, const char *to);
const struct fault_step *faults_steps(size_t *count);

#endif
