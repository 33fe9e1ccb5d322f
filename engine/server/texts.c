/* SPDX-License-Identifier: MIT */
#include "engine/server/texts.h"

#include <mysqld_error.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/schema/quote.h"
#include "engine/server/listing.h"
#include "engine/server/query.h"
#include "engine/server/session.h"

/* MariaDB's numbers that its client library does not name. */
#define ER_LISTED_ONLY    1932 /* in the directory, but not in the engine */
#define ER_NOT_A_SEQUENCE 4089

/* The column of SHOW CREATE that holds the text. */
static const char *const columns[OBJECT_KIND_COUNT] = {
	[OBJECT_SEQUENCE] = "Create Table",    [OBJECT_TABLE] = "Create Table",
	[OBJECT_FUNCTION] = "Create Function", [OBJECT_PROCEDURE] = "Create Procedure",
	[OBJECT_PACKAGE] = "Create Package",   [OBJECT_PACKAGE_BODY] = "Create Package Body",
	[OBJECT_VIEW] = "Create View",         [OBJECT_TRIGGER] = "SQL Original Statement",
	[OBJECT_EVENT] = "Create Event",
};

/* "No such object", kind by kind. */
static const int missing_errors[] = {
	ER_NO_SUCH_TABLE, ER_SP_DOES_NOT_EXIST, ER_TRG_DOES_NOT_EXIST, ER_EVENT_DOES_NOT_EXIST,
	ER_WRONG_OBJECT,  ER_BAD_DB_ERROR,      ER_NOT_A_SEQUENCE,     ER_LISTED_ONLY,
};

static const char broken_view[] =
	"it refers to a table, column or function that is missing, or its definer may not use "
	"them";

static const char nameless_trigger[] =
	"the server cannot read its text and does not tell its name: the file TABLE.TRG beside the "
	"table's does";

/* What SHOW CREATE TABLE prints of a sequence; perhaps of a table with such a comment. */
static const char sequence_mark[] = " SEQUENCE=1";

struct reading {
	const struct texts_wanted *wanted;
	struct schema *into;
	enum text_state *states;
	size_t *sequences; /* those of which[] that may be sequences */
	size_t sequence_count;
};

static const struct listed *listed_at(const struct reading *r, size_t i)
{
	return &r->wanted->listing->items[r->wanted->which[i]];
}

static void show_create(struct buf *sql, enum object_kind kind, const char *name)
{
	buf_addf(sql, "SHOW CREATE %s ", object_kind_info(kind)->sql);
	quote_name(sql, name);
}

static void object_sql(void *arg, size_t i, struct buf *sql)
{
	const struct listed *l = listed_at(arg, i);

	if (l->nameless)
		buf_adds(sql, "DO 0");
	else
		show_create(sql, l->kind, l->name);
}

static const char *copy(struct arena *a, struct str s)
{
	return s.p ? arena_strndup(a, s.p, s.n) : NULL;
}

/* Of a view SHOW CREATE TABLE gives what SHOW CREATE VIEW does. */
static struct str find_text(enum object_kind *kind, struct rows *rows)
{
	struct str sql;

	if (!rows_next(rows))
		return (struct str){ NULL, 0 };
	sql = rows_named(rows, columns[*kind]);
	if (!sql.p && *kind == OBJECT_TABLE) {
		sql = rows_named(rows, columns[OBJECT_VIEW]);
		*kind = sql.p ? OBJECT_VIEW : OBJECT_TABLE;
	}
	return sql;
}

static void take_context(struct object *o, struct arena *a, struct rows *rows)
{
	o->context = (struct object_context){
		.sql_mode = copy(a, rows_named(rows, "sql_mode")),
		.client_charset = copy(a, rows_named(rows, "character_set_client")),
		.connection_collation = copy(a, rows_named(rows, "collation_connection")),
		.database_collation = copy(a, rows_named(rows, "Database Collation")),
		.time_zone = copy(a, rows_named(rows, "time_zone")),
	};
}

