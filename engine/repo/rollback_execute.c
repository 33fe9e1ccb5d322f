/* SPDX-License-Identifier: MIT */
/* rollback_execute: runs the plan, with lock, safety backup, journal and verification. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/connection.h"
#include "engine/repo/create.h"
#include "engine/repo/internal.h"
#include "engine/repo/rollback_internal.h"
#include "engine/server/apply.h"
#include "engine/server/capture.h"

#define LOG_MODULE "repo/rollback"

/* The server renames keys that it owns and re-sorts others: what is left goes into the next
 * round. */
#define ROUNDS_MAX 4

struct run {
	struct repo *r;
	struct rollback *rb;
	const struct rollback_options *o;
	struct rollback_result *out;
	const struct rollback_watch *watch;
	int64_t operation; /* row in the catalog */
	size_t first;      /* journal number of this round's first step */
	size_t count;      /* steps of this round */
};

void rollback_result_finish(struct rollback_result *res)
{
	diff_free(res->left);
	schema_free(res->live);
	res->left = NULL;
	res->live = NULL;
}

/*
 * Locked: is the schema still the one that the plan was made from? This capture
 * serves the safety backup and the first round, too.
 */
static int look_again(struct run *run, struct error *err)
{
	struct rollback *rb = run->rb;
	DEFER(schema) *now = NULL;
	char hash[65] = "";
	int found = repo_live(&now, run->r, rb->database, err);

	if (found < 0)
		return -1;
	if (found)
		repo_schema_hash(hash, now);
	if ((!found && rb->database_missing) || (found && strcmp(hash, rb->live_hash) == 0))
		return 0;
	if (run->o->force)
		return rollback_take_live(rb, take(now), run->o, err);
	error_set(err, ERR_REFUSED, "database %s changed since the plan was made",
	          rb->database);
	return error_hint(err, "Make the plan again and look at it: mysql-schema-sync %s",
	                  rb->again);
}

static char *safety_description(const struct rollback *rb)
{
	if (rb->safety_description)
		return mem_strdup(rb->safety_description);
	if (rb->backup)
		return mem_printf("Safety backup before rollback to %s", rb->backup->id);
	return mem_printf("Safety backup before going to %s", rb->goal);
}

static int take_safety_backup(struct run *run, struct error *err)
{
	struct rollback *rb = run->rb;
	char key[] = "type", to[] = "rollback_to";
	autofree struct backup_tag *tags = mem_array(rb->safety_tag_count + 2, sizeof(*tags));
	autofree char *description = safety_description(rb);
	struct create_options options = {
		.database = rb->database,
		.description = description,
		.tags = tags,
		.migration = rb->migration,
		.captured = rb->live,
	};
	DEFER(backup) *b = NULL;

	if (run->o->no_backup || rb->database_missing)
		return 0;
	for (size_t i = 0; i < rb->safety_tag_count; i++)
		tags[options.tag_count++] = rb->safety_tags[i];
	tags[options.tag_count++] = (struct backup_tag){ key, rb->safety_type };
	if (rb->backup)
		tags[options.tag_count++] = (struct backup_tag){ to, rb->backup->id };
	if (repo_create(&b, run->r, &options, err) < 0) {
		error_hint(err,
		           "Nothing was changed. --no-backup goes on without a safety backup.");
		return error_wrap(err, "safety backup");
	}
	snprintf(run->out->safety_backup, sizeof(run->out->safety_backup), "%s", b->id);
	return 0;
}

static int write_journal(struct run *run, const struct plan *p, struct error *err)
{
	struct catalog *c = run->r->catalog;

	if (catalog_begin(c, err) < 0)
		return -1;
	for (size_t i = 0; i < p->count; i++) {
		const struct catalog_step step = {
			.operation = run->operation,
			.number = run->first + i,
			.type = p->steps[i].type,
			.object = p->steps[i].name,
			.sql = p->steps[i].sql,
			.status = "pending",
			.error = "",
		};

		if (catalog_journal_put(c, &step, err) < 0) {
			catalog_rollback(c);
			return -1;
		}
	}
	return catalog_commit(c, err);
}

static int on_step(void *arg, size_t i, const struct plan_step *step, bool done,
                   struct error *err)
{
	struct run *run = arg;

	if (catalog_journal_mark(run->r->catalog, run->operation, run->first + i,
	                         done ? "done" : "running", "", err) < 0)
		return -1;
	if (!run->watch)
		return 0;
	return run->watch->step(run->watch->arg, i, run->count, step, done, err);
}

static void on_failed(void *arg, size_t i, const struct error *why)
{
	struct run *run = arg;
	struct error ignored = ERROR_INIT;

	catalog_journal_mark(run->r->catalog, run->operation, run->first + i, "failed",
	                     why->text, &ignored);
}

/* What moves away needs a place. */
static int make_quarantine(struct run *run, const struct plan *p, struct error *err)
{
	struct server *s;
	int there;

	if (p->preserved_count == 0)
		return 0;
	if (repo_server(&s, run->r, err) < 0)
		return -1;
	there = server_has_database(s, p->quarantine, err);
	if (there != 0)
		return there < 0 ? -1 : 0;
	if (server_create_database(s, p->quarantine, "utf8mb4", "utf8mb4_general_ci", err) == 0)
		return 0;
	return error_hint(
		err,
		"--preserve-data needs a database %s and all rights on it; without the "
		"option the plan drops what goes.",
		p->quarantine);
}

