/* SPDX-License-Identifier: MIT */
/* body: objects of any size between stores and files, in constant memory (store.h). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/store/store.h"

/* One request of a get: large enough to hide a round trip, small beside 64 MB. */
#define CHUNK ((size_t)8 << 20)

static int read_text(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	const struct str *text = arg;

	(void)err;
	if (len > 0)
		memcpy(to, text->p + offset, len);
	return 0;
}

struct store_body store_body_of_text(struct str *text)
{
	return (struct store_body){ .size = text->n, .read_at = read_text, .arg = text };
}

static int read_fd(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	const int *fd = arg;
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(*fd, (char *)to + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read the file to be stored");
		if (n == 0)
			return error_set(err, ERR_INVALID,
			                 "the file to be stored shrank: want %" PRIu64
			                 " bytes, got %" PRIu64,
			                 offset + len, offset + done);
		done += (size_t)n;
	}
	return 0;
}

struct store_body store_body_of_fd(int *fd, uint64_t size)
{
	return (struct store_body){ .size = size, .read_at = read_fd, .arg = fd };
}

/* Every piece must be of the version that the first one was of. */
static int check_version(const char *key, const struct store_stat *first,
                         const struct store_stat *now, struct error *err)
{
	if (strcmp(first->version, now->version) == 0)
		return 0;
	return error_set(err, ERR_BUSY,
	                 "%s was replaced while it was read: want version %s, got %s", key,
	                 first->version, now->version);
}

int store_get_to_fd(struct store *s, const char *key, int fd, struct store_stat *stat,
                    struct error *err)
{
	autobuf chunk = BUF_INIT;
	struct store_stat first = { .size = 0 }, now;
	uint64_t at = 0;

	do {
		struct store_range range = { .offset = at, .length = CHUNK, .max = CHUNK };
		int found;

		buf_truncate(&chunk, 0);
		found = store_get(s, key, range, &chunk, &now, err);
		if (found < 0 || (!found && at == 0))
			return found;
		if (!found)
			return error_set(err, ERR_BUSY, "%s was removed while it was read",
			                 key);
		if (at == 0)
			first = now;
		if (check_version(key, &first, &now, err) < 0)
			return -1;
		if (chunk.len == 0 && at < first.size)
			return error_set(err, ERR_STORE,
			                 "%s: no bytes from %" PRIu64 " of %" PRIu64, key, at,
			                 first.size);
		if (fd_write_all(fd, chunk.data, chunk.len, err) < 0)
			return error_wrap(err, "%s", key);
		at += chunk.len;
	} while (at < first.size);
	if (stat)
		*stat = first;
	return 1;
}

/* A file without a name: nobody finds it, and it is gone with its descriptor. */
static int open_nameless(struct error *err)
{
	const char *dir = getenv("TMPDIR");
	autofree char *path = path_join(dir && *dir ? dir : "/tmp", "schemafs.XXXXXX");
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "make a temporary file like %s", path);
	unlink(path);
	return fd;
}

int store_copy(struct store *from, const char *key, struct store *to, struct error *err)
{
	autoclose int fd = open_nameless(err);
	struct store_body body;
	struct store_stat stat = { .size = 0 };
	int found;

	if (fd < 0)
		return -1;
	found = store_get_to_fd(from, key, fd, &stat, err);
	if (found <= 0)
		return found;
	body = store_body_of_fd(&fd, stat.size);
	return store_put_body(to, key, &body, err) < 0 ? -1 : 1;
}
