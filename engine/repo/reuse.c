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

struct reuse {
	struct reader *reader;
	struct arena *arena;
	struct map *counters;
};

void reuse_free(struct reuse *u)
{
	if (!u)
		return;
	reader_close(u->reader);
	map_free(u->counters);
	arena_free(u->arena);
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

/* A session that was idle for long may be gone: then it is asked again over a new one. */
static int ask(struct buf *fingerprint, struct reuse *u, struct repo *r, const char *database,
               struct error *err)
{
	struct server *s;
	bool reused = r->server != NULL;
	int found;

	if (repo_server(&s, r, err) < 0)
		return -1;
	found = capture_fingerprint_counted(fingerprint, u->counters, u->arena, s, database,
	                                    err);
	if (found >= 0 || err->code != ERR_CONNECT || !reused)
		return found;
	repo_server_drop(r);
	error_clear(err);
	if (repo_server(&s, r, err) < 0)
		return -1;
	return capture_fingerprint_counted(fingerprint, u->counters, u->arena, s, database,
	                                   err);
}

int reuse_find(struct reuse **out, struct repo *r, const char *database, struct error *err)
{
	DEFER(reuse) *u = mem_alloc(sizeof(*u));
	DEFER(backup) *candidate = NULL;
	struct error why = ERROR_INIT;
	autobuf now = BUF_INIT;
	int found = find_candidate(&candidate, r, database, err);

	u->arena = arena_new();
	u->counters = map_new();
	if (found > 0)
		found = ask(&now, u, r, database, err);
	if (found <= 0)
		return found;
	if (strcmp(now.data, candidate->fingerprint) != 0)
		return 0;
	/* What cannot be read cannot be copied; the schema itself is still there. */
	if (reader_open(&u->reader, r, candidate->id, &why) < 0) {
		log_warn("%s; the schema is captured anew", why.text);
		return 0;
	}
	*out = take(u);
	return 1;
}

struct copying {
	struct reuse *u;
	archive_put_fn *put;
	void *arg;
};

static int copy_file(void *arg, const char *name, const void *data, size_t len,
                     struct error *err)
{
	struct copying *c = arg;
	autobuf model = BUF_INIT;

	if (strcmp(name, ARCHIVE_MODEL) != 0)
		return c->put(c->arg, name, data, len, err);
	if (archive_set_counters(&model, (struct str){ data, len }, c->u->counters, err) < 0)
		return -1;
	return c->put(c->arg, name, model.data, model.len, err);
}

int reuse_write(struct reuse *u, archive_put_fn *put, void *arg, struct error *err)
{
	struct copying c = { u, put, arg };

	return reader_each(u->reader, copy_file, &c, err);
}
