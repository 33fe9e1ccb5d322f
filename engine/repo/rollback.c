/* SPDX-License-Identifier: MIT */
#include "engine/repo/rollback.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/schema/model.h"

/* Stands for a database that is not there: empty, and otherwise like the wanted one. */
static struct schema *empty_like(const struct schema *wanted, const char *name)
{
	struct schema *s = schema_new(name);

	s->charset = arena_strdup(s->arena, wanted->charset);
	s->collation = arena_strdup(s->arena, wanted->collation);
	s->family = wanted->family;
	s->server_version = arena_strdup(s->arena, wanted->server_version);
	s->version_number = wanted->version_number;
	s->visible = OBJECT_KINDS_ALL;
	s->lower_case_table_names = wanted->lower_case_table_names;
	return s;
}

static int read_wanted(struct rollback *rb, struct repo *r, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;

	if (reader_open(&rd, r, id, err) < 0 || reader_schema(&rb->wanted, rd, err) < 0)
		return -1;
	rb->backup = backup_copy(reader_backup(rd));
	return 0;
}

static int read_live(struct rollback *rb, struct repo *r, struct error *err)
{
	int found = repo_live(&rb->live, r, rb->database, err);

	if (found < 0)
		return -1;
	rb->database_missing = !found;
	if (!found)
		rb->live = empty_like(rb->wanted, rb->database);
	repo_schema_hash(rb->live_hash, rb->live);
	return 0;
}

int rollback_open(struct rollback **out, struct repo *r, const char *id,
                  const struct rollback_options *o, struct error *err)
{
	DEFER(rollback) *rb = mem_alloc(sizeof(*rb));
	const struct plan_options options = {
		.foreign_key_checks_off = o->foreign_key_checks_off,
		.preserve_auto_increment = true,
	};

	if (read_wanted(rb, r, id, err) < 0)
		return -1;
	rb->database = mem_strdup(o->database ? o->database : rb->backup->database);
	if (read_live(rb, r, err) < 0)
		return -1;
	rb->diff = diff_schemas(rb->live, rb->wanted);
	if (plan_make(&rb->plan, rb->live, rb->wanted, &options, err) < 0)
		return -1;
	*out = take(rb);
	return 0;
}

void rollback_close(struct rollback *rb)
{
	if (!rb)
		return;
	plan_free(rb->plan);
	diff_free(rb->diff);
	schema_free(rb->live);
	schema_free(rb->wanted);
	backup_free(rb->backup);
	free(rb->database);
	free(rb);
}

int rollback_script(struct buf *out, struct repo *r, const char *id, const struct schema *live,
                    const char *note, struct error *err)
{
	const struct plan_options options = { .preserve_auto_increment = true };
	struct rollback rb = { 0 };
	DEFER(schema) *wanted = NULL;
	DEFER(schema) *missing = NULL;
	DEFER(backup) *b = NULL;
	DEFER(plan) *p = NULL;
	autobuf header = BUF_INIT;
	int result = read_wanted(&rb, r, id, err);

	wanted = rb.wanted;
	b = rb.backup;
	if (result < 0)
		return -1;
	if (!live)
		live = missing = empty_like(wanted, b->database);
	if (plan_make(&p, live, wanted, &options, err) < 0)
		return -1;
	buf_addf(&header, "rollback of database %s to backup %s", b->database, id);
	if (missing)
		buf_addf(&header, "\nthe database is not there: create it first");
	if (note)
		buf_addf(&header, "\n%s", note);
	plan_script(out, p, header.data);
	return 0;
}
