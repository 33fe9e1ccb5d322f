/* SPDX-License-Identifier: MIT */
#include "engine/server/listing.h"

#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/schema/quote.h"
#include "engine/server/grants.h"
#include "engine/server/listing_sql.h"
#include "engine/server/query.h"
#include "engine/server/session.h"

#define OBJECTS_MAX ((size_t)2000000) /* of one database; a table needs 1 KiB */

/* I_S leaves tables out, with a warning, that it cannot open because of DDL elsewhere. */
#define ER_SKIPPED_TABLE 1684

/* What is asked for in this order; the first of them depends on which listing it is. */
static const enum listing_source sources[] = { LISTING_TABLES, LISTING_TRIGGERS,
	                                       LISTING_ROUTINES, LISTING_EVENTS };

/* The statements of the batch; behind each source come its warnings. */
enum step {
	STEP_NOW,
	STEP_DATABASE,
	STEP_GRANTS,
	STEP_SOURCES,
	STEP_COUNT = STEP_SOURCES + 2 * ARRAY_SIZE(sources),
};

struct reading {
	struct server *s;
	const char *database;
	const struct listing *first; /* NULL: this is the first */
	struct listing *l;
	struct grants *grants;
};

void listing_free(struct listing *l)
{
	if (!l)
		return;
	arena_free(l->arena);
	free(l->items);
	free(l);
}

static void database_sql(struct buf *sql, const char *database, bool exact)
{
	buf_adds(sql, "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, "
	              "DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE ");
	if (exact) {
		listing_sql_is(sql, "SCHEMA_NAME", database);
	} else {
		buf_adds(sql, "SCHEMA_NAME = ");
		quote_string(sql, database);
	}
}

static void step_text(void *arg, size_t i, struct buf *sql)
{
	const struct reading *r = arg;

	if (i == STEP_NOW)
		buf_adds(sql, "SELECT NOW() - INTERVAL 2 SECOND");
	else if (i == STEP_DATABASE)
		database_sql(sql, r->database, true);
	else if (i == STEP_GRANTS)
		buf_adds(sql, "SHOW GRANTS");
	else if (i == STEP_SOURCES && r->first)
		listing_sql(sql, LISTING_TIMES, r->s->info.family, r->database);
	else if ((i - STEP_SOURCES) % 2 == 0)
		listing_sql(sql, sources[(i - STEP_SOURCES) / 2], r->s->info.family,
		            r->database);
	else
		buf_adds(sql, "SHOW WARNINGS");
}

/* Words of I_S for kinds of objects. Any other type of table is read as a table. */
static const struct {
	const char *word;
	enum object_kind kind;
} kind_words[] = {
	{ "BASE TABLE", OBJECT_TABLE },    { "SEQUENCE", OBJECT_SEQUENCE },
	{ "VIEW", OBJECT_VIEW },           { "TRIGGER", OBJECT_TRIGGER },
	{ "PROCEDURE", OBJECT_PROCEDURE }, { "FUNCTION", OBJECT_FUNCTION },
	{ "PACKAGE", OBJECT_PACKAGE },     { "PACKAGE BODY", OBJECT_PACKAGE_BODY },
	{ "EVENT", OBJECT_EVENT },
};

static enum object_kind kind_of(struct str word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_words); i++)
		if (str_is_nocase(word, kind_words[i].word))
			return kind_words[i].kind;
	return OBJECT_TABLE; /* SYSTEM VERSIONED, and what is invented next */
}

static const char *copy(struct listing *l, struct str s)
{
	return arena_strndup(l->arena, s.p ? s.p : "", s.n);
}

/* Temporary tables belong to a session: to ours, which makes none. */
static bool is_of_the_schema(struct str word)
{
	return !str_has_suffix(word, "TEMPORARY") && !str_is(word, "SYSTEM VIEW");
}

/* Tables, views and sequences share one namespace; every other kind has its own. */
static enum object_kind namespace_of(enum object_kind kind)
{
	return kind == OBJECT_VIEW || kind == OBJECT_SEQUENCE ? OBJECT_TABLE : kind;
}

/* Only a true time that is old enough proves that a text is still what it was. */
static bool is_doubtful(const struct reading *r, const struct rows *row)
{
	struct str time = rows_at(row, 3);

	return r->first && (!time.p || str_compare(time, str_of(r->first->started)) >= 0);
}

static void take_object(struct reading *r, const struct rows *row)
{
	struct listing *l = r->l;
	enum object_kind kind = kind_of(rows_at(row, 0));
	struct listed *o;

	MEM_GROW(l->items, l->count, l->capacity);
	o = &l->items[l->count++];
	*o = (struct listed){
		.kind = kind,
		.name = copy(l, rows_at(row, 1)),
		.version = namespace_of(kind) == OBJECT_TABLE ? "" : copy(l, rows_at(row, 2)),
		.doubtful = is_doubtful(r, row),
	};
	if (kind != OBJECT_TRIGGER)
		return;
	o->table = copy(l, rows_at(row, 5));
	o->timing = copy(l, rows_at(row, 6));
	o->event = copy(l, rows_at(row, 7));
	o->order = (unsigned int)strtoul(copy(l, rows_at(row, 8)), NULL, 10);
	if (*o->name)
		return;
	/* MariaDB, of a trigger whose text is broken. */
	o->nameless = true;
	o->name = arena_printf(l->arena, "(unreadable: %s %s %u of %s)", o->timing, o->event,
	                       o->order, o->table);
}

