/* SPDX-License-Identifier: MIT */
/*
 * export: a backup as files that need none of us: an archive or a directory.
 *
 *	<id>/schema.sql      loadable as it stands
 *	<id>/metadata.json   as in the mount
 *	<id>/model.json      what texts do not say, for an import without loss
 *	<id>/objects/...     a file per object
 *	<id>/SHA256SUMS      for sha256sum -c
 *
 * Encrypted instead: <id>/<id>.backup and <id>/<id>.meta as stored, and SHA256SUMS.
 * Same backup, same form, same bytes. Everything is checked on its way; a
 * damaged backup gives an error and no file.
 */
#ifndef ENGINE_REPO_EXPORT_H
#define ENGINE_REPO_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup;
struct error;
struct repo;

enum export_form {
	EXPORT_NONE,
	EXPORT_TAR,
	EXPORT_TAR_GZ,
	EXPORT_TAR_ZST,
	EXPORT_DIRECTORY,
};
/* By the end of a file's name: .tar, .tar.gz, .tgz, .tar.zst, .tzst; EXPORT_NONE for others. */
enum export_form export_form_of(const char *name);
const char *export_form_name(enum export_form form); /* "tar.gz", "directory" */

struct export_options {
	enum export_form form;
	bool encrypted; /* the stored files; ERR_REFUSED when the backup is not encrypted */
	bool force;     /* replace a file that is there */
};

/* Takes bytes of the archive in order. */
typedef int export_sink_fn(void *arg, const void *data, size_t len, struct error *err);
/* An archive as a stream; form is one of the archives'. */
int repo_export(struct repo *r, const char *id, const struct export_options *o,
                export_sink_fn *sink, void *arg, struct error *err);

struct export_result {
	char *path; /* what was made; caller frees */
	uint64_t size;
	size_t files;
	char sha256[65]; /* of the archive; "" for a directory */
};
/*
 * Writes an archive of mode 0600 at path, or the directory <id> below the directory path. It
 * appears whole or not at all. ERR_EXISTS unless forced; a directory is never replaced.
 */
int repo_export_file(struct export_result *out, struct repo *r, const char *id,
                     const struct export_options *o, const char *path, struct error *err);

/*
 * How long the plain archive (EXPORT_TAR) is: from the catalog alone. b has its files; metadata
 * is the length of its metadata.json.
 */
int repo_export_length(uint64_t *out, const struct backup *b, uint64_t metadata,
                       struct error *err);

#endif
