/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a file to import: an archive, a script or neither. A schema that can be
 * written again, or an error, never a crash.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/codec/keyring.h"
#include "engine/repo/bundle.h"
#include "engine/repo/internal.h"
#include "engine/repo/tar.h"
#include "engine/schema/archive.h"
#include "engine/schema/dump.h"
#include "engine/schema/model.h"
#include "engine/store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct incoming {
	struct bundle *bundle;
	struct dump *dump;
};

static int take_file(void *arg, const char *name, struct buf *content, struct error *err)
{
	struct incoming *in = arg;

	return bundle_add(in->bundle, name, content, err);
}

static int take_script(void *arg, const char *text, size_t len, struct error *err)
{
	struct incoming *in = arg;

	return dump_feed(in->dump, text, len, err);
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
	DEFER(bundle) *bundle = bundle_new();
	DEFER(dump) *dump = dump_new("shop");
	DEFER(backup) *b = backup_new();
	DEFER(schema) *s = NULL;
	DEFER(keyring) *keyring = keyring_new();
	DEFER(store) *store = store_open_memory();
	struct repo r = { .keyring = keyring, .store = store };
	struct incoming in = { .bundle = bundle, .dump = dump };
	const struct tar_visitor v = { take_file, take_script, &in };
	const struct bundle_source from = { .files = bundle, .repo = &r };
	struct bundle_notes notes;
	struct error err = ERROR_INIT;
	int result = tar_read_memory(data, size, &v, &err);

	if (result == 0 && bundle_count(bundle) > 0) {
		result = bundle_check(bundle, &err);
		if (result == 0)
			result = bundle_read(&s, b, &notes, &from, &err);
	} else if (result == 0) {
		result = dump_finish(&s, dump, &err);
	}
	if (result < 0 ? err.code == ERR_NONE || err.code == ERR_BUG
	               : archive_write(s, put, NULL, &err) < 0)
		abort();
	return 0;
}
