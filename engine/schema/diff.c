/* SPDX-License-Identifier: MIT */
#include "engine/schema/diff.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/mem.h"
#include "engine/schema/diff_details.h"
#include "engine/schema/names.h"

struct building {
	struct diff *d;
	size_t capacity;
};

static struct change *add(struct building *b, enum change_kind kind, const struct object *from,
                          const struct object *to)
{
	const struct object *o = to ? to : from;
	struct change *c;

	assert(o);
	MEM_GROW(b->d->changes, b->d->count, b->capacity);
	c = &b->d->changes[b->d->count++];
	*c = (struct change){
		.kind = kind, .object_kind = o->kind, .name = o->name, .from = from, .to = to
	};
	return c;
}

static void compare_pair(struct building *b, const struct diff_sides *sides,
                         const struct object *from, const struct object *to)
{
	struct diff *d = b->d;
	struct change *c;

	if (from->sql.n == 0 && to->sql.n == 0) {
		MEM_GROW(d->unread, d->unread_count, d->unread_capacity);
		d->unread[d->unread_count++] = arena_printf(
			d->arena, "%s %s", object_kind_info(to->kind)->word, to->name);
		return;
	}
	if (object_equal(from, to) || diff_views_alike(sides, from, to))
		return;
	c = add(b, CHANGE_CHANGED, from, to);
	diff_details(c, b->d->arena);
}

/* An object of `in` that goes by this name on its server: case may not matter there. */
static const struct object *counterpart(const struct schema *in, const struct object *o,
                                        bool fold)
{
	const struct object *found = schema_find(in, o->kind, o->name);
	size_t count;

	if (found || !fold)
		return found;
	found = schema_of_kind(in, o->kind, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(found[i].name, o->name) == 0)
			return &found[i];
	}
	return NULL;
}

static void compare_kind(struct building *b, const struct diff_sides *sides,
                         enum object_kind kind)
{
	bool fold = names_fold(sides->from, kind);
	size_t from_count;
	size_t to_count;
	const struct object *from = schema_of_kind(sides->from, kind, &from_count);
	const struct object *to = schema_of_kind(sides->to, kind, &to_count);
	size_t i = 0;
	size_t j = 0;

	while (i < from_count || j < to_count) {
		int order = i == from_count ? 1
		            : j == to_count ? -1
		                            : strcmp(from[i].name, to[j].name);

		if (order == 0) {
			compare_pair(b, sides, &from[i++], &to[j++]);
		} else if (order < 0) {
			if (!counterpart(sides->to, &from[i], fold))
				add(b, CHANGE_EXTRA, &from[i], NULL);
			i++;
		} else {
			const struct object *other = counterpart(sides->from, &to[j], fold);

			if (other)
				compare_pair(b, sides, other, &to[j]);
			else
				add(b, CHANGE_MISSING, NULL, &to[j]);
			j++;
		}
	}
}

static bool texts_differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

struct diff *diff_schemas(const struct schema *from, const struct schema *to)
{
	struct diff *d = mem_alloc(sizeof(*d));
	struct building b = { .d = d };
	struct diff_sides sides = { .from = from };

	d->arena = arena_new();
	if (strcmp(from->name, to->name) != 0)
		d->renamed = names_in_database(to, from->name);
	sides.to = d->renamed ? d->renamed : to;
	d->unseen = OBJECT_KINDS_ALL & ~(from->visible & to->visible);
	d->database_changed = texts_differ(from->charset, to->charset) ||
	                      texts_differ(from->collation, to->collation);
	for (unsigned int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (!(d->unseen & OBJECT_KIND_BIT(kind)))
			compare_kind(&b, &sides, (enum object_kind)kind);
	}
	return d;
}

void diff_free(struct diff *d)
{
	if (!d)
		return;
	schema_free(d->renamed);
	arena_free(d->arena);
	free(d->changes);
	free(d->unread);
	free(d);
}

void change_describe(struct buf *out, const struct change *c)
{
	static const char *const words[] = {
		[CHANGE_MISSING] = "missing",
		[CHANGE_EXTRA] = "extra",
		[CHANGE_CHANGED] = "changed",
	};

	buf_addf(out, "%s %s: %s", words[c->kind], object_kind_info(c->object_kind)->word,
	         c->name);
}
