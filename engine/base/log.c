/* SPDX-License-Identifier: MIT */
#include "engine/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"

static const struct level {
	const char *name;
	const char *label;
	const char *plain;
	int priority; /* syslog(3)'s, for the journal */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "ERROR", "Error: ", 3 },
	[LOG_LEVEL_WARN] = { "warn", "WARN", "Warning: ", 4 },
	[LOG_LEVEL_INFO] = { "info", "INFO", "", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", "DEBUG", "", 7 },
};

#define NO_FILE (-1) /* below every level */

static struct {
	atomic_int max;      /* of stderr */
	atomic_int max_file; /* of the file, or NO_FILE */
	atomic_int format;
	atomic_int file_format;

	pthread_mutex_t lock;
	int fd;     /* guarded by lock; of the file, or -1 */
	char *path; /* guarded by lock */
} state = {
	.max = LOG_LEVEL_WARN,
	.max_file = NO_FILE,
	.format = LOG_FORMAT_TEXT,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.fd = -1,
};

void log_setup(enum log_level max, enum log_format format)
{
	state.max = (int)max;
	state.format = (int)format;
	/* A file has no journal to add the time, and is read by other people. */
	state.file_format = format == LOG_FORMAT_JSON ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
}

void log_setup_file(enum log_format format)
{
	state.file_format = (int)format;
}

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

int log_open_file(const char *path, enum log_level max_file, struct error *err)
{
	int fd = open_log(path);

	if (fd < 0)
		return error_sys(err, errno, "open log file %s", path);
	pthread_mutex_lock(&state.lock);
	if (state.fd >= 0)
		close(state.fd);
	free(state.path);
	state.fd = fd;
	state.path = mem_strdup(path);
	state.max_file = (int)max_file;
	pthread_mutex_unlock(&state.lock);
	return 0;
}

void log_reopen(void)
{
	struct error err = ERROR_INIT;
	int fd;

	pthread_mutex_lock(&state.lock);
	if (state.path) {
		fd = open_log(state.path);
		if (fd >= 0) {
			close(state.fd);
			state.fd = fd;
		} else {
			/* The old file is better than none. */
			error_sys(&err, errno, "open %s", state.path);
		}
	}
	pthread_mutex_unlock(&state.lock);
	if (err.code != ERR_NONE)
		log_failure("base/log", "reopen the log file", &err);
}

bool log_level_from_name(enum log_level *out, const char *name)
{
	if (strcasecmp(name, "warning") == 0)
		name = levels[LOG_LEVEL_WARN].name;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcasecmp(name, levels[i].name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

bool log_is_on(enum log_level level)
{
	return (int)level <= state.max || (int)level <= state.max_file;
}

/* One entry is one line, whatever a table's name contains. */
static void add_one_line(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\n')
			buf_adds(out, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(out, "\\x%02x", (unsigned int)c);
		else
			buf_addc(out, *p);
	}
}

static void format_line(struct buf *out, enum log_format format, enum log_level level,
                        const char *module, const char *message)
{
	const struct level *l = &levels[level];
	char now[CLOCK_TEXT_MAX];
	DEFER(json) *entry = NULL;

	clock_format_utc(now, clock_now());
	switch (format) {
	case LOG_FORMAT_TEXT:
		buf_addf(out, "%s %-5s %s: ", now, l->label, module);
		add_one_line(out, message);
		break;
	case LOG_FORMAT_JOURNAL:
		buf_addf(out, "<%d>%s: ", l->priority, module);
		add_one_line(out, message);
		break;
	case LOG_FORMAT_PLAIN:
		buf_adds(out, l->plain);
		add_one_line(out, message);
		break;
	case LOG_FORMAT_JSON:
		entry = json_object();
		json_set_str(entry, "time", now);
		json_set_str(entry, "level", l->name);
		json_set_str(entry, "module", module);
		json_set_str(entry, "message", message);
		json_write(out, entry, JSON_COMPACT);
		break;
	}
	buf_addc(out, '\n');
}

/* A log that cannot be written has nobody to tell. */
static void write_line(int fd, const struct buf *line)
{
	size_t done = 0;

	while (done < line->len) {
		ssize_t n = write(fd, line->data + done, line->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		done += (size_t)n;
	}
}

static void emit_to_file(enum log_level level, const char *module, const char *message)
{
	autobuf line = BUF_INIT;

	if ((int)level > state.max_file)
		return;
	format_line(&line, (enum log_format)state.file_format, level, module, message);
	pthread_mutex_lock(&state.lock);
	write_line(state.fd, &line);
	pthread_mutex_unlock(&state.lock);
}

static void emit(enum log_level level, const char *module, const char *message)
{
	autobuf line = BUF_INIT;

	if ((int)level <= state.max) {
		format_line(&line, (enum log_format)state.format, level, module, message);
		write_line(STDERR_FILENO, &line);
	}
	emit_to_file(level, module, message);
}

void log_write(enum log_level level, const char *module, const char *fmt, ...)
{
	int before = errno;
	char *message = NULL;
	va_list ap;
	int n;

	if (!log_is_on(level))
		return;
	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	emit(level, module, n < 0 ? fmt : message);
	if (n >= 0)
		free(message);
	errno = before;
}

void log_failure(const char *module, const char *doing, const struct error *err)
{
	if (err->hint[0] != '\0')
		log_write(LOG_LEVEL_ERROR, module, "%s: %s (%s)", doing, err->text, err->hint);
	else
		log_write(LOG_LEVEL_ERROR, module, "%s: %s", doing, err->text);
}

void log_failure_quietly(const char *module, const char *doing, const struct error *err)
{
	autobuf message = BUF_INIT;

	buf_addf(&message, "%s: %s", doing, err->text);
	emit_to_file(LOG_LEVEL_ERROR, module, message.data);
}
