/* SPDX-License-Identifier: MIT */
#include "engine/repo/compare.h"

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/textdiff.h"
#include "engine/repo/rollback_internal.h"
#include "engine/schema/archive.h"
#include "engine/schema/emit.h"

void compare_close(struct comparison *c)
{
	if (!c)
		return;
	diff_free(c->diff);
	wanted_close(c->from);
	wanted_close(c->to);
	free(c);
}

static bool is_independent(const struct wanted_spec *spec)
{
	return spec->kind == WANTED_BACKUP || spec->kind == WANTED_SOURCE;
}

/* The second side of two: it may lack a name, or be a script that leaves something open. */
static int open_second(struct wanted **out, struct repo *r, const struct wanted_spec *spec,
                       const struct wanted *first, struct error *err)
{
	struct wanted_spec filled = *spec;

	if (spec->kind == WANTED_FILE)
		filled.like = first->schema;
	if (spec->kind == WANTED_LIVE && !spec->name && first->backup)
		filled.name = first->database;
	return wanted_open(out, r, &filled, err);
}

/* First the one that the other may depend on. */
static int open_sides(struct comparison *c, struct repo *r, const struct wanted_spec *from,
                      const struct wanted_spec *to, struct error *err)
{
	if (is_independent(from) || to->kind == WANTED_FILE) {
		if (wanted_open(&c->from, r, from, err) < 0)
			return -1;
		return open_second(&c->to, r, to, c->from, err);
	}
	if (wanted_open(&c->to, r, to, err) < 0)
		return -1;
	return open_second(&c->from, r, from, c->to, err);
}

/* A database that is not there is compared as an empty one. */
static void fill_in(struct wanted *w, const struct wanted *other, bool *absent)
{
	*absent = !w->schema;
	if (*absent && other->schema)
		w->schema = rollback_empty_like(other->schema, w->database);
}

static void count(struct comparison *c)
{
	struct compare_counts *n = &c->counts;
	size_t *const counters[] = {
		[CHANGE_MISSING] = &n->missing,
		[CHANGE_EXTRA] = &n->extra,
		[CHANGE_CHANGED] = &n->changed,
	};

	for (size_t i = 0; i < c->diff->count; i++)
		++*counters[c->diff->changes[i].kind];
	n->changed += c->diff->database_changed;
	n->all = n->missing + n->extra + n->changed;
	if (n->all == 0 && c->from_is_absent != c->to_is_absent)
		n->all = 1;
}

int compare_open(struct comparison **out, struct repo *r, const struct wanted_spec *from,
                 const struct wanted_spec *to, struct error *err)
{
	DEFER(comparison) *c = mem_alloc(sizeof(*c));

	if (open_sides(c, r, from, to, err) < 0)
		return -1;
	fill_in(c->from, c->to, &c->from_is_absent);
	fill_in(c->to, c->from, &c->to_is_absent);
	if (!c->from->schema || !c->to->schema)
		return error_set(err, ERR_NOT_FOUND, "unknown database: %s", c->to->database);
	c->diff = diff_schemas(c->to->schema, c->from->schema);
	count(c);
	*out = take(c);
	return 0;
}

/* "backup_2026.../objects/tables/orders.sql" */
static void label(struct buf *out, const struct wanted *w, const struct object *o)
{
	if (!o) {
		buf_adds(out, "/dev/null");
		return;
	}
	buf_addf(out, "%s/", w->label);
	archive_object_name(out, o);
}

void compare_text(struct buf *out, const struct comparison *c, const struct change *change)
{
	autobuf old = BUF_INIT, new = BUF_INIT, old_name = BUF_INIT, new_name = BUF_INIT;

	if (change->to)
		emit_object(&old, change->to);
	if (change->from)
		emit_object(&new, change->from);
	label(&old_name, c->from, change->to);
	label(&new_name, c->to, change->from);
	textdiff_unified(out, (struct str){ old.data, old.len },
	                 (struct str){ new.data, new.len }, old_name.data, new_name.data);
}
