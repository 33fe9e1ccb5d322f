/* SPDX-License-Identifier: MIT */
#include "engine/repo/proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/rollback_internal.h"
#include "engine/schema/model.h"
#include "engine/schema/preserve.h"
#include "engine/schema/trial.h"
#include "engine/server/apply.h"
#include "engine/server/capture.h"
#include "engine/server/scratch.h"
#include "engine/server/server.h"

#define LOG_MODULE "repo/proof"

#define ROUNDS_MAX 4
#define COPY_ALL   300 /* objects; of more, only what the plan may touch is copied */
#define NAMES_MAX  5   /* in a sentence */

/* MySQL's number for a right that no database's grants give: SUPER, SET USER. */
#define ER_NEEDS_GLOBAL_RIGHT 1227

struct proving {
	struct proof *p;
	struct server *s;
	const struct rollback *rb;
	const struct rollback_options *o;
	char name[SCRATCH_NAME_SIZE]; /* of the scratch database */
	char kept[SCRATCH_NAME_SIZE]; /* stands for the quarantine; "": there is none */
	struct schema *live;          /* both, as they read there */
	struct schema *wanted;
	struct schema *copy; /* captured there */
};

const char *proof_outcome_name(enum proof_outcome o)
{
	static const char *const names[] = {
		[PROOF_NOT_MADE] = "not made",
		[PROOF_HOLDS] = "proven",
		[PROOF_FAILS] = "refuted",
	};

	return names[o];
}

void proof_free(struct proof *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->limit_count; i++)
		free(p->limits[i]);
	free(p->limits);
	free(p->ways);
	free(p->why);
	free(p->hint);
	free(p);
}

static __attribute__((format(printf, 2, 3))) void limit(struct proof *p, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	p->limits = mem_resize(p->limits, p->limit_count + 1, sizeof(char *));
	p->limits[p->limit_count++] = text;
}

/* Is this about the connection or the user, rather than about the plan? */
static bool ends_all(const struct error *err)
{
	return err->code == ERR_CONNECT || err->code == ERR_CANCELLED;
}

/* Takes an error as the outcome; -1 for one that ends everything. */
static int conclude(struct proving *v, enum proof_outcome outcome, struct error *err)
{
	if (ends_all(err))
		return -1;
	v->p->outcome = outcome;
	v->p->why = mem_strdup(err->text);
	v->p->hint = mem_strdup(err->hint);
	error_clear(err);
	return 0;
}

/* Names of a list of objects in a sentence: "a, b and 7 more". */
struct listing {
	struct buf text;
	size_t count;
};

static void list_name(struct listing *l, const char *name)
{
	if (l->count++ < NAMES_MAX)
		buf_addf(&l->text, "%s%s", l->text.len > 0 ? ", " : "", name);
}

static void list_end(struct listing *l)
{
	if (l->count > NAMES_MAX)
		buf_addf(&l->text, " and %zu more", l->count - NAMES_MAX);
}

static void list_changes(struct listing *l, const struct diff *d)
{
	for (size_t i = 0; i < d->count; i++) {
		autobuf text = BUF_INIT;

		change_describe(&text, &d->changes[i]);
		list_name(l, text.data);
	}
	if (d->database_changed)
		list_name(l, "default character set and collation");
	list_end(l);
}

static bool is_empty(const struct diff *d)
{
	return d->count == 0 && !d->database_changed;
}

static int capture_copy(struct proving *v, struct error *err)
{
	struct schema *now = NULL;
	int found = capture_schema(&now, v->s, v->name, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "scratch database %s went away", v->name);
	schema_free(v->copy);
	v->copy = now;
	return 0;
}

/* Stands for the scratch database before anything is in it. */
static struct schema *nothing_like(const struct schema *s)
{
	struct map *none = map_new();
	struct schema *empty = trial_schema(s, s->name, none);

	map_free(none);
	return empty;
}

/* Fills the scratch database with what is live: by plans, in rounds, like a rollback. */
static int build_copy(struct proving *v, struct error *err)
{
	const struct plan_options options = { .foreign_key_checks_off = true,
		                              .any_database = true };

	v->copy = nothing_like(v->live);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		DEFER(plan) *p = NULL;
		size_t done;

		if (plan_make(&p, v->copy, v->live, &options, err) < 0)
			return -1;
		if (p->count == 0)
			break;
		if (apply_plan(v->s, v->name, p, NULL, &done, err) < 0 ||
		    capture_copy(v, err) < 0)
			return -1;
	}
	return 0;
}

/* What about the copy is not as it is live. */
static void say_copy_differs(struct proving *v)
{
	DEFER(diff) *d = diff_schemas(v->copy, v->live);
	struct listing l = { .text = BUF_INIT };

	if (is_empty(d))
		return;
	list_changes(&l, d);
	limit(v->p, "%zu %s could not be copied as they are: %s", l.count,
	      l.count == 1 ? "object" : "objects", l.text.data);
	buf_finish(&l.text);
}

