/* SPDX-License-Identifier: MIT */
/* rollback_check: what is looked at before anything is changed, and what follows from it. */
#include "engine/base/error.h"
#include "engine/repo/preflight.h"
#include "engine/repo/proof.h"
#include "engine/repo/rollback_internal.h"

/* As the guides have it. */
#define FOREIGN_KEY_VIOLATION "foreign key constraint violation: "

int rollback_check(struct rollback *rb, struct repo *r, const struct rollback_options *o,
                   struct error *err)
{
	if (!o->no_preflight && !rb->preflight && rb->plan->count > 0 &&
	    preflight_make(&rb->preflight, r, rb, o, err) < 0)
		return -1;
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

int rollback_judge(const struct rollback *rb, const struct rollback_options *o,
                   struct error *err)
{
	if (o->force)
		return 0;
	return judge_losses(rb, err) < 0 || judge_rows(rb, err) < 0 || judge_proof(rb, err) < 0
	               ? -1
	               : 0;
}
