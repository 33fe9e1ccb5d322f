/* SPDX-License-Identifier: MIT */
#include "engine/schema/delta.h"

#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/schema/column_type.h"
#include "engine/schema/model.h"
#include "engine/schema/names.h"

/* A version of 0 is one that nobody knows. */
bool delta_renames_indexes(const struct schema *live)
{
	unsigned int first = live->family == SERVER_MARIADB ? 100502 : 50700;

	return live->version_number == 0 || live->version_number >= first;
}

struct str delta_option(const struct table *t, const char *name)
{
	const struct table_option *o = table_option(t, name);

	return o ? o->value : (struct str){ "", 0 };
}

bool column_is_text(const struct column *c)
{
	return column_type_family(c->type) == TYPE_TEXT;
}

bool column_is_row_bound(const struct column *c)
{
	return c->generated == COLUMN_ROW_START || c->generated == COLUMN_ROW_END;
}

bool table_has_row_bounds(const struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		if (column_is_row_bound(&t->columns[i]))
			return true;
	}
	return false;
}

static bool same_generation(const struct column *from, const struct column *to)
{
	bool changes = from->generated != to->generated;
	bool is_virtual = from->generated == COLUMN_VIRTUAL || to->generated == COLUMN_VIRTUAL;
	bool is_row = column_is_row_bound(from) || column_is_row_bound(to);

	return !(changes && (is_virtual || is_row));
}

/* Two texts that mean the same: the one says nothing and the table's default applies. */
static bool says_charset(const struct column *c)
{
	return c->charset.n > 0 || c->collation.n > 0;
}

static void compare_column(const struct table_delta *d, struct column_delta *c)
{
	const struct column *from = c->from;
	const struct column *to = c->to;
	bool recoded = d->charset_changed && column_is_text(to) &&
	               (!says_charset(from) || !says_charset(to));

	if (d->versioning_goes_first && column_is_row_bound(from)) {
		c->action = COLUMN_REPLACE;
		return;
	}
	if (str_equal(from->text, to->text) && strcmp(from->name, to->name) == 0 && !recoded) {
		c->action = COLUMN_KEEP;
		return;
	}
	c->action = COLUMN_MODIFY;
	c->reshaped = recoded || strcmp(from->name, to->name) != 0 ||
	              from->not_null != to->not_null || from->generated != to->generated ||
	              !str_equal(from->type, to->type) ||
	              !str_equal(from->charset, to->charset) ||
	              !str_equal(from->collation, to->collation) ||
	              !str_equal(from->expression, to->expression);
	if (!same_generation(from, to) || !column_type_converts(from->type, to->type))
		c->action = COLUMN_REPLACE;
}

static size_t place_in(const struct table *t, const char *name)
{
	size_t i = 0;

	while (i < t->column_count && strcasecmp(t->columns[i].name, name) != 0)
		i++;
	return i;
}

/* The bounds of a row's validity cannot move (4121): others move around them. */
static size_t weight_of(const struct table_delta *d, const struct column_delta *c)
{
	return column_is_row_bound(c->to) ? d->b->column_count + 1 : 1;
}

/*
 * Marks the columns that must move: all but a longest run, in b's order, of columns
 * that stand in a's order (the longest increasing subsequence of their places in a).
 */
static void find_moved(struct table_delta *d)
{
	size_t n = d->b->column_count;
	autofree size_t *place = mem_array(n + 1, sizeof(*place));
	autofree size_t *length = mem_array(n + 1, sizeof(*length));
	autofree size_t *before = mem_array(n + 1, sizeof(*before));
	size_t best = n;

	for (size_t i = 0; i < n; i++) {
		struct column_delta *c = &d->columns[i];

		if (c->action > COLUMN_MODIFY)
			continue;
		c->moved = true;
		place[i] = place_in(d->a, c->from->name);
		length[i] = weight_of(d, c);
		before[i] = n;
		for (size_t j = 0; j < i; j++) {
			if (d->columns[j].action <= COLUMN_MODIFY && place[j] < place[i] &&
			    length[j] + weight_of(d, c) > length[i]) {
				length[i] = length[j] + weight_of(d, c);
				before[i] = j;
			}
		}
		if (best == n || length[i] > length[best])
			best = i;
	}
	for (; best < n; best = before[best])
		d->columns[best].moved = false;
}

static void find_dropped(struct table_delta *d, struct arena *a)
{
	d->dropped = arena_array(a, d->a->column_count + 1, sizeof(const struct column *));
	d->dropped_count = 0;
	for (size_t i = 0; i < d->a->column_count; i++) {
		const struct column *c = &d->a->columns[i];
		const struct column_delta *now = delta_column(d, c->name);

		if (!now || now->action == COLUMN_REPLACE)
			d->dropped[d->dropped_count++] = c;
	}
}

