/* SPDX-License-Identifier: MIT */
#include "engine/codec/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/must.h"

#define SOURCE_MAX 256 /* bytes taken from a source: more than any secret has */
#define ORIGIN_FD  "file descriptor "
#define HINT_NEW   "Make one with: mysql-schema-sync key new"
#define HINT_LENGTH                                                          \
	"A key is 64 hex characters (openssl rand -hex 32) or 32 raw bytes " \
	"(openssl rand 32 > FILE; chmod 600 FILE)."

struct entry {
	struct secret *secret;
	struct fingerprint fingerprint;
	char *origin;
};

struct keyring {
	struct entry *entries;
	size_t count, capacity;
};

struct keyring *keyring_new(void)
{
	return mem_alloc(sizeof(struct keyring));
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->count; i++) {
		secret_free(k->entries[i].secret);
		free(k->entries[i].origin);
	}
	free(k->entries);
	free(k);
}

void fingerprint_of(struct fingerprint *out, const struct secret *s)
{
	static const unsigned char label[] = "schemafs secret id";
	unsigned char mac[32];
	size_t n;

	must(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret_data(s), secret_len(s), label,
	               sizeof(label) - 1, mac, sizeof(mac), &n) != NULL,
	     "HMAC-SHA-256");
	memcpy(out->bytes, mac, sizeof(out->bytes));
}

static bool is_weak(const struct secret *s)
{
	const unsigned char *data = secret_data(s);

	/* Every byte equals the one before it. */
	return CRYPTO_memcmp(data, data + 1, secret_len(s) - 1) == 0;
}

static bool has_period(const unsigned char *data, size_t len, size_t period)
{
	return CRYPTO_memcmp(data, data + period, len - period) == 0;
}

/* Does every byte differ from the one before it by the same number? */
static bool is_counted(const unsigned char *data, size_t len)
{
	unsigned char step = (unsigned char)(data[1] - data[0]), others = 0;

	for (size_t i = 1; i < len; i++)
		others |= (unsigned char)(data[i] - data[i - 1]) ^ step;
	return others == 0;
}

static bool is_printable(const unsigned char *data, size_t len)
{
	unsigned int others = 0;

	for (size_t i = 0; i < len; i++)
		others |= (unsigned int)(data[i] < ' ') | (unsigned int)(data[i] > '~');
	return others == 0;
}

const char *keyring_weakness(const struct keyring *k, size_t i)
{
	const unsigned char *data = secret_data(k->entries[i].secret);
	const size_t len = KEYRING_SECRET_SIZE;

	for (size_t period = 2; period <= len / 2; period *= 2) {
		if (has_period(data, len, period))
			return "a pattern that repeats itself";
	}
	if (is_counted(data, len))
		return "bytes that count up or down";
	if (is_printable(data, len))
		return "32 characters of text, not 32 random bytes";
	return NULL;
}

static int add_from(struct keyring *k, const struct secret *s, const char *origin,
                    struct error *err)
{
	struct entry e;

	if (secret_len(s) != KEYRING_SECRET_SIZE) {
		error_set(err, ERR_INVALID, "encryption key: want %d bytes, got %zu",
		          KEYRING_SECRET_SIZE, secret_len(s));
		return error_hint(err, HINT_LENGTH);
	}
	if (is_weak(s)) {
		error_set(err, ERR_INVALID, "encryption key: %d equal bytes protect nothing",
		          KEYRING_SECRET_SIZE);
		return error_hint(err, HINT_NEW);
	}
	e.secret = secret_new(secret_data(s), secret_len(s));
	fingerprint_of(&e.fingerprint, s);
	e.origin = mem_strdup(origin);
	MEM_GROW(k->entries, k->count, k->capacity);
	k->entries[k->count++] = e;
	return 0;
}

int keyring_add_secret(struct keyring *k, const struct secret *s, struct error *err)
{
	return add_from(k, s, "", err);
}

/* What a source gave, before it is known to be a secret. Wiped after use. */
struct raw {
	char bytes[SOURCE_MAX + 1];
	size_t len;
	char from[PATH_MAX + 64]; /* "file /etc/backup.key" */
};

