/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a catalog's file: it opens, anew if need be, or is said to be another program's
 * or damaged; what is asked of it then is answered or is ERR_CORRUPT. Never a crash.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"

#define LOCATION "local:/store"
#define ID       "backup_20240115_100000_00000001"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/fuzz_catalog.XXXXXX";
static char path[sizeof(directory) + sizeof("/catalog.db")];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void remove_directory(void)
{
	struct error err = ERROR_INIT;

	dir_remove_tree(directory, &err);
}

static void make_directory(void)
{
	must(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/catalog.db", directory);
	atexit(remove_directory);
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
}

static void write_file(const uint8_t *data, size_t size)
{
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void remove_files(void)
{
	static const char *const endings[] = { "",     "-wal",     "-shm",    "-journal",
		                               ".old", ".old-wal", ".old-shm" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		char name[sizeof(path) + 16];

		snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		unlink(name);
	}
}

/* An answer, or the truth about the file. */
static void answered(int result, struct error *err)
{
	must(result >= 0 || err->code != ERR_NONE);
	must(result >= 0 || err->code != ERR_BUG);
	error_clear(err);
}

static int look_at(void *arg, const struct backup *b, struct error *err)
{
	(void)arg, (void)err;
	must(b->id && b->database && b->description);
	for (size_t i = 0; i < b->tag_count; i++)
		must(b->tags[i].key && b->tags[i].value);
	return 0;
}

static int look_at_text(void *arg, const char *text, struct error *err)
{
	(void)arg, (void)err;
	must(text != NULL);
	return 0;
}

static void ask_all(struct catalog *c)
{
	const struct catalog_filter all = { 0 };
	struct error err = ERROR_INIT;
	DEFER(backup) *found = NULL;
	DEFER(backup) *latest = NULL;

	answered(catalog_backup_each(c, &all, look_at, NULL, &err), &err);
	answered(catalog_backup_find(c, ID, &found, &err), &err);
	answered(catalog_backup_latest(c, NULL, 0, &latest, &err), &err);
	answered(catalog_databases(c, look_at_text, NULL, &err), &err);
	answered(catalog_tag_keys(c, look_at_text, NULL, &err), &err);
	answered(catalog_backup_remove(c, ID, &err), &err);
	answered(catalog_check(c, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	DEFER(catalog) *c = NULL;
	bool fresh;

	if (path[0] == '\0')
		make_directory();
	write_file(data, size);
	if (catalog_open(&c, path, LOCATION, &fresh, &err) == 0)
		ask_all(c);
	else
		must(err.code != ERR_NONE && err.code != ERR_BUG);
	catalog_close(take(c));
	remove_files();
	return 0;
}
