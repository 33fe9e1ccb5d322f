/* SPDX-License-Identifier: MIT */
/*
 * error: what went wrong, as a value.
 *
 * A function that can fail returns an int, 0 or more on success and -1 on
 * failure, and takes a `struct error *err` last. The layer that notices sets
 * the error; each layer above prefixes what it alone knows (error_wrap); the
 * outermost caller prints or logs it, once.
 *
 *	struct error err = ERROR_INIT;
 *
 *	if (store_get(s, key, &raw, &err) < 0)
 *		return error_wrap(&err, "backup %s", id);
 *
 * Texts are lower case, without a full stop, and name the thing and both
 * values ("want 812, got 40"). Hints are whole sentences.
 *
 * Thread safety: a struct error belongs to one thread at a time.
 */
#ifndef ENGINE_BASE_ERROR_H
#define ENGINE_BASE_ERROR_H

enum error_code {
	ERR_NONE,
	ERR_BUG,         /* cannot happen; please report */
	ERR_SYSTEM,      /* a system call failed; see sys_errno */
	ERR_USAGE,       /* the command line is wrong */
	ERR_CONFIG,      /* the configuration is wrong */
	ERR_NOT_FOUND,   /* the thing named does not exist */
	ERR_EXISTS,      /* the thing named exists already */
	ERR_BUSY,        /* somebody else holds the lock */
	ERR_REFUSED,     /* declined for safety; --force or another way out */
	ERR_DIFFERS,     /* a comparison found differences */
	ERR_INVALID,     /* input that is not what it should be */
	ERR_CORRUPT,     /* stored bytes fail their checksum or format */
	ERR_DENIED,      /* wrong secret or credentials */
	ERR_UNSUPPORTED, /* newer format or server than we know */
	ERR_CONNECT,     /* the database server cannot be reached */
	ERR_SERVER,      /* the database server said no */
	ERR_STORE,       /* the object store said no */
	ERR_CANCELLED,   /* interrupted by the user */
	ERR_CODE_COUNT
};

struct error {
	enum error_code code;
	int sys_errno;    /* errno value, or 0 */
	int server_errno; /* MySQL error number, or 0 */
	char text[1024];  /* no heap: running out of memory is reportable */
	char hint[384];   /* what to try next; empty when there is no advice */
};
#define ERROR_INIT ((struct error){ .code = ERR_NONE })

/* These return -1, so that a failure is one statement: return error_set(...); */

/* Fills an empty error. Asserts that err is empty: an error about to be lost is a bug. */
int error_set(struct error *err, enum error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), nonnull(1, 3)));

/*
 * Fills an empty error with ERR_SYSTEM and the text of sys_errno behind the
 * message: "open /x: permission denied" (strerror in lower case).
 */
int error_sys(struct error *err, int sys_errno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Puts "message: " before the text of an error that is set. */
int error_wrap(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Sets the hint unless an inner layer, which knows more, gave one already. */
int error_hint(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Empties an error that was dealt with. */
void error_clear(struct error *err) __attribute__((nonnull));

/* "not_found", for JSON and documents. */
const char *error_name(enum error_code code);

/* The exit status of a command that ends with this error: 1, 2, 3, 4 or 130. */
int error_exit_status(enum error_code code);

/* The errno for the kernel: sys_errno when there is one, else by code (ERR_CORRUPT: EIO). */
int error_errno(const struct error *err) __attribute__((nonnull));

#endif