static int apply_round(struct run *run, const struct plan *p, struct error *err)
{
	struct connection connection;
	const struct apply_progress progress = {
		.step = on_step,
		.failed = on_failed,
		.arg = run,
		.batch_size = run->o->batch_size,
		.workers = run->o->parallel ? run->o->parallel : repo_workers(run->r),
		.connection = &connection,
	};
	struct server *s;
	size_t done = 0;
	int result;

	run->count = p->count;
	if (repo_server(&s, run->r, err) < 0 ||
	    connection_from_config(&connection, run->r->config, CONNECTION_TARGET, err) < 0 ||
	    make_quarantine(run, p, err) < 0 || write_journal(run, p, err) < 0)
		return -1;
	result = apply_plan(s, run->rb->database, p, &progress, &done, err);
	run->out->steps_done += done;
	run->out->steps += p->count;
	run->first += p->count;
	if (result == 0)
		return 0;
	error_hint(
		err,
		"%zu of %zu steps ran. See what is left with: mysql-schema-sync %s; running it "
		"again goes on from there.",
		done, p->count, run->rb->again);
	return -1;
}

/* Captures what is there now; *left is NULL when it equals the backup. */
static int verify_round(struct run *run, struct error *err)
{
	struct rollback_result *out = run->out;
	int found;

	rollback_result_finish(out);
	found = repo_live(&out->live, run->r, run->rb->database, err);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "database %s went away",
		                 run->rb->database);
	out->left = diff_schemas(out->live, run->rb->wanted);
	out->equal = out->left->count == 0 && !out->left->database_changed;
	if (out->equal) {
		diff_free(out->left);
		out->left = NULL;
	}
	return 0;
}

static int make_database(struct run *run, struct error *err)
{
	const struct schema *wanted = run->rb->wanted;
	struct server *s;

	if (!run->rb->database_missing)
		return 0;
	if (repo_server(&s, run->r, err) < 0)
		return -1;
	return server_create_database(s, run->rb->database, wanted->charset, wanted->collation,
	                              err);
}

static int fail_differing(const struct run *run, struct error *err)
{
	error_set(err, ERR_DIFFERS, "%zu objects still differ from %s",
	          run->out->left ? run->out->left->count : 0, run->rb->goal);
	return error_hint(err, "See what differs with: mysql-schema-sync %s", run->rb->again);
}

/* The first round has its plan already: nothing was changed since. */
static int run_rounds(struct run *run, struct error *err)
{
	struct rollback_result *out = run->out;
	const struct plan *next = run->rb->plan;
	DEFER(plan) *mine = NULL;

	if (make_database(run, err) < 0)
		return -1;
	for (out->rounds = 0; out->rounds < ROUNDS_MAX; out->rounds++) {
		if (next->count > 0 && apply_round(run, next, err) < 0)
			return -1;
		if (verify_round(run, err) < 0)
			return -1;
		if (out->equal) {
			out->rounds++;
			return 0;
		}
		plan_free(mine);
		mine = NULL;
		if (rollback_plan(&mine, run->rb, out->live, out->left, run->o, err) < 0)
			return -1;
		next = mine;
		if (next->count == 0)
			break;
	}
	return fail_differing(run, err);
}

static int run_locked(struct run *run, struct error *err)
{
	if (look_again(run, err) < 0)
		return -1;
	if (rollback_is_done(run->rb)) {
		run->out->equal = true;
		return 0;
	}
	if (rollback_check(run->rb, run->r, run->o, err) < 0 ||
	    rollback_judge(run->rb, run->o, err) < 0)
		return -1;
	if (run->rb->plan->count > 0 && take_safety_backup(run, err) < 0)
		return -1;
	return run_rounds(run, err);
}

int rollback_execute(struct rollback_result *out, struct repo *r, struct rollback *rb,
                     const struct rollback_options *o, const struct rollback_watch *watch,
                     struct error *err)
{
	const struct catalog_operation operation = {
		.verb = rb->verb,
		.backup_id = rollback_backup_id(rb),
		.database = rb->database,
		.started_at = clock_now(),
		.status = "started",
		.error = "",
	};
	struct run run = { .r = r, .rb = rb, .o = o, .out = out, .watch = watch };
	int64_t began = clock_mono_ms();
	struct error ignored = ERROR_INIT;
	struct server *s;
	int result;

	*out = (struct rollback_result){ 0 };
	if (rollback_ready(r, err) < 0 || repo_server(&s, r, err) < 0 ||
	    server_lock(s, rb->database, err) < 0 ||
	    catalog_operation_begin(r->catalog, &operation, &run.operation, err) < 0)
		return -1;
	result = run_locked(&run, err);
	catalog_operation_end(r->catalog, run.operation, rollback_backup_id(rb),
	                      clock_mono_ms() - began, result < 0 ? err->text : "", &ignored);
	if (r->server)
		server_unlock(r->server, rb->database, &ignored);
	if (result == 0)
		log_info("database %s equals %s: %zu steps, duration %lld ms", rb->database,
		         rb->goal, out->steps_done, (long long)(clock_mono_ms() - began));
	return result;
}
