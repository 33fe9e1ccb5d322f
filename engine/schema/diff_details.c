/* SPDX-License-Identifier: MIT */
#include "engine/schema/diff_details.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/mem.h"
#include "engine/schema/names.h"
#include "engine/schema/table.h"

struct details {
	struct arena *arena;
	const char **lines;
	size_t count;
	size_t capacity;
};

static __attribute__((format(printf, 2, 3))) void detail(struct details *d, const char *fmt,
                                                         ...)
{
	autofree char *text = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		abort(); /* out of memory */
	MEM_GROW(d->lines, d->count, d->capacity);
	d->lines[d->count++] = arena_strndup(d->arena, text, (size_t)n);
}

/* A part of a table as every kind of part can be looked at. */
struct part {
	const char *name;
	struct str text;
};

typedef struct part part_fn(const struct table *t, size_t i);

static struct part column_part(const struct table *t, size_t i)
{
	return (struct part){ t->columns[i].name, t->columns[i].text };
}

static struct part index_part(const struct table *t, size_t i)
{
	return (struct part){ t->indexes[i].name, t->indexes[i].text };
}

static struct part foreign_key_part(const struct table *t, size_t i)
{
	return (struct part){ t->foreign_keys[i].name, t->foreign_keys[i].text };
}

static struct part check_part(const struct table *t, size_t i)
{
	return (struct part){ t->checks[i].name, t->checks[i].text };
}

struct part_kind {
	const char *word;
	part_fn *get;
	size_t count_at; /* offset of the number of parts in struct table */
};

static const struct part_kind part_kinds[] = {
	{ "column", column_part, offsetof(struct table, column_count) },
	{ "index", index_part, offsetof(struct table, index_count) },
	{ "foreign key", foreign_key_part, offsetof(struct table, foreign_key_count) },
	{ "check", check_part, offsetof(struct table, check_count) },
};

static size_t part_count(const struct part_kind *k, const struct table *t)
{
	return *(const size_t *)(const void *)((const char *)t + k->count_at);
}

/* Where a part of this name is; the number of parts when nowhere. */
static size_t part_find(const struct part_kind *k, const struct table *t, const char *name)
{
	size_t count = part_count(k, t);
	size_t i = 0;

	while (i < count && strcasecmp(k->get(t, i).name, name) != 0)
		i++;
	return i;
}

static void compare_parts(struct details *d, const struct part_kind *k, const struct table *a,
                          const struct table *b)
{
	size_t last = 0;
	bool moved = false;

	for (size_t i = 0; i < part_count(k, a); i++) {
		struct part p = k->get(a, i);

		if (part_find(k, b, p.name) == part_count(k, b))
			detail(d, "extra %s: %s", k->word, p.name);
	}
	for (size_t i = 0; i < part_count(k, b); i++) {
		struct part p = k->get(b, i);
		size_t at = part_find(k, a, p.name);
		struct part old;

		if (at == part_count(k, a)) {
			detail(d, "missing %s: %s", k->word, p.name);
			continue;
		}
		moved |= at < last;
		last = at;
		old = k->get(a, at);
		if (strcmp(old.name, p.name) != 0)
			detail(d, "%s %s is spelt %s, want %s", k->word, p.name, old.name,
			       p.name);
		if (!str_equal(old.text, p.text))
			detail(d, "%s %s: %.*s, want %.*s", k->word, p.name, STR_ARG(old.text),
			       STR_ARG(p.text));
	}
	if (moved)
		detail(d, "the %ss stand in another order", k->word);
}

static void compare_options(struct details *d, const struct table *a, const struct table *b)
{
	for (size_t i = 0; i < a->option_count; i++) {
		autofree char *name = mem_strndup(a->options[i].name.p, a->options[i].name.n);

		if (!table_option(b, name))
			detail(d, "extra option: %.*s", STR_ARG(a->options[i].text));
	}
	for (size_t i = 0; i < b->option_count; i++) {
		autofree char *name = mem_strndup(b->options[i].name.p, b->options[i].name.n);
		const struct table_option *old = table_option(a, name);

		if (!old)
			detail(d, "missing option: %.*s", STR_ARG(b->options[i].text));
		else if (!str_equal(old->value, b->options[i].value))
			detail(d, "option %s: %.*s, want %.*s", name, STR_ARG(old->value),
			       STR_ARG(b->options[i].value));
	}
}

