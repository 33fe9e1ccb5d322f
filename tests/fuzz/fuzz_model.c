/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a backup's model.json: a schema that can be written again, or an
 * error, never a crash. Every file of an object is the same short text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int get(void *arg, const char *name, struct buf *out, struct error *err)
{
	const struct str *model = arg;

	(void)err;
	if (strcmp(name, ARCHIVE_MODEL) == 0)
		buf_add(out, model->p, model->n);
	else
		buf_adds(out, "CREATE TABLE `t` (`a` int)");
	return 1;
}

static int put(void *arg, const char *name, const void *data, size_t len, struct error *err)
{
	(void)arg;
	(void)name;
	(void)data;
	(void)len;
	(void)err;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str model = { (const char *)data, size };
	DEFER(schema) *s = NULL;
	struct error err = ERROR_INIT;

	if (archive_read(&s, get, &model, &err) < 0)
		must(err.code == ERR_CORRUPT || err.code == ERR_UNSUPPORTED);
	else
		must(archive_write(s, put, NULL, &err) == 0);
	return 0;
}