static void say_unread(struct proving *v, const struct schema *s)
{
	struct listing l = { .text = BUF_INIT };

	for (size_t i = 0; i < s->count; i++) {
		if (s->objects[i].problem && s->objects[i].sql.n == 0)
			list_name(&l, s->objects[i].name);
	}
	list_end(&l);
	if (l.count > 0)
		limit(v->p, "%zu %s of database %s cannot be read: %s", l.count,
		      l.count == 1 ? "object" : "objects", s->name, l.text.data);
	buf_finish(&l.text);
}

static void say_bound(struct proving *v, const struct schema *s)
{
	struct listing l = { .text = BUF_INIT };

	for (size_t i = 0; i < s->count; i++) {
		if (trial_is_bound(&s->objects[i], s->name))
			list_name(&l, s->objects[i].name);
	}
	list_end(&l);
	if (l.count > 0)
		limit(v->p,
		      "stored code names its own database %s: the text is proven, not what it "
		      "refers to: %s",
		      s->name, l.text.data);
	buf_finish(&l.text);
}

static void say_events(struct proving *v)
{
	size_t count = 0;

	schema_of_kind(v->wanted, OBJECT_EVENT, &count);
	if (count > 0)
		limit(v->p, "%zu event%s tried disabled: nothing fires on a copy", count,
		      count == 1 ? " was" : "s were");
}

static void say_limits(struct proving *v)
{
	say_copy_differs(v);
	say_unread(v, v->rb->live);
	say_bound(v, v->rb->wanted);
	say_events(v);
}

/* The same steps as those of the live schema? Then what the server said is true of them. */
static bool same_steps(const struct plan *a, const struct plan *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->steps[i].type, b->steps[i].type) != 0 ||
		    strcmp(a->steps[i].name, b->steps[i].name) != 0)
			return false;
	}
	return true;
}

static void take_ways(struct proving *v, const struct apply_way *ways, const struct plan *tried)
{
	const struct plan *p = v->rb->plan;

	if (!same_steps(tried, p)) {
		limit(v->p, "the copy needed other steps than the live schema: how the server "
		            "runs each step is not known");
		return;
	}
	for (size_t i = 0; i < p->count; i++) {
		v->p->ways[i].algorithm = ways[i].algorithm;
		v->p->ways[i].lock = ways[i].lock;
	}
}

static int keep_data(struct plan *p, const struct proving *v, struct error *err)
{
	DEFER(diff) *d = diff_schemas(v->copy, v->wanted);

	return plan_preserve(p, d, v->copy, v->kept, v->rb->stamp, err);
}

/* A round: plan from the copy as it is, run it there. 1 something ran, 0 nothing to do, -1. */
static int try_round(struct proving *v, struct error *err)
{
	const struct plan_options options = {
		.foreign_key_checks_off = v->o->foreign_key_checks_off,
		.renames = v->o->renames,
		.rename_count = v->o->rename_count,
		.preserve_auto_increment = true,
		.any_database = true,
		.any_family = true, /* that is decided when there is something to prove */
	};
	autofree struct apply_way *ways = NULL;
	DEFER(plan) *p = NULL;
	size_t done;
	int result;

	if (plan_make(&p, v->copy, v->wanted, &options, err) < 0)
		return -1;
	if (v->kept[0] && keep_data(p, v, err) < 0)
		return -1;
	if (p->count == 0)
		return 0;
	ways = mem_array(p->count, sizeof(*ways));
	result = apply_probe(ways, v->s, v->name, p, &done, err);
	if (result == 0 && v->p->rounds == 0)
		take_ways(v, ways, p);
	v->p->rounds++;
	return result < 0 || capture_copy(v, err) < 0 ? -1 : 1;
}

/* Objects that neither plan nor copy can know are not held against it. */
static size_t count_wrong(const struct proving *v, const struct diff *d)
{
	size_t wrong = d->database_changed;

	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];
		const struct object *live = schema_find(v->live, c->object_kind, c->name);
		const struct object *wanted = schema_find(v->wanted, c->object_kind, c->name);

		wrong += !(live && live->problem && live->sql.n == 0) &&
		         !(wanted && wanted->problem && wanted->sql.n == 0);
	}
	return wrong;
}

