/* SPDX-License-Identifier: MIT */
/* rollback_check: what is looked at before anything is changed, and what follows from it. */
#include "engine/base/error.h"
#include "engine/repo/proof.h"
#include "engine/repo/rollback_internal.h"

int rollback_check(struct rollback *rb, struct repo *r, const struct rollback_options *o,
                   struct error *err)
{
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

int rollback_judge(const struct rollback *rb, const struct rollback_options *o,
                   struct error *err)
{
	return o->force ? 0 : judge_proof(rb, err);
}
