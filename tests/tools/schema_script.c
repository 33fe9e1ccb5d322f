/* SPDX-License-Identifier: MIT */
/*
 * schema_script: the files of a schema (engine/schema/archive.h) in a directory
 * as one script on stdout.
 *
 *	schema_script DIRECTORY
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/schema/archive.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)

static int get(void *arg, const char *name, struct buf *out, struct error *err)
{
	autofree char *path = path_join(arg, name);

	return file_read_if_there(out, path, FILE_MAX, err);
}

static int print_script(char *directory, struct error *err)
{
	DEFER(schema) *s = NULL;
	autobuf script = BUF_INIT;

	if (archive_read(&s, get, directory, err) < 0)
		return -1;
	emit_script(&script, s);
	if (fwrite(script.data, 1, script.len, stdout) != script.len || fflush(stdout) != 0)
		return error_set(err, ERR_SYSTEM, "write to stdout");
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	if (argc != 2) {
		fprintf(stderr, "usage: schema_script DIRECTORY\n");
		return error_exit_status(ERR_USAGE);
	}
	if (print_script(argv[1], &err) < 0) {
		fprintf(stderr, "Error: %s\n", err.text);
		return error_exit_status(err.code);
	}
	return 0;
}
