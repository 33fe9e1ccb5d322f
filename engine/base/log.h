/* SPDX-License-Identifier: MIT */
/*
 * log: what happened, for the person who operates the program.
 *
 * Lines go to stderr and, when given, to a file that is reopened on demand.
 * Text form: "2026-11-21T09:03:11Z INFO engine/store: message". Under systemd
 * (JOURNAL) the "<6>" prefix replaces the time; for a person at a terminal
 * (PLAIN) it is "Warning: message". Before log_setup() warnings and errors are
 * written to stderr as text. Lines hold ids, never secrets or
 * SQL with literals. Thread-safe.
 *
 * Each .c file that logs says first:  #define LOG_MODULE "store/s3"
 */
#ifndef ENGINE_BASE_LOG_H
#define ENGINE_BASE_LOG_H

#include <stdbool.h>

struct error;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMAT_JOURNAL, LOG_FORMAT_PLAIN };

/* Levels: stderr gets lines up to max. */
void log_setup(enum log_level max, enum log_format format);
/* The form of the file: TEXT or JSON. Without this JSON when stderr gets it, else text. */
void log_setup_file(enum log_format format);

/*
 * Also appends every line up to max_file to a file (created 0600). 0, or -1 when the file
 * cannot be opened; the program may go on without.
 */
int log_open_file(const char *path, enum log_level max_file, struct error *err);
void log_reopen(void); /* after rotation */

bool log_level_from_name(enum log_level *out,
                         const char *name); /* debug, info, warn(ing), error */
bool log_is_on(enum log_level level);

void log_write(enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_failure(const char *module, const char *doing, const struct error *err);
/* Only to the file: for an error that stderr is told in another form. */
void log_failure_quietly(const char *module, const char *doing, const struct error *err);

#define log_error(...) log_write(LOG_LEVEL_ERROR, LOG_MODULE, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, LOG_MODULE, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, LOG_MODULE, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, LOG_MODULE, __VA_ARGS__)

#endif
