/* SPDX-License-Identifier: MIT */
/* apply_run: what apply.c and apply_crew.c share and nobody else sees. */
#ifndef ENGINE_SERVER_APPLY_RUN_H
#define ENGINE_SERVER_APPLY_RUN_H

#include "engine/base/cleanup.h"
#include "engine/server/apply.h"

/* One session that runs steps of a plan. Not thread-safe. */
struct apply_run {
	struct server *s;
	const char *database;
	const struct plan *p;
	size_t batch_size;      /* of copies; 0: all at once */
	struct apply_way *ways; /* to be found out; NULL: not */
	const struct plan_step
		*previous; /* whose settings the session has; NULL: the standard */
};

/* Makes the session ready for steps. */
int apply_session_begin(struct apply_run *r, struct error *err);
/* Runs step i; the error names it. */
int apply_step(struct apply_run *r, size_t i, struct error *err);

/*
 * Sessions that run steps at the same time, one thread each. Only the caller's thread tells
 * the progress; the first of them works in the caller's own session.
 */
struct apply_crew;
/* NULL when nothing in the plan may run at the same time, or no other session is to be had
 * (which is logged). r is used until the end. */
struct apply_crew *apply_crew_open(struct apply_run *r, const struct apply_progress *progress);
void apply_crew_close(struct apply_crew *c); /* NULL is fine */
DEFINE_DEFER(apply_crew, apply_crew_close)

/* Where the stretch of steps ends that begins with step `first`; first + 1: it is alone. */
size_t apply_stretch(const struct plan *p, size_t first);
/* Runs steps [first, end); adds to *done those that ran. After a failure none is begun, and
 * those under way are waited for. */
int apply_crew_run(struct apply_crew *c, size_t first, size_t end, size_t *done,
                   struct error *err);

#endif
