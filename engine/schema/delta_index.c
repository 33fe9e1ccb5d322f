/* SPDX-License-Identifier: MIT */
#include "engine/schema/delta.h"

#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"

/*
 * The server sorts a table's indexes: primary, unique over NOT NULL columns,
 * other unique ones, plain, full text; unique ones with a prefix behind those
 * without. Within such a class they stand in the order in which they were made.
 */
enum index_class {
	CLASS_PRIMARY,
	CLASS_UNIQUE, /* + 1 with a prefix, + 2 nullable */
	CLASS_PLAIN = CLASS_UNIQUE + 4,
	CLASS_FULLTEXT,
	CLASS_VECTOR,
};

static bool has_prefix_part(const struct index *x)
{
	for (size_t i = 0; i < x->part_count; i++) {
		if (x->parts[i].column && memchr(x->parts[i].text.p, '(', x->parts[i].text.n))
			return true;
	}
	return false;
}

static bool is_nullable(const struct table *t, const struct index *x)
{
	for (size_t i = 0; i < x->part_count; i++) {
		const struct column *c =
			x->parts[i].column ? table_column(t, x->parts[i].column) : NULL;

		if (!c || !c->not_null)
			return true;
	}
	return false;
}

static int class_of(const struct table *t, const struct index *x)
{
	static const int classes[] = {
		[INDEX_PRIMARY] = CLASS_PRIMARY, [INDEX_UNIQUE] = CLASS_UNIQUE,
		[INDEX_PLAIN] = CLASS_PLAIN,     [INDEX_FULLTEXT] = CLASS_FULLTEXT,
		[INDEX_SPATIAL] = CLASS_PLAIN,   [INDEX_VECTOR] = CLASS_VECTOR,
	};
	int class = classes[x->kind];

	if (class == CLASS_UNIQUE)
		class += (has_prefix_part(x) ? 1 : 0) + (is_nullable(t, x) ? 2 : 0);
	return class;
}

/* Does each of the index's columns stay the same column, whatever its type becomes? */
static bool columns_stay(const struct table_delta *d, const struct index *x)
{
	for (size_t i = 0; i < x->part_count; i++) {
		const struct column_delta *c;

		if (!x->parts[i].column) {
			if (d->dropped_count > 0)
				return false; /* an expression may need any of them */
			continue;
		}
		c = delta_column(d, x->parts[i].column);
		/* a period is no column: WITHOUT OVERLAPS */
		if (c && c->action > COLUMN_MODIFY)
			return false;
	}
	return true;
}

static struct str without_ignored(struct str text)
{
	static const char *const marks[] = { "IGNORED", "/*!80000 INVISIBLE */", "INVISIBLE" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (str_has_suffix(text, marks[i]))
			return str_trim(str_slice(text, 0, text.n - strlen(marks[i])));
	}
	return text;
}

bool index_same_but_ignored(const struct index *a, const struct index *b)
{
	return str_equal(a->ignored ? without_ignored(a->text) : a->text,
	                 b->ignored ? without_ignored(b->text) : b->text);
}

/* What stands behind the name; what stands before it, in *head. */
static struct str without_name(struct str text, struct str *head)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	do
		t = lexer_next(&l);
	while (t.kind != TOKEN_NAME && t.kind != TOKEN_END);
	*head = (struct str){ text.p, (size_t)(t.text.p - text.p) };
	return str_slice(text, head->n + t.text.n, text.n);
}

static bool same_but_name(const struct index *a, const struct index *b)
{
	struct str head;
	struct str other_head;
	struct str tail = without_name(a->text, &head);
	struct str other_tail = without_name(b->text, &other_head);

	return a->kind != INDEX_PRIMARY && str_equal(head, other_head) &&
	       str_equal(tail, other_tail);
}

static bool is_taken(const struct table_delta *d, const struct index *from)
{
	for (size_t i = 0; i < d->b->index_count; i++) {
		if (d->index_from[i] == from)
			return true;
	}
	return false;
}

/* The index of a that this one of b is: by its name, or, when neither name is there twice, by
 * all but that. */
static const struct index *find_index(const struct table_delta *d, const struct index *to)
{
	const struct index *named = table_index(d->a, to->name);

	if (named || !d->renames_indexes)
		return named;
	for (size_t i = 0; i < d->a->index_count; i++) {
		const struct index *from = &d->a->indexes[i];

		if (same_but_name(from, to) && !table_index(d->b, from->name) &&
		    !is_taken(d, from))
			return from;
	}
	return NULL;
}

static bool may_stay(const struct table_delta *d, const struct index *from,
                     const struct index *to)
{
	if (!from || !columns_stay(d, to))
		return false;
	return strcmp(from->name, to->name) == 0 ? index_same_but_ignored(from, to)
	                                         : !table_index(d->a, to->name);
}

bool delta_index_stays(const struct table_delta *d, const struct index *from)
{
	for (size_t i = 0; i < d->b->index_count; i++) {
		if (d->index_kept[i] && d->index_from[i] == from)
			return true;
	}
	return false;
}

void delta_indexes(struct table_delta *d, struct arena *a)
{
	const struct index *last[CLASS_VECTOR + 1] = { NULL };
	bool broken[CLASS_VECTOR + 1] = { false };

	/* Indexes have their block size from the table, and would keep the old one. */
	bool resized = !str_equal(delta_option(d->a, "KEY_BLOCK_SIZE"),
	                          delta_option(d->b, "KEY_BLOCK_SIZE"));

	d->index_kept = arena_array(a, d->b->index_count + 1, sizeof(bool));
	d->index_from = arena_array(a, d->b->index_count + 1, sizeof(const struct index *));
	for (size_t i = 0; i < d->b->index_count; i++) {
		const struct index *to = &d->b->indexes[i];
		const struct index *from = find_index(d, to);
		int class = class_of(d->b, to);

		if (resized || !may_stay(d, from, to) || from < last[class])
			broken[class] = true;
		last[class] = from;
		d->index_from[i] = from;
		d->index_kept[i] = !broken[class];
	}
}

void delta_drop_index(struct table_delta *d, size_t index_of_b)
{
	int class = class_of(d->b, &d->b->indexes[index_of_b]);

	for (size_t i = index_of_b; i < d->b->index_count; i++) {
		if (class_of(d->b, &d->b->indexes[i]) == class)
			d->index_kept[i] = false;
	}
}

/* `a`(10): only the beginning of the column is in the index. */
static bool is_prefix(const struct index_part *p)
{
	struct lexer l;

	lexer_init(&l, p->text);
	lexer_next(&l);
	return token_is(lexer_peek(&l), '(');
}

bool index_is_hash(const struct index *x)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, x->text);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is_word(t, "USING"))
			return token_is_word(lexer_peek(&l), "HASH");
	}
	return false;
}

bool index_serves(const struct index *x, const char **columns, size_t count)
{
	if (x->kind > INDEX_PLAIN || x->part_count < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct index_part *p = &x->parts[i];

		if (!p->column || strcasecmp(p->column, columns[i]) != 0 || is_prefix(p))
			return false;
	}
	return true;
}

bool delta_keeps_index_on(const struct table_delta *d, const char **columns, size_t count)
{
	for (size_t i = 0; i < d->b->index_count; i++) {
		if (d->index_kept[i] && index_serves(&d->b->indexes[i], columns, count))
			return true;
	}
	return false;
}
