/* SPDX-License-Identifier: MIT */
#include "engine/schema/trial.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/diff.h"
#include "engine/schema/event_text.h"
#include "engine/schema/lexer.h"
#include "engine/schema/names.h"
#include "engine/schema/quote.h"

static void disable(struct schema *s, struct object *o)
{
	autobuf text = BUF_INIT;
	struct str was;

	if (event_text_set_status(&text, o->sql, o->context.sql_mode, "DISABLE", &was))
		o->sql = arena_str(s->arena, (struct str){ text.data, text.len });
}

/* Objects that are not needed go; what is left keeps its order. */
static void keep(struct schema *s, const struct map *needed)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (map_has(needed, s->objects[i].name) ||
		    (s->objects[i].table && map_has(needed, s->objects[i].table)))
			s->objects[kept++] = s->objects[i];
	}
	s->count = kept;
}

struct schema *trial_schema(const struct schema *s, const char *name, const struct map *needed)
{
	struct schema *copy = names_in_database(s, name);

	if (needed)
		keep(copy, needed);
	for (size_t i = 0; i < copy->count; i++) {
		if (copy->objects[i].kind == OBJECT_EVENT)
			disable(copy, &copy->objects[i]);
	}
	return copy;
}

/* "name@host" as a definer is written; the host has no @. */
static void add_account(struct buf *out, const char *account)
{
	const char *at = strrchr(account, '@');
	autofree char *user = at ? mem_strndup(account, (size_t)(at - account)) : NULL;

	quote_name(out, user ? user : account);
	if (!user || !at)
		return;
	buf_addc(out, '@');
	quote_name(out, at + 1);
}

static bool set_definer(struct schema *s, struct object *o, const char *definer)
{
	char *at = o->definer ? memmem(o->sql.p, o->sql.n, o->definer, strlen(o->definer)) : 0;
	autobuf text = BUF_INIT;

	if (!at || strcmp(o->definer, definer) == 0)
		return false;
	buf_add(&text, o->sql.p, (size_t)(at - o->sql.p));
	buf_adds(&text, definer);
	buf_adds(&text, at + strlen(o->definer));
	o->sql = arena_str(s->arena, (struct str){ text.data, text.len });
	o->definer = arena_strdup(s->arena, definer);
	return true;
}

size_t trial_take_definers(struct schema *live, struct schema *wanted, const char *account)
{
	autobuf definer = BUF_INIT;
	size_t count = 0;

	add_account(&definer, account);
	for (size_t i = 0; i < wanted->count; i++) {
		struct object *o = &wanted->objects[i];
		const struct object *same = schema_find(live, o->kind, o->name);

		if (same && object_equal(same, o))
			set_definer(wanted, o, definer.data);
	}
	for (size_t i = 0; i < live->count; i++)
		count += set_definer(live, &live->objects[i], definer.data);
	return count;
}

static bool is_code(enum object_kind kind)
{
	return kind != OBJECT_TABLE && kind != OBJECT_VIEW && kind != OBJECT_SEQUENCE;
}

bool trial_is_bound(const struct object *o, const char *database)
{
	struct lexer l;
	struct token t;

	if (!is_code(o->kind) || !memmem(o->sql.p, o->sql.n, database, strlen(database)))
		return false;
	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_names(t, database) && token_is(lexer_peek(&l), '.'))
			return true;
	}
	return false;
}

/* A walk over objects that mention each other, on both sides of a diff. */
struct walk {
	struct map *needed;
	const struct object **objects;
	size_t count;
	bool *mentions; /* within mentions_needed(): the answer */
	bool grown;
};

static void look_for_needed(void *arg, const char *name)
{
	struct walk *w = arg;

	*w->mentions = *w->mentions || map_has(w->needed, name);
}

static void add(struct walk *w, const char *name)
{
	if (map_has(w->needed, name))
		return;
	map_set(w->needed, name, w);
	w->grown = true;
}

static bool mentions_needed(struct walk *w, const struct object *o)
{
	bool found = false;

	w->mentions = &found;
	names_each(o, look_for_needed, w);
	return found;
}

static struct map *all_names(const struct walk *w)
{
	struct map *names = map_new();

	for (size_t i = 0; i < w->count; i++)
		map_set(names, w->objects[i]->name, names);
	return names;
}

struct downward {
	struct walk *walk;
	const struct map *names;
};

static void add_mentioned(void *arg, const char *name)
{
	struct downward *d = arg;

	if (map_has(d->names, name))
		add(d->walk, name);
}

static void collect(struct walk *w, const struct schema *s)
{
	for (size_t i = 0; i < s->count; i++)
		w->objects[w->count++] = &s->objects[i];
}

/* Whatever mentions something needed, directly or not. */
static void go_up(struct walk *w)
{
	do {
		w->grown = false;
		for (size_t i = 0; i < w->count; i++) {
			const struct object *o = w->objects[i];

			if (!map_has(w->needed, o->name) && mentions_needed(w, o))
				add(w, o->name);
		}
	} while (w->grown);
}

/* Whatever something needed mentions. */
static void go_down(struct walk *w)
{
	DEFER(map) *names = all_names(w);
	struct downward d = { .walk = w, .names = names };
	bool *done = mem_array(w->count + 1, sizeof(*done));

	do {
		w->grown = false;
		for (size_t i = 0; i < w->count; i++) {
			const struct object *o = w->objects[i];

			if (done[i] || !map_has(w->needed, o->name))
				continue;
			done[i] = true;
			names_each(o, add_mentioned, &d);
			if (o->table)
				add(w, o->table);
		}
	} while (w->grown);
	free(done);
}

struct map *trial_needed(const struct diff *d, const struct schema *from,
                         const struct schema *to)
{
	struct walk w = { .needed = map_new() };

	w.objects = mem_array(from->count + to->count + 1, sizeof(struct object *));
	collect(&w, from);
	collect(&w, to);
	for (size_t i = 0; i < d->count; i++) {
		const struct change *c = &d->changes[i];
		const struct object *o = c->to ? c->to : c->from;

		add(&w, c->name);
		if (o && o->table)
			add(&w, o->table);
		if (c->from)
			add(&w, c->from->name);
	}
	go_up(&w);
	go_down(&w);
	free(w.objects);
	return w.needed;
}