static bool has_clause(const struct table *t, struct str text)
{
	for (size_t i = 0; i < t->clause_count; i++) {
		if (str_equal(t->clauses[i].text, text))
			return true;
	}
	return false;
}

static void compare_clauses(struct details *d, const struct table *a, const struct table *b)
{
	for (size_t i = 0; i < a->clause_count; i++) {
		if (!has_clause(b, a->clauses[i].text))
			detail(d, "extra clause: %.*s", STR_ARG(a->clauses[i].text));
	}
	for (size_t i = 0; i < b->clause_count; i++) {
		if (!has_clause(a, b->clauses[i].text))
			detail(d, "missing clause: %.*s", STR_ARG(b->clauses[i].text));
	}
}

static void compare_tables(struct details *d, const struct object *from,
                           const struct object *to)
{
	const struct table *a = from->parsed;
	const struct table *b = to->parsed;

	if (!a || !b)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(part_kinds); i++)
		compare_parts(d, &part_kinds[i], a, b);
	compare_clauses(d, a, b);
	compare_options(d, a, b);
	if (!str_equal(a->partitioning.text, b->partitioning.text))
		detail(d, "partitions: %.*s, want %.*s",
		       STR_ARG(a->partitioning.text.n ? a->partitioning.text : str_of("none")),
		       STR_ARG(b->partitioning.text.n ? b->partitioning.text : str_of("none")));
}

static void compare_word(struct details *d, const char *what, const char *from, const char *to)
{
	if (from == to || (from && to && strcmp(from, to) == 0))
		return;
	detail(d, "%s: %s, want %s", what, from && *from ? from : "none",
	       to && *to ? to : "none");
}

static void compare_surroundings(struct details *d, const struct object *from,
                                 const struct object *to)
{
	const struct object_context *a = &from->context;
	const struct object_context *b = &to->context;

	compare_word(d, "definer", from->definer, to->definer);
	compare_word(d, "table", from->table, to->table);
	compare_word(d, "time", from->timing, to->timing);
	compare_word(d, "event", from->event, to->event);
	compare_word(d, "sql_mode", a->sql_mode, b->sql_mode);
	compare_word(d, "character_set_client", a->client_charset, b->client_charset);
	compare_word(d, "collation_connection", a->connection_collation,
	             b->connection_collation);
	compare_word(d, "database collation", a->database_collation, b->database_collation);
	compare_word(d, "time zone", a->time_zone, b->time_zone);
	if (from->order != to->order)
		detail(d, "order: %u, want %u", from->order, to->order);
}

void diff_details(struct change *c, struct arena *a)
{
	struct details d = { .arena = a };

	if (c->object_kind == OBJECT_TABLE)
		compare_tables(&d, c->from, c->to);
	compare_surroundings(&d, c->from, c->to);
	if (d.count == 0 ||
	    (c->object_kind != OBJECT_TABLE && !str_equal(c->from->sql, c->to->sql)))
		detail(&d, "the definition differs");
	c->detail_count = d.count;
	c->details = arena_array(a, d.count, sizeof(*d.lines));
	memcpy(c->details, d.lines, d.count * sizeof(*d.lines));
	free(d.lines);
}

bool diff_views_alike(const struct diff_sides *sides, const struct object *from,
                      const struct object *to)
{
	autobuf a = BUF_INIT;
	autobuf b = BUF_INIT;
	struct object other = *from;

	if (from->kind != OBJECT_VIEW)
		return false;
	names_unqualified(&a, from, sides->from);
	names_unqualified(&b, to, sides->to);
	other.sql = to->sql;
	return object_equal(&other, to) && a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}
