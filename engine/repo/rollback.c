/* SPDX-License-Identifier: MIT */
#include "engine/repo/rollback.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/repo/preflight.h"
#include "engine/repo/proof.h"
#include "engine/repo/reader.h"
#include "engine/repo/rollback_internal.h"
#include "engine/repo/verify.h"
#include "engine/schema/model.h"
#include "engine/schema/preserve.h"
#include "engine/server/server.h"

struct schema *rollback_empty_like(const struct schema *wanted, const char *name)
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

static void set_goal(struct rollback *rb, const struct rollback_goal *g)
{
	rb->goal = mem_strdup(g->name);
	rb->verb = mem_strdup(g->verb);
	rb->again = mem_strdup(g->again);
	rb->safety_type = mem_strdup(g->safety_type);
	rb->migration = mem_strdup(g->migration);
	rb->origin = mem_strdup(g->origin);
}

static void set_backup(struct rollback *rb, const struct backup *b)
{
	autofree char *name = mem_printf("backup %s", b->id);
	autofree char *again = mem_printf("rollback plan --backup-id %s", b->id);
	const struct rollback_goal goal = {
		.name = name,
		.verb = "rollback_execute",
		.again = again,
		.safety_type = "pre-rollback",
		.origin = b->origin,
	};

	rb->backup = backup_copy(b);
	set_goal(rb, &goal);
}

static int read_wanted(struct rollback *rb, struct repo *r, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;

	if (reader_open(&rd, r, id, err) < 0 || guard_source(r, reader_backup(rd), err) < 0 ||
	    reader_schema(&rb->wanted, rd, err) < 0)
		return -1;
	set_backup(rb, reader_backup(rd));
	return 0;
}

/* The same, and everything that is stored is looked at on the way. */
static int read_verified(struct rollback *rb, struct repo *r, const char *id, struct error *err)
{
	DEFER(verify_result) *v = NULL;
	DEFER(backup) *b = NULL;

	if (repo_verify_reading(&v, &rb->wanted, &b, r, id, err) < 0)
		return -1;
	if (!v->valid)
		return error_set(err, ERR_CORRUPT, "backup validation failed: %s",
		                 v->errors[0]);
	if (guard_source(r, b, err) < 0)
		return -1;
	set_backup(rb, b);
	return 0;
}

static const char *family_name(enum server_family f)
{
	return f == SERVER_MARIADB ? "MariaDB" : "MySQL";
}

/* MariaDB and MySQL print and read definitions differently. */
static int refuse_family(const struct rollback *rb, const struct diff *d, struct error *err)
{
	autobuf names = BUF_INIT;

	for (size_t i = 0; i < d->count && i < 3; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : ": ", d->changes[i].name);
	error_set(err, ERR_REFUSED,
	          "%s was written by %s %s, and the server is %s %s: %zu of %zu objects read "
	          "differently%s%s",
	          rb->goal, family_name(rb->wanted->family), rb->wanted->server_version,
	          family_name((enum server_family)rb->server_family), rb->server_version,
	          d->count, rb->wanted->count, names.data, d->count > 3 ? ", ..." : "");
	return error_hint(err,
	                  "Restore it on a %s server. --force plans it all the same; the proof "
	                  "then tells what the server takes.",
	                  family_name(rb->wanted->family));
}

int rollback_plan(struct plan **out, const struct rollback *rb, const struct schema *live,
                  const struct diff *d, const struct rollback_options *o, struct error *err)
{
	const struct plan_options options = {
		.foreign_key_checks_off = o->foreign_key_checks_off,
		.renames = o->renames,
		.rename_count = o->rename_count,
		.preserve_auto_increment = true,
		.any_family = o->force,
	};
	DEFER(plan) *p = NULL;

	if (live->family != rb->wanted->family && !o->force)
		return refuse_family(rb, d, err);
	if (plan_make(&p, live, rb->wanted, &options, err) < 0)
		return -1;
	if (o->preserve_data && plan_preserve(p, d, live, rb->quarantine, rb->stamp, err) < 0)
		return -1;
	*out = take(p);
	return 0;
}

/* A database's name has at most 64 characters. */
#define QUARANTINE_SUFFIX "_mss_quarantine"
#define DATABASE_PART_MAX 49

static void set_database(struct rollback *rb, const char *name)
{
	size_t n = strlen(name) < DATABASE_PART_MAX ? strlen(name) : DATABASE_PART_MAX;
	char now[CLOCK_TEXT_MAX];

	while (n > 0 && name[n] && ((unsigned char)name[n] & 0xc0) == 0x80)
		n--; /* not within a character */
	rb->database = mem_strdup(name);
	rb->quarantine = mem_printf("%.*s" QUARANTINE_SUFFIX, (int)n, name);
	clock_format_id(now, clock_now());
	snprintf(rb->stamp, sizeof(rb->stamp), "%.*s", (int)sizeof(rb->stamp) - 1, now);
}

