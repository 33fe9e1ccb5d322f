/* SPDX-License-Identifier: MIT */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/tar.h"

#define CHUNK          ((size_t)64 << 10)
#define NAME_MAX_BYTES 1024 /* of an entry; ours are shorter */

struct archive_reader {
	struct archive *archive;
};

static void archive_reader_free(struct archive_reader *r)
{
	if (!r)
		return;
	archive_read_free(r->archive);
	free(r);
}
DEFINE_DEFER(archive_reader, archive_reader_free)

static int damaged(struct archive *a, struct error *err)
{
	const char *why = archive_error_string(a);

	if (archive_errno(a) > 0 && archive_errno(a) < 200 && archive_errno(a) != EINVAL &&
	    archive_errno(a) != EILSEQ && archive_errno(a) != ENOMEM)
		return error_set(err, ERR_SYSTEM, "read the archive: %s", why ? why : "failed");
	return error_set(err, ERR_CORRUPT, "the archive is damaged or cut short: %s",
	                 why ? why : "it cannot be read");
}

/* Too much, or far more than its stored bytes are good for. */
static int check_bomb(struct archive *a, uint64_t plain, struct error *err)
{
	uint64_t stored = (uint64_t)archive_filter_bytes(a, -1);

	if (plain > TAR_RATIO_FREE && plain / TAR_RATIO_MAX > stored)
		return error_set(err, ERR_INVALID,
		                 "%llu stored bytes unfold to more than %llu: no schema does",
		                 (unsigned long long)stored, (unsigned long long)plain);
	return 0;
}

static int too_large(struct error *err)
{
	return error_set(err, ERR_INVALID, "more than %llu bytes of content",
	                 (unsigned long long)TAR_TOTAL_MAX);
}

/* What an entry claims to be. */
static int check_entry(struct archive_entry *e, uint64_t total, struct error *err)
{
	const char *name = archive_entry_pathname(e);

	if (!name || !*name || strlen(name) > NAME_MAX_BYTES)
		return error_set(err, ERR_INVALID, "an entry without a usable name");
	if (archive_entry_hardlink(e) || archive_entry_symlink(e) ||
	    (archive_entry_filetype(e) != AE_IFREG && archive_entry_filetype(e) != AE_IFDIR))
		return error_set(err, ERR_INVALID, "entry %s is no regular file", name);
	if (archive_entry_sparse_count(e) > 0)
		return error_set(err, ERR_INVALID, "entry %s is sparse", name);
	if (archive_entry_size(e) < 0 || (uint64_t)archive_entry_size(e) > TAR_TOTAL_MAX ||
	    (uint64_t)archive_entry_size(e) > TAR_TOTAL_MAX - total)
		return too_large(err);
	return 0;
}

static int read_content(struct archive *a, struct archive_entry *e, struct buf *out,
                        uint64_t total, struct error *err)
{
	uint64_t want = (uint64_t)archive_entry_size(e);

	for (;;) {
		char chunk[CHUNK / 4];
		la_ssize_t n = archive_read_data(a, chunk, sizeof(chunk));

		if (n < 0)
			return damaged(a, err);
		if (n == 0)
			break;
		if (out->len + (size_t)n > want)
			return error_set(err, ERR_CORRUPT, "entry %s is longer than it says",
			                 archive_entry_pathname(e));
		buf_add(out, chunk, (size_t)n);
		if (cancel_check(err) < 0 || check_bomb(a, total + out->len, err) < 0)
			return -1;
	}
	if (out->len != want)
		return error_set(err, ERR_CORRUPT, "entry %s: want %llu bytes, got %zu",
		                 archive_entry_pathname(e), (unsigned long long)want, out->len);
	return 0;
}

static int read_files(struct archive *a, struct archive_entry *e, const struct tar_visitor *v,
                      struct error *err)
{
	uint64_t total = 0;
	size_t count = 0;
	int result;

	do {
		autobuf content = BUF_INIT;

		if (++count > TAR_FILES_MAX)
			return error_set(err, ERR_INVALID, "more than %d entries",
			                 TAR_FILES_MAX);
		if (check_entry(e, total, err) < 0)
			return -1;
		if (archive_entry_filetype(e) == AE_IFREG) {
			autofree char *name = mem_strdup(archive_entry_pathname(e));

			if (read_content(a, e, &content, total, err) < 0)
				return -1;
			total += content.len;
			if (v->file(v->arg, name, &content, err) < 0)
				return -1;
		}
		result = archive_read_next_header(a, &e);
	} while (result == ARCHIVE_OK || result == ARCHIVE_WARN);
	return result == ARCHIVE_EOF ? 0 : damaged(a, err);
}

/* What is no archive: a script. */
static int read_plain(struct archive *a, const struct tar_visitor *v, struct error *err)
{
	uint64_t total = 0;

	for (;;) {
		char chunk[CHUNK];
		la_ssize_t n = archive_read_data(a, chunk, sizeof(chunk));

		if (n < 0)
			return damaged(a, err);
		if (n == 0)
			return 0;
		total += (uint64_t)n;
		if (cancel_check(err) < 0 || check_bomb(a, total, err) < 0 ||
		    v->plain(v->arg, chunk, (size_t)n, err) < 0)
			return -1;
	}
}

static int prepare(struct archive_reader *r, struct error *err)
{
	r->archive = archive_read_new();
	if (!r->archive)
		return error_sys(err, ENOMEM, "begin reading an archive");
	/* libarchive knows many more forms; what is not needed cannot be attacked. */
	if (archive_read_support_filter_gzip(r->archive) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(r->archive) != ARCHIVE_OK ||
	    archive_read_support_format_tar(r->archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(r->archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(r->archive) != ARCHIVE_OK)
		return damaged(r->archive, err);
	return 0;
}

static int read_all(struct archive *a, const struct tar_visitor *v, struct error *err)
{
	struct archive_entry *e;
	int result = archive_read_next_header(a, &e);

	if (result == ARCHIVE_EOF)
		return error_set(err, ERR_INVALID, "it is empty");
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
		return damaged(a, err);
	if (archive_filter_count(a) > 2)
		return error_set(err, ERR_INVALID, "it is compressed more than once");
	return archive_format(a) == ARCHIVE_FORMAT_RAW ? read_plain(a, v, err)
	                                               : read_files(a, e, v, err);
}

int tar_read(int fd, const struct tar_visitor *v, struct error *err)
{
	DEFER(archive_reader) *r = mem_alloc(sizeof(*r));

	if (prepare(r, err) < 0)
		return -1;
	if (archive_read_open_fd(r->archive, fd, CHUNK) != ARCHIVE_OK)
		return damaged(r->archive, err);
	return read_all(r->archive, v, err);
}

int tar_read_memory(const void *data, size_t len, const struct tar_visitor *v,
                    struct error *err)
{
	DEFER(archive_reader) *r = mem_alloc(sizeof(*r));

	if (prepare(r, err) < 0)
		return -1;
	if (archive_read_open_memory(r->archive, data, len) != ARCHIVE_OK)
		return damaged(r->archive, err);
	return read_all(r->archive, v, err);
}
