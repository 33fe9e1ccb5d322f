/* SPDX-License-Identifier: MIT */
#include "engine/schema/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/renames.h"

const char *plan_risk_name(enum plan_risk r)
{
	static const char *const names[] = {
		[PLAN_RISK_NONE] = "none",
		[PLAN_RISK_REBUILD] = "rebuild",
		[PLAN_RISK_NARROW] = "narrowing",
		[PLAN_RISK_LOSS] = "data loss",
	};

	return names[r];
}

struct plan_step *planner_step(struct planner *p, enum plan_phase phase, const char *type,
                               enum object_kind kind, const char *name)
{
	struct step_list *list = &p->phases[phase];
	struct plan_step *s;

	MEM_GROW(list->items, list->count, list->capacity);
	s = &list->items[list->count++];
	*s = (struct plan_step){ .type = type, .kind = kind, .sql = "", .description = "" };
	s->name = arena_strdup(p->arena, name);
	s->foreign_key_checks_off = p->options->foreign_key_checks_off;
	return s;
}

static char *format(struct arena *a, const char *fmt, va_list args)
{
	autofree char *text = NULL;
	int n = vasprintf(&text, fmt, args);

	return n < 0 ? NULL : arena_strndup(a, text, (size_t)n);
}

void planner_say(struct planner *p, struct plan_step *step, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	step->description = format(p->arena, fmt, args);
	va_end(args);
}

/* In its own database a text stays as it is: a view shows a function as its author wrote it. */
void planner_sql(struct planner *p, struct plan_step *step, const struct buf *sql)
{
	autobuf text = BUF_INIT;

	if (p->options->any_database)
		names_unqualify(&text, step->kind, (struct str){ sql->data, sql->len },
		                p->from->name);
	else
		buf_add(&text, sql->data, sql->len);
	step->sql = arena_strndup(p->arena, text.data, text.len);
}

void planner_warn(struct planner *p, const char *fmt, ...)
{
	va_list args;

	MEM_GROW(p->plan->warnings, p->plan->warning_count, p->warning_capacity);
	va_start(args, fmt);
	p->plan->warnings[p->plan->warning_count++] = format(p->arena, fmt, args);
	va_end(args);
}

const struct plan_table *planner_table(const struct planner *p, const char *name)
{
	return map_get(p->table_of, name);
}

void plan_drop(struct buf *out, enum object_kind kind, const char *name)
{
	buf_addf(out, "DROP %s ", object_kind_info(kind)->sql);
	quote_name(out, name);
}

static size_t total(const struct planner *p)
{
	size_t n = 0;

	for (size_t i = 0; i < PHASE_COUNT; i++)
		n += p->phases[i].count;
	return n;
}

static void assemble(struct planner *p)
{
	struct plan *plan = p->plan;

	plan->steps = mem_array(total(p) + 1, sizeof(*plan->steps));
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		const struct step_list *list = &p->phases[i];

		if (list->count > 0)
			memcpy(plan->steps + plan->count, list->items,
			       list->count * sizeof(*list->items));
		plan->count += list->count;
	}
}

static void finish(struct planner *p)
{
	for (size_t i = 0; i < PHASE_COUNT; i++)
		free(p->phases[i].items);
	free(p->tables);
	map_free(p->table_of);
	if (p->plan->renamed)
		p->plan->renamed_diff = p->diff;
	else
		diff_free(p->diff);
	arena_free(p->work);
}

bool planner_is_unread(const struct object *o)
{
	return o && o->sql.n == 0;
}

/*
 * What could not be read, there or here, is neither made nor dropped: nobody knows
 * what it would be, or what would be lost.
 */
static void leave_unread_alone(struct planner *p)
{
	struct diff *d = p->diff;
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];
		const struct object *o = planner_is_unread(c->to) ? c->to : c->from;

		if (!planner_is_unread(o)) {
			d->changes[kept++] = *c;
			continue;
		}
		planner_warn(p, "CRITICAL: %s %s is left as it is: it could not be read%s%s",
		             object_kind_info(c->object_kind)->word, c->name,
		             o->problem ? ": " : "", o->problem ? o->problem : "");
	}
	d->count = kept;
}

static int check_families(const struct schema *from, const struct schema *to, struct error *err)
{
	static const char *const names[] = {
		[SERVER_MARIADB] = "MariaDB",
		[SERVER_MYSQL] = "MySQL",
	};

	if (from->family == to->family)
		return 0;
	error_set(err, ERR_UNSUPPORTED,
	          "the schema wanted was written by %s %s, and the server is %s %s",
	          names[to->family], to->server_version, names[from->family],
	          from->server_version);
	return error_hint(err,
	                  "The two print and read definitions differently: restore it on a "
	                  "%s server.",
	                  names[to->family]);
}

/* Reads the renames, and goes on from what is there behind them. */
static int begin_renamed(struct planner *p, struct error *err)
{
	size_t count = p->options->rename_count;
	struct plan *plan = p->plan;

	plan->renames = arena_array(p->arena, count + 1, sizeof(*plan->renames));
	for (size_t i = 0; i < count; i++) {
		if (rename_parse(&plan->renames[i], p->arena, p->options->renames[i], err) < 0)
			return -1;
	}
	if (renames_choose(plan->renames, &count, p->from, p->to, err) < 0)
		return -1;
	plan->rename_count = count;
	if (count == 0)
		return 0;
	plan->renamed = renames_done(p->from, plan->renames, count);
	p->from = plan->renamed;
	plan_rename(p);
	return 0;
}

static void make_steps(struct planner *p)
{
	p->work = arena_new();
	p->table_of = map_new();
	p->diff = diff_schemas(p->from, p->to);
	if (p->diff->renamed)
		p->to = p->diff->renamed;
	leave_unread_alone(p);
	plan_tables_decide(p);
	plan_checks(p);
	plan_foreign_keys_decide(p);
	plan_tables_order(p);
	plan_foreign_keys(p);
	plan_tables_alter(p);
	plan_database(p);
	plan_sequences(p);
	plan_routines(p);
	plan_views(p);
	plan_last_options(p);
	plan_triggers(p);
	plan_events(p);
	plan_missing_sequences(p);
	plan_database_around_code(p);
	plan_parallel(p);
}

int plan_make(struct plan **out, const struct schema *from, const struct schema *to,
              const struct plan_options *options, struct error *err)
{
	static const struct plan_options standard = { .foreign_key_checks_off = false };
	DEFER(plan) *plan = NULL;
	struct planner p = { .from = from, .to = to };

	p.options = options ? options : &standard;
	if (!p.options->any_family && check_families(from, to, err) < 0)
		return -1;
	p.plan = plan = mem_alloc(sizeof(*plan));
	plan->arena = p.arena = arena_new();
	plan->database = arena_strdup(p.arena, from->name);
	plan->family = from->family;
	if (begin_renamed(&p, err) < 0)
		return -1;
	make_steps(&p);
	assemble(&p);
	plan_warnings(&p);
	plan_renames(&p);
	finish(&p);
	*out = take(plan);
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	diff_free(p->renamed_diff);
	schema_free(p->renamed);
	arena_free(p->arena);
	free(p->steps);
	free(p->warnings);
	free(p->preserved);
	free(p);
}

enum plan_risk plan_worst(const struct plan *p)
{
	enum plan_risk worst = PLAN_RISK_NONE;

	for (size_t i = 0; i < p->count; i++) {
		if (p->steps[i].risk > worst)
			worst = p->steps[i].risk;
	}
	return worst;
}