int rollback_take_live(struct rollback *rb, struct schema *live,
                       const struct rollback_options *o, struct error *err)
{
	preflight_free(rb->preflight);
	proof_free(rb->proof);
	plan_free(rb->plan);
	diff_free(rb->diff);
	schema_free(rb->live);
	rb->preflight = NULL;
	rb->proof = NULL;
	rb->plan = NULL;
	rb->diff = NULL;
	rb->live = live;
	rb->database_missing = !live;
	if (!live) {
		rb->live = rollback_empty_like(rb->wanted, rb->database);
		rb->live->family = (enum server_family)rb->server_family;
	}
	repo_schema_hash(rb->live_hash, rb->live);
	rb->diff = diff_schemas(rb->live, rb->wanted);
	return rollback_plan(&rb->plan, rb, rb->live, rb->diff, o, err);
}

static int read_live(struct rollback *rb, struct repo *r, const struct rollback_options *o,
                     struct error *err)
{
	struct schema *live = NULL;
	struct server *s;

	if (repo_live(&live, r, rb->database, err) < 0)
		return -1;
	if (repo_server(&s, r, err) < 0) {
		schema_free(live);
		return -1;
	}
	rb->server_family = (int)server_info(s)->family;
	snprintf(rb->server_version, sizeof(rb->server_version), "%s", server_info(s)->version);
	return rollback_take_live(rb, live, o, err);
}

int rollback_open(struct rollback **out, struct repo *r, const char *id,
                  const struct rollback_options *o, struct error *err)
{
	DEFER(rollback) *rb = mem_alloc(sizeof(*rb));
	int result = o->validate ? read_verified(rb, r, id, err) : read_wanted(rb, r, id, err);

	if (result < 0)
		return -1;
	set_database(rb, o->database ? o->database : rb->backup->database);
	if (read_live(rb, r, o, err) < 0)
		return -1;
	*out = take(rb);
	return 0;
}

int rollback_open_goal(struct rollback **out, struct repo *r, const struct rollback_goal *goal,
                       const struct rollback_options *o, struct error *err)
{
	DEFER(rollback) *rb = mem_alloc(sizeof(*rb));

	rb->wanted = goal->wanted;
	set_goal(rb, goal);
	set_database(rb, o->database);
	if (read_live(rb, r, o, err) < 0)
		return -1;
	*out = take(rb);
	return 0;
}

void rollback_close(struct rollback *rb)
{
	if (!rb)
		return;
	preflight_free(rb->preflight);
	proof_free(rb->proof);
	plan_free(rb->plan);
	diff_free(rb->diff);
	schema_free(rb->live);
	schema_free(rb->wanted);
	backup_free(rb->backup);
	free(rb->goal);
	free(rb->origin);
	free(rb->verb);
	free(rb->again);
	free(rb->safety_type);
	free(rb->migration);
	free(rb->safety_description);
	for (size_t i = 0; i < rb->safety_tag_count; i++) {
		free(rb->safety_tags[i].key);
		free(rb->safety_tags[i].value);
	}
	free(rb->safety_tags);
	free(rb->database);
	free(rb->quarantine);
	free(rb);
}

const char *rollback_backup_id(const struct rollback *rb)
{
	return rb->backup ? rb->backup->id : "";
}

bool rollback_is_done(const struct rollback *rb)
{
	return rb->plan->count == 0 && !rb->database_missing && rb->diff->count == 0 &&
	       !rb->diff->database_changed;
}

/* By what the catalog knows of it. Then the plan is that from the live schema to itself. */
static bool is_live(const struct backup *b, const struct rollback_basis *against)
{
	const struct schema *live = against->live;

	return live && *b->schema_hash && strcmp(b->schema_hash, against->live_hash) == 0 &&
	       b->visible == live->visible &&
	       strcmp(b->server_family, live->family == SERVER_MYSQL ? "mysql" : "mariadb") ==
	               0;
}

static int read_schema(struct schema **out, struct repo *r, const char *id, struct error *err)
{
	DEFER(reader) *rd = NULL;

	return reader_open(&rd, r, id, err) < 0 ? -1 : reader_schema(out, rd, err);
}

int rollback_script(struct buf *out, bool *counts_on, struct repo *r, const struct backup *b,
                    const struct rollback_basis *against, struct error *err)
{
	const struct plan_options options = { .preserve_auto_increment = true };
	const struct schema *live = against->live, *wanted = live;
	DEFER(schema) *stored = NULL;
	DEFER(schema) *missing = NULL;
	DEFER(plan) *p = NULL;
	autobuf header = BUF_INIT;

	if (!is_live(b, against)) {
		if (read_schema(&stored, r, b->id, err) < 0)
			return -1;
		wanted = stored;
	}
	if (!live)
		live = missing = rollback_empty_like(wanted, b->database);
	if (plan_make(&p, live, wanted, &options, err) < 0)
		return -1;
	if (missing)
		buf_adds(&header, "the database is not there: create it first");
	if (against->note)
		buf_addf(&header, "%s%s", missing ? "\n" : "", against->note);
	plan_script(out, p, header.len > 0 ? header.data : NULL);
	*counts_on = p->counts_on;
	return 0;
}
