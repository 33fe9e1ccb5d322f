/* SPDX-License-Identifier: MIT */
/* cmd_backup_stats: the command that shows a backup's sizes and contents. */
#include <string.h>

#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/repo/metadata.h"
#include "engine/repo/repo.h"
#include "engine/schema/model.h"

#define LARGEST     10
#define RATIO_PARTS 10000 /* a ratio has four digits */

struct stats_opts {
	const char *backup_id;
};

#define T struct stats_opts

static const struct opt opts[] = {
	OPT_BACKUP_ID(T, backup_id),
	OPT_END,
};

static const struct arg args[] = {
	ARG_BACKUP_ID(T, backup_id),
	ARG_END,
};

static const struct out_column fields[] = {
	{ "id", "Backup", "backup_id", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "database", "Database", "database_name", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "size", "Size", "size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "stored", "Stored size", "compressed_size", OUT_KIND_SIZE, false, OUT_WHOLE },
	{ "ratio", "Stored/size", "compression_ratio", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "compression", "Compression", "compression_type", OUT_KIND_TEXT, false, OUT_WHOLE },
	{ "duration", "Milliseconds", "duration_ms", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "files", "Files", "file_count", OUT_KIND_NUMBER, false, OUT_WHOLE },
	{ "objects", "Objects", "objects", OUT_KIND_PAIRS, false, OUT_WHOLE },
	{ NULL },
};

struct file {
	char *name;
	uint64_t size;
};

struct stats {
	size_t files;
	size_t objects[OBJECT_KIND_COUNT];
	struct file largest[LARGEST]; /* the largest first */
};

static void keep_largest(struct stats *s, const char *name, uint64_t size)
{
	size_t at = LARGEST;

	while (at > 0 && (!s->largest[at - 1].name || s->largest[at - 1].size < size))
		at--;
	if (at == LARGEST)
		return;
	free(s->largest[LARGEST - 1].name);
	memmove(&s->largest[at + 1], &s->largest[at], (LARGEST - 1 - at) * sizeof(struct file));
	s->largest[at] = (struct file){ mem_strdup(name), size };
}

/* "objects/tables/orders.sql" */
static int count_file(void *arg, const char *name, uint64_t size, struct error *err)
{
	static const char objects[] = "objects/";
	struct stats *s = arg;
	enum object_kind kind;

	(void)err;
	s->files++;
	if (strncmp(name, objects, strlen(objects)) == 0) {
		const char *folder = name + strlen(objects);
		autofree char *copy = mem_strndup(folder, strcspn(folder, "/"));

		if (object_kind_from_folder(&kind, copy))
			s->objects[kind]++;
	}
	keep_largest(s, name, size);
	return 0;
}

static double ratio(const struct backup *b)
{
	uint64_t parts = b->size == 0 ? RATIO_PARTS : b->stored_size * RATIO_PARTS / b->size;

	return (double)parts / RATIO_PARTS;
}

static struct json *make_view(const struct backup *b, const struct stats *s)
{
	DEFER(json) *public = metadata_public(b);
	struct json *v = json_object();
	struct json *objects = json_object(), *largest = json_array();

	json_set_str(v, "backup_id", b->id);
	json_set_str(v, "database_name", b->database);
	json_set_int(v, "size", (int64_t)b->size);
	json_set_int(v, "compressed_size", (int64_t)b->stored_size);
	json_set_real(v, "compression_ratio", ratio(b));
	json_set_str(v, "compression_type", json_get_str(public, "compression_type", ""));
	json_set_bool(v, "encryption_enabled", b->encrypted);
	json_set_int(v, "duration_ms", b->duration_ms);
	json_set_int(v, "object_count", (int64_t)b->object_count);
	json_set_int(v, "file_count", (int64_t)s->files);
	for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++)
		json_set_int(objects, object_kind_info((enum object_kind)kind)->folder,
		             (int64_t)s->objects[kind]);
	json_set(v, "objects", objects);
	for (size_t i = 0; i < LARGEST && s->largest[i].name; i++) {
		struct json *file = json_object();

		json_set_str(file, "name", s->largest[i].name);
		json_set_int(file, "size", (int64_t)s->largest[i].size);
		json_append(largest, file);
	}
	json_set(v, "largest_files", largest);
	return v;
}

static int show_largest(struct cli *cli, const struct json *v, struct error *err)
{
	static const struct out_column columns[] = {
		{ "name", "LARGEST FILES", "name", OUT_KIND_TEXT, true, OUT_CUT },
		{ "size", "SIZE", "size", OUT_KIND_SIZE, true, OUT_WHOLE },
		{ NULL },
	};
	const struct json *largest = json_get(v, "largest_files");
	DEFER(out_list) *l = NULL;

	if (out_list_begin(&l, cli->out, columns, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(largest); i++)
		out_list_add(l, json_share(json_at(largest, i)));
	out_text(cli->out, OUT_PLAIN, "\n");
	out_list_end(l);
	return 0;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct stats_opts *o = options;
	struct stats s = { 0 };
	DEFER(backup) *b = NULL;
	DEFER(json) *v = NULL;
	int result;

	if (cli_find_backup(cli, o->backup_id, &b, err) < 0)
		return -1;
	result = catalog_file_each(repo_catalog(cli->repo), b->row, "", count_file, &s, err);
	v = make_view(b, &s);
	for (size_t i = 0; i < LARGEST; i++)
		free(s.largest[i].name);
	if (result < 0)
		return -1;
	if (out_is_data(cli->out)) {
		out_value(cli->out, v);
		return 0;
	}
	out_record(cli->out, fields, v);
	if (out_setup(cli->out)->format == OUT_COMPACT)
		return 0;
	return show_largest(cli, v, err);
}

const struct command cmd_backup_stats = {
	.name = "backup stats",
	.summary = "show a backup's sizes, compression and contents",
	.examples = "backup stats --backup-id backup_20261121_090311_a1b2c3d4\n"
		    "backup stats latest --format json",
	.opts = opts,
	.args = args,
	.traits = NEED_FRESH | HAS_FORMAT,
	.options_size = sizeof(struct stats_opts),
	.run = run,
};