static void take_text(struct reading *r, size_t i, enum object_kind kind, struct rows *rows)
{
	struct object *o = &r->into->objects[i];
	struct str sql = find_text(&kind, rows);

	if (!sql.p) {
		/* Stored code has no body for who may only run it. */
		o->kind = kind;
		o->problem = "its text is not shown to this account";
		r->states[i] = TEXT_DENIED;
		return;
	}
	r->states[i] = TEXT_READ;
	schema_set_text(r->into, i, kind, sql.p, sql.n);
	if (kind != OBJECT_TABLE && kind != OBJECT_SEQUENCE)
		take_context(o, r->into->arena, rows);
	if (kind == OBJECT_VIEW && rows_warnings(rows))
		o->problem = broken_view;
	if (kind == OBJECT_TABLE && memmem(sql.p, sql.n, sequence_mark, strlen(sequence_mark)))
		r->sequences[r->sequence_count++] = i;
}

static int take_refusal(struct reading *r, size_t i, const struct error *why, struct error *err)
{
	if (why->code == ERR_BUSY) {
		*err = *why;
		return -1;
	}
	r->states[i] = why->code == ERR_DENIED ? TEXT_DENIED : TEXT_FAILED;
	for (size_t k = 0; k < ARRAY_SIZE(missing_errors); k++)
		if (why->server_errno == missing_errors[k])
			r->states[i] = TEXT_MISSING;
	r->into->objects[i].problem = arena_strdup(r->into->arena, why->text);
	return 0;
}

static void add_listed(struct schema *into, const struct listed *l)
{
	struct object *o = schema_add(into, l->kind, l->name, "", 0);

	o->table = arena_strdup(into->arena, l->table);
	o->timing = arena_strdup(into->arena, l->timing);
	o->event = arena_strdup(into->arena, l->event);
	o->order = l->order;
}

static int object_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                        struct error *err)
{
	struct reading *r = arg;
	const struct listed *l = listed_at(r, i);

	add_listed(r->into, l);
	if (l->nameless) {
		r->states[i] = TEXT_FAILED;
		r->into->objects[i].problem = nameless_trigger;
	} else if (*rows) {
		take_text(r, i, l->kind, *rows);
	} else if (take_refusal(r, i, why, err) < 0) {
		return error_wrap(err, "%s %s", object_kind_info(l->kind)->word, l->name);
	}
	return 0;
}

static void sequence_sql(void *arg, size_t i, struct buf *sql)
{
	const struct reading *r = arg;

	show_create(sql, OBJECT_SEQUENCE, r->into->objects[r->sequences[i]].name);
}

static int sequence_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                          struct error *err)
{
	struct reading *r = arg;

	if (*rows)
		take_text(r, r->sequences[i], OBJECT_SEQUENCE, *rows);
	else if (why->server_errno != ER_NOT_A_SEQUENCE)
		return take_refusal(r, r->sequences[i], why, err);
	return 0;
}

static int use_database(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "USE ");
	quote_name(&sql, database);
	return query_run(s, sql.data, err);
}

/* Tables of the listing that print like sequences are asked once more. */
int texts_read(struct schema *into, struct server *s, const struct texts_wanted *wanted,
               struct error *err)
{
	autofree size_t *sequences = mem_array(wanted->count, sizeof(*sequences));
	struct reading r = {
		.wanted = wanted, .into = into, .states = wanted->states, .sequences = sequences
	};
	struct batch b = {
		.count = wanted->count, .text = object_sql, .reply = object_reply, .arg = &r
	};

	if (use_database(s, wanted->listing->database, err) < 0 || query_batch(s, &b, err) < 0)
		return -1;
	b = (struct batch){
		.count = r.sequence_count,
		.text = sequence_sql,
		.reply = sequence_reply,
		.arg = &r,
	};
	return query_batch(s, &b, err);
}
