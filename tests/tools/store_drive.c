/* SPDX-License-Identifier: MIT */
/*
 * store_drive: engine/store as a program, for tests that compare it with other clients.
 *
 *	store_drive CONFIG put KEY FILE
 *	store_drive CONFIG replace KEY VERSION FILE
 *	store_drive CONFIG get KEY [OFFSET LENGTH]     the bytes
 *	store_drive CONFIG stat KEY                    "size modified version"
 *	store_drive CONFIG list [AFTER]                "key size modified version" each
 *	store_drive CONFIG remove KEY
 *	store_drive CONFIG bench COUNT                 "put_ms list_ms listed"
 *
 * STORE_DEBUG in the environment: with a line for each request.
 * Ends with 0 done, 1 failed ("code: text" and the hint on stderr), 2 wrong usage, 3 there is
 * no such key.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/number.h"
#include "engine/base/pool.h"
#include "engine/config/config.h"
#include "engine/store/store.h"

#define MISSING 3

static void show(const char *key, const struct store_stat *stat)
{
	printf("%s%s%" PRIu64 " %" PRId64 " %s\n", key, *key ? " " : "", stat->size,
	       stat->modified, stat->version);
}

static int put(struct store *s, char **args, struct error *err)
{
	autoclose int fd = open(args[1], O_RDONLY | O_CLOEXEC);
	struct store_body body;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "open %s", args[1]);
	body = store_body_of_fd(&fd, (uint64_t)st.st_size);
	return store_put_body(s, args[0], &body, err);
}

static int replace(struct store *s, char **args, struct error *err)
{
	autobuf data = BUF_INIT;

	if (file_read(&data, args[2], SIZE_MAX / 2, err) < 0)
		return -1;
	return store_replace(s, args[0], args[1], data.data, data.len, err);
}

static int get(struct store *s, char **args, struct error *err)
{
	struct store_range range = { 0, UINT64_MAX, (size_t)1 << 30 };
	autobuf data = BUF_INIT;
	int found;

	if (args[1] && (number_parse_u64(&range.offset, args[1], UINT64_MAX, err) < 0 ||
	                number_parse_u64(&range.length, args[2], UINT64_MAX, err) < 0))
		return -1;
	found = store_get(s, args[0], range, &data, NULL, err);
	if (found > 0)
		fwrite(data.data, 1, data.len, stdout);
	return found > 0 ? 0 : found == 0 ? MISSING : -1;
}

static int look(struct store *s, char **args, struct error *err)
{
	struct store_stat stat;
	int found = store_stat(s, args[0], &stat, err);

	if (found > 0)
		show("", &stat);
	return found > 0 ? 0 : found == 0 ? MISSING : -1;
}

static int show_key(void *arg, const char *key, const struct store_stat *stat,
                    struct error *err)
{
	(void)arg;
	(void)err;
	show(key, stat);
	return 0;
}

static int list(struct store *s, char **args, struct error *err)
{
	return store_list(s, args[0], show_key, NULL, err);
}

static int take_away(struct store *s, char **args, struct error *err)
{
	int found = store_remove(s, args[0], err);

	return found > 0 ? 0 : found == 0 ? MISSING : -1;
}

static int put_small(void *arg, size_t i, struct error *err)
{
	static const char data[4096] = "a small backup";
	char key[64];

	snprintf(key, sizeof(key), "bench-%06zu.backup", i);
	return store_put(arg, key, data, sizeof(data), err);
}

static int count_key(void *arg, const char *key, const struct store_stat *stat,
                     struct error *err)
{
	size_t *count = arg;

	(void)key;
	(void)stat;
	(void)err;
	++*count;
	return 0;
}

/* So many small objects put by 8 threads, then listed. */
static int bench(struct store *s, char **args, struct error *err)
{
	int64_t start = clock_mono_ms(), put_ms;
	size_t listed = 0;
	uint64_t count;

	if (number_parse_u64(&count, args[0], 1000000, err) < 0 ||
	    pool_run(8, count, put_small, s, err) < 0)
		return -1;
	put_ms = clock_mono_ms() - start;
	start = clock_mono_ms();
	if (store_list(s, NULL, count_key, &listed, err) < 0)
		return -1;
	printf("%" PRId64 " %" PRId64 " %zu\n", put_ms, clock_mono_ms() - start, listed);
	return 0;
}

static const struct {
	const char *name;
	int least, most; /* arguments */
	int (*run)(struct store *s, char **args, struct error *err);
} verbs[] = {
	{ "put", 2, 2, put },     { "replace", 3, 3, replace }, { "get", 1, 3, get },
	{ "stat", 1, 1, look },   { "list", 0, 1, list },       { "remove", 1, 1, take_away },
	{ "bench", 1, 1, bench },
};

static int drive(const char *path, int (*run)(struct store *s, char **args, struct error *err),
                 char **args, struct error *err)
{
	DEFER(config) *c = NULL;
	DEFER(store) *s = NULL;

	if (config_load(&c, path, err) < 0 || store_open(&s, c, err) < 0)
		return -1;
	return run(s, args, err);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	cancel_install();
	if (getenv("STORE_DEBUG"))
		log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	for (size_t i = 0; argc >= 3 && i < ARRAY_SIZE(verbs); i++) {
		int result;

		if (strcmp(verbs[i].name, argv[2]) != 0 || argc - 3 < verbs[i].least ||
		    argc - 3 > verbs[i].most)
			continue;
		result = drive(argv[1], verbs[i].run, argv + 3, &err);
		if (result >= 0)
			return result;
		fprintf(stderr, "%s: %s\n%s\n", error_name(err.code), err.text, err.hint);
		return 1;
	}
	fprintf(stderr, "usage: store_drive CONFIG VERB [ARGUMENT...]\n");
	return 2;
}
