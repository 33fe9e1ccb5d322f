/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a page of a listing, of each kind of server: an error, or entries that callers
 * can rely on; never a crash.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/store/azure_page.h"
#include "engine/store/gcs_object.h"
#include "engine/store/s3_page.h"

#define PREFIX "backups/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_result(int result, const struct error *err)
{
	must(result == 0 ? err->code == ERR_NONE
	                 : err->code != ERR_NONE && err->code != ERR_BUG);
}

/* Keys begin with the prefix and come in order, so that a listing goes on behind the last. */
static void read_s3(const char *text, size_t len, const char *after)
{
	struct s3_page page;
	struct error err = ERROR_INIT;
	const char *last = after;
	int result;

	s3_page_init(&page);
	result = s3_page_parse(&page, text, len, PREFIX, after, &err);
	check_result(result, &err);
	for (size_t i = 0; result == 0 && i < page.count; i++) {
		const char *key = page.entries[i].key;

		must(strncmp(key, PREFIX, strlen(PREFIX)) == 0);
		must(strcmp(key, last) > 0 || (i == 0 && strcmp(key, PREFIX) == 0));
		must(memchr(page.entries[i].stat.version, '\0', STORE_VERSION_MAX) != NULL);
		last = key;
	}
	if (result == 0 && page.truncated)
		must(page.count > 0);
	s3_page_finish(&page);
}

static void read_azure(const char *text, size_t len)
{
	autopage page = { .items = NULL };
	struct error err = ERROR_INIT;
	int result = azure_page_parse(&page, text, len, &err);

	check_result(result, &err);
	for (size_t i = 0; result == 0 && i < page.count; i++) {
		must(page.items[i].name && page.items[i].name[0]);
		must(i == 0 || strcmp(page.items[i - 1].name, page.items[i].name) <= 0);
		must(page.items[i].is_prefix || page.items[i].stat.version[0]);
	}
	must(result < 0 || !page.marker || page.marker[0]);
}

static int on_object(void *arg, const char *name, const struct store_stat *stat,
                     struct error *err)
{
	(void)arg;
	(void)err;
	must(name[0] && stat->version[0] && stat->size <= INT64_MAX);
	return 0;
}

static void read_gcs(const char *text, size_t len)
{
	struct error err = ERROR_INIT, object_err = ERROR_INIT;
	struct store_stat stat;
	char mark[CLOUD_MARK_SIZE];
	autofree char *next = NULL;

	check_result(gcs_page_parse(text, len, on_object, NULL, &next, &err), &err);
	must(!next || next[0]);
	check_result(gcs_object_parse(&stat, mark, text, len, &object_err), &object_err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	read_s3(text, size, PREFIX);
	read_s3(text, size, PREFIX "backup_b");
	read_azure(text, size);
	read_gcs(text, size);
	return 0;
}
