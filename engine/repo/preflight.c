/* SPDX-License-Identifier: MIT */
#include "engine/repo/preflight.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/rollback_internal.h"
#include "engine/schema/data_checks.h"
#include "engine/schema/model.h"
#include "engine/server/count.h"

#define LOG_MODULE "repo/preflight"

#define CONDITIONS_MAX 32 /* in one query */

struct asking {
	struct preflight *p;
	struct server *s;
	const struct rollback *rb;
	const struct rollback_options *o;
	const struct data_checks *checks;
	int64_t deadline; /* of the monotonic clock; 0: none */
};

void preflight_free(struct preflight *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free(p->findings[i].text);
		free(p->findings[i].sample);
	}
	for (size_t i = 0; i < p->unchecked_count; i++)
		free(p->unchecked[i]);
	free(p->findings);
	free(p->unchecked);
	free(p->sizes);
	free(p);
}

static const char *kind_name(enum data_check_kind kind)
{
	static const char *const names[] = {
		[DATA_ROWS_LOST] = "rows_lost",
		[DATA_VALUES_LOST] = "values_lost",
		[DATA_VALUES_CHANGED] = "values_changed",
		[DATA_NULLS] = "nulls",
		[DATA_MISFITS] = "misfits",
		[DATA_DUPLICATES] = "duplicates",
		[DATA_ORPHANS] = "orphans",
		[DATA_VIOLATIONS] = "violations",
	};

	return names[kind];
}

static void add_unchecked(struct preflight *p, char *text)
{
	p->unchecked = mem_resize(p->unchecked, p->unchecked_count + 1, sizeof(char *));
	p->unchecked[p->unchecked_count++] = text;
}

/* Among the findings, in the order of the plan's steps. */
static void add_finding(struct preflight *p, const struct finding *f)
{
	size_t at = p->count;

	MEM_GROW(p->findings, p->count, p->capacity);
	for (; at > 0 && p->findings[at - 1].step > f->step; at--)
		p->findings[at] = p->findings[at - 1];
	p->findings[at] = *f;
	p->count++;
}

/* Rows lost are told when there are none, too: that is good to know. */
static void take_number(struct asking *a, const struct data_check *c, uint64_t number)
{
	if (number == 0 && c->kind != DATA_ROWS_LOST && c->kind != DATA_VALUES_LOST)
		return;
	add_finding(a->p, &(struct finding){
				  .kind = kind_name(c->kind),
				  .count = number,
				  .text = mem_printf("%" PRIu64 " %s", number, c->text),
				  .sample = number > 0 ? mem_strdup(c->sample) : NULL,
				  .blocks = data_check_blocks(c->kind) &&
	                                    !(c->kind == DATA_ORPHANS &&
	                                      a->o->foreign_key_checks_off),
				  .foreign_key = c->kind == DATA_ORPHANS,
				  .step = c->step,
			  });
}

static int64_t time_left(const struct asking *a)
{
	int64_t left = a->deadline - clock_mono_ms();

	return a->deadline == 0 ? 0 : left > 1 ? left : 1;
}

/* 1 counted, 0 not (said so), -1 the server is lost. */
static int ask(struct asking *a, uint64_t *numbers, size_t count, const char *sql,
               const char *about, struct error *err)
{
	int answered;

	if (cancel_check(err) < 0)
		return -1;
	a->p->queries++;
	answered = count_query(numbers, count, a->s, sql, time_left(a), err);
	if (answered > 0)
		return 1;
	if (answered < 0 && err->code == ERR_CONNECT)
		return -1;
	if (count == 1)
		add_unchecked(a->p, answered < 0
		                            ? mem_printf("%s: %s", about, err->text)
		                            : mem_printf("%s: not counted in %" PRId64 " s",
		                                         about, a->o->preflight_seconds));
	error_clear(err);
	return 0;
}

static int ask_alone(struct asking *a, const struct data_check *c, struct error *err)
{
	uint64_t number = 0;
	int answered = ask(a, &number, 1, c->count, c->text, err);

	if (answered > 0)
		take_number(a, c, number);
	return answered < 0 ? -1 : 0;
}