/* Does an expression need a column that goes, if only to come back as another? */
static bool needs_dropped(const struct table_delta *d, struct str expression)
{
	for (size_t i = 0; i < d->dropped_count; i++) {
		if (names_mentioned(expression, d->dropped[i]->name))
			return true;
	}
	return false;
}

/* A default or check that stays as it is must be said again when what it needs is replaced. */
static void restate_dependents(struct table_delta *d)
{
	for (size_t i = 0; d->dropped_count > 0 && i < d->b->column_count; i++) {
		struct column_delta *c = &d->columns[i];

		if (c->action == COLUMN_KEEP &&
		    (needs_dropped(d, c->to->check) || needs_dropped(d, c->to->default_text) ||
		     needs_dropped(d, c->to->expression)))
			c->action = COLUMN_MODIFY;
	}
}

static void compare_columns(struct table_delta *d, struct arena *a)
{
	d->columns = arena_array(a, d->b->column_count + 1, sizeof(*d->columns));
	for (size_t i = 0; i < d->b->column_count; i++) {
		struct column_delta *c = &d->columns[i];

		c->to = &d->b->columns[i];
		c->from = table_column(d->a, c->to->name);
		if (c->from)
			compare_column(d, c);
		else
			c->action = COLUMN_ADD;
	}
	find_dropped(d, a);
	restate_dependents(d);
	find_moved(d);
}

/* A row's bound that changes or moves comes anew, and with it the versioning. */
static bool changes_row_bounds(const struct table_delta *d)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if (c->from && column_is_row_bound(c->from) &&
		    (c->action != COLUMN_KEEP || c->moved))
			return true;
	}
	return false;
}

/* MySQL respells a check's column when only the case of its name changes, and not as wanted. */
static bool needs_respelt(const struct table_delta *d, struct str expression)
{
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *c = &d->columns[i];

		if (c->from && strcmp(c->from->name, c->to->name) != 0 &&
		    names_mentioned(expression, c->to->name))
			return true;
	}
	return false;
}

static void compare_checks(struct table_delta *d, struct arena *a)
{
	const struct check *last = NULL;
	bool ordered = true;

	d->check_kept = arena_array(a, d->b->check_count + 1, sizeof(bool));
	d->check_gone = arena_array(a, d->a->check_count + 1, sizeof(bool));
	for (size_t i = 0; i < d->b->check_count; i++) {
		const struct check *to = &d->b->checks[i];
		const struct check *from = table_check(d->a, to->name);

		ordered = ordered && from && str_equal(from->text, to->text) && from > last &&
		          !needs_dropped(d, from->expression) &&
		          !needs_respelt(d, from->expression);
		d->check_kept[i] = ordered;
		last = from;
	}
}

const struct column_delta *delta_column(const struct table_delta *d, const char *name)
{
	size_t i = place_in(d->b, name);

	return i < d->b->column_count ? &d->columns[i] : NULL;
}

bool delta_reshapes(const struct table_delta *d, const char **columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct column_delta *c = delta_column(d, columns[i]);

		if (!c || c->reshaped || c->action > COLUMN_MODIFY)
			return true;
	}
	return false;
}

static bool has_unknown_clause(const struct table *t, const struct table *other)
{
	for (size_t i = 0; i < t->clause_count; i++) {
		bool shared = false;

		for (size_t j = 0; j < other->clause_count; j++)
			shared |= str_equal(t->clauses[i].text, other->clauses[j].text);
		if (!t->clauses[i].known && !shared)
			return true;
	}
	return false;
}

struct table_delta *delta_new(struct arena *a, const struct object *from,
                              const struct object *to, bool renames_indexes)
{
	struct table_delta *d;

	if (!from->parsed || !to->parsed)
		return NULL;
	d = arena_alloc(a, sizeof(*d));
	*d = (struct table_delta){ .from = from, .to = to, .a = from->parsed, .b = to->parsed };
	d->renames_indexes = renames_indexes;
	d->charset_changed =
		!str_equal(delta_option(d->a, "DEFAULT CHARSET"),
	                   delta_option(d->b, "DEFAULT CHARSET")) ||
		!str_equal(delta_option(d->a, "COLLATE"), delta_option(d->b, "COLLATE"));
	d->engine_changed =
		!str_equal(delta_option(d->a, "ENGINE"), delta_option(d->b, "ENGINE"));
	d->versioning_goes_first =
		d->a->system_versioned && (d->engine_changed || (table_has_row_bounds(d->b) &&
	                                                         !table_has_row_bounds(d->a)));
	d->incomparable = has_unknown_clause(d->a, d->b) || has_unknown_clause(d->b, d->a);
	compare_columns(d, a);
	if (d->a->system_versioned && !d->versioning_goes_first && changes_row_bounds(d)) {
		d->versioning_goes_first = true;
		compare_columns(d, a);
	}
	compare_checks(d, a);
	delta_indexes(d, a);
	return d;
}
