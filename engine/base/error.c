/* SPDX-License-Identifier: MIT */
#include "engine/base/error.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct code_row {
	const char *name; /* in JSON and documents */
	int sys_errno;    /* what the kernel gets */
	int exit_status;  /* what the shell gets */
};

/* clang-format off */
static const struct code_row codes[ERR_CODE_COUNT] = {
	[ERR_NONE]        = { "none",        0,            0 },
	[ERR_BUG]         = { "bug",         EIO,          1 },
	[ERR_SYSTEM]      = { "system",      EIO,          1 },
	[ERR_USAGE]       = { "usage",       EINVAL,       2 },
	[ERR_CONFIG]      = { "config",      EINVAL,       1 },
	[ERR_NOT_FOUND]   = { "not_found",   ENOENT,       1 },
	[ERR_EXISTS]      = { "exists",      EEXIST,       1 },
	[ERR_BUSY]        = { "busy",        EBUSY,        1 },
	[ERR_REFUSED]     = { "refused",     EPERM,        3 },
	[ERR_DIFFERS]     = { "differs",     EIO,          4 },
	[ERR_INVALID]     = { "invalid",     EINVAL,       1 },
	[ERR_CORRUPT]     = { "corrupt",     EIO,          1 },
	[ERR_DENIED]      = { "denied",      EACCES,       1 },
	[ERR_UNSUPPORTED] = { "unsupported", EOPNOTSUPP,   1 },
	[ERR_CONNECT]     = { "connect",     EHOSTUNREACH, 1 },
	[ERR_SERVER]      = { "server",      EIO,          1 },
	[ERR_STORE]       = { "store",       EIO,          1 },
	[ERR_CANCELLED]   = { "cancelled",   EINTR,        130 },
};
/* clang-format on */

/* vsnprintf() that does not leave half a character where it had to cut. */
static void format(char *out, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void format(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);
	size_t end = size - 1;

	if (n < 0) {
		out[0] = '\0';
		return;
	}
	if ((size_t)n < size)
		return;
	while (end > 0 && ((unsigned char)out[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && ((unsigned char)out[end - 1] & 0xc0) == 0xc0)
		end--;
	out[end] = '\0';
}

/* Appends as much as fits. */
static void append(struct error *err, const char *text)
{
	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, "%s", text);
}

int error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list ap;

	assert(err->code == ERR_NONE);
	assert(code > ERR_NONE && code < ERR_CODE_COUNT);
	err->code = code;
	va_start(ap, fmt);
	format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int error_sys(struct error *err, int sys_errno, const char *fmt, ...)
{
	char buffer[128];
	char reason[128];
	va_list ap;

	assert(err->code == ERR_NONE);
	err->code = ERR_SYSTEM;
	err->sys_errno = sys_errno;
	va_start(ap, fmt);
	format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	snprintf(reason, sizeof(reason), "%s", strerror_r(sys_errno, buffer, sizeof(buffer)));
	if (!isupper((unsigned char)reason[1]))
		reason[0] = (char)tolower((unsigned char)reason[0]);
	append(err, ": ");
	append(err, reason);
	return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list ap;

	assert(err->code != ERR_NONE);
	memcpy(inner, err->text, sizeof(inner));
	va_start(ap, fmt);
	format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	append(err, ": ");
	append(err, inner);
	return -1;
}

int error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;

	assert(err->code != ERR_NONE);
	if (err->hint[0] != '\0')
		return -1;
	va_start(ap, fmt);
	format(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

void error_clear(struct error *err)
{
	*err = ERROR_INIT;
}

const char *error_name(enum error_code code)
{
	assert(code >= ERR_NONE && code < ERR_CODE_COUNT);
	return codes[code].name;
}

int error_exit_status(enum error_code code)
{
	assert(code >= ERR_NONE && code < ERR_CODE_COUNT);
	return codes[code].exit_status;
}

int error_errno(const struct error *err)
{
	return err->sys_errno != 0 ? err->sys_errno : codes[err->code].sys_errno;
}
