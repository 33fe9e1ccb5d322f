/* SPDX-License-Identifier: MIT */
#include "engine/repo/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/base/number.h"
#include "engine/codec/salvage.h"
#include "engine/repo/internal.h"
#include "engine/schema/archive.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"
#include "engine/schema/names.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/salvage"

#define REPORT_FILE "RECOVERY.txt"

void salvage_report_free(struct salvage_report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		free(r->files[i].name);
	free(r->files);
	free(r->directory);
	free(r);
}

/* A part that should be there. */
struct wanted {
	struct container_part part; /* its name lives as long as its source */
	int rank;                   /* the order of writing: model, script, kinds of objects */
	char *object;               /* name without folder, unescaped; "" for the first two */
};

struct saving {
	struct repo *r;
	const char *id;
	char key[REPO_KEY_MAX];
	struct backup *backup; /* NULL: the envelope is lost */
	struct unsealed unsealed;
	struct salvage *from;
	struct wanted *wanted;
	size_t count, capacity;
	struct map *saved; /* struct buf by name */
	struct salvage_report *report;
};

static void finish_content(void *arg, const char *name, void *value)
{
	(void)arg;
	(void)name;
	buf_finish(value);
	free(value);
}

static void finish(struct saving *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->wanted[i].object);
	free(s->wanted);
	map_each(s->saved, finish_content, NULL);
	map_free(s->saved);
	salvage_close(s->from);
	unsealed_finish(&s->unsealed);
	backup_free(s->backup);
}

static int read_stored(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	struct saving *s = arg;
	const struct store_range range = { .offset = offset, .length = len, .max = len };
	size_t before = out->len;
	int found = store_get(s->r->store, s->key, range, out, NULL, err);

	if (found < 0)
		return -1;
	if (!found || out->len - before != len)
		return error_set(err, ERR_STORE, "%s changed while it was read", s->key);
	return 0;
}

/* What the envelope still says; a lost one is no failure, a missing secret is. */
static int read_envelope(struct saving *s, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	autobuf raw = BUF_INIT;
	DEFER(backup) *b = backup_new();
	int found;

	repo_envelope_key(key, s->id);
	found = store_get(s->r->store, key, all, &raw, NULL, err);
	if (found <= 0)
		return found;
	if (repo_unseal(b, &s->unsealed, s->r, &raw, s->id, err) == 0) {
		s->backup = take(b);
		return 0;
	}
	if (err->code != ERR_CORRUPT && err->code != ERR_INVALID)
		return -1;
	log_failure(LOG_MODULE, key, err);
	error_clear(err);
	return 0;
}

static int open_payload(struct saving *s, struct error *err)
{
	struct container_source source = { .read = read_stored, .arg = s };
	struct container_header expected = { 0 };
	const struct envelope *e = &s->unsealed.envelope;
	struct store_stat stat;
	int found;

	repo_payload_key(s->key, s->id);
	found = store_stat(s->r->store, s->key, &stat, err);
	if (found < 0)
		return -1;
	if (!found && !s->backup)
		return error_set(err, ERR_NOT_FOUND, "backup not found: %s", s->id);
	if (!found)
		return error_set(err, ERR_CORRUPT,
		                 "payload %s is missing in storage: nothing can be saved",
		                 s->key);
	source.size = stat.size;
	if (s->backup) {
		expected.encrypted = e->encrypted;
		expected.codec = e->codec;
		expected.created = s->backup->created_at;
		memcpy(expected.id, e->container_id, sizeof(expected.id));
		snprintf(expected.tool_version, sizeof(expected.tool_version), "%.*s",
		         CONTAINER_TOOL_MAX, s->backup->tool_version);
	}
	if (salvage_open(&s->from, &source, s->id, s->unsealed.data_key,
	                 s->backup ? &expected : NULL, err) == 0)
		return 0;
	if (!s->backup)
		error_hint(err, "Its envelope is lost; if the backup was encrypted, the key "
		                "of its data was in there.");
	return -1;
}

