/* SPDX-License-Identifier: MIT */
/*
 * import: files that somebody hands us become a backup.
 *
 * Taken are what export.h makes (tar, tar.gz, tar.zst, a directory; encrypted
 * when its secret is configured), a directory with schema.sql, and a script such as
 * mysqldump and mariadb-dump write, plain or compressed. All of it is parsed in
 * process and in bounded memory; nothing is extracted, nothing is executed, and a
 * refusal leaves nothing behind.
 *
 * An imported backup keeps id, moment, tags and description when the files say
 * them. Its origin is recorded: it is not trusted as one that was taken here.
 */
#ifndef ENGINE_REPO_IMPORT_H
#define ENGINE_REPO_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"

struct backup;
struct buf;
struct error;
struct repo;

enum import_form {
	IMPORT_ANY,
	IMPORT_NATIVE, /* what export makes */
	IMPORT_SCRIPT, /* a script for the stock client */
};

struct import_options {
	const char *name;     /* of the file, for messages and the origin */
	const char *database; /* of a script that names none; NULL: what the files say */
	enum import_form form;
};

struct import_result {
	struct backup *backup;
	bool existed;    /* the same backup was there already: nothing was done */
	char **definers; /* accounts in whose name its code and views would run */
	size_t definer_count;
	size_t data_statements;  /* of a script: rows, which were left out */
	size_t other_statements; /* of a script: accounts and the like, left out */
	size_t opaque_tables;    /* tables whose text was not understood: kept as it is */
};
void import_result_free(struct import_result *res); /* NULL is fine */
DEFINE_DEFER(import_result, import_result_free)

/*
 * Reads a descriptor to its end. ERR_INVALID and ERR_CORRUPT say what is wrong with
 * the file, ERR_UNSUPPORTED what only a server could tell, ERR_DENIED that its secret is not
 * here, ERR_EXISTS that another backup has its id.
 */
int repo_import(struct import_result **out, struct repo *r, int fd,
                const struct import_options *o, struct error *err);
int repo_import_directory(struct import_result **out, struct repo *r, const char *path,
                          const struct import_options *o, struct error *err);

/* Files that are in memory already: names as in an archive. The contents are taken. */
struct import_file {
	const char *name;
	struct buf *content;
};
int repo_import_files(struct import_result **out, struct repo *r,
                      const struct import_file *files, size_t count,
                      const struct import_options *o, struct error *err);

#endif