static size_t without_newline(const struct raw *r)
{
	size_t n = r->len;

	if (n > 0 && r->bytes[n - 1] == '\n')
		n--;
	if (n > 0 && r->bytes[n - 1] == '\r')
		n--;
	return n;
}

static int add_raw(struct keyring *k, const struct raw *r, struct error *err)
{
	unsigned char decoded[KEYRING_SECRET_SIZE];
	size_t text_len = without_newline(r);
	DEFER(secret) *s = NULL;

	if (r->len == KEYRING_SECRET_SIZE)
		s = secret_new(r->bytes, r->len);
	else if (number_parse_hex(decoded, sizeof(decoded), r->bytes, text_len))
		s = secret_new(decoded, sizeof(decoded));
	secret_wipe(decoded, sizeof(decoded));
	if (s)
		return add_from(k, s, r->from, err) < 0 ? error_wrap(err, "%s", r->from) : 0;
	if (text_len == 0)
		error_set(err, ERR_DENIED, "encryption key not found: %s is empty", r->from);
	else if (text_len == 2 * (size_t)KEYRING_SECRET_SIZE)
		error_set(err, ERR_INVALID,
		          "%s: encryption key: 64 characters, and not all are hex digits",
		          r->from);
	else
		error_set(
			err, ERR_INVALID,
			"%s: encryption key: want 64 hex characters or 32 raw bytes, got %s%zu",
			r->from, r->len > SOURCE_MAX ? "more than " : "",
			r->len > SOURCE_MAX ? (size_t)SOURCE_MAX : r->len);
	return error_hint(err, HINT_LENGTH);
}

static int take_text(struct raw *r, const char *text)
{
	r->len = strnlen(text, sizeof(r->bytes));
	memcpy(r->bytes, text, r->len);
	return 0;
}

static int read_env(struct raw *r, const char *names, struct error *err)
{
	for (const char *p = names; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		autofree char *name = mem_strndup(p, len);
		const char *value = getenv(name);

		p += len;
		if (!value)
			continue;
		snprintf(r->from, sizeof(r->from), "environment variable %s", name);
		return take_text(r, value);
	}
	error_set(err, ERR_DENIED,
	          "encryption key not found: environment variable %s is not set", names);
	return error_hint(err, HINT_NEW);
}

static int read_direct(struct raw *r, const char *text, struct error *err)
{
	(void)err;
	snprintf(r->from, sizeof(r->from), "configured key");
	return take_text(r, text);
}

static int unreadable(const struct raw *r, int sys_errno, struct error *err)
{
	error_sys(err, sys_errno, "encryption key not found: %s", r->from);
	err->code = ERR_DENIED;
	return error_hint(err, HINT_LENGTH);
}

/* Up to SOURCE_MAX bytes and one more, which says that there are too many. */
static int read_all(struct raw *r, int fd, struct error *err)
{
	while (r->len < sizeof(r->bytes)) {
		ssize_t n = read(fd, r->bytes + r->len, sizeof(r->bytes) - r->len);

		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unreadable(r, errno, err);
		r->len += (size_t)n;
	}
	return 0;
}

/* Whose file is it, and who else may read it? open_bits: the mode bits that nobody may have. */
static int check_file(const struct raw *r, const struct stat *st, mode_t open_bits,
                      struct error *err)
{
	if (!S_ISREG(st->st_mode))
		return error_set(err, ERR_DENIED,
		                 "encryption key not found: %s is not a regular file", r->from);
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return error_set(
			err, ERR_DENIED,
			"encryption key not found: %s belongs to user %ju, want %ju or root",
			r->from, (uintmax_t)st->st_uid, (uintmax_t)geteuid());
	if (st->st_mode & open_bits) {
		error_set(
			err, ERR_DENIED,
			"encryption key not found: %s has mode %04o, which lets others read it",
			r->from, (unsigned int)st->st_mode & 07777);
		return error_hint(err, "Close it with: chmod 600 FILE");
	}
	return 0;
}

