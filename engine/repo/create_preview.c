/* SPDX-License-Identifier: MIT */
/* create_preview: what a backup would hold, without taking it. */
#include <stdlib.h>

#include "engine/base/mem.h"
#include "engine/repo/create.h"
#include "engine/repo/internal.h"
#include "engine/repo/reuse.h"
#include "engine/schema/archive.h"
#include "engine/server/capture.h"
#include "engine/store/store.h"

void create_preview_free(struct create_preview *p)
{
	if (!p)
		return;
	backup_free(p->backup);
	backup_free(p->same_as);
	free(p);
}

/* Would the store take it? Asks for the key that the backup would get. */
static int ask_store(struct repo *r, const struct backup *b, struct error *err)
{
	char key[REPO_KEY_MAX];
	struct store_stat ignored;

	repo_envelope_key(key, b->id);
	return store_stat(r->store, key, &ignored, err) < 0 ? -1 : 0;
}

static int find_secret(struct backup *b, const struct repo *r, struct error *err)
{
	const struct secret *secret = NULL;

	if (repo_current_secret(&secret, r, err) < 0)
		return -1;
	b->encrypted = secret != NULL;
	return 0;
}

static int add_size(void *arg, const char *name, const void *data, size_t len,
                    struct error *err)
{
	struct backup *b = arg;

	(void)name, (void)data, (void)err;
	b->size += len;
	return 0;
}

static int look_at_schema(struct create_preview *p, struct repo *r, struct error *err)
{
	DEFER(schema) *s = NULL;
	int found = repo_live(&s, r, p->backup->database, err);

	if (found < 0)
		return -1;
	if (!found)
		return repo_unknown_database(r, p->backup->database, err);
	repo_describe_schema(p->backup, s);
	repo_warn_of_gaps(s);
	for (size_t i = 0; i < s->count; i++)
		p->counts[s->objects[i].kind]++;
	return archive_write(s, add_size, p->backup, err);
}

static int look_for_same(struct create_preview *p, struct repo *r,
                         const struct create_options *o, struct error *err)
{
	DEFER(reuse) *u = NULL;
	DEFER(capture_mark) *mark = NULL;
	int found = o->full ? 0 : reuse_find(&u, &mark, r, p->backup->database, err);

	if (found > 0)
		p->same_as = backup_copy(reuse_backup(u));
	return found < 0 ? -1 : 0;
}

int repo_create_preview(struct create_preview **out, struct repo *r,
                        const struct create_options *o, struct error *err)
{
	DEFER(create_preview) *p = mem_alloc(sizeof(*p));
	const char *database;

	p->backup = backup_new();
	if (create_check_words(o->description, o->tag_count, err) < 0 ||
	    repo_database(&database, r, o->database, err) < 0 ||
	    repo_describe_attempt(p->backup, r, database, o, err) < 0)
		return -1;
	backup_set(&p->backup->location, store_location(r->store));
	backup_set(&p->backup->compression, repo_codec_name(r->config));
	if (find_secret(p->backup, r, err) < 0 || ask_store(r, p->backup, err) < 0 ||
	    look_for_same(p, r, o, err) < 0 || look_at_schema(p, r, err) < 0)
		return -1;
	*out = take(p);
	return 0;
}
