/* SPDX-License-Identifier: MIT */
/* view_rollback: how plans and differences are shown. */
#include <stdint.h>
#include <string.h>

#include "catalog/backup.h"
#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/preflight.h"
#include "engine/repo/proof.h"
#include "engine/repo/repo.h"
#include "engine/repo/rollback.h"
#include "engine/schema/model.h"

/* How a kind of difference is called in JSON and marked in text. */
static const struct {
	const char *name;
	const char *mark;
	enum out_style style;
} changes[] = {
	[CHANGE_MISSING] = { "missing", "-", OUT_BAD },
	[CHANGE_EXTRA] = { "extra", "+", OUT_GOOD },
	[CHANGE_CHANGED] = { "changed", "~", OUT_NOTICE },
};

struct json *view_kinds(unsigned int bits)
{
	struct json *a = json_array();

	for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (bits & OBJECT_KIND_BIT(kind))
			json_append(a,
			            json_str(object_kind_info((enum object_kind)kind)->word));
	}
	return a;
}

struct json *view_difference(const struct change *c)
{
	struct json *o = json_object(), *details = json_array();
	autobuf text = BUF_INIT;

	change_describe(&text, c);
	json_set_str(o, "kind", changes[c->kind].name);
	json_set_str(o, "object_type", object_kind_info(c->object_kind)->word);
	json_set_str(o, "name", c->name);
	json_set_str(o, "description", text.data);
	for (size_t i = 0; i < c->detail_count; i++)
		json_append(details, json_str(c->details[i]));
	json_set(o, "details", details);
	return o;
}

struct json *view_database_difference(void)
{
	struct json *o = json_object();

	json_set_str(o, "kind", "changed");
	json_set_str(o, "object_type", "database");
	json_set_str(o, "name", "");
	json_set_str(o, "description", "changed database defaults");
	json_set(o, "details", json_array());
	return o;
}

static struct json *differences(const struct diff *d)
{
	struct json *a = json_array();

	if (d->database_changed)
		json_append(a, view_database_difference());
	for (size_t i = 0; i < d->count; i++)
		json_append(a, view_difference(&d->changes[i]));
	return a;
}

size_t view_difference_count(const struct diff *d)
{
	return d ? d->count + (d->database_changed ? 1 : 0) : 0;
}

struct json *view_comparison(const struct rollback *rb, const struct diff *d)
{
	struct json *v = json_object();
	char wanted[65];

	repo_schema_hash(wanted, rb->wanted);
	json_set_str(v, "backup_id", rb->backup ? rb->backup->id : NULL);
	json_set_str(v, "database", rb->database);
	json_set_bool(v, "database_missing", rb->database_missing);
	json_set_bool(v, "equal", view_difference_count(d) == 0);
	json_set(v, "differences", differences(d));
	json_set(v, "not_compared", view_kinds(d->unseen));
	json_set(v, "unread", view_unread(d));
	json_set_str(v, "live_hash", rb->live_hash);
	json_set_str(v, "backup_hash", wanted);
	return v;
}

void view_differences(struct out *o, const struct diff *d)
{
	if (d->database_changed)
		out_text(o, OUT_NOTICE, "~ changed database defaults\n");
	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];
		autobuf text = BUF_INIT;

		change_describe(&text, c);
		out_text(o, changes[c->kind].style, "%s %s\n", changes[c->kind].mark,
		         text.data);
		for (size_t k = 0; k < c->detail_count; k++)
			out_text(o, OUT_PLAIN, "    %s\n", c->details[k]);
	}
	if (d->unseen) {
		DEFER(json) *unseen = view_kinds(d->unseen);
		autobuf text = BUF_INIT;

		for (size_t i = 0; i < json_count(unseen); i++)
			buf_addf(&text, "%s%s", i > 0 ? ", " : "",
			         json_text(json_at(unseen, i), NULL));
		out_text(o, OUT_DIM, "not compared, as they could not be seen: %s\n",
		         text.data);
	}
}

static bool is_about_table(const struct plan_step *s)
{
	return s->kind == OBJECT_TABLE && s->name[0];
}