/* Takes a part in whose name is one that we write: it may be forged when not encrypted. */
static void want(struct saving *s, const struct container_part *part)
{
	struct wanted w = { .part = *part };
	autobuf object = BUF_INIT;

	if (strcmp(part->name, ARCHIVE_MODEL) == 0) {
		w.rank = 0;
	} else if (strcmp(part->name, ARCHIVE_SCRIPT) == 0) {
		w.rank = 1;
	} else {
		const char *folder = part->name + strlen("objects/");
		const char *slash;
		autofree char *kind_name = NULL;
		autofree char *base = NULL;
		enum object_kind kind;

		if (strncmp(part->name, "objects/", 8) != 0 || !(slash = strchr(folder, '/')) ||
		    !str_has_suffix(str_of(slash), ".sql") || strchr(slash + 1, '/'))
			return;
		kind_name = mem_strndup(folder, (size_t)(slash - folder));
		base = mem_strndup(slash + 1, strlen(slash + 1) - strlen(".sql"));
		if (!object_kind_from_folder(&kind, kind_name) || !name_unescape(&object, base))
			return;
		w.rank = 2 + (int)kind;
	}
	w.object = buf_take(&object);
	MEM_GROW(s->wanted, s->count, s->capacity);
	s->wanted[s->count++] = w;
}

static int compare_wanted(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->rank != y->rank ? x->rank - y->rank : strcmp(x->object, y->object);
}

/* What to look for: by the envelope, or else by the index. In the order of writing. */
static int list_wanted(struct saving *s, struct error *err)
{
	for (size_t i = 0; s->backup && i < s->backup->file_count; i++) {
		const struct backup_file *f = &s->backup->files[i];
		struct container_part part = { .name = f->name, .size = f->size };

		if (f->size <= CONTAINER_PART_MAX &&
		    number_parse_hex(part.sha256.bytes, sizeof(part.sha256.bytes), f->sha256,
		                     strlen(f->sha256)))
			want(s, &part);
	}
	for (size_t i = 0; !s->backup && i < salvage_count(s->from); i++)
		want(s, salvage_at(s->from, i));
	if (s->count == 0)
		return error_set(err, ERR_CORRUPT,
		                 "envelope and index are lost: nothing can be saved");
	qsort(s->wanted, s->count, sizeof(s->wanted[0]), compare_wanted);
	return 0;
}

/* How the file of an object begins, for finding it where the index is lost. */
static void title_of(struct buf *out, const struct wanted *w)
{
	if (w->rank >= 2)
		buf_addf(out, "-- %s `",
		         object_kind_info((enum object_kind)(w->rank - 2))->word);
}

static int save_parts(struct saving *s, struct error *err)
{
	struct salvage_report *report = s->report;

	for (size_t i = 0; i < s->count; i++) {
		const struct wanted *w = &s->wanted[i];
		struct buf *content = mem_alloc(sizeof(*content));
		autobuf title = BUF_INIT;
		struct salvage_file file = { .name = mem_strdup(w->part.name),
			                     .size = w->part.size };

		*content = BUF_INIT;
		title_of(&title, w);
		file.saved = salvage_read(s->from, &w->part, title.len > 0 ? title.data : NULL,
		                          content);
		if (file.saved) {
			map_set(s->saved, file.name, content);
			report->saved++;
			report->bytes += file.size;
		} else {
			finish_content(NULL, NULL, content);
		}
		MEM_GROW(report->files, report->count, report->capacity);
		report->files[report->count++] = file;
		if (cancel_check(err) < 0)
			return -1;
	}
	if (report->saved == 0)
		return error_set(err, ERR_CORRUPT, "no file is whole: nothing can be saved");
	return 0;
}

static int get_saved(void *arg, const char *name, struct buf *out, struct error *err)
{
	const struct saving *s = arg;
	const struct buf *content = map_get(s->saved, name);

	(void)err;
	if (!content)
		return 0;
	buf_add(out, content->data, content->len);
	return 1;
}

/* The first lost object that a text mentions; NULL: none. */
static const char *lost_in(const struct saving *s, struct str text)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->rank >= 2 && !map_has(s->saved, w->part.name) &&
		    names_mentioned(text, w->object))
			return w->object;
	}
	return NULL;
}

/*
 * What leans on a lost object cannot be made as it was: views are made over stand-ins, as
 * broken ones are; a trigger without its table is left to its own file.
 */
static void mark_dependents(struct schema *rest, const struct saving *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < rest->count; i++) {
		struct object *o = &rest->objects[i];
		const char *lost = o->kind == OBJECT_VIEW ? lost_in(s, o->sql) : NULL;

		if (lost && !o->problem)
			o->problem =
				arena_printf(rest->arena, "%s, which it needs, is lost", lost);
		if (o->kind == OBJECT_TRIGGER && o->table &&
		    !schema_find(rest, OBJECT_TABLE, o->table))
			continue;
		rest->objects[kept++] = *o;
	}
	rest->count = kept;
}