static int read_path(struct raw *r, const char *path, mode_t open_bits, struct error *err)
{
	autoclose int fd = -1;
	struct stat st;

	snprintf(r->from, sizeof(r->from), "file %s", path);
	/* O_NONBLOCK: a pipe by that name must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return unreadable(r, errno, err);
	if (check_file(r, &st, open_bits, err) < 0)
		return -1;
	return read_all(r, fd, err);
}

static int read_file(struct raw *r, const char *path, struct error *err)
{
	return read_path(r, path, 077, err);
}

static int read_fd(struct raw *r, const char *number, struct error *err)
{
	int64_t fd;

	if (number_parse_i64(&fd, number, 0, INT_MAX, err) < 0)
		return error_wrap(err, "encryption key descriptor");
	snprintf(r->from, sizeof(r->from), ORIGIN_FD "%s", number);
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* ours alone; a bad one fails below */
	return read_all(r, (int)fd, err);
}

/*
 * systemd opens credentials to the service's user by an access list, which
 * shows as group permission.
 */
static int read_credential(struct raw *r, const char *name, struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	autofree char *path = NULL;

	if (!dir) {
		error_set(err, ERR_DENIED,
		          "encryption key not found: CREDENTIALS_DIRECTORY is not set");
		return error_hint(err, "Let systemd pass it: LoadCredential=%s:/path/of/key",
		                  name);
	}
	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0')
		return error_set(err, ERR_INVALID, "encryption key: %s is no credential's name",
		                 name);
	path = path_join(dir, name);
	return read_path(r, path, 007, err);
}

static const struct {
	const char *kind;
	int (*read)(struct raw *r, const char *value, struct error *err);
} kinds[] = {
	{ "env", read_env },       { "file", read_file },
	{ "fd", read_fd },         { "credential", read_credential },
	{ "direct", read_direct },
};

int keyring_add(struct keyring *k, const struct keyring_source *source, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct raw r = { .len = 0 };
		int result;

		if (strcmp(kinds[i].kind, source->kind) != 0)
			continue;
		result = kinds[i].read(&r, source->value, err);
		if (result == 0)
			result = add_raw(k, &r, err);
		secret_wipe(&r, sizeof(r));
		return result;
	}
	return error_set(err, ERR_CONFIG,
	                 "encryption key source %s: want env, file, fd, credential or direct",
	                 source->kind);
}

int keyring_add_again(struct keyring *k, const struct keyring_source *source,
                      const struct keyring *before, struct error *err)
{
	autofree char *origin = NULL;

	if (!before || strcmp(source->kind, "fd") != 0)
		return keyring_add(k, source, err);
	origin = mem_printf(ORIGIN_FD "%s", source->value);
	for (size_t i = 0; i < before->count; i++) {
		if (strcmp(before->entries[i].origin, origin) == 0)
			return add_from(k, before->entries[i].secret, origin, err);
	}
	return keyring_add(k, source, err);
}

size_t keyring_count(const struct keyring *k)
{
	return k->count;
}

const struct secret *keyring_secret(const struct keyring *k, size_t i)
{
	return i < k->count ? k->entries[i].secret : NULL;
}

const struct fingerprint *keyring_fingerprint(const struct keyring *k, size_t i)
{
	return i < k->count ? &k->entries[i].fingerprint : NULL;
}

const char *keyring_origin(const struct keyring *k, size_t i)
{
	return i < k->count ? k->entries[i].origin : NULL;
}

const struct secret *keyring_find(const struct keyring *k, const struct fingerprint *f)
{
	for (size_t i = 0; i < k->count; i++) {
		if (memcmp(k->entries[i].fingerprint.bytes, f->bytes, sizeof(f->bytes)) == 0)
			return k->entries[i].secret;
	}
	return NULL;
}

void fingerprint_hex(char out[FINGERPRINT_HEX_SIZE], const struct fingerprint *f)
{
	number_format_hex(out, f->bytes, sizeof(f->bytes));
}