/* What the server said on the scratch copy; NULL: nothing is known. */
static const struct proof_way *way_of(const struct rollback *rb, size_t step)
{
	return rb->proof ? &rb->proof->ways[step] : NULL;
}

static const struct preflight_size *size_of(const struct rollback *rb, size_t step)
{
	const struct preflight *p = rb->preflight;

	return p && p->sizes[step].known ? &p->sizes[step] : NULL;
}

static struct json *finding(const struct finding *f)
{
	struct json *o = json_object();

	json_set_str(o, "kind", f->kind);
	json_set_int(o, "count", (int64_t)f->count);
	json_set_bool(o, "blocks", f->blocks);
	json_set_str(o, "description", f->text);
	json_set_str(o, "sample_sql", f->sample);
	json_set(o, "step", f->step == SIZE_MAX ? NULL : json_int((int64_t)f->step + 1));
	return o;
}

static struct json *preflight(const struct preflight *p)
{
	struct json *o = json_object(), *findings = json_array(), *unchecked = json_array();
	size_t blocking;

	preflight_worst(p, &blocking);
	for (size_t i = 0; i < p->count; i++)
		json_append(findings, finding(&p->findings[i]));
	for (size_t i = 0; i < p->unchecked_count; i++)
		json_append(unchecked, json_str(p->unchecked[i]));
	json_set_bool(o, "passed", blocking == 0);
	json_set(o, "findings", findings);
	json_set(o, "unchecked", unchecked);
	json_set_int(o, "queries", (int64_t)p->queries);
	json_set_int(o, "duration_ms", p->duration_ms);
	return o;
}

static struct json *statement(const struct rollback *rb, size_t i)
{
	const struct plan_step *s = &rb->plan->steps[i];
	const struct proof_way *way = way_of(rb, i);
	const struct preflight_size *size = size_of(rb, i);
	struct json *o = json_object();

	json_set_str(o, "sql", s->sql);
	json_set_str(o, "type", s->type);
	json_set_str(o, "description", s->description);
	json_set_bool(o, "is_destructive", s->risk == PLAN_RISK_LOSS);
	json_set_str(o, "risk", plan_risk_name(s->risk));
	json_set_str(o, "loses", s->loses);
	json_set_str(o, "object_type",
	             s->name[0] ? object_kind_info(s->kind)->word : "database");
	json_set_str(o, "object_name", s->name);
	json_set_str(o, "table_name", is_about_table(s) ? s->name : NULL);
	json_set_str(o, "algorithm", way ? way->algorithm : NULL);
	json_set_str(o, "lock", way ? way->lock : NULL);
	json_set(o, "table_rows", size ? json_int((int64_t)size->rows) : NULL);
	json_set(o, "table_bytes", size ? json_int((int64_t)size->bytes) : NULL);
	return o;
}

static struct json *proof(const struct proof *p)
{
	struct json *o = json_object(), *limits = json_array();

	json_set_str(o, "outcome", proof_outcome_name(p->outcome));
	json_set_bool(o, "proven", p->outcome == PROOF_HOLDS);
	json_set_str(o, "reason", p->why);
	json_set_int(o, "objects_copied", (int64_t)p->objects);
	json_set_int(o, "rounds", (int64_t)p->rounds);
	json_set_int(o, "duration_ms", p->duration_ms);
	for (size_t i = 0; i < p->limit_count; i++)
		json_append(limits, json_str(p->limits[i]));
	json_set(o, "limits", limits);
	return o;
}

struct json *view_preserved(const struct plan *p)
{
	struct json *a = json_array();

	for (size_t i = 0; i < p->preserved_count; i++) {
		struct json *o = json_object();

		json_set_str(o, "what", p->preserved[i].what);
		json_set_str(o, "place", p->preserved[i].place);
		json_set_str(o, "restore_sql", p->preserved[i].restore);
		json_append(a, o);
	}
	return a;
}

struct json *view_plan(const struct rollback *rb)
{
	struct json *v = view_comparison(rb, rb->diff);
	struct json *statements = json_array(), *warnings = json_array();

