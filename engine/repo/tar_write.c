/* SPDX-License-Identifier: MIT */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/tar.h"

struct tar_writer {
	struct archive *archive;
	struct archive_entry *entry;
	int64_t mtime;
	tar_sink_fn *sink;
	void *arg;
	struct error problem; /* of the sink: libarchive has no place for it */
};

static la_ssize_t write_out(struct archive *a, void *arg, const void *data, size_t len)
{
	struct tar_writer *w = arg;

	if (w->problem.code == ERR_NONE && w->sink(w->arg, data, len, &w->problem) == 0)
		return (la_ssize_t)len;
	archive_set_error(a, EIO, "not written");
	return -1;
}

static int failed(struct tar_writer *w, struct error *err)
{
	if (w->problem.code != ERR_NONE)
		*err = w->problem;
	else
		error_set(err, ERR_SYSTEM, "write the archive: %s",
		          archive_error_string(w->archive));
	return -1;
}

/* The compressed bytes must not tell when or by which level of a library's taste. */
static int add_filter(struct archive *a, enum tar_filter filter)
{
	if (filter == TAR_ZSTD)
		return archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
		                       archive_write_set_filter_option(a, "zstd",
		                                                       "compression-level",
		                                                       "9") == ARCHIVE_OK
		               ? 0
		               : -1;
	if (filter == TAR_GZIP)
		return archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
		                       archive_write_set_filter_option(a, "gzip", "timestamp",
		                                                       NULL) == ARCHIVE_OK &&
		                       archive_write_set_filter_option(a, "gzip",
		                                                       "compression-level",
		                                                       "6") == ARCHIVE_OK
		               ? 0
		               : -1;
	return archive_write_add_filter_none(a) == ARCHIVE_OK ? 0 : -1;
}

int tar_writer_new(struct tar_writer **out, enum tar_filter filter, int64_t mtime,
                   tar_sink_fn *sink, void *arg, struct error *err)
{
	DEFER(tar_writer) *w = mem_alloc(sizeof(*w));

	w->sink = sink;
	w->arg = arg;
	w->mtime = mtime;
	w->archive = archive_write_new();
	w->entry = archive_entry_new();
	if (!w->archive || !w->entry)
		return error_sys(err, ENOMEM, "begin an archive");
	/* Raw names: pax would convert them by the locale. No padding behind the end. */
	if (archive_write_set_format_gnutar(w->archive) != ARCHIVE_OK ||
	    add_filter(w->archive, filter) < 0 ||
	    archive_write_set_bytes_per_block(w->archive, 64 << 10) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(w->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(w->archive, w, NULL, write_out, NULL) != ARCHIVE_OK)
		return failed(w, err);
	*out = take(w);
	return 0;
}

void tar_writer_free(struct tar_writer *w)
{
	if (!w)
		return;
	/*
	 * Freeing writes what is pending; an archive that was not ended must not look whole.
	 * (archive_write_fail() would leak the compressor.)
	 */
	if (w->problem.code == ERR_NONE)
		error_set(&w->problem, ERR_CANCELLED, "the archive was given up");
	archive_entry_free(w->entry);
	archive_write_free(w->archive);
	free(w);
}

static int add_header(struct tar_writer *w, const char *name, uint64_t len, struct error *err)
{
	archive_entry_clear(w->entry);
	archive_entry_set_pathname(w->entry, name);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, 0600);
	archive_entry_set_uid(w->entry, 0);
	archive_entry_set_gid(w->entry, 0);
	archive_entry_set_mtime(w->entry, w->mtime, 0);
	archive_entry_set_size(w->entry, (la_int64_t)len);
	/* A warning is about names it could not convert: they are written as they are. */
	return archive_write_header(w->archive, w->entry) < ARCHIVE_WARN ? failed(w, err) : 0;
}

int tar_add(struct tar_writer *w, const char *name, const void *data, size_t len,
            struct error *err)
{
	if (add_header(w, name, len, err) < 0)
		return -1;
	return archive_write_data(w->archive, data, len) == (la_ssize_t)len ? 0
	                                                                    : failed(w, err);
}

int tar_add_blank(struct tar_writer *w, const char *name, uint64_t len, struct error *err)
{
	static const char zeros[4096];

	if (add_header(w, name, len, err) < 0)
		return -1;
	while (len > 0) {
		size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		if (archive_write_data(w->archive, zeros, n) != (la_ssize_t)n)
			return failed(w, err);
		len -= n;
	}
	return 0;
}

int tar_end(struct tar_writer *w, struct error *err)
{
	return archive_write_close(w->archive) == ARCHIVE_OK ? 0 : failed(w, err);
}
