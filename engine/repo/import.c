/* SPDX-License-Identifier: MIT */
#include "engine/repo/import.h"

#include <assert.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/bundle.h"
#include "engine/repo/create.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/repo/tar.h"
#include "engine/schema/dump.h"
#include "engine/schema/model.h"

#define LOG_MODULE "repo/import"

void import_result_free(struct import_result *res)
{
	if (!res)
		return;
	for (size_t i = 0; i < res->definer_count; i++)
		free(res->definers[i]);
	free(res->definers);
	backup_free(res->backup);
	free(res);
}

/* What the files were read into. */
struct incoming {
	struct bundle *bundle;
	struct dump *dump; /* of a script */
	struct schema *schema;
	const struct import_options *options;
};

static void add_definer(struct import_result *res, const char *definer)
{
	for (size_t i = 0; i < res->definer_count; i++) {
		if (strcmp(res->definers[i], definer) == 0)
			return;
	}
	res->definers = mem_resize(res->definers, res->definer_count + 1,
	                           sizeof(*res->definers)); /* NOLINT: of pointers */
	res->definers[res->definer_count++] = mem_strdup(definer);
}

/* 1 the same backup is there, 0 its id is free, -1. */
static int look_for_same(struct import_result *res, struct repo *r, const struct schema *s,
                         struct error *err)
{
	const char *id = res->backup->id;
	DEFER(backup) *there = NULL;
	DEFER(reader) *rd = NULL;
	DEFER(schema) *other = NULL;
	int found = repo_describe(&there, r, id, err);

	if (found <= 0)
		return found;
	if (reader_open(&rd, r, id, err) < 0 || reader_schema(&other, rd, err) < 0)
		return error_wrap(err, "a backup with this id is there and cannot be compared");
	if (strcmp(other->name, s->name) != 0 || !schema_equal(other, s)) {
		error_set(err, ERR_EXISTS,
		          "backup %s is there already, and its content is another", id);
		return error_hint(err, "Compare the two; delete the one in the store, or take "
		                       "the id out of metadata.json to get a new one.");
	}
	backup_free(take(res->backup));
	res->backup = take(there);
	res->existed = true;
	return 1;
}

static int store(struct import_result *res, struct repo *r, const struct schema *s,
                 struct error *err)
{
	struct backup *b = res->backup;
	int64_t began = clock_mono_ms();
	struct error lost = ERROR_INIT;

	if (repo_save(r, b, s, err) < 0) {
		repo_note_operation(r, "backup_import", b, began, err->text);
		return -1;
	}
	b->status = BACKUP_COMPLETED;
	b->duration_ms = clock_mono_ms() - began;
	/* It is stored: a catalog that cannot take it now learns of it from the store. */
	if (catalog_backup_put(r->catalog, b, &lost) < 0)
		log_failure(LOG_MODULE, "catalog", &lost);
	repo_note_operation(r, "backup_import", b, began, "");
	log_info("backup %s of database %s imported from %s: %zu objects", b->id, b->database,
	         b->origin, b->object_count);
	return 0;
}

/* Who, where and when, before the files say otherwise. */
static int describe(struct backup *b, const struct repo *r, const struct incoming *in,
                    struct error *err)
{
	autofree char *description = mem_printf("Imported from %.400s", in->options->name);
	const struct create_options o = { .description = description };

	return repo_describe_attempt(b, r, "", &o, err);
}

static int finish(struct import_result **out, struct repo *r, struct incoming *in,
                  struct import_result *res, struct error *err)
{
	struct backup *b = res->backup;
	autofree char *origin = mem_printf("import: %.400s", in->options->name);
	autofree char *location = NULL;
	const struct schema *s = in->schema;
	int same;

	assert(s);
	for (size_t i = 0; i < s->count; i++) {
		if (s->objects[i].definer)
			add_definer(res, s->objects[i].definer);
	}
	location = mem_printf("%s/%s", repo_location(r), b->id);
	backup_set(&b->database, s->name);
	backup_set(&b->origin, origin);
	backup_set(&b->location, location);
	backup_set(&b->tool_version, REPO_TOOL_VERSION);
	backup_set(&b->fingerprint, "");
	same = look_for_same(res, r, s, err);
	if (same < 0 || (same == 0 && store(res, r, s, err) < 0))
		return -1;
	*out = res;
	return 0;
}