static int take_objects(struct reading *r, struct rows *rows, struct error *err)
{
	while (rows_next(rows)) {
		if (r->l->count == OBJECTS_MAX)
			return error_set(err, ERR_UNSUPPORTED, "more than %zu objects",
			                 OBJECTS_MAX);
		if (is_of_the_schema(rows_at(rows, 0)))
			take_object(r, rows);
	}
	return 0;
}

static int check_warnings(struct rows *rows, struct error *err)
{
	static const unsigned int skipped[] = { ER_SKIPPED_TABLE, ER_LOCK_WAIT_TIMEOUT,
		                                ER_LOCK_DEADLOCK };

	while (rows_next(rows)) {
		struct str number = rows_named(rows, "Code");
		unsigned long code = number.p ? strtoul(number.p, NULL, 10) : 0;

		for (size_t i = 0; i < ARRAY_SIZE(skipped); i++) {
			if (code != skipped[i])
				continue;
			error_set(err, ERR_BUSY, "a table is being altered: %.*s",
			          STR_ARG(rows_named(rows, "Message")));
			return error_hint(err, "Try again when the other statement is done; "
			                       "SHOW PROCESSLIST shows it.");
		}
	}
	return 0;
}

/* A server that runs with --skip-grant-tables shows everything, but no grants. */
static int refused(struct reading *r, size_t i, const struct error *why, struct error *err)
{
	if (i == STEP_GRANTS && why->server_errno == ER_OPTION_PREVENTS_STATEMENT) {
		grants_add_everything(r->grants);
		return 0;
	}
	*err = *why;
	return -1;
}

static int step_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                      struct error *err)
{
	struct reading *r = arg;
	struct listing *l = r->l;

	if (!*rows)
		return refused(r, i, why, err);
	if (i >= STEP_SOURCES)
		return (i - STEP_SOURCES) % 2 == 0 ? take_objects(r, *rows, err)
		                                   : check_warnings(*rows, err);
	while (rows_next(*rows)) {
		struct str first = rows_at(*rows, 0);

		if (i == STEP_NOW) {
			l->started = copy(l, first);
		} else if (i == STEP_GRANTS) {
			grants_add(r->grants, first);
		} else {
			l->database = copy(l, first);
			l->charset = copy(l, rows_at(*rows, 1));
			l->collation = copy(l, rows_at(*rows, 2));
		}
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;
	enum object_kind space = namespace_of(left->kind), other = namespace_of(right->kind);

	if (space != other)
		return space < other ? -1 : 1;
	return strcmp(left->name, right->name);
}

int listing_read(struct listing **out, struct server *s, const char *database,
                 const struct listing *first, struct error *err)
{
	DEFER(listing) *l = mem_alloc(sizeof(*l));
	DEFER(grants) *g = grants_new(database, &s->info);
	struct reading r = {
		.s = s, .database = database, .first = first, .l = l, .grants = g
	};
	const struct batch batch = {
		.count = STEP_COUNT,
		.text = step_text,
		.reply = step_reply,
		.arg = &r,
	};

	l->arena = arena_new();
	if (query_batch(s, &batch, err) < 0)
		return error_wrap(err, "list the objects");
	if (!l->database)
		return 0;
	l->visible = grants_visible(g);
	l->sees_processes = grants_see_processes(g);
	if (l->count)
		qsort(l->items, l->count, sizeof(*l->items), compare);
	*out = take(l);
	return 1;
}

/* A trigger's place is part of its version. */
bool listing_agrees(const struct listing *first, const struct listing *second)
{
	if (first->count != second->count || first->visible != second->visible ||
	    strcmp(first->charset, second->charset) != 0 ||
	    strcmp(first->collation, second->collation) != 0 ||
	    strcmp(first->started, second->started) > 0) /* the clock was set back */
		return false;
	for (size_t i = 0; i < first->count; i++) {
		const struct listed *a = &first->items[i], *b = &second->items[i];

		if (compare(a, b) != 0 || strcmp(a->version, b->version) != 0)
			return false;
	}
	return true;
}

int listing_database(struct buf *out, struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;
	DEFER(rows) *r = NULL;

	if (s->info.lower_case_table_names == 0) {
		buf_adds(out, database);
		return 1;
	}
	database_sql(&sql, database, false);
	if (query_rows(&r, s, sql.data, err) < 0)
		return -1;
	if (!rows_next(r))
		return 0;
	buf_add(out, rows_at(r, 0).p, rows_at(r, 0).n);
	return 1;
}