/* Row conditions of one table, by one query; one by one when that fails. */
static int ask_together(struct asking *a, const struct data_check *first, size_t count,
                        struct error *err)
{
	uint64_t numbers[CONDITIONS_MAX] = { 0 };
	autobuf sql = BUF_INIT;
	int answered;

	if (count == 1)
		return ask_alone(a, first, err);
	buf_adds(&sql, "SELECT ");
	for (size_t i = 0; i < count; i++)
		buf_addf(&sql, "%sSUM(%s)", i > 0 ? ", " : "", first[i].condition);
	buf_addf(&sql, " FROM %s", first->source);
	answered = ask(a, numbers, count, sql.data, "", err);
	if (answered < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (answered > 0)
			take_number(a, &first[i], numbers[i]);
		else if (ask_alone(a, &first[i], err) < 0)
			return -1;
	}
	return 0;
}

static size_t together(const struct data_checks *checks, size_t first)
{
	const struct data_check *c = &checks->items[first];
	size_t n = 1;

	while (c->condition && first + n < checks->count && n < CONDITIONS_MAX &&
	       checks->items[first + n].condition &&
	       strcmp(checks->items[first + n].table, c->table) == 0)
		n++;
	return n;
}

static int ask_all(struct asking *a, struct error *err)
{
	const struct data_checks *checks = a->checks;
	size_t n;

	for (size_t i = 0; i < checks->count; i += n) {
		n = together(checks, i);
		if (checks->items[i].condition ? ask_together(a, &checks->items[i], n, err) < 0
		                               : ask_alone(a, &checks->items[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < checks->unchecked_count; i++)
		add_unchecked(a->p, mem_strdup(checks->unchecked[i]));
	return 0;
}

static bool has_table(const struct rollback *rb, const struct plan_step *step)
{
	return step->kind == OBJECT_TABLE && step->name[0] &&
	       schema_find(rb->live, OBJECT_TABLE, step->name);
}

static int take_sizes(struct asking *a, struct error *err)
{
	const struct plan *plan = a->rb->plan;
	autofree struct count_size *sizes = mem_array(plan->count + 1, sizeof(*sizes));
	autofree size_t *steps = mem_array(plan->count + 1, sizeof(*steps));
	size_t count = 0;

	a->p->sizes = mem_array(plan->count + 1, sizeof(*a->p->sizes));
	for (size_t i = 0; i < plan->count; i++) {
		if (!has_table(a->rb, &plan->steps[i]))
			continue;
		steps[count] = i;
		sizes[count++].table = plan->steps[i].name;
	}
	if (count_sizes(sizes, count, a->s, a->rb->live->name, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		a->p->sizes[steps[i]] = (struct preflight_size){
			.known = sizes[i].found > 0,
			.rows = sizes[i].rows,
			.bytes = sizes[i].bytes,
		};
	return 0;
}

const struct finding *preflight_worst(const struct preflight *p, size_t *count)
{
	const struct finding *worst = NULL;

	*count = 0;
	for (size_t i = 0; i < p->count; i++) {
		if (!p->findings[i].blocks)
			continue;
		(*count)++;
		if (!worst)
			worst = &p->findings[i];
	}
	return worst;
}

int preflight_make(struct preflight **out, struct repo *r, const struct rollback *rb,
                   const struct rollback_options *o, struct error *err)
{
	DEFER(preflight) *p = mem_alloc(sizeof(*p));
	DEFER(data_checks) *checks = data_checks_make(rb->diff, rb->live, rb->wanted, rb->plan);
	struct asking a = { .p = p, .rb = rb, .o = o, .checks = checks };
	int64_t began = clock_mono_ms();

	if (repo_server(&a.s, r, err) < 0)
		return -1;
	a.deadline = o->preflight_seconds > 0 ? began + o->preflight_seconds * 1000 : 0;
	if (take_sizes(&a, err) < 0 || ask_all(&a, err) < 0)
		return error_wrap(err, "look at the rows");
	p->duration_ms = clock_mono_ms() - began;
	log_info("preflight of database %s: %zu findings, %zu queries, duration %lld ms",
	         rb->database, p->count, p->queries, (long long)p->duration_ms);
	*out = take(p);
	return 0;
}