	for (size_t i = 0; i < rb->plan->count; i++)
		json_append(statements, statement(rb, i));
	for (size_t i = 0; i < rb->plan->warning_count; i++)
		json_append(warnings, json_str(rb->plan->warnings[i]));
	json_set(v, "statements", statements);
	json_set(v, "warnings", warnings);
	json_set(v, "preserved", view_preserved(rb->plan));
	json_set(v, "preflight", rb->preflight ? preflight(rb->preflight) : NULL);
	json_set(v, "proof", rb->proof ? proof(rb->proof) : NULL);
	json_set_str(v, "risk", plan_risk_name(plan_worst(rb->plan)));
	return v;
}

/* A plan's warnings begin with what they weigh. */
static enum out_style warning_style(const char *text)
{
	static const char *const grave[] = { "CRITICAL", "DESTRUCTIVE" };

	for (size_t i = 0; i < ARRAY_SIZE(grave); i++) {
		if (strncmp(text, grave[i], strlen(grave[i])) == 0)
			return OUT_BAD;
	}
	return OUT_NOTICE;
}

static void warnings(struct out *o, const struct rollback *rb)
{
	size_t count = rb->plan->warning_count;

	if (rb->database_missing)
		out_text(o, OUT_NOTICE, "\nDatabase %s is not there: it is created first.\n",
		         rb->database);
	if (count == 0)
		return;
	out_text(o, OUT_STRONG, "\nWarnings:\n");
	for (size_t i = 0; i < count; i++)
		out_text(o, warning_style(rb->plan->warnings[i]), "  %s\n",
		         rb->plan->warnings[i]);
}

static void steps(struct out *o, const struct rollback *rb)
{
	bool proven = rb->proof && rb->proof->outcome != PROOF_NOT_MADE;
	bool counted = rb->preflight != NULL;
	const struct out_column columns[] = {
		{ "step", "#", "number", OUT_KIND_NUMBER, true, OUT_WHOLE },
		{ "risk", "RISK", "risk", OUT_KIND_STATUS, true, OUT_WHOLE },
		{ "type", "TYPE", "type", OUT_KIND_TEXT, true, OUT_WHOLE },
		{ "object", "OBJECT", "object_name", OUT_KIND_TEXT, true, OUT_WHOLE },
		{ "algorithm", "ALGORITHM", "algorithm", OUT_KIND_TEXT, proven, OUT_WHOLE },
		{ "lock", "LOCK", "lock", OUT_KIND_TEXT, proven, OUT_WHOLE },
		{ "rows", "ROWS", "table_rows", OUT_KIND_NUMBER, counted, OUT_WHOLE },
		{ "size", "SIZE", "table_bytes", OUT_KIND_SIZE, counted, OUT_WHOLE },
		{ "description", "DESCRIPTION", "description", OUT_KIND_TEXT, true, OUT_WRAP },
		{ NULL },
	};
	struct out_setup all_columns = *out_setup(o);
	DEFER(out_list) *l = NULL;
	struct error err = ERROR_INIT;

	all_columns.columns = NULL;
	out_change(o, &all_columns);
	if (out_list_begin(&l, o, columns, &err) < 0)
		return; /* only a wrong -o can do that, and there is none */
	for (size_t i = 0; i < rb->plan->count; i++) {
		struct json *row = statement(rb, i);

		json_set_int(row, "number", (int64_t)i + 1);
		out_list_add(l, row);
	}
	out_list_end(l);
}

/* What a step loses was counted: the rows say more than its sentence. */
static bool is_counted(const struct preflight *p, size_t step)
{
	for (size_t i = 0; p && i < p->count; i++) {
		if (p->findings[i].step == step && !p->findings[i].blocks)
			return true;
	}
	return false;
}

static void losses(struct out *o, const struct rollback *rb)
{
	bool headed = false;

	for (size_t i = 0; i < rb->plan->count; i++) {
		const struct plan_step *step = &rb->plan->steps[i];

		if (!step->loses || is_counted(rb->preflight, i))
			continue;
		if (!headed)
			out_text(o, OUT_STRONG, "\nData that goes away:\n");
		headed = true;
		out_text(o, OUT_BAD, "  step %zu: %s\n", i + 1, step->loses);
	}
}

