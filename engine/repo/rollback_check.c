/* SPDX-License-Identifier: MIT */
/* rollback_check: what is looked at before anything is changed, and what follows from it. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/repo/internal.h"
#include "engine/repo/preflight.h"
#include "engine/repo/proof.h"
#include "engine/repo/rollback_internal.h"
#include "engine/schema/model.h"
#include "engine/server/scratch.h"
#include "engine/server/server.h"

/* As the guides have it. */
#define FOREIGN_KEY_VIOLATION "foreign key constraint violation: "

int rollback_check(struct rollback *rb, struct repo *r, const struct rollback_options *o,
                   struct error *err)
{
	if (!o->no_preflight && !rb->preflight && rb->plan->count > 0 &&
	    preflight_make(&rb->preflight, r, rb, o, err) < 0)
		return -1;
	/* Not even a copy runs what nobody vouches for. */
	if (rb->origin && *rb->origin && !o->allow_untrusted)
		return 0;
	if (!o->no_proof && !rb->proof && rb->plan->count > 0 &&
	    proof_make(&rb->proof, r, rb, o, err) < 0)
		return -1;
	return 0;
}

static int judge_proof(const struct rollback *rb, struct error *err)
{
	const struct proof *p = rb->proof;

	if (!p || p->outcome != PROOF_FAILS)
		return 0;
	error_set(err, ERR_REFUSED, "the plan fails on a scratch copy: %s", p->why);
	return error_hint(err, "Nothing was changed. %s%s--force runs it all the same.",
	                  p->hint ? p->hint : "", p->hint && *p->hint ? " " : "");
}

static int judge_rows(const struct rollback *rb, struct error *err)
{
	size_t count = 0;
	const struct finding *worst =
		rb->preflight ? preflight_worst(rb->preflight, &count) : NULL;

	if (!worst)
		return 0;
	error_set(err, ERR_REFUSED, "%s%s", worst->foreign_key ? FOREIGN_KEY_VIOLATION : "",
	          worst->text);
	if (count > 1)
		error_wrap(err, "%zu kinds of rows stand in the way, first", count);
	return error_hint(err,
	                  "Nothing was changed. See them with: %s; %s--force runs it all the "
	                  "same.",
	                  worst->sample ? worst->sample : "rollback plan --preflight",
	                  worst->foreign_key ? "--disable-fk-checks does not check them, "
	                                     : "");
}

/* The things that a step loses, by its own list of them. */
static size_t count_losses(const struct plan_step *step)
{
	size_t n = 1;

	for (const char *p = step->loses; p && (p = strstr(p, ", ")) != NULL; p += 2)
		n++;
	return n;
}

/* Was everything that the step loses counted, and is there nothing? */
static bool loses_nothing(const struct preflight *p, size_t step, size_t losses)
{
	size_t counted = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct finding *f = &p->findings[i];

		if (f->step != step || f->blocks || !strstr(f->kind, "_lost"))
			continue;
		if (f->count > 0)
			return false;
		counted++;
	}
	return counted >= losses;
}

bool rollback_loses_data(const struct rollback *rb)
{
	if (plan_worst(rb->plan) != PLAN_RISK_LOSS)
		return false;
	if (!rb->preflight || rb->preflight->unchecked_count > 0)
		return true;
	for (size_t i = 0; i < rb->plan->count; i++) {
		const struct plan_step *step = &rb->plan->steps[i];

		if (step->risk == PLAN_RISK_LOSS &&
		    !loses_nothing(rb->preflight, i, count_losses(step)))
			return true;
	}
	return false;
}

/* Somebody asked for nothing to be lost, and something would be. */
static int judge_losses(const struct rollback *rb, struct error *err)
{
	for (size_t i = 0; rb->plan->quarantine && i < rb->plan->count; i++) {
		const struct plan_step *step = &rb->plan->steps[i];

		if (step->risk != PLAN_RISK_LOSS)
			continue;
		error_set(err, ERR_REFUSED, "--preserve-data cannot keep %s",
		          step->loses ? step->loses : step->name);
		return error_hint(err, "Nothing was changed. --force goes on and loses it.");
	}
	return 0;
}

/* Appends the accounts in whose name the goal's code and views run, each once. */
static void list_definers(struct buf *out, const struct schema *s)
{
	DEFER(map) *seen = map_new();

	for (size_t i = 0; i < s->count; i++) {
		const char *definer = s->objects[i].definer;

		if (!definer || map_has(seen, definer))
			continue;
		map_set(seen, definer, seen);
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "", definer);
	}
}

static int judge_origin(const struct rollback *rb, const struct rollback_options *o,
                        struct error *err)
{
	autobuf definers = BUF_INIT;

	if (!rb->origin || !*rb->origin || o->allow_untrusted)
		return 0;
	list_definers(&definers, rb->wanted);
	error_set(err, ERR_REFUSED, "%s was not taken here (%s)%s%s", rb->goal, rb->origin,
	          definers.len > 0 ? ": its code would run as " : "", definers.data);
	return error_hint(err, "Read its schema.sql first. --allow-untrusted runs it.");
}

/* "The MySQL server is running with the --read-only option so it cannot execute this". */
#define ER_READ_ONLY 1290

int rollback_ready(struct repo *r, struct error *err)
{
	char name[SCRATCH_NAME_SIZE];
	struct error why = ERROR_INIT;
	struct server *s;

	if (repo_server(&s, r, err) < 0)
		return -1;
	if (!server_info(s)->read_only)
		return 0;
	/* Some accounts may write all the same: only trying tells. */
	if (scratch_create(name, s, "utf8mb4", "utf8mb4_general_ci", &why) == 0)
		return scratch_drop(s, name, err);
	if (why.server_errno != ER_READ_ONLY)
		return 0;
	error_set(err, ERR_REFUSED, "the server is read-only (read_only is on): %s", why.text);
	return error_hint(err,
	                  "Nothing was changed. It may be a replica: connect to the server "
	                  "that takes writes.");
}

int rollback_judge(const struct rollback *rb, const struct rollback_options *o,
                   struct error *err)
{
	if (judge_origin(rb, o, err) < 0)
		return -1;
	if (o->force)
		return 0;
	return judge_losses(rb, err) < 0 || judge_rows(rb, err) < 0 || judge_proof(rb, err) < 0
	               ? -1
	               : 0;
}
