/* SPDX-License-Identifier: MIT */
#include "engine/repo/reuse.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/schema/archive_counters.h"
#include "engine/server/capture.h"

#define LOG_MODULE "repo/reuse"

struct loaded {
	const char *name;
	struct str content;
};

struct reuse {
	struct reader *reader;
	struct arena *arena; /* of the files and the counters */
	struct loaded *files;
	size_t count, capacity;
	struct map *counters;
};

void reuse_free(struct reuse *u)
{
	if (!u)
		return;
	reader_close(u->reader);
	map_free(u->counters);
	arena_free(u->arena);
	free(u->files);
	free(u);
}

const struct backup *reuse_backup(const struct reuse *u)
{
	return reader_backup(u->reader);
}

static int take_copy(void *arg, const struct backup *b, struct error *err)
{
	struct backup **out = arg;

	(void)err;
	*out = backup_copy(b);
	return 0;
}

/* The newest backup, if it can stand for what is there: made here, by this version. */
static int find_candidate(struct backup **out, struct repo *r, const char *database,
                          struct error *err)
{
	const struct catalog_filter f = {
		.database = database,
		.statuses = 1U << BACKUP_COMPLETED,
		.limit = 1,
	};

	if (catalog_backup_each(r->catalog, &f, take_copy, out, err) < 0)
		return -1;
	return *out && *(*out)->fingerprint && !*(*out)->origin &&
	       strcmp((*out)->tool_version, REPO_TOOL_VERSION) == 0;
}

static int keep_file(void *arg, const char *name, const void *data, size_t len,
                     struct error *err)
{
	struct reuse *u = arg;

	(void)err;
	MEM_GROW(u->files, u->count, u->capacity);
	u->files[u->count++] = (struct loaded){
		.name = arena_strdup(u->arena, name),
		.content = arena_str(u->arena, (struct str){ data, len }),
	};
	return 0;
}

/* A backup that is read while the server is asked whether it is still true. */
struct loading {
	struct reuse *u;
	struct repo *r;
	const char *id;
	struct error why; /* it cannot be read */
};

static void load(void *arg)
{
	struct loading *l = arg;

	if (reader_open(&l->u->reader, l->r, l->id, &l->why) == 0)
		reader_each(l->u->reader, keep_file, l->u, &l->why);
}

int reuse_find(struct reuse **out, struct capture_mark **mark, struct repo *r,
               const char *database, struct error *err)
{
	DEFER(reuse) *u = mem_alloc(sizeof(*u));
	DEFER(backup) *candidate = NULL;
	struct loading l = { .u = u, .r = r, .why = ERROR_INIT };
	struct capture_ask ask = { .database = database };
	int found = find_candidate(&candidate, r, database, err);

	u->arena = arena_new();
	u->counters = map_new();
	if (found > 0) {
		l.id = candidate->id;
		ask.counters = u->counters;
		ask.arena = u->arena;
		ask.meanwhile = load;
		ask.arg = &l;
	}
	if (found < 0 || repo_live_mark(mark, r, &ask, err) < 0)
		return -1;
	if (found == 0 || !*mark ||
	    strcmp(capture_mark_text(*mark), candidate->fingerprint) != 0)
		return 0;
	/* What cannot be read cannot be copied; the schema itself is still there. */
	if (l.why.code != ERR_NONE) {
		log_warn("%s; the schema is captured anew", l.why.text);
		return 0;
	}
	*out = take(u);
	return 1;
}

int reuse_write(const struct reuse *u, archive_put_fn *put, void *arg, struct error *err)
{
	for (size_t i = 0; i < u->count; i++) {
		const struct loaded *f = &u->files[i];
		struct str content = f->content;
		autobuf model = BUF_INIT;

		if (strcmp(f->name, ARCHIVE_MODEL) == 0) {
			if (archive_set_counters(&model, content, u->counters, err) < 0)
				return -1;
			content = (struct str){ model.data, model.len };
		}
		if (put(arg, f->name, content.p, content.n, err) < 0)
			return -1;
	}
	return 0;
}