static void show_finding(struct out *o, const struct finding *f)
{
	autobuf step = BUF_INIT;

	if (f->step != SIZE_MAX)
		buf_addf(&step, "step %zu: ", f->step + 1);
	out_text(o, f->blocks || f->count > 0 ? OUT_BAD : OUT_PLAIN, "  %s%s\n", step.data,
	         f->text);
	if (f->sample)
		out_text(o, OUT_DIM, "    %s;\n", f->sample);
}

static void show_findings(struct out *o, const struct preflight *p, bool blocking)
{
	bool headed = false;

	for (size_t i = 0; i < p->count; i++) {
		if (p->findings[i].blocks != blocking)
			continue;
		if (!headed)
			out_text(o, OUT_STRONG,
			         blocking ? "\nRows in the way:\n"
			                  : "\nWhat becomes of the rows:\n");
		headed = true;
		show_finding(o, &p->findings[i]);
	}
}

static void show_preflight(struct out *o, const struct preflight *p)
{
	show_findings(o, p, false);
	show_findings(o, p, true);
	if (p->count == 0)
		out_text(o, OUT_PLAIN, "\nRows: none are lost, none stand in the way.\n");
	for (size_t i = 0; i < p->unchecked_count; i++)
		out_text(o, OUT_NOTICE, "  not checked: %s\n", p->unchecked[i]);
}

static void show_preserved(struct out *o, const struct plan *p)
{
	if (p->preserved_count > 0)
		out_text(o, OUT_STRONG, "\nKept elsewhere:\n");
	for (size_t i = 0; i < p->preserved_count; i++)
		out_text(o, OUT_GOOD, "  %s in %s\n", p->preserved[i].what,
		         p->preserved[i].place);
}

static void show_proof(struct out *o, const struct proof *p)
{
	static const enum out_style styles[] = {
		[PROOF_NOT_MADE] = OUT_NOTICE,
		[PROOF_HOLDS] = OUT_GOOD,
		[PROOF_FAILS] = OUT_BAD,
	};

	out_text(o, OUT_STRONG, "\nProof: ");
	out_text(o, styles[p->outcome], "%s\n", proof_outcome_name(p->outcome));
	if (p->outcome == PROOF_HOLDS)
		out_text(o, OUT_PLAIN,
		         "  on an empty copy of %zu of %zu objects the plan gave what is "
		         "wanted, in %zu round%s (%.1f s)\n",
		         p->objects, p->of, p->rounds, p->rounds == 1 ? "" : "s",
		         (double)p->duration_ms / 1000);
	else
		out_text(o, OUT_PLAIN, "  %s\n", p->why);
	if (p->hint && *p->hint)
		out_text(o, OUT_PLAIN, "  %s\n", p->hint);
	for (size_t i = 0; i < p->limit_count; i++)
		out_text(o, OUT_PLAIN, "  not covered: %s\n", p->limits[i]);
}

void view_plan_text(struct out *o, const struct rollback *rb, bool with_differences)
{
	const char *risk = plan_risk_name(plan_worst(rb->plan));

	if (out_setup(o)->format == OUT_COMPACT) {
		steps(o, rb);
		return;
	}
	out_text(o, OUT_STRONG, "%s of database %s to %s\n",
	         rb->backup ? "Rollback" : "Migration", rb->database, rb->goal);
	out_text(o, OUT_PLAIN, "%zu steps, highest risk: ", rb->plan->count);
	out_text(o, out_status_style(risk), "%s\n", risk);
	warnings(o, rb);
	if (with_differences) {
		out_text(o, OUT_STRONG, "\nDifferences of the live schema:\n");
		view_differences(o, rb->diff);
	}
	out_text(o, OUT_PLAIN, "\n");
	steps(o, rb);
	losses(o, rb);
	show_preserved(o, rb->plan);
	if (rb->preflight)
		show_preflight(o, rb->preflight);
	if (rb->proof)
		show_proof(o, rb->proof);
}