static int read_bundle(struct import_result *res, struct repo *r, struct incoming *in,
                       struct error *err)
{
	const struct bundle_source from = { .files = in->bundle,
		                            .repo = r,
		                            .database = in->options->database };
	struct bundle_notes notes;

	if (in->options->form == IMPORT_SCRIPT) {
		error_set(err, ERR_INVALID, "it is an archive, no script");
		return error_hint(err, "Import it without --format.");
	}
	if (bundle_check(in->bundle, err) < 0 ||
	    bundle_read(&in->schema, res->backup, &notes, &from, err) < 0)
		return -1;
	res->data_statements = notes.data_statements;
	res->other_statements = notes.other_statements;
	res->opaque_tables = notes.opaque_tables;
	return 0;
}

static int read_script(struct import_result *res, struct incoming *in, struct error *err)
{
	struct dump_report report;

	if (dump_finish(&in->schema, in->dump, err) < 0)
		return -1;
	dump_report(&report, in->dump);
	res->data_statements = report.data_statements;
	res->other_statements = report.other_statements;
	res->opaque_tables = report.table_count;
	return 0;
}

/* What was collected becomes a backup; everything is released here. */
static int import(struct import_result **out, struct repo *r, struct incoming *in,
                  struct error *err)
{
	DEFER(import_result) *res = mem_alloc(sizeof(*res));
	int result;

	res->backup = backup_new();
	result = describe(res->backup, r, in, err);
	if (result == 0)
		result = in->dump ? read_script(res, in, err) : read_bundle(res, r, in, err);
	if (result == 0)
		result = finish(out, r, in, res, err);
	if (result == 0)
		(void)take(res);
	return result;
}

static int take_file(void *arg, const char *name, struct buf *content, struct error *err)
{
	struct incoming *in = arg;

	return bundle_add(in->bundle, name, content, err);
}

static int take_script(void *arg, const char *data, size_t len, struct error *err)
{
	struct incoming *in = arg;

	if (in->options->form == IMPORT_NATIVE)
		return error_set(err, ERR_INVALID, "it is no archive of ours");
	if (!in->dump)
		in->dump = dump_new(in->options->database);
	return dump_feed(in->dump, data, len, err);
}

static void incoming_finish(struct incoming *in)
{
	bundle_free(in->bundle);
	dump_free(in->dump);
	schema_free(in->schema);
}

static int wrap(struct error *err, const struct import_options *o)
{
	return error_wrap(err, "import %s", o->name);
}

int repo_import(struct import_result **out, struct repo *r, int fd,
                const struct import_options *o, struct error *err)
{
	struct incoming in = { .bundle = bundle_new(), .options = o };
	const struct tar_visitor visitor = { .file = take_file,
		                             .plain = take_script,
		                             .arg = &in };
	int result = tar_read(fd, &visitor, err);

	if (result == 0)
		result = import(out, r, &in, err);
	incoming_finish(&in);
	return result < 0 ? wrap(err, o) : 0;
}

int repo_import_directory(struct import_result **out, struct repo *r, const char *path,
                          const struct import_options *o, struct error *err)
{
	struct incoming in = { .bundle = bundle_new(), .options = o };
	int result = bundle_add_directory(in.bundle, path, err);

	if (result == 0)
		result = import(out, r, &in, err);
	incoming_finish(&in);
	return result < 0 ? wrap(err, o) : 0;
}

int repo_import_files(struct import_result **out, struct repo *r,
                      const struct import_file *files, size_t count,
                      const struct import_options *o, struct error *err)
{
	struct incoming in = { .bundle = bundle_new(), .options = o };
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++)
		result = bundle_add(in.bundle, files[i].name, files[i].content, err);
	if (result == 0)
		result = import(out, r, &in, err);
	incoming_finish(&in);
	return result < 0 ? wrap(err, o) : 0;
}
