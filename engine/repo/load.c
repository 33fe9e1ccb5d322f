/* SPDX-License-Identifier: MIT */
#include "engine/repo/load.h"

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/repo/internal.h"
#include "engine/schema/diff.h"
#include "engine/schema/model.h"
#include "engine/schema/plan.h"
#include "engine/server/apply.h"
#include "engine/server/capture.h"
#include "engine/server/scratch.h"
#include "engine/server/server.h"

#define LOG_MODULE "repo/load"

/* The server re-sorts and renames what it makes: a plan may need another one after it. */
#define ROUNDS_MAX 3

/* Is it the account, or the way to the server, rather than the backup? */
static bool is_our_fault(const struct error *err)
{
	static const int rights[] = { 1044, 1045, 1142, 1143, 1227, 1370, 1419, 1698 };

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++) {
		if (err->server_errno == rights[i])
			return true;
	}
	return err->code != ERR_SERVER && err->code != ERR_INVALID && err->code != ERR_REFUSED;
}

static int capture_scratch(struct schema **out, struct repo *r, const char *name,
                           struct error *err)
{
	int found = repo_live(out, r, name, err);

	if (found < 0)
		return -1;
	return found ? 0 : error_set(err, ERR_NOT_FOUND, "scratch database %s went away", name);
}

/* What the account cannot see in the scratch database was not compared. */
static void report_unseen(const struct load_report *report, unsigned int unseen)
{
	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		autobuf line = BUF_INIT;

		if (!(unseen & OBJECT_KIND_BIT(kind)))
			continue;
		buf_addf(&line, "not compared: the account may not see every %s",
		         object_kind_info(kind)->word);
		report->warning(report->arg, line.data);
	}
}

/* Tells of every difference; objects that could not be read when the backup was made cannot be
 * made either, and are no fault of the store. */
static void report_diff(const struct load_report *report, const struct diff *d)
{
	if (d->database_changed)
		report->error(report->arg,
		              "loaded: the database's character set or collation differs");
	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];
		bool known = c->to && c->to->problem;
		autobuf line = BUF_INIT;

		buf_adds(&line, known ? "not loaded: " : "loaded: ");
		change_describe(&line, c);
		if (known)
			report->warning(report->arg, line.data);
		else
			report->error(report->arg, line.data);
	}
}

static int apply_once(const struct load_report *report, struct repo *r, const char *name,
                      const struct plan *p, struct error *err)
{
	struct server *s;
	size_t done = 0;

	if (repo_server(&s, r, err) < 0)
		return -1;
	if (apply_plan(s, name, p, NULL, &done, err) == 0)
		return 1;
	if (is_our_fault(err))
		return -1;
	error_wrap(err, "does not load");
	report->error(report->arg, err->text);
	error_clear(err);
	return 0;
}

static int run_rounds(const struct load_report *report, struct repo *r,
                      const struct schema *wanted, const char *name, struct error *err)
{
	const struct plan_options options = { .any_database = true };

	for (int round = 0;; round++) {
		DEFER(schema) *now = NULL;
		DEFER(diff) *d = NULL;
		DEFER(plan) *p = NULL;
		int applied;

		if (capture_scratch(&now, r, name, err) < 0)
			return -1;
		d = diff_schemas(now, wanted);
		if (round == 0)
			report_unseen(report, d->unseen & wanted->visible);
		if (d->count == 0 && !d->database_changed)
			return 0;
		if (plan_make(&p, now, wanted, &options, err) < 0)
			return -1;
		if (p->count == 0 || round == ROUNDS_MAX) {
			report_diff(report, d);
			return 0;
		}
		applied = apply_once(report, r, name, p, err);
		if (applied <= 0)
			return applied;
	}
}

/* The session may have been lost in between, and its lock with it: then the next run sweeps. */
static void drop(struct repo *r, const char *name)
{
	struct error err = ERROR_INIT;

	if (r->server && scratch_drop(r->server, name, &err) < 0)
		log_failure(LOG_MODULE, name, &err);
}

int load_try(const struct load_report *report, struct repo *r, const struct schema *wanted,
             struct error *err)
{
	char name[SCRATCH_NAME_SIZE];
	struct server *s;
	size_t swept;
	int result;

	if (repo_server(&s, r, err) < 0)
		return -1;
	if (server_info(s)->family != wanted->family) {
		error_set(err, ERR_UNSUPPORTED, "load: the backup is of %s, the server is %s",
		          wanted->server_version, server_info(s)->version);
		return error_hint(err, "Name a server of the same family, or check with "
		                       "--level decode.");
	}
	if (scratch_sweep(s, &swept, err) < 0 ||
	    scratch_create(name, s, wanted->charset, wanted->collation, err) < 0)
		return error_wrap(err, "load");
	result = run_rounds(report, r, wanted, name, err);
	drop(r, name);
	return result < 0 ? error_wrap(err, "load") : 0;
}
