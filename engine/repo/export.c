/* SPDX-License-Identifier: MIT */
#include "engine/repo/export.h"

#include <string.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/export_files.h"
#include "engine/repo/internal.h"
#include "engine/repo/metadata.h"
#include "engine/repo/reader.h"
#include "engine/repo/tar.h"
#include "engine/schema/archive.h"
#include "engine/store/store.h"

#define METADATA "metadata.json"

/* Bytes of a payload that is exported as it is stored. */
#define PAYLOAD_MAX ((size_t)1 << 30)

static const struct {
	const char *suffix;
	enum export_form form;
} suffixes[] = {
	{ ".tar", EXPORT_TAR },         { ".tar.gz", EXPORT_TAR_GZ }, { ".tgz", EXPORT_TAR_GZ },
	{ ".tar.zst", EXPORT_TAR_ZST }, { ".tzst", EXPORT_TAR_ZST },
};

static const struct {
	const char *name;
	enum tar_filter filter;
} forms[] = {
	[EXPORT_NONE] = { "", TAR_PLAIN },
	[EXPORT_TAR] = { "tar", TAR_PLAIN },
	[EXPORT_TAR_GZ] = { "tar.gz", TAR_GZIP },
	[EXPORT_TAR_ZST] = { "tar.zst", TAR_ZSTD },
	[EXPORT_DIRECTORY] = { "directory", TAR_PLAIN },
};

enum export_form export_form_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (str_has_suffix(str_of(name), suffixes[i].suffix))
			return suffixes[i].form;
	}
	return EXPORT_NONE;
}

const char *export_form_name(enum export_form form)
{
	return forms[form].name;
}

static int put(struct export_files *x, const char *name, const struct buf *content,
               struct error *err)
{
	struct digest sum;
	char hex[DIGEST_HEX_SIZE];

	if (cancel_check(err) < 0)
		return -1;
	digest_of(&sum, content->data, content->len);
	digest_hex(hex, &sum);
	buf_addf(&x->sums, "%s  %s\n", hex, name);
	return x->put(x->arg, name, content->data, content->len, err);
}

static int put_part(struct export_files *x, struct reader *rd, const char *name,
                    struct error *err)
{
	autobuf content = BUF_INIT;
	int found = reader_file(rd, name, &content, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_CORRUPT, "file %s is missing", name);
	return put(x, name, &content, err);
}

/* What people look for first stands first. */
static int each_plain(struct export_files *x, struct repo *r, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;
	const struct backup *b;

	if (reader_open(&rd, r, id, err) < 0)
		return -1;
	b = reader_backup(rd);
	x->mtime = b->created_at;
	if (x->begin(x->arg, x, err) < 0 || put_part(x, rd, ARCHIVE_SCRIPT, err) < 0 ||
	    put_part(x, rd, METADATA, err) < 0)
		return -1;
	for (size_t i = 0; i < b->file_count; i++) {
		if (strcmp(b->files[i].name, ARCHIVE_SCRIPT) != 0 &&
		    put_part(x, rd, b->files[i].name, err) < 0)
			return -1;
	}
	return 0;
}

static int put_stored(struct export_files *x, struct repo *r, const char *key, size_t max,
                      struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = max };
	autobuf content = BUF_INIT;
	int found = store_get(r->store, key, all, &content, NULL, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_CORRUPT, "%s is missing in storage", key);
	return put(x, key, &content, err);
}

/* The stored files as they are; opened first, so that nothing damaged is handed on. */
static int each_stored(struct export_files *x, struct repo *r, const char *id,
                       struct error *err)
{
	DEFER(reader) *rd = NULL;
	char payload[REPO_KEY_MAX], envelope[REPO_KEY_MAX];

	if (reader_open(&rd, r, id, err) < 0)
		return -1;
	if (!reader_backup(rd)->encrypted) {
		error_set(err, ERR_REFUSED, "backup %s is not encrypted", id);
		return error_hint(err, "Export it without --encrypted: what is stored of it "
		                       "anybody can read.");
	}
	x->mtime = reader_backup(rd)->created_at;
	repo_payload_key(payload, id);
	repo_envelope_key(envelope, id);
	if (x->begin(x->arg, x, err) < 0)
		return -1;
	return put_stored(x, r, payload, PAYLOAD_MAX, err) < 0
	               ? -1
	               : put_stored(x, r, envelope, ENVELOPE_MAX, err);
}

int export_each_file(struct export_files *x, struct repo *r, const char *id, bool encrypted,
                     struct error *err)
{
	int result;

	x->sums = BUF_INIT;
	result = encrypted ? each_stored(x, r, id, err) : each_plain(x, r, id, err);
	if (result == 0)
		result = x->put(x->arg, EXPORT_SUMS, x->sums.data, x->sums.len, err);
	buf_finish(&x->sums);
	return result;
}

struct archiving {
	const char *id;
	enum export_form form;
	export_sink_fn *sink;
	void *arg;
	struct tar_writer *writer;
};

static int begin_archive(void *arg, const struct export_files *x, struct error *err)
{
	struct archiving *a = arg;

	return tar_writer_new(&a->writer, forms[a->form].filter, x->mtime, a->sink, a->arg,
	                      err);
}

static int add_to_archive(void *arg, const char *name, const void *data, size_t len,
                          struct error *err)
{
	struct archiving *a = arg;
	autofree char *path = mem_printf("%s/%s", a->id, name);

	return tar_add(a->writer, path, data, len, err);
}

int repo_export(struct repo *r, const char *id, const struct export_options *o,
                export_sink_fn *sink, void *arg, struct error *err)
{
	struct archiving a = { .id = id, .form = o->form, .sink = sink, .arg = arg };
	struct export_files x = { .begin = begin_archive, .put = add_to_archive, .arg = &a };
	int result = export_each_file(&x, r, id, o->encrypted, err);

	if (result == 0)
		result = tar_end(a.writer, err);
	tar_writer_free(a.writer);
	return result < 0 ? error_wrap(err, "export") : 0;
}

static int count_bytes(void *arg, const void *data, size_t len, struct error *err)
{
	uint64_t *total = arg;

	(void)data;
	(void)err;
	*total += len;
	return 0;
}

/* Bytes of a line of SHA256SUMS. */
static uint64_t sums_line(const char *name)
{
	return DIGEST_HEX_SIZE - 1 + 2 + strlen(name) + 1;
}

static int add_length(struct tar_writer *w, const char *id, const char *name, uint64_t len,
                      struct error *err)
{
	autofree char *path = mem_printf("%s/%s", id, name);

	return tar_add_blank(w, path, len, err);
}

int repo_export_length(uint64_t *out, const struct backup *b, uint64_t metadata,
                       struct error *err)
{
	DEFER(tar_writer) *w = NULL;
	uint64_t total = 0;
	uint64_t sums = sums_line(METADATA);

	if (tar_writer_new(&w, TAR_PLAIN, b->created_at, count_bytes, &total, err) < 0 ||
	    add_length(w, b->id, METADATA, metadata, err) < 0)
		return -1;
	for (size_t i = 0; i < b->file_count; i++) {
		sums += sums_line(b->files[i].name);
		if (add_length(w, b->id, b->files[i].name, b->files[i].size, err) < 0)
			return -1;
	}
	if (add_length(w, b->id, EXPORT_SUMS, sums, err) < 0 || tar_end(w, err) < 0)
		return -1;
	*out = total;
	return 0;
}