/* schema.sql of what was saved. */
static void make_script(struct buf *out, struct saving *s)
{
	struct error why = ERROR_INIT;
	DEFER(schema) *rest = NULL;

	s->report->script = SALVAGE_SCRIPT_WHOLE;
	if (get_saved(s, ARCHIVE_SCRIPT, out, &why) > 0)
		return;
	s->report->script = SALVAGE_SCRIPT_MADE;
	if (map_has(s->saved, ARCHIVE_MODEL) &&
	    archive_read_rest(&rest, get_saved, s, &why) == 0) {
		mark_dependents(rest, s);
		emit_script(out, rest);
		return;
	}
	s->report->script = SALVAGE_SCRIPT_JOINED;
	buf_adds(out, "SET foreign_key_checks = 0;\n");
	for (size_t i = 0; i < s->count; i++) {
		const struct buf *content = map_get(s->saved, s->wanted[i].part.name);

		if (!content || s->wanted[i].rank < 2)
			continue;
		buf_addc(out, '\n');
		buf_add(out, content->data, content->len);
	}
}

static int write_file(const char *dir, const char *name, const struct buf *content,
                      struct error *err)
{
	autofree char *path = path_join(dir, name);
	autofree char *parent = path_parent(path);
	int fd, result;

	if (dir_create(parent, 0700, err) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, errno, "create %s", path);
	result = fd_write_all(fd, content->data, content->len, err);
	if (close(fd) < 0 && result == 0)
		result = error_sys(err, errno, "write %s", path);
	return result < 0 ? error_wrap(err, "%s", path) : 0;
}

static void describe(struct buf *out, const struct saving *s)
{
	static const char *const scripts[] = {
		[SALVAGE_SCRIPT_WHOLE] =
			"schema.sql is the backup's own: every object is in it.",
		[SALVAGE_SCRIPT_MADE] = "schema.sql was made of the objects that were saved.",
		[SALVAGE_SCRIPT_JOINED] =
			"schema.sql is the objects' files one behind the other: the order of "
			"views and triggers may be another.",
	};
	const struct salvage_report *r = s->report;

	buf_addf(out, "What was saved of backup %s: %zu of %zu files.\n%s\n\n", s->id, r->saved,
	         r->count, scripts[r->script]);
	for (size_t i = 0; i < r->count; i++)
		buf_addf(out, "%s %s\n", r->files[i].saved ? "saved" : "lost ",
		         r->files[i].name);
}

static int write_all(struct saving *s, struct error *err)
{
	const struct salvage_report *r = s->report;
	autobuf script = BUF_INIT;
	autobuf text = BUF_INIT;

	make_script(&script, s);
	if (rmdir(r->directory) < 0 && errno != ENOENT) {
		error_set(err, ERR_EXISTS, "%s is there already, and is no empty directory",
		          r->directory);
		return error_hint(err, "Name another with --output.");
	}
	for (size_t i = 0; i < r->count; i++) {
		const char *name = r->files[i].name;

		if (r->files[i].saved && strcmp(name, ARCHIVE_SCRIPT) != 0 &&
		    write_file(r->directory, name, map_get(s->saved, name), err) < 0)
			return -1;
	}
	describe(&text, s);
	if (write_file(r->directory, ARCHIVE_SCRIPT, &script, err) < 0)
		return -1;
	return write_file(r->directory, REPORT_FILE, &text, err);
}

static int run(struct saving *s, struct error *err)
{
	if (read_envelope(s, err) < 0 || open_payload(s, err) < 0 || list_wanted(s, err) < 0)
		return -1;
	s->report->envelope = s->backup != NULL;
	s->report->chunks = salvage_chunks(s->from, &s->report->chunks_damaged);
	return save_parts(s, err) < 0 ? -1 : write_all(s, err);
}

int repo_salvage(struct salvage_report **out, struct repo *r, const char *id,
                 const char *directory, struct error *err)
{
	DEFER(salvage_report) *report = mem_alloc(sizeof(*report));
	struct saving s = { .r = r, .id = id, .report = report };
	int result;

	report->directory = directory ? mem_strdup(directory) : mem_printf("%s-recovered", id);
	s.saved = map_new();
	result = run(&s, err);
	finish(&s);
	if (result < 0)
		return error_wrap(err, "recover %s", id);
	log_info("backup %s: %zu of %zu files saved to %s", id, report->saved, report->count,
	         report->directory);
	*out = take(report);
	return 0;
}