static int try_plan(struct proving *v, struct error *err)
{
	DEFER(diff) *left = NULL;
	struct listing l = { .text = BUF_INIT };
	int ran = 1;

	while (ran > 0 && v->p->rounds < ROUNDS_MAX)
		ran = try_round(v, err);
	if (ran < 0) {
		bool denied =
			err->code == ERR_DENIED && err->server_errno != ER_NEEDS_GLOBAL_RIGHT;

		return conclude(v, denied ? PROOF_NOT_MADE : PROOF_FAILS, err);
	}
	left = diff_schemas(v->copy, v->wanted);
	if (count_wrong(v, left) == 0) {
		v->p->outcome = PROOF_HOLDS;
		return 0;
	}
	v->p->outcome = PROOF_FAILS;
	list_changes(&l, left);
	v->p->why = mem_printf("the outcome differs from %s: %s", v->rb->goal, l.text.data);
	buf_finish(&l.text);
	return 0;
}

/* The copy once more, with this account as the definer of what is there already. */
static int build_own_copy(struct proving *v, struct error *err)
{
	const char *account = server_info(v->s)->account;
	size_t count = trial_take_definers(v->live, v->wanted, account);

	if (server_drop_scratch(v->s, v->name, err) < 0 ||
	    server_create_database(v->s, v->name, v->live->charset, v->live->collation, err) <
	            0)
		return -1;
	limit(v->p,
	      "%zu objects of other definers, which account %s may not make, were tried as its "
	      "own",
	      count, account);
	schema_free(v->copy);
	v->copy = NULL;
	return build_copy(v, err);
}

static int build(struct proving *v, struct error *err)
{
	if (build_copy(v, err) == 0)
		return 0;
	if (err->server_errno != ER_NEEDS_GLOBAL_RIGHT)
		return -1;
	error_clear(err);
	return build_own_copy(v, err);
}

static int prove(struct proving *v, struct error *err)
{
	if (build(v, err) < 0) {
		error_wrap(err, "the live schema cannot be copied");
		return conclude(v, PROOF_NOT_MADE, err);
	}
	v->p->objects = v->copy->count;
	say_limits(v);
	return try_plan(v, err);
}

static void name_both(struct proving *v)
{
	const struct rollback *rb = v->rb;
	DEFER(map) *needed = NULL;

	if (rb->live->count + rb->wanted->count > COPY_ALL &&
	    rb->live->lower_case_table_names == 0)
		needed = trial_needed(rb->diff, rb->live, rb->wanted);
	v->live = trial_schema(rb->live, v->name, needed);
	v->wanted = trial_schema(rb->wanted, v->name, needed);
	v->p->of = rb->live->count;
}

static int make_databases(struct proving *v, struct error *err)
{
	const struct schema *live = v->rb->live;

	if (scratch_create(v->name, v->s, live->charset, live->collation, err) < 0) {
		v->name[0] = '\0';
		return -1;
	}
	if (!v->o->preserve_data ||
	    scratch_create(v->kept, v->s, live->charset, live->collation, err) == 0)
		return 0;
	v->kept[0] = '\0';
	return -1;
}

static void drop_databases(struct proving *v)
{
	const char *const names[] = { v->name, v->kept };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct error err = ERROR_INIT;

		if (*names[i] && scratch_drop(v->s, names[i], &err) < 0)
			log_failure(LOG_MODULE, "drop the scratch copy", &err);
	}
}

/* In databases of its own, which are dropped whatever comes. */
static int prove_in_scratch(struct proving *v, struct error *err)
{
	size_t swept;
	int result;

	if (scratch_sweep(v->s, &swept, err) < 0)
		return -1;
	result = make_databases(v, err);
	if (result < 0) {
		result = conclude(v, PROOF_NOT_MADE, err);
	} else {
		name_both(v);
		result = prove(v, err);
	}
	if (result == 0 || err->code != ERR_CONNECT)
		drop_databases(v); /* else the next run does */
	return result;
}

int proof_make(struct proof **out, struct repo *r, const struct rollback *rb,
               const struct rollback_options *o, struct error *err)
{
	DEFER(proof) *p = mem_alloc(sizeof(*p));
	struct proving v = { .p = p, .rb = rb, .o = o };
	int64_t began = clock_mono_ms();
	int result;

	p->ways = mem_array(rb->plan->count + 1, sizeof(*p->ways));
	if (repo_server(&v.s, r, err) < 0)
		return -1;
	result = prove_in_scratch(&v, err);
	schema_free(v.live);
	schema_free(v.wanted);
	schema_free(v.copy);
	if (result < 0) {
		if (err->code == ERR_CONNECT)
			repo_server_drop(r);
		return error_wrap(err, "prove the plan");
	}
	p->duration_ms = clock_mono_ms() - began;
	log_info("plan for database %s: %s%s%s, duration %lld ms", rb->database,
	         proof_outcome_name(p->outcome), p->why ? ": " : "", p->why ? p->why : "",
	         (long long)p->duration_ms);
	*out = take(p);
	return 0;
}

int proof_sweep(struct repo *r, size_t *dropped, struct error *err)
{
	struct server *s;

	*dropped = 0;
	return repo_server(&s, r, err) < 0 ? -1 : scratch_sweep(s, dropped, err);
}
